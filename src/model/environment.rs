//! Which Altinn, and where it is.

use url::Url;

use super::TokenEndpoint;

use crate::words::say;

/// Which Altinn a job is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Environment {
    /// The built-in one.
    Sandbox,
    /// Altinn's test environment for everybody.
    Tt02,
    /// The real one.
    Prod,
    /// Another: https, or http on a loopback address; scheme, host and port only.
    Origin(Url),
}

impl Environment {
    /// The word or the origin, as the ledger and the locks hold it: one name for one place, so that a loopback address is
    /// the same in each way of writing it.
    pub fn name(&self) -> String {
        match self {
            Self::Sandbox => "sandbox".to_owned(),
            Self::Tt02 => "tt02".to_owned(),
            Self::Prod => "prod".to_owned(),
            Self::Origin(url) if is_loopback(url) => {
                let port = url.port_or_known_default().map_or_else(String::new, |port| format!(":{port}"));
                format!("{}://127.0.0.1{port}", url.scheme())
            }
            Self::Origin(url) => url.origin().ascii_serialization(),
        }
    }

    /// The platform's base URL; `None` for the sandbox, whose port is not known before it is served.
    pub fn origin(&self) -> Option<Url> {
        let known = |url| Url::parse(url).ok();
        match self {
            Self::Sandbox => None,
            Self::Tt02 => known("https://platform.tt02.altinn.no"),
            Self::Prod => known("https://platform.altinn.no"),
            Self::Origin(url) => Some(url.clone()),
        }
    }

    /// Whose ID-porten it uses; `None` where that is not fixed.
    pub fn id_porten_issuer(&self) -> Option<&'static str> {
        match self {
            Self::Prod => Some("https://idporten.no"),
            Self::Tt02 => Some("https://test.idporten.no"),
            Self::Sandbox | Self::Origin(_) => None,
        }
    }

    /// Which Maskinporten it uses; `None` where that is not fixed.
    pub fn maskinporten(&self) -> Option<TokenEndpoint> {
        let at = |host: &str| {
            let url = Url::parse(&format!("https://{host}/token")).ok()?;
            Some(TokenEndpoint { url, audience: format!("https://{host}/") })
        };
        match self {
            Self::Prod => at("maskinporten.no"),
            Self::Tt02 => at("test.maskinporten.no"),
            Self::Sandbox | Self::Origin(_) => None,
        }
    }

    /// Reads the word or the origin of a job file. The origin of tt02 or prod is tt02 or prod.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "sandbox" => return Ok(Self::Sandbox),
            "tt02" => return Ok(Self::Tt02),
            "prod" => return Ok(Self::Prod),
            _ => {}
        }
        let wrong = || {
            say!("model-environment-is-not-sandbox-tt02-prod-or-an", text = format!("{:?}", text)).to_string()
        };
        let url = Url::parse(text).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(wrong());
        }
        if !matches!(url.path(), "" | "/")
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
        {
            return Err(say!("model-environment-has-more-than-an-origin-give", text = format!("{:?}", text))
                .to_string());
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(say!(
                "model-environment-is-not-encrypted-use-https-http",
                text = format!("{:?}", text)
            )
            .to_string());
        }
        let known = [Self::Tt02, Self::Prod].into_iter().find(|known| known.origin() == Some(url.clone()));
        Ok(known.unwrap_or(Self::Origin(url)))
    }
}

/// Whether `url` stays on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_has_one_name_however_its_loopback_address_is_written() {
        for text in ["http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:8080"] {
            assert_eq!(Environment::parse(text).unwrap().name(), "http://127.0.0.1:8080");
        }
        assert_eq!(
            Environment::parse("https://platform.at22.altinn.cloud").unwrap().name(),
            "https://platform.at22.altinn.cloud"
        );
    }

    #[test]
    fn an_origin_may_be_http_on_loopback_only() {
        let origins = [
            "http://127.0.0.1:5123",
            "http://localhost:80",
            "http://[::1]:9",
            "https://platform.at22.altinn.cloud",
        ];
        for allowed in origins {
            assert!(Environment::parse(allowed).is_ok(), "{allowed}");
        }
        for refused in [
            "http://platform.altinn.no",
            "http://127.0.0.1.example.org",
            "ftp://localhost",
            "https://name@host",
            "prod ",
        ] {
            assert!(Environment::parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn the_origin_of_a_known_environment_is_that_environment() {
        assert_eq!(Environment::parse("https://platform.altinn.no/").unwrap(), Environment::Prod);
        assert_eq!(Environment::parse("https://platform.tt02.altinn.no").unwrap(), Environment::Tt02);
    }

    #[test]
    fn the_name_of_an_environment_reads_back() {
        for name in ["sandbox", "tt02", "prod", "https://platform.at22.altinn.cloud"] {
            assert_eq!(Environment::parse(name).unwrap().name(), name);
        }
    }
}
