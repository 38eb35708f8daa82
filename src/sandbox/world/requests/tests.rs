//! The contract cases of requests for system users, asked of a world.

use super::*;
use crate::sandbox::{ONBOARDING_AGENT, PAYROLL_PACKAGE, VENDOR_TOKEN, World, facilitator};

const SYSTEM: &str = "sandkasse_lonn";
const ADMINISTRATION: &str = "urn:altinn:accesspackage:klientadministrator";

fn world() -> World {
    World::built_in(1, 0.0)
}

fn ask(world: &mut World, method: Method, path: &str, query: &[(&str, &str)], body: &Value) -> Reply {
    let mut request = Request::to(method, "").with_token(VENDOR_TOKEN);
    request.path = format!("{SYSTEM_USERS_PATH}{path}");
    request.query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    request.body = body.to_string().into_bytes();
    world.answer(&request).unwrap()
}

fn wanted(external_ref: &str, packages: &[&str]) -> Value {
    let packages: Vec<Value> = packages.iter().map(|urn| json!({ "urn": urn })).collect();
    json!({ "systemId": SYSTEM, "partyOrgNo": facilitator().to_string(), "accessPackages": packages,
            "externalRef": external_ref, "integrationTitle": "Lønn 2" })
}

fn make(world: &mut World, body: &Value) -> Reply {
    ask(world, Method::Post, "/request/vendor/agent", &[], body)
}

fn get(world: &mut World, path: &str) -> Reply {
    ask(world, Method::Get, path, &[], &Value::Null)
}

fn document(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

fn id_of(reply: &Reply) -> Uuid {
    document(reply)["id"].as_str().unwrap().parse().unwrap()
}

fn code(reply: &Reply) -> (u16, String) {
    (reply.status, document(reply)["code"].as_str().unwrap().to_owned())
}

#[test]
fn case_19_a_request_is_made_once_and_after_a_rejection_only_when_it_has_been_deleted() {
    let mut world = world();
    let body = wanted("second", &[PAYROLL_PACKAGE]);
    let made = make(&mut world, &body);
    assert_eq!((made.status, document(&made)["status"].as_str()), (201, Some("New")));
    let id = id_of(&made);
    assert!(made.location.as_deref().unwrap().ends_with(&id.to_string()));
    let again = make(&mut world, &body);
    assert_eq!((again.status, id_of(&again)), (200, id));

    assert_eq!(world.answer_request(id, RequestStatus::Rejected), None);
    let rejected = make(&mut world, &body);
    assert_eq!((rejected.status, document(&rejected)["status"].as_str()), (200, Some("Rejected")));
    let deleted = ask(&mut world, Method::Delete, &format!("/request/vendor/{id}"), &[], &Value::Null);
    assert_eq!(deleted, Reply::empty(202));
    let anew = make(&mut world, &body);
    assert_eq!(anew.status, 201);
    assert_ne!(id_of(&anew), id);
}

#[test]
fn case_20_what_no_agent_can_be_is_refused() {
    let mut world = world();
    assert_eq!(code(&make(&mut world, &wanted("second", &[ADMINISTRATION]))), (400, "AUTH-00065".to_owned()));
    let of_the_firm = facilitator().to_string();
    let there = make(&mut world, &wanted(&of_the_firm, &[PAYROLL_PACKAGE]));
    assert_eq!(code(&there), (400, "AUTH-00004".to_owned()));
    let change = [("correlation-id", "1"), ("system-user-id", &ONBOARDING_AGENT.to_string())];
    let refused = ask(&mut world, Method::Post, "/changerequest/vendor", &change, &Value::Null);
    assert_eq!(code(&refused), (404, "AUTH-00015".to_owned()));
}

#[test]
fn an_approved_request_is_a_system_user_that_clients_can_be_delegated_to() {
    let mut world = world();
    let made = make(&mut world, &wanted("second", &[PAYROLL_PACKAGE]));
    let query = [("system-id", SYSTEM), ("orgno", &facilitator().to_string()), ("external-ref", "second")];
    assert_eq!(ask(&mut world, Method::Get, "/vendor/byquery", &query, &Value::Null), Reply::empty(404));
    let mut page = Request::to(Method::Get, "");
    (page.path, page.token) = (PAGE_PATH.to_owned(), None);
    page.query = vec![("id".to_owned(), id_of(&made).to_string())];
    let shown = String::from_utf8(world.answer(&page).unwrap().body).unwrap();
    assert!(shown.contains("answer=Accepted"), "{shown}");
    page.query.push(("answer".to_owned(), "Accepted".to_owned()));
    let shown = String::from_utf8(world.answer(&page).unwrap().body).unwrap();
    assert!(shown.contains("<p>Accepted</p>") && !shown.contains("answer="), "{shown}");
    let agent = world.agents().last().unwrap().listed.id;
    let found = ask(&mut world, Method::Get, "/vendor/byquery", &query, &Value::Null);
    assert_eq!(document(&found)["id"], json!(agent));
    let client = world.clients()[50].id;
    assert_eq!(world.answer(&Request::delegate(agent, client)).unwrap().status, 200);
    assert!(world.delegated(agent).contains(&client));
    let path = format!("/request/vendor/agent/byexternalref/{SYSTEM}/{}/second", facilitator());
    assert_eq!(document(&get(&mut world, &path))["status"], "Accepted");
}

#[test]
fn a_request_that_has_timed_out_still_says_new() {
    let mut world = world();
    let id = id_of(&make(&mut world, &wanted("second", &[PAYROLL_PACKAGE])));
    world.let_requests_time_out();
    let shown = document(&get(&mut world, &format!("/request/vendor/agent/{id}")));
    assert_eq!((&shown["status"], &shown["timedOut"]), (&json!("New"), &json!(true)));
    assert_eq!(world.answer_request(id, RequestStatus::Accepted), None);
}

#[test]
fn the_requests_of_a_system_come_fifty_a_page_and_without_the_link_to_approve_them() {
    let mut world = world();
    for place in 0..60 {
        assert_eq!(make(&mut world, &wanted(&format!("ref-{place}"), &[PAYROLL_PACKAGE])).status, 201);
    }
    let path = format!("/request/vendor/agent/bysystem/{SYSTEM}");
    let first = document(&get(&mut world, &path));
    assert_eq!(first["data"].as_array().unwrap().len(), 50);
    assert!(first["data"][0]["confirmUrl"].is_null());
    assert!(first["links"]["next"].as_str().unwrap().ends_with(&format!("{path}?token=50")));
    let second = document(&ask(&mut world, Method::Get, &path, &[("token", "50")], &Value::Null));
    assert_eq!((second["data"].as_array().unwrap().len(), &second["links"]["next"]), (10, &Value::Null));
}

#[test]
fn every_refusal_of_the_table_is_given_where_it_belongs() {
    let mut world = world();
    let body = wanted("second", &[PAYROLL_PACKAGE]);
    let with = |name: &str, value: Value| {
        let mut body = body.clone();
        body[name] = value;
        body
    };
    let strangers = "https://stranger.example/back";
    for (body, status, expected) in [
        (with("partyOrgNo", json!("910000004")), 400, "AUTH-00000"),
        (with("systemId", json!("somebody_elses")), 404, "AUTH-00011"),
        (with("accessPackages", json!([])), 400, "AUTH-00058"),
        (with("accessPackages", json!([{ "urn": "urn:altinn:accesspackage:lonn" }])), 400, "AUTH-00063"),
        (with("redirectUrl", json!(strangers)), 400, "AUTH-00021"),
    ] {
        assert_eq!(code(&make(&mut world, &body)), (status, expected.to_owned()), "{body}");
    }
    assert_eq!(make(&mut world, &with("redirectUrl", json!("no address"))), Reply::empty(500));
    let back = with("redirectUrl", json!("https://vendor.example/approved?firm=1"));
    assert_eq!(make(&mut world, &back).status, 201);
    let nobodys = Uuid::from_u128(1);
    let path = format!("/request/vendor/agent/{nobodys}");
    assert_eq!(code(&get(&mut world, &path)), (404, "AUTH-00010".to_owned()));
    let path = format!("/request/vendor/agent/byexternalref/{SYSTEM}/{}/none", facilitator());
    assert_eq!(code(&get(&mut world, &path)), (404, "AUTH-00030".to_owned()));

    world.add_system(SandboxSystem {
        id: "bare".to_owned(),
        vendor: facilitator(),
        packages: vec![PAYROLL_PACKAGE.to_owned()],
        redirects: Vec::new(),
    });
    let mut bare = with("systemId", json!("bare"));
    bare["redirectUrl"] = json!(strangers);
    assert_eq!(code(&make(&mut world, &bare)), (400, "AUTH-00026".to_owned()));
}

#[test]
fn a_request_for_the_firms_own_use_by_the_same_reference_stands_in_the_way_with_its_status() {
    for (status, expected) in [
        (RequestStatus::Accepted, "AUTH-00006"),
        (RequestStatus::New, "AUTH-00007"),
        (RequestStatus::Denied, "AUTH-00008"),
        (RequestStatus::Rejected, "AUTH-00009"),
    ] {
        let mut world = world();
        let standard = id_of(&make(&mut world, &wanted("own", &[PAYROLL_PACKAGE])));
        let request = world.requests_made.made.iter_mut().find(|request| request.id == standard).unwrap();
        (request.kind, request.status) = (AgentKind::Standard, status);
        let refused = make(&mut world, &wanted("own", &[PAYROLL_PACKAGE]));
        assert_eq!(code(&refused), (400, expected.to_owned()));
    }
}

#[test]
fn the_front_door_wants_a_vendors_token_with_the_scope_of_the_call() {
    let mut world = world();
    let path = format!("{SYSTEM_USERS_PATH}/request/vendor/agent");
    let mut request = Request { path, ..Request::to(Method::Post, "") };
    request.body = wanted("second", &[PAYROLL_PACKAGE]).to_string().into_bytes();
    let answered = |world: &mut World, token: Option<&str>| {
        world.answer(&Request { token: token.map(str::to_owned), ..request.clone() }).unwrap()
    };
    assert_eq!(answered(&mut world, None), Reply::empty(401));
    assert_eq!(code(&answered(&mut world, Some("sandbox"))), (401, "AUTH-00023".to_owned()));
    assert_eq!(answered(&mut world, Some("sandbox-vendor-read")), Reply::empty(403));
    assert_eq!(answered(&mut world, Some(VENDOR_TOKEN)).status, 201);
    let by_system = format!("/request/vendor/agent/bysystem/{SYSTEM}");
    let mut request = Request::to(Method::Get, "").with_token("sandbox-vendor-read");
    request.path = format!("{SYSTEM_USERS_PATH}{by_system}");
    assert_eq!(world.answer(&request).unwrap().status, 200);
}
