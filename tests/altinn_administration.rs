//! Access management's API over real HTTP on the loopback: what is sent, what comes of every answer, and what of an answer
//! is kept. The server is written from the API's description alone and shares nothing with the sandbox.

#![allow(clippy::unwrap_used, reason = "a test whose own set-up fails has nothing better to do")]

mod common {
    pub(crate) mod raw_server;
}

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::Response,
};
use common::raw_server::{
    AGENT, CLIENT, TIMEOUT, TOKEN, again, agent, change, client, client_id, fixed_token,
};
use fullmakt::{
    altinn::{Client, ListLimits, Writes},
    engine::{Api, Firm, FirstDelegation, ListInformation, PartySearch},
    model::{
        Answer, AtLast, ClientChange, ClientList, HaltCause, ListedClient, NoVerdict, Notice, Operation,
        OrganisationNumber, Packages, PartyId, Verdict,
    },
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};
use url::{Url, form_urlencoded};

const PARTY: &str = "0195ea92-2080-7a5a-b9d8-8bd5c1f0a1b2";
const SECOND: &str = "7f0e6b0a-61b7-4c53-9a33-5e8a2d9d6a10";
const PERSON: &str = "7f0e6b0a-61b7-4c53-9a33-5e8a2d9d6a11";
const BASE: &str = "/accessmanagement/api/v1/enduser/clientdelegations";
const ROLE: &str = "urn:altinn:external-role:ccr:regnskapsforer";
const GIVEN: &str = "urn:altinn:role:rettighetshaver";
const PAYROLL: &str = "urn:altinn:accesspackage:regnskapsforer-lonn";
const SIGNING: &str = "urn:altinn:accesspackage:regnskapsforer-med-signeringsrettighet";
/// What must be nowhere: national identity numbers, in every answer.
const IDENTITY: &str = "18817012345";

/// An access management with one firm, one agent and three clients.
#[derive(Default)]
struct Access {
    /// Client and role to packages.
    rows: Mutex<BTreeMap<(String, String), BTreeSet<String>>>,
    assigned: Mutex<bool>,
    seen: Mutex<Vec<String>>,
    /// Answered instead of anything else.
    scripted: Mutex<Option<(u16, String)>>,
    /// Pages of the list of clients.
    in_pages: bool,
}

struct Service {
    origin: Url,
    access: Arc<Access>,
}

impl Service {
    async fn start(access: Access) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let access = Arc::new(access);
        let router = Router::new().fallback(answer).with_state(Arc::clone(&access));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { origin, access }
    }

    async fn scripted(status: u16, body: impl Into<String>) -> Self {
        let scripted = Mutex::new(Some((status, body.into())));
        Self::start(Access { scripted, ..Access::default() }).await
    }

    fn client(&self) -> Client {
        client(&self.origin).with_administration(party(), Writes::ThroughAdministration)
    }

    fn seen(&self) -> Vec<String> {
        self.access.seen.lock().unwrap().clone()
    }
}

async fn answer(
    State(access): State<Arc<Access>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = String::from_utf8(body.to_vec()).unwrap();
    access.seen.lock().unwrap().push(format!("{method} {uri} {text}"));
    let authorized =
        headers.get(header::AUTHORIZATION).is_some_and(|value| value == &format!("Bearer {TOKEN}"));
    if !authorized {
        return reply(401, "");
    }
    if let Some((status, body)) = access.scripted.lock().unwrap().clone() {
        return reply(status, &body);
    }
    let query: BTreeMap<String, String> =
        form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    if query.get("party").map(String::as_str) != Some(PARTY) {
        return reply(403, "");
    }
    let path = uri.path().strip_prefix(BASE).unwrap_or_default();
    match (method.as_str(), path) {
        ("GET", "/clients") => {
            let page: usize = query.get("page").map_or(0, |page| page.parse().unwrap());
            let all = available();
            if !access.in_pages {
                return list(&all, &Value::Null);
            }
            let next = format!("{BASE}/clients?party={PARTY}&page={}", page + 1);
            let next = if page + 1 < all.len() { json!(next) } else { Value::Null };
            list(&all[page..=page], &next)
        }
        ("GET", "/agents/accesspackages") if query["to"] == AGENT => {
            let rows = access.rows.lock().unwrap();
            let lines: Vec<Value> = rows
                .iter()
                .map(|((client, role), packages)| {
                    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
                    json!({ "client": entity(client), "access": [held(role, &packages)] })
                })
                .collect();
            list(&lines, &Value::Null)
        }
        ("POST", "/agents") => {
            *access.assigned.lock().unwrap() = true;
            let row = json!({ "id": SECOND, "roleId": PARTY, "fromId": PARTY, "toId": query["to"] });
            reply(200, &row.to_string())
        }
        ("POST", "/agents/accesspackages") => {
            let body: Value = serde_json::from_str(&text).unwrap();
            let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "application/json");
            assert!(is_json, "a body says what it is");
            let mut rows = access.rows.lock().unwrap();
            let mut answered = Vec::new();
            for value in body["values"].as_array().unwrap() {
                let role = value["role"].as_str().unwrap().to_owned();
                for package in value["packages"].as_array().unwrap() {
                    let row = rows.entry((query["from"].clone(), role.clone())).or_default();
                    let changed = row.insert(package.as_str().unwrap().to_owned());
                    answered.push(json!({
                        "roleId": PARTY, "packageId": SECOND, "viaId": PARTY, "fromId": query["from"],
                        "toId": query["to"], "changed": changed,
                    }));
                }
            }
            reply(200, &Value::Array(answered).to_string())
        }
        ("DELETE", "/agents/clients") => {
            if query.get("cascade").map(String::as_str) != Some("true") {
                return reply(400, &problem("AM.VLD-00031", "$QUERY/cascade"));
            }
            let mut rows = access.rows.lock().unwrap();
            let key = rows.keys().find(|(client, _)| *client == query["from"]).cloned();
            if let Some(key) = key {
                rows.remove(&key);
            }
            reply(204, "")
        }
        _ => reply(404, ""),
    }
}

fn reply(status: u16, body: &str) -> Response {
    let mut response = Response::new(Body::from(body.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn list(lines: &[Value], next: &Value) -> Response {
    reply(200, &json!({ "links": { "next": next }, "data": lines }).to_string())
}

fn problem(code: &str, path: &str) -> String {
    json!({
        "status": 400, "detail": format!("Validation failed for {IDENTITY}."), "code": "STD-00000",
        "validationErrors": [{ "code": code, "detail": format!("Not for {IDENTITY}."), "paths": [path] }],
        "traceId": "00-trace-01",
    })
    .to_string()
}

/// Every member of an entity, with an identity number in each place that can have one.
fn entity(id: &str) -> Value {
    let is_person = id == PERSON;
    json!({
        "id": id, "name": if is_person { "ELG KARI" } else { "VEIK TIGER AS" },
        "type": if is_person { "Person" } else { "Organisasjon" }, "variant": if is_person { "Person" } else { "ENK" },
        "parent": { "id": PARTY, "name": "OVER", "type": "Person", "personIdentifier": IDENTITY }, "children": null,
        "partyid": 50_012_345, "userId": null, "username": null,
        "organizationIdentifier": if is_person { Value::Null } else { json!("310609544") },
        "personIdentifier": IDENTITY, "dateOfBirth": "1970-01-18", "dateOfDeath": null, "isDeleted": false,
        "deletedAt": null, "keyValues": { "PersonIdentifier": IDENTITY },
    })
}

fn held(role: &str, packages: &[&str]) -> Value {
    let packages: Vec<Value> =
        packages.iter().map(|urn| json!({ "id": PARTY, "urn": urn, "areaId": SECOND })).collect();
    json!({
        "role": { "id": SECOND, "code": "r", "urn": role, "legacyurn ": null, "children": null },
        "packages": packages,
    })
}

/// A client with two roles, a person, and a sub-unit of the firm's own that gives nothing.
fn available() -> Vec<Value> {
    vec![
        json!({ "client": entity(CLIENT), "access": [held(ROLE, &[PAYROLL, SIGNING, PAYROLL]), held(GIVEN, &[PAYROLL])] }),
        json!({ "client": entity(PERSON), "access": [held(GIVEN, &[SIGNING])] }),
        json!({ "client": entity(SECOND), "access": [held("urn:x", &[])] }),
    ]
}

fn party() -> PartyId {
    PARTY.parse().unwrap()
}

fn facilitator() -> OrganisationNumber {
    OrganisationNumber::parse("314250052").unwrap()
}

async fn read(
    client: &Client,
    which: ClientList,
) -> Result<(Vec<ListedClient>, ListInformation), Box<Answer>> {
    let (groups, mut taken) = mpsc::channel(64);
    let mut page = None;
    let information = loop {
        match client.clients(which, agent(), page, groups.clone()).await? {
            ListInformation { next: Some(next), .. } => page = Some(next),
            information => break information,
        }
    };
    drop(groups);
    let mut clients = Vec::new();
    while let Some(group) = taken.recv().await {
        clients.extend(group);
    }
    Ok((clients, information))
}

fn delegation(packages: &Packages) -> ClientChange {
    ClientChange { packages: Some(Arc::new(packages.clone())), ..change(Operation::Delegate) }
}

#[tokio::test]
async fn a_client_is_listed_delegated_with_what_is_approved_listed_again_and_removed_role_by_role() {
    let service = Service::start(Access::default()).await;
    let client = service.client();
    let (clients, _) = read(&client, ClientList::Available).await.unwrap();
    assert_eq!(clients.len(), 2, "what gives nothing is no client to delegate");
    let held = clients[0].packages.as_deref().unwrap();
    assert_eq!(clients[0].id, client_id());
    assert_eq!(held.len(), 3);
    assert_eq!(clients[1].number, None);

    let approved = held.approved(&[PAYROLL.to_owned()]);
    assert_eq!(client.prepare(agent()).await.unwrap(), FirstDelegation::LikeAnyOther);
    assert!(*service.access.assigned.lock().unwrap());
    for _ in 0..2 {
        let answer = client.send(&delegation(&approved)).await;
        assert_eq!((answer.verdict, answer.status), (Verdict::Done, Some(200)));
    }
    let (delegated, information) = read(&client, ClientList::Delegated).await.unwrap();
    assert_eq!(information.agent, Some(agent()), "the request says whose it is");
    assert_eq!(delegated.len(), 2, "one line for each role here");
    assert!(
        delegated.iter().all(|line| line.packages.as_deref().unwrap().all() == BTreeSet::from([PAYROLL]))
    );

    for left in [1, 0, 0] {
        let answer = client.send(&change(Operation::Remove)).await;
        assert_eq!((answer.verdict, answer.status), (Verdict::Done, Some(204)));
        assert_eq!(service.access.rows.lock().unwrap().len(), left);
    }
    let seen = service.seen();
    assert_eq!(seen[0], format!("GET {BASE}/clients?party={PARTY} "));
    assert_eq!(seen[1], format!("POST {BASE}/agents?party={PARTY}&to={AGENT} "));
    let body = format!(
        r#"{{"values":[{{"role":"{ROLE}","packages":["{PAYROLL}"]}},{{"role":"{GIVEN}","packages":["{PAYROLL}"]}}]}}"#
    );
    let query = format!("?party={PARTY}&from={CLIENT}&to={AGENT}");
    assert_eq!(seen[2], format!("POST {BASE}/agents/accesspackages{query} {body}"));
    assert_eq!(seen[4], format!("GET {BASE}/agents/accesspackages?party={PARTY}&to={AGENT} "));
    assert_eq!(seen[5], format!("DELETE {BASE}/agents/clients{query}&cascade=true "));
}

#[tokio::test]
async fn pages_are_followed() {
    let service = Service::start(Access { in_pages: true, ..Access::default() }).await;
    let (clients, _) = read(&service.client(), ClientList::Available).await.unwrap();
    assert_eq!(clients.len(), 2);
    assert_eq!(service.seen().len(), 3);
}

#[tokio::test]
async fn without_the_packages_nothing_is_sent() {
    let service = Service::start(Access::default()).await;
    for change in [change(Operation::Delegate), delegation(&Packages::default())] {
        let answer = service.client().send(&change).await;
        assert_eq!(answer.verdict, Verdict::Halt(HaltCause::PackagesUnknown));
        assert!(!answer.sent);
    }
    assert!(service.seen().is_empty());
}

#[tokio::test]
async fn system_users_come_from_the_first_api_and_a_person_writes_through_it() {
    let service = Service::start(Access::default()).await;
    let person = client(&service.origin).with_administration(party(), Writes::ThroughDelegation);
    person.agents(facilitator()).await.unwrap_err();
    read(&person, ClientList::Available).await.unwrap();
    person.send(&change(Operation::Delegate)).await;
    assert_eq!(person.prepare(agent()).await.unwrap(), FirstDelegation::Alone);
    let paths: Vec<bool> = service.seen().iter().map(|seen| seen.contains("/authentication/")).collect();
    assert_eq!(paths, [true, false, true]);
}

#[tokio::test]
async fn what_is_refused_is_judged_and_no_identity_number_is_kept_or_shown() {
    let packages: Packages = [(ROLE, PAYROLL)].into_iter().collect();
    let unreachable = again(NoVerdict::Unreachable, AtLast::FailClient);
    for (status, body, verdict, notice) in [
        (400, problem("AM.VLD-00026", "/values[0]/packages[0]"), Verdict::Final, Some(Notice::ListOutdated)),
        (400, problem("AM.VLD-00008", "$QUERY/to"), Verdict::Halt(HaltCause::WrongKindOfAgent), None),
        (403, String::new(), Verdict::Halt(HaltCause::Forbidden), None),
        (401, String::new(), Verdict::Halt(HaltCause::SignedOut), None),
        (500, problem("AM-00001", ""), unreachable, Some(Notice::PerhapsStuck)),
        (503, format!("busy {IDENTITY}"), unreachable, None),
        (403, format!("<html>{IDENTITY}</html>"), unreachable, Some(Notice::ThisSide(HaltCause::BlockPage))),
        (200, format!("[\"{IDENTITY}\"]"), again(NoVerdict::Unclear, AtLast::FailClient), None),
        (200, json!(available()).to_string(), again(NoVerdict::Unclear, AtLast::FailClient), None),
    ] {
        let service = Service::scripted(status, body.clone()).await;
        let answer = service.client().send(&delegation(&packages)).await;
        if status != 500 {
            assert_eq!((answer.verdict, answer.notice), (verdict, notice), "{status} {body}");
        }
        assert!(!format!("{answer:?}").contains(IDENTITY), "{answer:?}");
        for which in [ClientList::Available, ClientList::Delegated] {
            if let Err(answer) = read(&service.client(), which).await {
                assert!(!format!("{answer:?}").contains(IDENTITY), "{answer:?}");
            }
        }
    }
    let service = Service::start(Access::default()).await;
    let (clients, _) = read(&service.client(), ClientList::Available).await.unwrap();
    assert!(!format!("{clients:?}").contains(IDENTITY));
}

#[tokio::test]
async fn a_list_that_cannot_be_trusted_is_no_verdict_and_shows_nothing_of_itself() {
    let line = |client: Value, access: Value| {
        json!({ "data": [{ "client": client, "access": access }] }).to_string()
    };
    let good = json!([held(ROLE, &[PAYROLL])]);
    for body in [
        line(json!({ "id": IDENTITY }), good.clone()),
        line(json!(IDENTITY), good.clone()),
        line(Value::Null, good.clone()),
        line(entity(CLIENT), json!([{ "role": {}, "packages": [{ "urn": IDENTITY }] }])),
        line(entity(CLIENT), json!(IDENTITY)),
        line(entity(CLIENT), json!(18_817_012_345_u64)),
        format!("[{IDENTITY}]"),
        json!({ "data": IDENTITY }).to_string(),
        json!({ "links": {} }).to_string(),
        line(entity(CLIENT), good)[..200].to_owned(),
    ] {
        let service = Service::scripted(200, body.clone()).await;
        let answer = read(&service.client(), ClientList::Delegated).await.unwrap_err();
        let unclear = again(NoVerdict::Unclear, AtLast::Halt(HaltCause::ListUnavailable));
        assert_eq!(answer.verdict, unclear, "{body}");
        assert!(!format!("{answer:?}").contains(IDENTITY), "{answer:?}");
    }
}

#[tokio::test]
async fn a_list_ends_at_its_bounds() {
    let long_name = |bytes: usize| {
        let name = "x".repeat(bytes);
        json!({ "data": [{ "client": { "id": CLIENT, "name": name }, "access": [] }] }).to_string()
    };
    let limits = ListLimits { page_bytes: 20_000, text_bytes: 5_000, page_takes: Duration::from_mins(1) };
    for (body, words) in [
        (long_name(5_000), None),
        (long_name(5_001), Some("longer than any name")),
        (format!("{}{}", " ".repeat(20_000), long_name(1)), Some("longer than any list")),
        (format!(r#"{{"data":[],"x":{}"#, "[".repeat(100)), Some("nests deeper")),
        (
            json!({ "data": [{ "client": { "id": CLIENT }, "access": vec![held("r", &[]); 100] }] })
                .to_string(),
            None,
        ),
    ] {
        let service = Service::scripted(200, body).await;
        let read = read(&service.client().with_list_limits(limits), ClientList::Delegated).await;
        match words {
            None => assert_eq!(read.unwrap().0.len(), 1),
            Some(words) => {
                let answer = read.unwrap_err();
                assert!(answer.message.said().contains(words), "{}", answer.message);
            }
        }
    }
}

#[tokio::test]
async fn a_list_that_drips_for_ever_ends() {
    use common::raw_server::{Server, Write};
    let server = Server::start(|_, _| {
        let mut writes =
            vec![Write::Bytes("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n{\"data\":[".to_owned())];
        for _ in 0..1_000 {
            writes.extend([Write::Bytes(" ".to_owned()), Write::Pause(TIMEOUT / 10)]);
        }
        writes
    })
    .await;
    let limits = ListLimits { page_takes: 3 * TIMEOUT, ..ListLimits::default() };
    let client = Client::new(&server.origin, TIMEOUT, fixed_token(), 4).unwrap().with_list_limits(limits);
    let answer = read(&client, ClientList::Delegated).await.unwrap_err();
    assert!(answer.message.said().starts_with("no end within"), "{}", answer.message);
    assert_eq!(answer.verdict, again(NoVerdict::Unreachable, AtLast::Halt(HaltCause::ListUnavailable)));
}

fn firm_of_the_list() -> Firm {
    Firm { party: party(), name: "X".to_owned() }
}

async fn search(body: Value) -> Result<PartySearch, Box<Answer>> {
    let service = Service::scripted(200, body.to_string()).await;
    let found = client(&service.origin).find_party(facilitator(), None).await;
    let path = "/accessmanagement/api/v1/enduser/authorizedparties";
    assert_eq!(service.seen(), [format!("GET {path}?anyOfResourceIds=altinn_client_administration ")]);
    found
}

#[tokio::test]
async fn the_firms_party_is_found_in_a_list_in_a_list_of_lists_and_among_sub_units() {
    let firm = |may_not_act: bool| {
        json!({
            "partyUuid": PARTY, "organizationNumber": "314250052", "personId": IDENTITY, "name": "X",
            "onlyHierarchyElementWithNoAccess": may_not_act, "subunits": null,
        })
    };
    let other = json!({ "partyUuid": SECOND, "organizationNumber": "310609544", "subunits": [firm(false)] });
    let person = json!({ "partyUuid": PERSON, "organizationNumber": null, "personId": IDENTITY });
    for data in [
        json!([person, firm(false)]),
        json!([[person, firm(false)]]),
        json!([[person], [], [firm(false)]]),
        json!([other]),
    ] {
        let body = json!({ "links": { "next": null }, "data": data });
        assert_eq!(search(body.clone()).await.unwrap(), PartySearch::Found(firm_of_the_list()), "{body}");
    }
    for data in [json!([person]), json!([firm(true)])] {
        assert_eq!(search(json!({ "data": data })).await.unwrap(), PartySearch::NotThere);
    }
    // Nothing at all: the resource may not be known there.
    let PartySearch::GoesOn(page) = search(json!({ "data": [] })).await.unwrap() else {
        panic!("it goes on")
    };
    let service = Service::scripted(200, json!({ "data": [firm(false)] }).to_string()).await;
    let elsewhere = Url::parse(&page.0).unwrap();
    assert_eq!(elsewhere.query(), None);
    let client = client(&service.origin);
    let mut own = elsewhere;
    own.set_port(service.origin.port()).unwrap();
    let page = fullmakt::engine::NextPage(own.into());
    assert_eq!(
        client.find_party(facilitator(), Some(page)).await.unwrap(),
        PartySearch::Found(firm_of_the_list())
    );
}

#[tokio::test]
async fn a_search_for_the_party_that_is_refused_says_so() {
    for (status, body, verdict) in [
        (401, "The token is neither a user's nor a system user's", Verdict::Halt(HaltCause::Forbidden)),
        (401, "", Verdict::Halt(HaltCause::SignedOut)),
        (403, "", Verdict::Halt(HaltCause::Forbidden)),
    ] {
        let service = Service::scripted(status, body).await;
        let answer = client(&service.origin).find_party(facilitator(), None).await.unwrap_err();
        assert_eq!(answer.verdict, verdict, "{status} {body}");
    }
}
