//! What can be the matter between the program and Altinn on this side: the machine, its network, its proxy. In words, and
//! with what the people who run the network must do; `docs/networks.md` has the long form.

use super::HaltCause;

use crate::words::text;

pub(super) fn is(cause: HaltCause) -> bool {
    !explanation(cause).is_empty()
}

/// What happened; empty for a cause of Altinn's.
pub(super) fn explanation(cause: HaltCause) -> &'static str {
    match cause {
        HaltCause::Intercepted => {
            text!("model-something-between-this-machine-and-altinn")
        }
        HaltCause::WrongClock => {
            text!("model-the-certificate-is-not-valid-at-the-time-that")
        }
        HaltCause::NotEncrypted => {
            text!("model-something-between-this-machine-and-altinn-2")
        }
        HaltCause::ProxySignIn => text!("model-your-proxy-wants-a-user-name-and-a-password"),
        HaltCause::ProxyRefuses => text!("model-your-proxy-does-not-let-this-machine-through"),
        HaltCause::ProxyFails => text!("model-there-is-no-connection-through-your-proxy"),
        HaltCause::ProxyVariable => {
            text!("model-the-proxy-variables-of-this-machine-name-a")
        }
        HaltCause::BlockPage => text!("model-a-filter-in-your-network-answers-in-altinns"),
        HaltCause::CaptivePortal => {
            text!("model-a-page-answers-in-altinns-place-such-as-the")
        }
        HaltCause::NoName => text!("model-this-machine-does-not-find-the-servers-name"),
        HaltCause::NotReachable => text!("model-this-machine-gets-no-connection-to-the-server"),
        HaltCause::NoDescriptors => text!("model-this-process-may-open-no-more-files-and"),
        _ => "",
    }
}

/// What to do; empty for a cause of Altinn's.
pub(super) fn hint(cause: HaltCause) -> &'static str {
    match cause {
        HaltCause::Intercepted => text!("model-have-it-put-the-proxys-root-certificate-into"),
        HaltCause::WrongClock => text!("model-set-this-machines-clock-and-time-zone-and-run"),
        HaltCause::NotEncrypted => text!("model-look-whether-the-network-wants-a-sign-in-in-a"),
        HaltCause::ProxySignIn => text!("model-put-the-user-name-and-the-password-into-https"),
        HaltCause::ProxyRefuses => {
            text!("model-have-it-allow-connect-to-altinns-and-the-sign")
        }
        HaltCause::ProxyFails => text!("model-have-it-look-whether-the-proxy-is-up"),
        HaltCause::ProxyVariable => text!("model-set-https-proxy-http-proxy-port-and-take-all"),
        HaltCause::BlockPage => text!("model-have-it-allow-altinns-names-in-the-filter-for"),
        HaltCause::CaptivePortal => text!("model-open-a-web-page-in-a-browser-and-sign-in-to"),
        HaltCause::NoName => text!("model-check-the-network-and-environment-in-the-job"),
        HaltCause::NotReachable => text!("model-check-the-network-and-environment-in-the-job-2"),
        HaltCause::NoDescriptors => text!("model-raise-the-limit-ulimit-n-4096-limitnofile-in"),
        _ => "",
    }
}
