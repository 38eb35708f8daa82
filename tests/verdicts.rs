//! Every row of the API's table of errors, in both dialects of problem details, and what is no row of it.

#![allow(clippy::unwrap_used, reason = "a test whose own set-up fails has nothing better to do")]

use std::time::Duration;

use fullmakt::{
    altinn::{
        Judged, RawAnswer,
        client_delegation::{judge, judge_change},
    },
    model::{Again, AgentId, AtLast, Call, ClientId, HaltCause, NoVerdict, Notice, Operation, Verdict},
};
use jiff::Timestamp;
use proptest::prelude::*;

const AGENT: &str = "1b6cea43-f499-4aae-a633-51cf542795af";
const CLIENT: &str = "fffefbe8-72ed-4729-b80b-dc16a96f4d9f";
const CHANGES: [Call; 2] = [Call::Delegate, Call::Remove];
const LISTS: [Call; 3] = [Call::Agents, Call::Available, Call::Delegated];
const EVERY: [Call; 5] = [Call::Agents, Call::Available, Call::Delegated, Call::Delegate, Call::Remove];

fn now() -> Timestamp {
    "2026-01-31T22:00:00Z".parse().unwrap()
}

fn agent() -> AgentId {
    AGENT.parse().unwrap()
}

fn client() -> ClientId {
    CLIENT.parse().unwrap()
}

fn judged(call: Call, status: u16, body: &str) -> Judged {
    judge(call, &RawAnswer::new(status, body.as_bytes()), now())
}

/// The same problem in both dialects.
fn both_dialects(status: u16, code: &str, text: &str) -> [String; 2] {
    [
        format!(
            r#"{{"type":"urn:altinn:error:{code}","title":"{text}","status":{status},"code":"{code}",
                "statusDescription":"Bad Request","traceId":"00-trace-01"}}"#
        ),
        format!(
            r#"{{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"Bad Request",
                "status":{status},"detail":"{text}","Problem Detail : ":7,"code":"{code}",
                "extensions":{{"traceId":"00-trace-01"}}}}"#
        ),
    ]
}

fn validation_in_both_dialects(complaints: &[(&str, &str)]) -> [String; 2] {
    ["title", "detail"].map(|member| {
        let complaints: Vec<String> = complaints
            .iter()
            .map(|(code, text)| format!(r#"{{"code":"{code}","{member}":"{text}","paths":["?x"]}}"#))
            .collect();
        format!(
            r#"{{"title":"One or more validation errors occurred.","status":400,"code":"STD-00000",
                "validationErrors":[{}],"traceId":"00-trace-01"}}"#,
            complaints.join(",")
        )
    })
}

/// The row holds for every one of these calls, in both dialects, with all that a person is shown.
fn row(calls: &[Call], status: u16, code: &str, text: &str, expected: impl Fn(Call) -> Verdict) {
    for body in both_dialects(status, code, text) {
        for call in calls {
            let judged = judged(*call, status, &body);
            assert_eq!(judged.verdict, expected(*call), "{call:?} {body}");
            assert_eq!(judged.code.as_deref(), Some(code));
            assert_eq!(judged.message, text);
            assert_eq!(judged.trace_id.as_deref(), Some("00-trace-01"));
            assert!(!judged.hint.is_empty(), "{code} has a hint");
        }
    }
}

fn validation_row(calls: &[Call], code: &str, text: &str, expected: Verdict) {
    for body in validation_in_both_dialects(&[(code, text)]) {
        for call in calls {
            let judged = judged(*call, 400, &body);
            assert_eq!(judged.verdict, expected, "{call:?} {body}");
            assert_eq!(judged.code.as_deref(), Some(code));
            assert_eq!(judged.message, text);
            assert!(!judged.hint.is_empty(), "{code} has a hint");
        }
    }
}

fn halt(cause: HaltCause) -> impl Fn(Call) -> Verdict {
    move |_| Verdict::Halt(cause)
}

fn again(why: NoVerdict) -> impl Fn(Call) -> Verdict {
    move |call| {
        Verdict::Again(Again {
            not_before: None,
            why,
            at_last: if call.names_a_client() {
                AtLast::FailClient
            } else {
                AtLast::Halt(HaltCause::ListUnavailable)
            },
        })
    }
}

fn at_last(cause: HaltCause) -> Verdict {
    Verdict::Again(Again { not_before: None, why: NoVerdict::Unclear, at_last: AtLast::Halt(cause) })
}

#[test]
fn auth_00079_is_final_for_the_client() {
    row(&CHANGES, 400, "AUTH-00079", "Client not found.", |_| Verdict::Final);
}

#[test]
fn auth_00080_is_final_for_the_client() {
    row(&CHANGES, 400, "AUTH-00080", "Client lacks a package.", |_| Verdict::Final);
}

#[test]
fn auth_00063_halts_for_want_of_a_package() {
    row(&EVERY, 400, "AUTH-00063", "No package.", halt(HaltCause::NoUsablePackage));
}

#[test]
fn auth_00034_halts_because_the_agent_is_of_the_wrong_kind() {
    row(&EVERY, 400, "AUTH-00034", "Wrong kind.", halt(HaltCause::WrongKindOfAgent));
}

#[test]
fn auth_vld_00015_halts_because_the_agent_is_of_the_wrong_kind() {
    let expected = Verdict::Halt(HaltCause::WrongKindOfAgent);
    validation_row(&EVERY, "AUTH.VLD-00015", "Not an agent", expected);
    row(&EVERY, 400, "AUTH.VLD-00015", "Not an agent", |_| expected);
}

#[test]
fn auth_vld_00014_halts_because_the_agent_is_unknown() {
    let expected = Verdict::Halt(HaltCause::UnknownAgent);
    validation_row(&EVERY, "AUTH.VLD-00014", "System user not found", expected);
}

#[test]
fn auth_vld_00016_is_final_for_the_client() {
    validation_row(&CHANGES, "AUTH.VLD-00016", "Client missing", Verdict::Final);
}

#[test]
fn auth_00002_is_tried_again_and_then_a_retryable_failure() {
    row(&EVERY, 400, "AUTH-00002", "The Delegation failed.", again(NoVerdict::Unclear));
}

#[test]
fn auth_00031_is_tried_again_and_then_a_retryable_failure() {
    let text = "Party does not match delegation facilitator.";
    row(&EVERY, 400, "AUTH-00031", text, again(NoVerdict::Unclear));
}

#[test]
fn auth_00045_is_tried_again_for_lists_and_inside_a_post() {
    row(&EVERY, 400, "AUTH-00045", "Failed to get clients", again(NoVerdict::Unclear));
}

#[test]
fn a_401_with_an_empty_body_is_a_refused_token() {
    for call in EVERY {
        let judged = judged(call, 401, "");
        assert_eq!(judged.verdict, Verdict::Halt(HaltCause::SignedOut));
        assert!(judged.token_refused());
        assert_eq!(judged.message, "Altinn answered 401 with an empty body");
    }
}

#[test]
fn auth_00043_is_a_refused_token() {
    row(&EVERY, 401, "AUTH-00043", "Unauthorized", halt(HaltCause::SignedOut));
    row(&EVERY, 400, "AUTH-00043", "Unauthorized", halt(HaltCause::SignedOut));
}

#[test]
fn a_403_with_an_empty_body_halts() {
    for call in EVERY {
        let judged = judged(call, 403, "");
        assert_eq!(judged.verdict, Verdict::Halt(HaltCause::Forbidden));
        assert!(!judged.token_refused());
    }
}

#[test]
fn auth_00044_halts() {
    row(&EVERY, 403, "AUTH-00044", "Forbidden", halt(HaltCause::Forbidden));
}

#[test]
fn a_codeless_404_about_the_owner_or_the_party_gets_its_tries_before_it_is_believed() {
    for text in ["System Owner not Found", "Party not found"] {
        for body in [
            format!(r#"{{"title":"{text}","status":404}}"#),
            format!(r#"{{"title":"Not Found","detail":"{text}.","status":404}}"#),
        ] {
            for call in EVERY {
                let verdict = judged(call, 404, &body).verdict;
                assert_eq!(verdict, at_last(HaltCause::UnknownFacilitator), "{body}");
            }
        }
    }
}

#[test]
fn any_other_codeless_404_gets_its_tries_and_then_halts() {
    for body in ["", r#"{"title":"Not Found","status":404}"#] {
        for call in EVERY {
            assert_eq!(judged(call, 404, body).verdict, at_last(HaltCause::Unexpected), "{body}");
        }
    }
}

#[test]
fn auth_00038_on_the_list_of_delegated_clients_gets_its_tries_and_then_halts() {
    let expected = at_last(HaltCause::CannotReadClients);
    row(&[Call::Delegated], 400, "AUTH-00038", "Delegation not found", |_| expected);
    row(&CHANGES, 400, "AUTH-00038", "Delegation not found", |_| Verdict::Final);
}

#[test]
fn a_4xx_that_is_no_problem_of_altinns_is_no_verdict_whoever_wrote_it() {
    let gateway = r#"{ "statusCode": 401, "message": "Access denied due to missing subscription key." }"#;
    for status in [400, 401, 403, 404, 405, 410, 422, 451] {
        for body in ["<html>Blocked by policy</html>", "no", "[]", "null", "{}", gateway] {
            for call in EVERY {
                let judged = judged(call, status, body);
                assert_eq!(judged.verdict, again(NoVerdict::Unreachable)(call), "{status} {body}");
                assert!(!judged.token_refused());
            }
        }
    }
    for call in EVERY {
        assert_eq!(judged(call, 400, "").verdict, again(NoVerdict::Unreachable)(call));
    }
}

#[test]
fn a_failed_delegation_may_be_stuck_and_no_other_answer_says_so() {
    let notice = |code: &str| judged(Call::Delegate, 400, &both_dialects(400, code, "x")[0]).notice;
    assert_eq!(notice("AUTH-00002"), Some(Notice::PerhapsStuck));
    for code in ["AUTH-00031", "AUTH-00045", "AUTH-00079", "AUTH-00080", "NEW-1"] {
        assert_eq!(notice(code), None, "{code}");
    }
}

#[test]
fn statuses_without_a_verdict_are_tried_again() {
    for status in [408, 500, 502, 503, 504, 501, 505, 520, 599, 301, 302, 307, 308] {
        for body in ["", "<html>", "upstream gone", r#"{"title":"x"}"#, r#"{"code":"NEW-1","#] {
            for call in EVERY {
                let verdict = judged(call, status, body).verdict;
                assert_eq!(verdict, again(NoVerdict::Unreachable)(call), "{status} {body}");
            }
        }
    }
}

#[test]
fn a_429_is_tried_again_as_throttled() {
    for call in EVERY {
        assert_eq!(judged(call, 429, "").verdict, again(NoVerdict::Throttled)(call));
    }
}

#[test]
fn a_code_that_nobody_knows_is_tried_again_when_the_server_broke() {
    row(&EVERY, 500, "NEW-00001", "Broken", again(NoVerdict::Unreachable));
}

#[test]
fn any_other_4xx_is_final_for_a_client_and_halts_a_list() {
    for status in [400, 402, 404, 405, 406, 409, 410, 413, 415, 418, 422] {
        row(&CHANGES, status, "NEW-00001", "Something new", |_| Verdict::Final);
        row(&LISTS, status, "NEW-00001", "Something new", halt(HaltCause::Unexpected));
    }
    let body = r#"{"title":"x"}"#;
    assert_eq!(judged(Call::Delegate, 400, body).verdict, Verdict::Final);
    assert_eq!(judged(Call::Available, 400, body).verdict, Verdict::Halt(HaltCause::Unexpected));
}

#[test]
fn codes_are_compared_whole_and_not_by_their_digits() {
    for code in ["AUTH-00014", "AUTH-00015", "AUTH-00016", "AUTH.VLD-00079", "XAUTH-00063", "auth-00063"] {
        row(&CHANGES, 400, code, "Another error", |_| Verdict::Final);
    }
}

#[test]
fn the_code_decides_before_the_status() {
    row(&CHANGES, 500, "AUTH-00079", "Client not found.", |_| Verdict::Final);
    row(&EVERY, 403, "AUTH-00002", "The Delegation failed.", again(NoVerdict::Unclear));
    row(&EVERY, 404, "AUTH-00063", "No package.", halt(HaltCause::NoUsablePackage));
}

#[test]
fn of_several_validation_errors_the_gravest_decides_and_all_are_shown() {
    let complaints = [
        ("AUTH.VLD-00016", "Client missing"),
        ("NEW.VLD-1", "New"),
        ("AUTH.VLD-00014", "System user not found"),
    ];
    for body in validation_in_both_dialects(&complaints) {
        let judged = judged(Call::Delegate, 400, &body);
        assert_eq!(judged.verdict, Verdict::Halt(HaltCause::UnknownAgent));
        assert_eq!(judged.code.as_deref(), Some("AUTH.VLD-00014"));
        assert_eq!(judged.message, "Client missing; New; System user not found");
    }
}

#[test]
fn a_validation_problem_that_names_nothing_is_any_other_4xx() {
    for body in validation_in_both_dialects(&[]) {
        let judged = judged(Call::Delegate, 400, &body);
        assert_eq!(judged.verdict, Verdict::Final);
        assert_eq!(judged.code.as_deref(), Some("STD-00000"));
        assert_eq!(judged.message, "One or more validation errors occurred.");
    }
}

#[test]
fn the_frameworks_own_400_is_judged_by_the_parameter_it_names() {
    let body = |names: &[&str]| {
        let errors: Vec<String> =
            names.iter().map(|name| format!(r#""{name}":["The value 'x' is not valid."]"#)).collect();
        format!(r#"{{"title":"Wrong.","status":400,"errors":{{{}}}}}"#, errors.join(","))
    };
    let unknown_agent = Verdict::Halt(HaltCause::UnknownAgent);
    for call in EVERY {
        assert_eq!(judged(call, 400, &body(&["agent"])).verdict, unknown_agent);
        assert_eq!(judged(call, 400, &body(&["client", "agent"])).verdict, unknown_agent);
    }
    let answer = judged(Call::Remove, 400, &body(&["client"]));
    assert_eq!(answer.verdict, Verdict::Final);
    assert_eq!(answer.message, "Wrong. The value 'x' is not valid.");
    let answer = judged(Call::Agents, 400, &body(&["party"]));
    assert_eq!(answer.verdict, Verdict::Halt(HaltCause::Unexpected));
}

#[test]
fn odd_and_missing_members_do_no_harm() {
    for body in [
        r#"{"code":"AUTH-00079","title":null,"detail":null,"traceId":null,"validationErrors":null,"errors":[]}"#,
        r#"{"code":" AUTH-00079 ","Problem Detail : ":{"a":[1]},"status":"400","validationErrors":[1,null,{}]}"#,
        "\u{feff}{\"code\":\"AUTH-00079\"}\n",
    ] {
        let judged = judged(Call::Delegate, 400, body);
        assert_eq!(judged.verdict, Verdict::Final, "{body}");
        assert_eq!(judged.code.as_deref(), Some("AUTH-00079"));
        assert_eq!(judged.message, "Altinn answered 400 without saying why");
    }
}

#[test]
fn a_400_that_breaks_off_is_no_verdict_because_its_code_may_be_missing() {
    let cut = r#"{"title":"The Delegation failed.","status":400,"co"#;
    assert_eq!(judged(Call::Delegate, 400, cut).verdict, again(NoVerdict::Unclear)(Call::Delegate));
    let answer = RawAnswer { cut: true, ..RawAnswer::new(400, b"") };
    let judged = judge(Call::Available, &answer, now());
    assert_eq!(judged.verdict, again(NoVerdict::Unclear)(Call::Available));
    assert_eq!(judged.message, "Altinn answered 400 with a body that breaks off");
}

#[test]
fn a_200_is_done_only_when_it_names_this_agent_and_this_client() {
    let change = |body: &str| {
        let answer = RawAnswer::new(200, body.as_bytes());
        judge_change(Operation::Delegate, agent(), client(), &answer, now())
    };
    let promised = format!(r#"{{"agent":"{AGENT}","client":"{CLIENT}"}}"#);
    assert_eq!(change(&promised).verdict, Verdict::Done);
    let padded = format!("{{\"new\":1,\"client\":\"{CLIENT}\",\"agent\":\"{AGENT}\"}}\r\n");
    assert_eq!(change(&padded).verdict, Verdict::Done);
    let others = [
        String::new(),
        "<html>Welcome</html>".to_owned(),
        promised[..promised.len() - 3].to_owned(),
        "{}".to_owned(),
        "null".to_owned(),
        format!(r#"{{"agent":"{CLIENT}","client":"{CLIENT}"}}"#),
        format!(r#"{{"agent":"{AGENT}","client":"{AGENT}"}}"#),
        format!(r#"{{"agent":"{AGENT}","client":null}}"#),
        format!("{promised}{promised}"),
    ];
    for body in others {
        let judged = change(&body);
        assert_eq!(judged.verdict, again(NoVerdict::Unclear)(Call::Delegate), "{body}");
        assert!(!judged.message.is_empty());
    }
}

#[test]
fn retry_after_is_honoured_on_every_answer_that_is_no_verdict() {
    let cases = [(429, ""), (503, ""), (500, ""), (404, ""), (302, ""), (400, r#"{"code":"AUTH-00002"}"#)];
    for (status, body) in cases {
        for (value, expected) in [
            ("7", Some(Duration::from_secs(7))),
            ("Sat, 31 Jan 2026 22:00:30 GMT", Some(Duration::from_secs(30))),
            ("Sat, 31 Jan 2026 21:00:00 GMT", Some(Duration::ZERO)),
            ("in a while", None),
        ] {
            let answer = RawAnswer { retry_after: Some(value), ..RawAnswer::new(status, body.as_bytes()) };
            let Verdict::Again(again) = judge(Call::Delegate, &answer, now()).verdict else {
                panic!("{status} is no verdict")
            };
            assert_eq!(again.not_before, expected, "{status} {value}");
        }
    }
}

#[test]
fn a_trace_id_from_the_headers_stands_in_for_one_from_the_body() {
    let answer = |body: &'static str| RawAnswer {
        trace_id: Some("00-header-01"),
        ..RawAnswer::new(500, body.as_bytes())
    };
    let trace_id = |body| judge(Call::Delegate, &answer(body), now()).trace_id;
    assert_eq!(trace_id("").as_deref(), Some("00-header-01"));
    assert_eq!(trace_id(r#"{"traceId":"00-body-01"}"#).as_deref(), Some("00-body-01"));
}

#[test]
fn what_came_instead_of_a_problem_is_described() {
    let message = |status, body| judged(Call::Delegate, status, body).message;
    assert_eq!(message(502, "<html>"), "Altinn's gateway answered 502 with an HTML page");
    assert_eq!(message(503, "busy\u{1b}[2J\n"), "Altinn's gateway answered 503: busy[2J");
    assert_eq!(message(500, ""), "Altinn answered 500 with an empty body");
    assert_eq!(message(302, ""), "the answer was 302, a redirect, which is not followed");
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let json = prop::sample::select(vec![
        format!(r#"{{"agent":"{AGENT}","client":"{CLIENT}"}}"#),
        format!(r#"{{"agent":"{CLIENT}","client":"{CLIENT}"}}"#),
        both_dialects(400, "AUTH-00079", "Client not found.")[0].clone(),
        both_dialects(400, "AUTH-00063", "No package.")[1].clone(),
        validation_in_both_dialects(&[("AUTH.VLD-00014", "x")])[0].clone(),
        "[".repeat(4000),
    ]);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        json.clone().prop_map(String::into_bytes),
        (json, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(json, at, byte)| {
            let mut bytes = json.into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes
        }),
    ]
}

/// What another said is cut to 300 characters and a mark; a sentence of ours may stand around it.
const OUR_SENTENCE_AROUND_IT: usize = 60;

proptest! {
    #[test]
    fn no_answer_panics_and_none_is_done_but_a_200_that_names_this_agent_and_client(
        status in prop_oneof![Just(200u16), 0u16..1000],
        body in any_body(),
        retry_after in proptest::option::of(".{0,40}"),
        cut in any::<bool>(),
    ) {
        let answer = RawAnswer { status, retry_after: retry_after.as_deref(), trace_id: None, body: &body, cut };
        for operation in [Operation::Delegate, Operation::Remove] {
            let judged = judge_change(operation, agent(), client(), &answer, now());
            let members: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            // An id may be written in several ways.
            let names = |member: &str, id: &str| {
                members[member].as_str().and_then(|text| text.parse::<uuid::Uuid>().ok()) == id.parse().ok()
            };
            let named = status == 200 && !cut && names("agent", AGENT) && names("client", CLIENT);
            prop_assert_eq!(judged.verdict == Verdict::Done, named);
            prop_assert!(judged.message.said().chars().count() <= 301 + OUR_SENTENCE_AROUND_IT);
            prop_assert!(!judged.message.said().chars().any(char::is_control));
            prop_assert_eq!(judged.message.is_empty(), judged.verdict == Verdict::Done);
        }
        for call in EVERY {
            prop_assert_ne!(judge(call, &answer, now()).verdict, Verdict::Done);
        }
    }
}
