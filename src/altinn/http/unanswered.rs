//! Why a request got no answer, and whose side that is: told from the errors themselves, of which each has its place in
//! the chain, not from sentences about them.

use std::{error::Error, io};

use super::{
    clean,
    connect::{NoAddress, NoTunnel, TooLong, WhyNoTunnel},
    proxy::AnotherKindOfProxy,
};
use crate::{
    model::HaltCause,
    words::{Wording, kept, say},
};

/// No answer came, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::altinn) struct Unanswered {
    /// Why, in a person's words.
    pub(in crate::altinn) words: Wording,
    /// What on this side is the matter, where it is that.
    pub(in crate::altinn) this_side: Option<HaltCause>,
    /// Whether anything of the request may have left this machine.
    pub(in crate::altinn) sent: bool,
}

impl Unanswered {
    /// To a request that may have been taken.
    pub(in crate::altinn) fn sent(words: Wording) -> Self {
        Self { words, this_side: None, sent: true }
    }

    /// The connection broke after the request may have been taken.
    pub(in crate::altinn) fn broken(error: &(dyn Error + 'static)) -> Self {
        let Trouble { words, this_side } = Trouble::of(error, true);
        Self { words, this_side, sent: true }
    }

    /// There was no connection to send a request on.
    pub(super) fn not_sent(error: &(dyn Error + 'static)) -> Self {
        let Trouble { words, this_side } = Trouble::of(error, false);
        Self { words, this_side, sent: false }
    }
}

/// What an error's chain comes down to.
struct Trouble {
    words: Wording,
    this_side: Option<HaltCause>,
}

impl Trouble {
    fn of(error: &(dyn Error + 'static), sent: bool) -> Self {
        if let Some(trouble) = causes(error).find_map(|cause| Self::known(cause, sent)) {
            return trouble;
        }
        let what = if sent { kept!("altinn-the-connection-failed") } else { kept!("altinn-no-connection") };
        let words = match causes(error).last().and_then(|innermost| clean(&innermost.to_string())) {
            Some(reason) => Wording::of(|| format!("{what}: {reason}")),
            None => what,
        };
        Self { words, this_side: None }
    }

    fn known(error: &(dyn Error + 'static), sent: bool) -> Option<Self> {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Some(of_encryption(error));
        }
        if let Some(no_address) = error.downcast_ref::<NoAddress>() {
            let this_side = of_descriptors(&no_address.error).unwrap_or(HaltCause::NoName);
            return Some(Self { words: Wording::of(|| &no_address), this_side: Some(this_side) });
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return of_io(error, sent);
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && error.is_incomplete_message()
        {
            let words = kept!("altinn-connection-closed-before-the-end-of-the");
            return Some(Self { words, this_side: None });
        }
        if let Some(no_tunnel) = error.downcast_ref::<NoTunnel>() {
            return Some(of_a_proxy(no_tunnel));
        }
        let another = error.downcast_ref::<AnotherKindOfProxy>()?;
        Some(Self { words: Wording::of(|| another), this_side: Some(HaltCause::ProxyVariable) })
    }
}

/// A proxy that has no way to the host just now says so with a 5xx, which passes as an outage does; what it forbids stays so.
fn of_a_proxy(no_tunnel: &NoTunnel) -> Trouble {
    let NoTunnel { proxy, why } = no_tunnel;
    match why {
        WhyNoTunnel::Answered(status) => {
            let this_side = match status.as_u16() {
                407 => HaltCause::ProxySignIn,
                408 | 429 | 500 | 502 | 503 | 504 => HaltCause::ProxyFails,
                _ => HaltCause::ProxyRefuses,
            };
            let words = say!("altinn-the-proxy-answered", proxy = proxy, status = status.as_u16()).kept();
            Trouble { words, this_side: Some(this_side) }
        }
        WhyNoTunnel::Failed(cause) => {
            let error: &(dyn Error + 'static) = &**cause;
            let speaks_no_http = error.downcast_ref().is_some_and(hyper::Error::is_parse);
            let Trouble { words: why, this_side } = Trouble::of(error, false);
            let words = say!("altinn-on-the-way-to-the-proxy", proxy = proxy, why = why).kept();
            let this_side = match this_side {
                None if speaks_no_http => HaltCause::ProxyRefuses,
                None | Some(HaltCause::NoName | HaltCause::NotReachable) => HaltCause::ProxyFails,
                Some(this_side) => this_side,
            };
            Trouble { words, this_side: Some(this_side) }
        }
    }
}

fn of_encryption(error: &rustls::Error) -> Trouble {
    use rustls::CertificateError as Certificate;
    let (words, this_side) = match error {
        rustls::Error::InvalidCertificate(reason) => {
            let wrong_time = matches!(
                reason,
                Certificate::Expired
                    | Certificate::ExpiredContext { .. }
                    | Certificate::NotValidYet
                    | Certificate::NotValidYetContext { .. }
            );
            let cause = if wrong_time { HaltCause::WrongClock } else { HaltCause::Intercepted };
            let reason = clean(&format!("{reason:?}")).unwrap_or_default();
            (say!("altinn-the-servers-certificate-is-not-trusted", reason = reason).kept(), Some(cause))
        }
        rustls::Error::InvalidMessage(_) => {
            (kept!("altinn-what-answered-speaks-no-tls"), Some(HaltCause::NotEncrypted))
        }
        other => (
            say!("altinn-no-encrypted-connection", other = clean(&other.to_string()).unwrap_or_default())
                .kept(),
            None,
        ),
    };
    Trouble { words, this_side }
}

fn of_io(error: &io::Error, sent: bool) -> Option<Trouble> {
    if let Some(this_side) = of_descriptors(error) {
        let words =
            say!("altinn-no-connection-2", explanation = Wording::of(|| this_side.explanation())).kept();
        return Some(Trouble { words, this_side: Some(this_side) });
    }
    let words = match error.kind() {
        io::ErrorKind::ConnectionRefused => kept!("altinn-connection-refused"),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            kept!("altinn-connection-reset")
        }
        io::ErrorKind::UnexpectedEof => kept!("altinn-connection-closed-before-the-end-of-the"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            kept!("altinn-the-network-is-unreachable")
        }
        io::ErrorKind::TimedOut => kept!("altinn-the-connection-timed-out"),
        _ => return None,
    };
    let not_reached = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
    );
    let this_side = (not_reached && !sent).then_some(HaltCause::NotReachable);
    Some(Trouble { words, this_side })
}

/// The process, or the machine, has no file descriptors (Windows: no sockets) left.
fn of_descriptors(error: &io::Error) -> Option<HaltCause> {
    const NONE_LEFT: &[i32] = if cfg!(windows) { &[10_024, 4] } else { &[24, 23] };
    error.raw_os_error().filter(|code| NONE_LEFT.contains(code)).map(|_| HaltCause::NoDescriptors)
}

/// What on this side it is when it took too long until there was a connection: for us, or for the machine.
pub(super) fn took_too_long_to_connect(error: &(dyn Error + 'static)) -> Option<HaltCause> {
    let is_too_slow = |error: &io::Error| error.kind() == io::ErrorKind::TimedOut;
    let mut side = None;
    for cause in causes(error) {
        if cause.is::<NoTunnel>() {
            side = Some(HaltCause::ProxyFails);
        }
        if let Some(TooLong { is_through_a_proxy }) = cause.downcast_ref() {
            return Some(if *is_through_a_proxy { HaltCause::ProxyFails } else { HaltCause::NotReachable });
        }
        if cause.downcast_ref::<io::Error>().is_some_and(is_too_slow) {
            return side.or(Some(HaltCause::NotReachable));
        }
    }
    None
}

/// Whether the server has not looked at this request over HTTP/2 (RFC 9113, 8.7): it has ended the connection in order, as
/// gateways do after so many requests (what they had taken, they answer first), or has refused the stream, where it takes no more at once.
pub(super) fn was_left_unread(error: &(dyn Error + 'static)) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<h2::Error>()).filter(|error| error.is_remote()).any(
        |error| {
            let ended_in_order = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
            ended_in_order || error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM)
        },
    )
}

/// An error and what lies below it.
fn causes<'error>(
    error: &'error (dyn Error + 'static),
) -> impl Iterator<Item = &'error (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| below(*error))
}

/// The next error in the chain. An I/O error that wraps another passes over it in `source`.
fn below<'error>(error: &'error (dyn Error + 'static)) -> Option<&'error (dyn Error + 'static)> {
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper::Method;
    use url::Url;

    use super::{
        super::{Http, Limits},
        of_encryption, of_io,
    };
    use crate::model::HaltCause;

    #[test]
    fn what_the_machine_and_the_certificate_say_is_told_for_what_it_is() {
        use rustls::{CertificateError as Certificate, Error, InvalidMessage};
        for (error, cause) in [
            (Error::InvalidCertificate(Certificate::UnknownIssuer), Some(HaltCause::Intercepted)),
            (Error::InvalidCertificate(Certificate::NotValidForName), Some(HaltCause::Intercepted)),
            (Error::InvalidCertificate(Certificate::Expired), Some(HaltCause::WrongClock)),
            (Error::InvalidCertificate(Certificate::NotValidYet), Some(HaltCause::WrongClock)),
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), Some(HaltCause::NotEncrypted)),
            (Error::HandshakeNotComplete, None),
        ] {
            assert_eq!(of_encryption(&error).this_side, cause, "{error}");
        }
        let none_left = std::io::Error::from_raw_os_error(if cfg!(windows) { 10_024 } else { 24 });
        assert_eq!(
            of_io(&none_left, false).and_then(|trouble| trouble.this_side),
            Some(HaltCause::NoDescriptors)
        );
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert_eq!(of_io(&reset, true).and_then(|trouble| trouble.this_side), None);
    }

    #[tokio::test]
    async fn a_name_without_an_address_is_told_as_this_sides_and_nothing_was_sent() {
        // A label of more than 63 letters has an address nowhere, and nobody is asked for it.
        let url = Url::parse(&format!("http://{}.example/", "x".repeat(70))).unwrap();
        let limits = Limits { connect: Duration::from_secs(5), answer: Duration::from_secs(5) };
        let http = Http::to(&url, limits, 1).unwrap();
        let unanswered = http.send(Http::request(Method::GET, url)).await.unwrap_err();
        assert_eq!(unanswered.this_side, Some(HaltCause::NoName), "{}", unanswered.words);
        assert!(
            unanswered.words.said().starts_with("no address for xxx") && !unanswered.sent,
            "{}",
            unanswered.words
        );
    }
}
