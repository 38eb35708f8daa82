//! Every row of the second API's table, and what is no row of it.

use std::{sync::Arc, time::Duration};

use super::*;
use crate::model::{Again, AtLast, NoVerdict, Verdict};

const AGENT: &str = "1b6cea43-f499-4aae-a633-51cf542795af";
const CLIENT: &str = "fffefbe8-72ed-4729-b80b-dc16a96f4d9f";
const OTHER: &str = "0195ea92-2080-7a5a-b9d8-8bd5c1f0a1b2";
const EVERY: [Call; 5] = [Call::Available, Call::Delegated, Call::Delegate, Call::Remove, Call::Prepare];

fn now() -> Timestamp {
    "2026-01-31T22:00:00Z".parse().unwrap()
}

fn judged(call: Call, status: u16, body: &str) -> Judged {
    judge(call, &RawAnswer::new(status, body.as_bytes()), now())
}

/// A validation problem with these errors: code, path.
fn validation(errors: &[(&str, &str)]) -> String {
    let errors: Vec<String> = errors
        .iter()
        .map(|(code, path)| {
            format!(r#"{{"code":"{code}","detail":"Text of {code}.","paths":["{path}"],"{OTHER}":"why"}}"#)
        })
        .collect();
    format!(
        r#"{{"status":400,"detail":"One or more validation errors occurred.","code":"STD-00000",
            "validationErrors":[{}],"traceId":"00-trace-01"}}"#,
        errors.join(",")
    )
}

fn one(call: Call, code: &str, path: &str) -> Judged {
    let judged = judged(call, 400, &validation(&[(code, path)]));
    assert_eq!(judged.code.as_deref(), Some(code));
    assert_eq!(judged.trace_id.as_deref(), Some("00-trace-01"));
    if judged.verdict != Verdict::Done {
        assert_eq!(judged.message.said(), format!("Text of {code}."));
        assert!(!judged.hint.is_empty(), "{code} has a hint");
    }
    judged
}

fn at_last(cause: HaltCause) -> Verdict {
    Verdict::Again(Again { not_before: None, why: NoVerdict::Unclear, at_last: AtLast::Halt(cause) })
}

fn again(call: Call, why: NoVerdict) -> Verdict {
    let at_last =
        if call.names_a_client() { AtLast::FailClient } else { AtLast::Halt(HaltCause::ListUnavailable) };
    Verdict::Again(Again { not_before: None, why, at_last })
}

fn change(operation: Operation) -> ClientChange {
    let packages = [("r", "p")].into_iter().collect();
    ClientChange {
        operation,
        agent: AGENT.parse().unwrap(),
        client: CLIENT.parse().unwrap(),
        packages: Some(Arc::new(packages)),
    }
}

#[test]
fn every_row_with_a_code_is_judged_by_code_and_path() {
    use Call::{Delegate, Prepare, Remove};
    use HaltCause::*;
    let outdated = Some(Notice::ListOutdated);
    for (call, code, path, verdict, notice) in [
        (Delegate, "AM.VLD-00006", "$QUERY/from", Verdict::Final, None),
        (Remove, "AM.VLD-00006", "$QUERY/client", Verdict::Final, None),
        (Delegate, "AM.VLD-00006", "$QUERY/to", at_last(UnknownAgent), None),
        (Prepare, "AM.VLD-00006", "QUERY/to", at_last(UnknownAgent), None),
        (Remove, "AM.VLD-00006", "$QUERY/party", Verdict::Halt(UnknownFacilitator), None),
        (Delegate, "AM.VLD-00008", "$QUERY/to", Verdict::Halt(WrongKindOfAgent), None),
        (Prepare, "AM.VLD-00008", "$QUERY/to", Verdict::Halt(WrongKindOfAgent), None),
        (Delegate, "AM.VLD-00026", "/values[0]/packages[1]", Verdict::Final, outdated),
        (Delegate, "AM.VLD-00032", "/values[0]/role", Verdict::Final, outdated),
        (Delegate, "AM.VLD-00032", "$QUERY/to", Verdict::Halt(UnknownAgent), None),
        (Remove, "AM.VLD-00032", "$QUERY/to", Verdict::Done, None),
        (Delegate, "AM.VLD-00029", "/values[0]/role", Verdict::Halt(UnknownPackage), None),
        (Delegate, "AM.VLD-00030", "/values[0]/packages[0]", Verdict::Halt(UnknownPackage), None),
        (Delegate, "AM.VLD-00033", "/values[0]/packages[0]", Verdict::Halt(PackageNotDelegable), None),
        (Remove, "AM.VLD-00031", "$QUERY/cascade", Verdict::Halt(Unexpected), None),
        (Delegate, "AM.VLD-00099", "$QUERY/from", Verdict::Final, None),
        (Delegate, "AM-00006", "$QUERY/to", Verdict::Final, None),
    ] {
        let judged = one(call, code, path);
        assert_eq!(judged.verdict, verdict, "{call:?} {code} {path}");
        assert_eq!(judged.notice, notice, "{call:?} {code} {path}");
    }
}

#[test]
fn a_stop_beats_an_agents_error_and_that_beats_a_clients() {
    let client = ("AM.VLD-00026", "/values[0]/packages[0]");
    let agent = ("AM.VLD-00008", "$QUERY/to");
    let not_there_yet = ("AM.VLD-00006", "$QUERY/to");
    let stop = ("AM.VLD-00029", "/values[0]/role");
    for (errors, verdict) in [
        (vec![client, agent, stop], Verdict::Halt(HaltCause::UnknownPackage)),
        (vec![agent, client], Verdict::Halt(HaltCause::WrongKindOfAgent)),
        (vec![("AM.VLD-00006", "$QUERY/from"), not_there_yet], at_last(HaltCause::UnknownAgent)),
    ] {
        assert_eq!(judged(Call::Delegate, 400, &validation(&errors)).verdict, verdict, "{errors:?}");
    }
    let judged = judged(Call::Delegate, 400, &validation(&[client, agent]));
    assert_eq!(judged.message, "Text of AM.VLD-00026.; Text of AM.VLD-00008.");
}

#[test]
fn rows_without_a_code_are_judged_by_their_status() {
    for call in EVERY {
        assert!(judged(call, 401, "").token_refused());
        assert_eq!(judged(call, 403, "").verdict, Verdict::Halt(HaltCause::Forbidden));
        assert_eq!(judged(call, 404, "").verdict, at_last(HaltCause::NotPublished));
        assert_eq!(judged(call, 429, "slow").verdict, again(call, NoVerdict::Throttled));
        for status in [408, 500, 502, 503, 504] {
            let judged = judged(call, status, r#"{"title":"An error occurred","status":500}"#);
            assert_eq!(judged.verdict, again(call, NoVerdict::Unreachable), "{status}");
            let stuck = (call == Call::Delegate && status == 500).then_some(Notice::PerhapsStuck);
            assert_eq!(judged.notice, stuck, "{call:?} {status}");
        }
        assert_eq!(judged(call, 400, "<html>").verdict, again(call, NoVerdict::Unreachable));
    }
    let answer = RawAnswer { retry_after: Some("7"), ..RawAnswer::new(503, b"") };
    let Verdict::Again(again) = judge(Call::Delegate, &answer, now()).verdict else { panic!("no verdict") };
    assert_eq!(again.not_before, Some(Duration::from_secs(7)));
    let unknown = r#"{"title":"New","status":422,"code":"AM-00077"}"#;
    assert_eq!(judged(Call::Delegate, 422, unknown).verdict, Verdict::Final);
    assert_eq!(judged(Call::Available, 422, unknown).verdict, Verdict::Halt(HaltCause::Unexpected));
}

#[test]
fn the_frameworks_own_400_is_judged_by_the_parameter_it_names() {
    for (name, verdict) in [
        ("to", Verdict::Halt(HaltCause::UnknownAgent)),
        ("from", Verdict::Final),
        ("party", Verdict::Halt(HaltCause::UnknownFacilitator)),
        ("values", Verdict::Final),
    ] {
        let body = format!(r#"{{"title":"Wrong.","status":400,"errors":{{"{name}":["not valid"]}}}}"#);
        assert_eq!(judged(Call::Delegate, 400, &body).verdict, verdict, "{name}");
    }
}

#[test]
fn a_delegation_is_done_when_every_row_is_this_clients_and_this_agents() {
    let row = |from: &str, to: &str, changed: bool| {
        format!(
            r#"{{"roleId":"{OTHER}","packageId":"{OTHER}","viaId":"{OTHER}","fromId":"{from}","toId":"{to}","changed":{changed}}}"#
        )
    };
    let verdict = |body: &str| {
        judge_change(&change(Operation::Delegate), &RawAnswer::new(200, body.as_bytes()), now()).verdict
    };
    let good = row(CLIENT, AGENT, true);
    assert_eq!(verdict(&format!("[{good},{}]", row(CLIENT, AGENT, false))), Verdict::Done);
    for body in [
        String::new(),
        "[]".to_owned(),
        "{}".to_owned(),
        format!("[{good}"),
        format!("[{good},{}]", row(OTHER, AGENT, true)),
        format!("[{}]", row(CLIENT, OTHER, true)),
        r#"[{"changed":true}]"#.to_owned(),
        "<html>".to_owned(),
    ] {
        assert_eq!(verdict(&body), again(Call::Delegate, NoVerdict::Unclear), "{body}");
    }
}

#[test]
fn a_removal_is_done_by_a_204_and_by_nothing_else() {
    let verdict =
        |status| judge_change(&change(Operation::Remove), &RawAnswer::new(status, b""), now()).verdict;
    assert_eq!(verdict(204), Verdict::Done);
    assert_eq!(verdict(200), again(Call::Remove, NoVerdict::Unclear));
    let delegation = judge_change(&change(Operation::Delegate), &RawAnswer::new(204, b""), now());
    assert_eq!(delegation.verdict, again(Call::Delegate, NoVerdict::Unclear));
}

#[test]
fn an_assignment_is_there_when_the_answer_says_which() {
    let verdict = |body: &str| judge_preparation(&RawAnswer::new(200, body.as_bytes()), now()).verdict;
    let promised = format!(r#"{{"id":"{OTHER}","roleId":"{OTHER}","fromId":"{CLIENT}","toId":"{AGENT}"}}"#);
    assert_eq!(verdict(&promised), Verdict::Done);
    for body in ["", "{}", "[]"] {
        assert_eq!(verdict(body), again(Call::Prepare, NoVerdict::Unclear), "{body}");
    }
}

#[test]
fn no_identity_number_and_no_text_of_a_body_is_shown() {
    for (status, body) in [
        (400, r#"{"title":"Person 01817012345 not allowed","code":"AM-1"}"#),
        (400, r#"{"detail":"01817012345","status":400,"errors":{"x":["01817012345 is not valid"]}}"#),
        (502, "upstream said 01817012345"),
        (200, "01817012345"),
    ] {
        for call in EVERY {
            let judged = judged(call, status, body);
            assert!(!format!("{judged:?}").contains("01817012345"), "{judged:?}");
            assert!(!judged.message.is_empty());
        }
    }
}
