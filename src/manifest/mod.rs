//! Manifests: CSV files as accounting systems and spreadsheets write them, in and out.
//!
//! [`Manifest::open`] finds out how the file is written; [`Manifest::read`] streams its rows, with a complaint for
//! every one that cannot be acted on. [`Writer`] writes in the same dialect.

mod complaint;
mod decode;
mod dialect;
mod fingerprint;
mod header;
mod records;
mod rows;
mod write;

pub use complaint::{Column, Complaint, ManifestError};
pub use dialect::{Dialect, Encoding, LineEnding};
pub use fingerprint::fingerprint;
pub use rows::{Entry, Expects, Manifest, Rows};
pub use write::Writer;

#[cfg(test)]
mod tests;
