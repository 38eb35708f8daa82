//! stub
use std::{io, path::Path, time::Duration};
use url::Url;
/// s
pub struct Server;
/// s
pub struct Store;
/// o
pub struct Options;
impl Options {
    /// s
    pub const SEED: u64 = 7;
}
impl Server {
    /// o
    pub fn origin(&self) -> Url {
        Url::parse("http://127.0.0.1:1").unwrap()
    }
}
/// s
pub async fn in_process(_: &Path) -> io::Result<Server> {
    let _ = Duration::ZERO;
    Ok(Server)
}
