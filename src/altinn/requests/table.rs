//! The table of the errors of requests for system users, code for code.

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::wire;
use crate::{
    altinn::http::{self, Complaint, Judged, KnownError, RawAnswer, Ruling, Table},
    model::{Call, HaltCause, NoVerdict, Notice, Verdict, WantedSystemUser},
    words::{Wording, kept},
};

/// What asking a firm came to.
pub(super) enum Answered {
    /// A request, new or old.
    Request(Box<wire::Request>),
    /// Such a system user is there already.
    SystemUserIsThere,
}

/// Judges an answer that is not the promised one. `Done` only where there is nothing left to do: a system user that is
/// there, a request that is not.
pub fn judge(call: Call, answer: &RawAnswer<'_>, now: Timestamp) -> Judged {
    let judged = http::judge::<Codes>(call, answer, now);
    // The words for a refused sign-in are about the scopes of delegation.
    if judged.verdict == Verdict::Halt(HaltCause::Forbidden) {
        let cause = HaltCause::RequestScopes;
        return Judged { verdict: Verdict::Halt(cause), hint: Wording::of(|| cause.hint()), ..judged };
    }
    judged
}

/// The document that the call promises.
pub(super) fn document<T: DeserializeOwned>(
    call: Call,
    answer: &RawAnswer<'_>,
    now: Timestamp,
) -> Result<T, Judged> {
    match serde_json::from_slice(answer.body) {
        Ok(document) if answer.status == 200 && !answer.cut => Ok(document),
        _ => Err(judge(call, answer, now)),
    }
}

/// The same; `None` where Altinn says that there is none.
pub(super) fn document_or_none<T: DeserializeOwned>(
    call: Call,
    answer: &RawAnswer<'_>,
    now: Timestamp,
) -> Result<Option<T>, Judged> {
    match document(call, answer, now) {
        Ok(document) => Ok(Some(document)),
        Err(judged) if judged.verdict == Verdict::Done => Ok(None),
        // A system user that is not there yet has an answer without a code, Altinn's own and whole.
        Err(judged) if is_plainly_not_there(call, answer, &judged) => Ok(None),
        Err(judged) => Err(judged),
    }
}

fn is_plainly_not_there(call: Call, answer: &RawAnswer<'_>, judged: &Judged) -> bool {
    call == Call::SystemUser
        && answer.status == 404
        && !answer.cut
        && judged.code.is_none()
        && matches!(judged.verdict, Verdict::Again(again) if again.why == NoVerdict::Unclear)
}

/// What a firm's request was answered. A request of another firm or reference is no verdict.
pub(super) fn asked(
    wanted: &WantedSystemUser,
    answer: &RawAnswer<'_>,
    now: Timestamp,
) -> Result<Answered, Judged> {
    if matches!(answer.status, 200 | 201)
        && !answer.cut
        && let Ok(request) = serde_json::from_slice::<wire::Request>(answer.body)
    {
        if request.is_of(wanted) {
            return Ok(Answered::Request(Box::new(request)));
        }
        let judged = judge(Call::Ask, answer, now);
        return Err(Judged { message: kept!("request-answered-for-another-firm"), ..judged });
    }
    match judge(Call::Ask, answer, now) {
        judged if judged.verdict == Verdict::Done => Ok(Answered::SystemUserIsThere),
        judged => Err(judged),
    }
}

/// What a withdrawal was answered; a request that is not there is withdrawn.
pub(super) fn withdrawn(answer: &RawAnswer<'_>, now: Timestamp) -> Result<(), Judged> {
    if matches!(answer.status, 200 | 202 | 204) {
        return Ok(());
    }
    match judge(Call::Withdraw, answer, now) {
        judged if judged.verdict == Verdict::Done => Ok(()),
        judged => Err(judged),
    }
}

struct Codes;

/// What these calls' codes mean.
pub fn known_errors() -> Vec<KnownError> {
    http::known::<Codes>()
}

impl Table for Codes {
    const KNOWN: &'static [(Call, &'static str, &'static str)] = &[
        (Call::Ask, "AUTH-00000", ""),
        (Call::Ask, "AUTH-00004", ""),
        (Call::Ask, "AUTH-00006", ""),
        (Call::Ask, "AUTH-00007", ""),
        (Call::Ask, "AUTH-00008", ""),
        (Call::Ask, "AUTH-00009", ""),
        (Call::Withdraw, "AUTH-00010", ""),
        (Call::Ask, "AUTH-00011", ""),
        (Call::Ask, "AUTH-00012", ""),
        (Call::Ask, "AUTH-00021", ""),
        (Call::Ask, "AUTH-00023", ""),
        (Call::Ask, "AUTH-00026", ""),
        (Call::Request, "AUTH-00030", ""),
        (Call::Ask, "AUTH-00058", ""),
        (Call::Ask, "AUTH-00063", ""),
        (Call::Ask, "AUTH-00065", ""),
    ];

    fn by_code(call: Call, code: &str, _: Option<&Complaint>) -> Option<Ruling> {
        let refused = |hint| Ruling::refused(call).hint(hint);
        let of_every_firm = |hint| match call {
            Call::Ask | Call::Withdraw => Ruling::refused(call).hint(hint).notice(Notice::OfEveryFirm),
            _ => Ruling::halt(HaltCause::VendorFile).hint(hint),
        };
        Some(match code {
            // The register behind can be away; then the same is said of a firm that is there.
            "AUTH-00000" => Ruling::again(call, NoVerdict::Unclear).hint(unknown_firm()),
            "AUTH-00004" => Ruling::done(),
            "AUTH-00006" | "AUTH-00007" | "AUTH-00008" | "AUTH-00009" => refused(standard_request()),
            "AUTH-00010" | "AUTH-00030" => Ruling::done(),
            "AUTH-00011" => of_every_firm(unknown_system()),
            "AUTH-00012" => Ruling::again(call, NoVerdict::Unclear),
            "AUTH-00021" | "AUTH-00026" => of_every_firm(redirect()),
            "AUTH-00023" => Ruling::halt(HaltCause::NoVendor),
            "AUTH-00058" | "AUTH-00063" => of_every_firm(packages()),
            "AUTH-00065" => of_every_firm(not_for_clients()),
            _ => return None,
        })
    }

    fn by_parameter(_: Call, _: &dyn Fn(&str) -> bool) -> Option<Ruling> {
        None
    }

    fn not_found(_: Call, _: &dyn Fn(&[&str]) -> bool) -> HaltCause {
        HaltCause::NotPublished
    }
}

fn unknown_firm() -> Wording {
    kept!("request-hint-unknown-firm")
}

fn standard_request() -> Wording {
    kept!("request-hint-standard-request")
}

fn unknown_system() -> Wording {
    kept!("request-hint-unknown-system")
}

fn redirect() -> Wording {
    kept!("request-hint-redirect")
}

fn packages() -> Wording {
    kept!("request-hint-packages")
}

fn not_for_clients() -> Wording {
    kept!("request-hint-not-for-clients")
}
