//! Which proxy the way to a host goes through: what the variables say, as curl reads them. Their values may hold a
//! password, and are never shown.

use std::{error::Error, fmt, fmt::Write as _};

use hyper::{Uri, header::HeaderValue};
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::{model::is_loopback, words::say};

/// The variables that can name a proxy, the one that counts first. An empty one is none.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// The variables that name who is reached without one.
const WITHOUT: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// What stands in a sign-in as it is; everything else is escaped first, as is an `@` that is part of a name.
const PLAIN: &[u8] = b"-._~!$&'()*+,;=:%";

/// A proxy that is gone through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    /// The variable that names it.
    pub(super) variable: &'static str,
    /// Where it is, without a sign-in.
    pub(super) address: Uri,
    /// What it is told who asks with.
    pub(super) sign_in: Option<HeaderValue>,
}

/// The variable that counts does not name an http or https proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AnotherKindOfProxy {
    variable: &'static str,
}

impl fmt::Display for AnotherKindOfProxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", say!("altinn-the-variable-names-no-proxy", variable = self.variable))
    }
}

impl Error for AnotherKindOfProxy {}

/// The variable whose proxy the way to `origin` goes through.
pub fn proxy_variable(origin: &Url) -> Option<&'static str> {
    Proxy::to(origin).ok().flatten().map(|proxy| proxy.variable)
}

impl Proxy {
    /// The one that the way to `origin` goes through. What is not encrypted stays on this machine, and goes through none.
    pub(super) fn to(origin: &Url) -> Result<Option<Self>, AnotherKindOfProxy> {
        if is_loopback(origin) || origin.scheme() != "https" {
            return Ok(None);
        }
        Self::named(origin, |name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
    }

    fn named(
        origin: &Url,
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, AnotherKindOfProxy> {
        let set = |name| variable(name).filter(|value| !value.trim().is_empty()).map(|value| (name, value));
        let Some((variable, value)) = VARIABLES.into_iter().find_map(set) else { return Ok(None) };
        let without = WITHOUT.into_iter().find_map(set).map_or_else(String::new, |(_, value)| value);
        let without: Vec<&str> = without
            .split(|character: char| character == ',' || character.is_whitespace())
            .filter_map(|host| without_a_port(host, origin.port_or_known_default()))
            .map(|host| host.strip_prefix('*').filter(|domain| domain.starts_with('.')).unwrap_or(host))
            .map(|host| host.trim_end_matches('.'))
            .collect();
        // What is an address to `url` and none here has no host to be asked for.
        let Ok(asked) = Uri::try_from(origin.as_str()) else { return Ok(None) };
        if Matcher::builder().all("http://any").no(without.join(",")).build().intercept(&asked).is_none() {
            return Ok(None);
        }
        let proxy = address(&value)
            .and_then(|address| Matcher::builder().all(address).build().intercept(&asked))
            .ok_or(AnotherKindOfProxy { variable })?;
        Ok(Some(Self { variable, address: proxy.uri().clone(), sign_in: proxy.basic_auth().cloned() }))
    }

    /// Where it is, for people.
    pub(super) fn place(&self) -> &str {
        self.address.authority().map_or("", |authority| authority.as_str())
    }
}

/// A host that is reached without a proxy; `None` where it is meant for another port than `asked`. An IPv6 address has no port
/// here.
fn without_a_port(host: &str, asked: Option<u16>) -> Option<&str> {
    let Some((name, port)) = host.split_once(':') else { return Some(host) };
    let Ok(port) = port.parse::<u16>() else { return Some(host) };
    (Some(port) == asked).then_some(name)
}

/// The address of an http or https proxy, with its sign-in escaped where it is not; `None` for anything else, such as a PAC
/// file. What stands behind the port may be a password with a `/`, `?` or `#` in it, so no `@` may follow.
fn address(value: &str) -> Option<String> {
    let value = value.trim();
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let path = path.to_ascii_lowercase();
    if path.contains('@') || [".pac", "wpad.dat"].iter().any(|end| path.ends_with(end)) {
        return None;
    }
    let (sign_in, host) = match authority.rsplit_once('@') {
        Some((sign_in, host)) => (format!("{}@", escaped(sign_in)), host),
        None => (String::new(), authority),
    };
    let port = host.rsplit_once(':').map(|(_, port)| port).filter(|_| !host.ends_with(']'));
    let is_number =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    port.is_none_or(is_number).then(|| format!("{scheme}://{sign_in}{host}"))
}

fn escaped(sign_in: &str) -> String {
    sign_in.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    /// What these variables say of `https://platform.example`: where the proxy is, and what it is told.
    fn named(variables: &[(&str, &str)]) -> Result<Option<(String, String)>, AnotherKindOfProxy> {
        let origin = Url::parse("https://platform.example/").unwrap();
        let value =
            |name: &str| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).into());
        let proxy = Proxy::named(&origin, value)?;
        Ok(proxy.map(|proxy| {
            let sign_in = proxy.sign_in.as_ref().map_or("", |sign_in| sign_in.to_str().unwrap());
            let sign_in = STANDARD.decode(sign_in.trim_start_matches("Basic ")).unwrap();
            (proxy.address.to_string(), String::from_utf8(sign_in).unwrap())
        }))
    }

    fn at(value: &str) -> Result<Option<(String, String)>, AnotherKindOfProxy> {
        named(&[("HTTPS_PROXY", value)])
    }

    #[test]
    fn a_proxy_is_read_with_and_without_a_scheme_white_space_and_a_sign_in() {
        for (value, address, sign_in) in [
            ("proxy.firm.no:3128", "http://proxy.firm.no:3128/", ""),
            (" HTTP://10.0.0.1:3128/ \n", "http://10.0.0.1:3128/", ""),
            ("https://[::1]:3128", "https://[::1]:3128/", ""),
            ("http://proxy", "http://proxy/", ""),
            ("kari:hush@proxy:3128", "http://proxy:3128/", "kari:hush"),
            ("http://kari:hu%40sh%21@proxy:3128", "http://proxy:3128/", "kari:hu@sh!"),
            ("http://kari@firm.no:hush@proxy:3128", "http://proxy:3128/", "kari@firm.no:hush"),
            ("http://firm\\kari:h ø@proxy:3128", "http://proxy:3128/", "firm\\kari:h ø"),
        ] {
            let read = at(value).map(|proxy| proxy.unwrap());
            assert_eq!(read, Ok((address.to_owned(), sign_in.to_owned())), "{value}");
        }
    }

    #[test]
    fn what_names_no_http_proxy_is_an_error_that_shows_nothing_of_it_and_never_no_proxy() {
        for other in [
            "socks5://kari:hush@10.0.0.1:1080",
            "SOCKS5H://hush",
            "socks://hush:1",
            "ftp://hush",
            "http://wpad/hush.pac",
            "http://wpad.firm.no/wpad.dat",
            "http://",
            "http:/hush:3128",
            "\"http://hush:3128\"",
            "http://kari:1#hush@proxy:3128",
            "http://kari:1/hush@proxy:3128",
            "http://proxy:hush",
            "http://proxy:99999",
            "hush hush",
        ] {
            let error = at(other).unwrap_err();
            assert_eq!(error, AnotherKindOfProxy { variable: "HTTPS_PROXY" }, "{other}");
            assert!(
                error.to_string().contains("HTTPS_PROXY") && !error.to_string().contains("hush"),
                "{error}"
            );
        }
    }

    #[test]
    fn small_letters_go_first_and_an_empty_variable_is_none() {
        let proxy = |variables: &[_]| named(variables).unwrap().map(|(address, _)| address);
        let from = |name: &str| Some(format!("http://{name}/"));
        assert_eq!(proxy(&[("https_proxy", "a"), ("HTTPS_PROXY", "b"), ("ALL_PROXY", "c")]), from("a"));
        assert_eq!(proxy(&[("https_proxy", ""), ("HTTPS_PROXY", "b"), ("all_proxy", "c")]), from("b"));
        assert_eq!(proxy(&[("HTTPS_PROXY", " "), ("all_proxy", "c"), ("ALL_PROXY", "d")]), from("c"));
        assert_eq!(proxy(&[("HTTP_PROXY", "e")]), None);
    }

    #[test]
    fn hosts_that_no_proxy_names_are_reached_without_one_whatever_the_other_variable_says() {
        for (without, is_without) in [
            ("platform.example", true),
            ("PLATFORM.example.", true),
            (".example", true),
            ("example", true),
            ("*", true),
            ("other, platform.example", true),
            ("other platform.example", true),
            ("*.example", true),
            ("platform.example:443", true),
            ("*.example:443", true),
            ("platform.example:8443", false),
            ("*form.example", false),
            ("", false),
            ("form.example", false),
            ("10.0.0.0/8,::1", false),
        ] {
            for value in ["http://proxy", "socks5://proxy"] {
                let read = named(&[("HTTPS_PROXY", value), ("NO_PROXY", without)]);
                assert_eq!(read == Ok(None), is_without, "{without}, {value}");
            }
        }
        let origin = Url::parse("https://10.1.2.3/").unwrap();
        let value = |name| Some(if name == "https_proxy" { "proxy" } else { "10.0.0.0/8" }.to_owned());
        assert_eq!(Proxy::named(&origin, value), Ok(None));
    }
}
