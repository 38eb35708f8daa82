//! What can be the matter between the program and Altinn on this side: the machine, its network, its proxy. In words, and
//! with what the people who run the network must do; `docs/networks.md` has the long form.

use super::HaltCause;

/// Where the long form stands, said once at the end of each hint.
macro_rules! see_networks {
    ($words:literal) => {
        concat!($words, "; docs/networks.md has it in full")
    };
}

pub(super) fn is(cause: HaltCause) -> bool {
    !explanation(cause).is_empty()
}

/// What happened; empty for a cause of Altinn's.
pub(super) fn explanation(cause: HaltCause) -> &'static str {
    match cause {
        HaltCause::Intercepted => {
            "something between this machine and Altinn shows a certificate that this machine does not trust (TLS \
             interception by a proxy or a virus scanner, most likely)"
        }
        HaltCause::WrongClock => {
            "the certificate is not valid at the time that this machine's clock says: the clock is wrong, or \
             something in between shows an old certificate"
        }
        HaltCause::NotEncrypted => {
            "something between this machine and Altinn answers without encryption: a proxy or a page of the network"
        }
        HaltCause::ProxySignIn => "your proxy wants a user name and a password (407)",
        HaltCause::ProxyRefuses => "your proxy does not let this machine through to Altinn",
        HaltCause::ProxyVariable => {
            "the proxy variables of this machine name a proxy that fullmakt does not speak to (only http:// and https:// \
             proxies; no SOCKS and no PAC file)"
        }
        HaltCause::BlockPage => "a filter in your network answers in Altinn's place, with a page of its own",
        HaltCause::CaptivePortal => {
            "a page answers in Altinn's place, such as the sign-in page of a wireless network"
        }
        HaltCause::NoName => "this machine does not find the server's name (DNS)",
        HaltCause::NotReachable => "this machine gets no connection to the server",
        HaltCause::NoDescriptors => "this process may open no more files and connections",
        _ => "",
    }
}

/// What to do; empty for a cause of Altinn's.
pub(super) fn hint(cause: HaltCause) -> &'static str {
    match cause {
        HaltCause::Intercepted => see_networks!(
            "have IT put the proxy's root certificate into this machine's trust store, or name its PEM file in \
             SSL_CERT_FILE, or exempt Altinn's names from interception"
        ),
        HaltCause::WrongClock => see_networks!("set this machine's clock (and time zone), and run again"),
        HaltCause::NotEncrypted => see_networks!(
            "look whether the network wants a sign-in in a browser first; have IT say which proxy HTTPS_PROXY is to name"
        ),
        HaltCause::ProxySignIn => see_networks!(
            "put the user name and the password into HTTPS_PROXY (http://NAME:PASSWORD@PROXY:PORT); where the proxy only \
             takes NTLM or Kerberos, have IT let this machine through without, or run a helper that signs in for it"
        ),
        HaltCause::ProxyRefuses => {
            see_networks!("have IT allow CONNECT to Altinn's and the sign-in's names, port 443")
        }
        HaltCause::ProxyVariable => see_networks!(
            "set HTTPS_PROXY=http://PROXY:PORT, and take ALL_PROXY with socks:// or a PAC address away; IT knows the address"
        ),
        HaltCause::BlockPage => see_networks!("have IT allow Altinn's names in the filter, for this machine"),
        HaltCause::CaptivePortal => see_networks!(
            "open a web page in a browser and sign in to the network, or use another network; then run again"
        ),
        HaltCause::NoName => see_networks!(
            "check the network and `environment` in the job file; behind a proxy that looks names up itself set \
             HTTPS_PROXY"
        ),
        HaltCause::NotReachable => see_networks!(
            "check the network and `environment` in the job file; have IT open port 443, or say which proxy HTTPS_PROXY \
             is to name"
        ),
        HaltCause::NoDescriptors => see_networks!(
            "raise the limit (`ulimit -n 4096`, LimitNOFILE= in a unit), or lower in_flight in the job file"
        ),
        _ => "",
    }
}
