//! The contract cases of access management's API, asked of a world; where both APIs are meant, of both.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::sandbox::{
    AGENT_WITHOUT_PACKAGES, DELETED_AGENT, Grant, NIGHTLY_AGENT, ONBOARDING_AGENT as AGENT, PAYROLL_PACKAGE,
    Quirk, Refusal, Reply, STANDARD_AGENT, facilitator, packages, small_firm, small_firms_agent,
};

const ACCOUNTANT: &str = "urn:altinn:accesspackage:regnskapsforer-uten-signeringsrettighet";
const SIGNING: &str = "urn:altinn:accesspackage:regnskapsforer-med-signeringsrettighet";
const ROLE: &str = "urn:altinn:external-role:ccr:regnskapsforer";
const GIVEN: &str = "urn:altinn:role:rettighetshaver";

fn world() -> World {
    let mut world = World::with_clients(6, 1);
    for place in 0..6 {
        let id = client(&world, place);
        world.client_mut(id).unwrap().packages = packages(&[PAYROLL_PACKAGE, ACCOUNTANT, SIGNING]);
    }
    world
}

fn client(world: &World, place: usize) -> ClientId {
    world.clients()[place].id
}

fn ask(world: &mut World, request: &Request) -> Reply {
    world.answer(request).expect("the connection was cut")
}

fn document(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

fn second(world: &World, method: Method, path: &str, query: &[(&str, &str)]) -> Request {
    Request::administration(method, path, world.party(facilitator()), query)
}

fn post(world: &World, from: Uuid, to: Uuid, values: &Value) -> Request {
    let (from, to) = (from.to_string(), to.to_string());
    let mut request = second(world, Method::Post, "/agents/accesspackages", &[("from", &from), ("to", &to)]);
    request.body = json!({ "values": values }).to_string().into_bytes();
    request
}

fn value(role: &str, packages: &[&str]) -> Value {
    json!([{ "role": role, "packages": packages }])
}

fn delegate(world: &mut World, client: ClientId, role: &str, packages: &[&str]) -> Reply {
    let request = post(world, client.0, AGENT.0, &value(role, packages));
    ask(world, &request)
}

fn remove(world: &mut World, client: ClientId, cascade: &[(&str, &str)]) -> Reply {
    let (from, to) = (client.to_string(), AGENT.to_string());
    let query: Vec<(&str, &str)> =
        [("from", from.as_str()), ("to", to.as_str())].into_iter().chain(cascade.iter().copied()).collect();
    let request = second(world, Method::Delete, "/agents/clients", &query);
    ask(world, &request)
}

/// The lines of a list by the id of their client or agent.
fn lines(world: &mut World, path: &str, query: &[(&str, &str)]) -> BTreeMap<String, Value> {
    let request = second(world, Method::Get, path, query);
    let reply = ask(world, &request);
    assert_eq!(reply.status, 200);
    let document = document(&reply);
    assert_eq!(document["links"], json!({ "next": null }));
    let key = |line: &Value| {
        let id = if line["client"].is_null() { &line["agent"]["id"] } else { &line["client"]["id"] };
        id.as_str().unwrap().to_owned()
    };
    document["data"].as_array().unwrap().iter().map(|line| (key(line), line.clone())).collect()
}

fn delegated(world: &mut World) -> BTreeMap<String, Value> {
    lines(world, "/agents/accesspackages", &[("to", &AGENT.to_string())])
}

/// Code and path of every error.
fn errors(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, 400);
    let document = document(reply);
    assert_eq!(document["code"], "STD-00000");
    let errors = document["validationErrors"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors.map(|error| (text(&error["code"]), text(&error["paths"][0]))).collect()
}

fn changed(reply: &Reply) -> Vec<bool> {
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    document(reply).as_array().unwrap().iter().map(|row| row["changed"].as_bool().unwrap()).collect()
}

fn error(code: &str, path: &str) -> (String, String) {
    (code.to_owned(), path.to_owned())
}

#[test]
fn case_1_and_2_the_front_door_says_403_or_401_and_nothing_else() {
    let mut world = world();
    let mut without_party = second(&world, Method::Get, "/clients", &[]);
    without_party.query.clear();
    assert_eq!(ask(&mut world, &without_party), Reply::empty(403));
    let request = second(&world, Method::Get, "/clients", &[]);
    let unknown = PartyId(Uuid::from_u128(7));
    assert_eq!(
        ask(&mut world, &Request::administration(Method::Get, "/clients", unknown, &[])),
        Reply::empty(403)
    );
    let without_token = Request { token: None, ..request.clone() };
    assert_eq!(ask(&mut world, &without_token), Reply::empty(401));
    assert_eq!(ask(&mut world, &request.clone().with_token("sandbox-write")), Reply::empty(403));
    assert_eq!(ask(&mut world, &request.with_token("sandbox-read")).status, 200);
    // Unlike the first API's, a POST needs the scope that writes and no other.
    let write = post(&world, client(&world, 0).0, AGENT.0, &value(ROLE, &[PAYROLL_PACKAGE]));
    assert_eq!(ask(&mut world, &write.clone().with_token("sandbox-write")).status, 200);
    assert_eq!(ask(&mut world, &write.with_token("sandbox-read")), Reply::empty(403));
}

#[test]
fn case_3_a_client_is_listed_with_its_role_and_packages_and_nulls_are_written() {
    let mut world = world();
    let id = client(&world, 0).to_string();
    let listed = lines(&mut world, "/clients", &[]);
    let access = listed[&id]["access"].as_array().unwrap();
    assert_eq!(access.len(), 1);
    assert_eq!(access[0]["role"]["urn"], ROLE);
    assert!(access[0]["role"].as_object().unwrap().contains_key("legacyurn "));
    let urns: BTreeSet<_> =
        access[0]["packages"].as_array().unwrap().iter().map(|p| p["urn"].to_string()).collect();
    assert_eq!(urns.len(), 3);
    assert!(listed[&id]["client"].as_object().unwrap().get("personIdentifier").unwrap().is_null());
    let empty = listed.values().filter(|line| line["access"][0]["packages"] == json!([]));
    assert_eq!(empty.count(), 2, "the firm's own sub-units give nothing");
}

#[test]
fn case_4_and_5_packages_are_any_of_them_and_all_unknown_is_an_empty_list() {
    let mut world = world();
    let (one, other) = (client(&world, 0), client(&world, 1));
    world.client_mut(one).unwrap().packages = packages(&["urn:altinn:accesspackage:skatt-naering"]);
    world.client_mut(other).unwrap().packages = packages(&["urn:altinn:accesspackage:lonn"]);
    let two = [("packages", "skatt-naering"), ("packages", "urn:altinn:accesspackage:lonn")];
    let listed = lines(&mut world, "/clients", &two);
    assert_eq!(listed.len(), 2);
    assert_eq!(
        lines(&mut world, "/clients", &[("packages", "skatt-naering"), ("packages", "nonsense")]).len(),
        1
    );
    assert!(lines(&mut world, "/clients", &[("packages", "nonsense")]).is_empty());
    assert_eq!(lines(&mut world, "/clients", &[("roles", "regnskapsforer")]).len(), 4);
    assert_eq!(lines(&mut world, "/clients", &[("roles", GIVEN)]).len(), 2);
    assert!(lines(&mut world, "/clients", &[("roles", "nonsense")]).is_empty());
}

#[test]
fn case_6_property_management_is_for_housing_co_operatives_and_condominiums() {
    let mut world = World::built_in(1, 0.0);
    let firm = small_firm(2);
    let request = Request::administration(
        Method::Get,
        "/clients",
        world.party(firm),
        &[("packages", "forretningsforer-eiendom")],
    );
    let listed = document(&ask(&mut world, &request));
    let variants: BTreeSet<_> =
        listed["data"].as_array().unwrap().iter().map(|line| line["client"]["variant"].to_string()).collect();
    assert_eq!(variants, BTreeSet::from(["\"BRL\"".to_owned(), "\"ESEK\"".to_owned()]));
    let bbl = world
        .clients()
        .iter()
        .find(|client| client.facilitator == firm && client.variant == "BBL")
        .unwrap()
        .id;
    let refused = ask(&mut world, &Request::delegate(small_firms_agent(2), bbl));
    assert_eq!(document(&refused)["code"], "AUTH-00079");
}

#[test]
fn case_7_and_8_a_post_adds_once_and_makes_the_agent_known() {
    let mut world = world();
    assert!(lines(&mut world, "/agents", &[]).is_empty());
    let client = client(&world, 0);
    assert_eq!(changed(&delegate(&mut world, client, "regnskapsforer", &[PAYROLL_PACKAGE])), [true]);
    assert_eq!(changed(&delegate(&mut world, client, ROLE, &[PAYROLL_PACKAGE])), [false]);
    assert_eq!(changed(&delegate(&mut world, client, ROLE, &[PAYROLL_PACKAGE, ACCOUNTANT])), [false, true]);
    assert_eq!(world.relations(AGENT, client), 1);
    assert_eq!(world.delegated_packages(AGENT, client), [PAYROLL_PACKAGE, ACCOUNTANT]);
    let agents = lines(&mut world, "/agents", &[]);
    assert_eq!(agents[&AGENT.to_string()]["access"][0]["role"]["code"], "agent");
    assert_eq!(agents[&AGENT.to_string()]["access"][0]["packages"], json!([]));
    let of_client = lines(&mut world, "/clients/accesspackages", &[("from", &client.to_string())]);
    assert_eq!(of_client[&AGENT.to_string()]["access"][0]["role"]["urn"], ROLE);
}

#[test]
fn case_9_and_10_what_is_no_agent_and_what_is_nothing_is_said_by_its_path() {
    let mut world = World::built_in(1, 0.0);
    let from = client(&world, 50);
    let organisation = client(&world, 51).0;
    let person = world.clients().iter().find(|client| client.number.is_none()).unwrap().id.0;
    let values = value(ROLE, &[PAYROLL_PACKAGE]);
    for (to, code) in [
        (STANDARD_AGENT.0, "AM.VLD-00008"),
        (organisation, "AM.VLD-00008"),
        (person, "AM.VLD-00032"),
        (DELETED_AGENT.0, "AM.VLD-00006"),
        (small_firms_agent(0).0, "AM.VLD-00032"),
    ] {
        let request = post(&world, from.0, to, &values);
        assert_eq!(errors(&ask(&mut world, &request)), [error(code, "$QUERY/to")], "{to}");
    }
    let request = post(&world, Uuid::from_u128(1), Uuid::from_u128(2), &values);
    let both = [error("AM.VLD-00006", "$QUERY/from"), error("AM.VLD-00006", "$QUERY/to")];
    assert_eq!(errors(&ask(&mut world, &request)), both);
    let unknown = Uuid::from_u128(2).to_string();
    let prepare = second(&world, Method::Post, "/agents", &[("to", &unknown)]);
    assert_eq!(errors(&ask(&mut world, &prepare)), [error("AM.VLD-00006", "QUERY/to")]);
    let standard = STANDARD_AGENT.to_string();
    let prepare = second(&world, Method::Post, "/agents", &[("to", &standard)]);
    assert_eq!(errors(&ask(&mut world, &prepare)), [error("AM.VLD-00008", "$QUERY/to")]);
}

#[test]
fn case_11_everything_that_is_wrong_with_roles_and_packages_is_said_and_nothing_is_delegated() {
    let mut world = world();
    let client = client(&world, 0);
    world.client_mut(client).unwrap().packages = packages(&[PAYROLL_PACKAGE]);
    let values = json!([
        { "role": "kaptein", "packages": [PAYROLL_PACKAGE] },
        { "role": "revisor", "packages": [] },
        { "role": ROLE, "packages": [
            PAYROLL_PACKAGE, "urn:altinn:accesspackage:finnes-ikke", "urn:altinn:accesspackage:klientadministrator",
            ACCOUNTANT,
        ] },
    ]);
    let request = post(&world, client.0, AGENT.0, &values);
    let reply = ask(&mut world, &request);
    assert_eq!(
        errors(&reply),
        [
            error("AM.VLD-00029", "/values[0]/role"),
            error("AM.VLD-00032", "/values[1]/role"),
            error("AM.VLD-00030", "/values[2]/packages[1]"),
            error("AM.VLD-00033", "/values[2]/packages[2]"),
            error("AM.VLD-00026", "/values[2]/packages[3]"),
        ]
    );
    assert!(document(&reply)["validationErrors"][4].as_object().unwrap().contains_key(ACCOUNTANT));
    assert!(world.delegated(AGENT).is_empty());
}

#[test]
fn case_12_no_values_are_no_error() {
    let mut world = world();
    let request = post(&world, client(&world, 0).0, AGENT.0, &json!([]));
    let reply = ask(&mut world, &request);
    assert_eq!((reply.status, document(&reply)), (200, json!([])));
    let broken = Request { body: b"{".to_vec(), ..request };
    let reply = ask(&mut world, &broken);
    assert_eq!(reply.status, 400);
    assert!(document(&reply).get("code").is_none());
}

#[test]
fn case_13_a_client_with_two_roles_has_two_rows_and_each_removal_takes_one() {
    let mut world = world();
    let client = client(&world, 0);
    world.client_mut(client).unwrap().relations = 2;
    let values = json!([
        { "role": ROLE, "packages": [PAYROLL_PACKAGE] }, { "role": GIVEN, "packages": [PAYROLL_PACKAGE] },
    ]);
    let request = post(&world, client.0, AGENT.0, &values);
    assert_eq!(changed(&ask(&mut world, &request)), [true, true]);
    for left in [1, 0, 0] {
        assert_eq!(remove(&mut world, client, &[("cascade", "true")]), Reply::empty(204));
        let rows = delegated(&mut world)
            .get(&client.to_string())
            .map_or(0, |line| line["access"].as_array().unwrap().len());
        assert_eq!(rows, left);
    }
    assert_eq!(remove(&mut world, ClientId(Uuid::from_u128(1)), &[("cascade", "true")]), Reply::empty(204));
}

#[test]
fn case_14_without_cascade_nothing_is_removed_while_there_are_packages() {
    let mut world = world();
    let client = client(&world, 0);
    assert_eq!(remove(&mut world, client, &[]), Reply::empty(204));
    delegate(&mut world, client, ROLE, &[PAYROLL_PACKAGE]);
    for cascade in [&[][..], &[("cascade", "false")]] {
        assert_eq!(errors(&remove(&mut world, client, cascade)), [error("AM.VLD-00031", "$QUERY/cascade")]);
    }
    assert_eq!(world.relations(AGENT, client), 1);
}

#[test]
fn case_15_packages_are_removed_one_by_one_and_the_last_takes_the_row_with_it() {
    let mut world = world();
    let client = client(&world, 0);
    let (from, to) = (client.to_string(), AGENT.to_string());
    let query = [("from", from.as_str()), ("to", to.as_str())];
    let mut request = second(&world, Method::Delete, "/agents/accesspackages", &query);
    request.body = json!({ "values": value(ROLE, &[PAYROLL_PACKAGE]) }).to_string().into_bytes();
    assert_eq!(errors(&ask(&mut world, &request)), [error("AM.VLD-00032", "$QUERY/to")]);
    delegate(&mut world, client, ROLE, &[PAYROLL_PACKAGE]);
    assert_eq!(changed(&ask(&mut world, &request)), [true]);
    assert!(delegated(&mut world).is_empty());
    assert_eq!(changed(&ask(&mut world, &request)), [false]);
    request.body = json!({ "values": value("revisor", &[PAYROLL_PACKAGE]) }).to_string().into_bytes();
    assert_eq!(changed(&ask(&mut world, &request)), [] as [bool; 0]);
}

#[test]
fn case_16_a_system_user_reads_the_delegated_clients_through_the_second_api_only() {
    let mut world = world();
    let client = client(&world, 0);
    let as_system_user = |request: Request| request.with_token("sandbox-system-user");
    for request in [
        Request::agents(facilitator()),
        Request::available(AGENT),
        Request::delegate(AGENT, client),
        Request::remove(AGENT, client),
    ] {
        assert_eq!(ask(&mut world, &as_system_user(request)).status, 200);
    }
    let refused = ask(&mut world, &as_system_user(Request::delegated(AGENT)));
    assert_eq!(refused.status, 400);
    let problem = document(&refused);
    assert_eq!(problem["code"], "AUTH-00038");
    assert!([&problem["title"], &problem["detail"]].contains(&&json!("Delegation not found")));
    let to = AGENT.to_string();
    for request in [
        second(&world, Method::Get, "/clients", &[]),
        second(&world, Method::Get, "/agents", &[]),
        second(&world, Method::Get, "/agents/accesspackages", &[("to", &to)]),
        second(&world, Method::Post, "/agents", &[("to", &to)]),
        post(&world, client.0, AGENT.0, &value(ROLE, &[PAYROLL_PACKAGE])),
    ] {
        assert_eq!(ask(&mut world, &as_system_user(request)).status, 200);
    }
}

#[test]
fn case_17_both_apis_leave_the_same_rows_and_list_each_others() {
    let (mut one, mut other) = (world(), world());
    for world in [&mut one, &mut other] {
        let two = client(world, 1);
        world.client_mut(two).unwrap().relations = 2;
        world.agent_mut(AGENT).unwrap().listed.packages =
            vec![PAYROLL_PACKAGE.to_owned(), ACCOUNTANT.to_owned()];
    }
    for place in 0..3 {
        let client = client(&one, place);
        assert_eq!(ask(&mut one, &Request::delegate(AGENT, client)).status, 200);
        // What is approved of what each role carries, as the list says it.
        let listed = lines(&mut other, "/clients", &[])[&client.to_string()].clone();
        let values: Vec<Value> = listed["access"]
            .as_array()
            .unwrap()
            .iter()
            .map(|access| {
                let urns =
                    access["packages"].as_array().unwrap().iter().map(|package| package["urn"].clone());
                let approved: BTreeSet<_> = urns
                    .filter(|urn| *urn == PAYROLL_PACKAGE || *urn == ACCOUNTANT)
                    .map(|urn| urn.as_str().unwrap().to_owned())
                    .collect();
                json!({ "role": access["role"]["urn"], "packages": approved })
            })
            .collect();
        let request = post(&other, client.0, AGENT.0, &Value::Array(values));
        assert_eq!(ask(&mut other, &request).status, 200);
        assert_eq!(one.delegated_rows(AGENT, client), other.delegated_rows(AGENT, client));
        assert_eq!(one.relations(AGENT, client), if place == 1 { 2 } else { 1 });
    }
    assert_eq!(delegated(&mut one).len(), 3);
    let listed = document(&ask(&mut other, &Request::delegated(AGENT)));
    assert_eq!(listed["data"].as_array().unwrap().len(), 3);
}

#[test]
fn case_18_a_client_that_gives_one_of_two_packages_is_listed_and_refused_by_both() {
    let mut world = world();
    let client = client(&world, 0);
    world.client_mut(client).unwrap().packages = packages(&[PAYROLL_PACKAGE]);
    world.agent_mut(AGENT).unwrap().listed.packages = vec![PAYROLL_PACKAGE.to_owned(), ACCOUNTANT.to_owned()];
    let available = document(&ask(&mut world, &Request::available(AGENT)));
    let is_listed = |line: &Value| line["clientId"] == client.to_string();
    assert!(available["data"].as_array().unwrap().iter().any(is_listed));
    assert_eq!(document(&ask(&mut world, &Request::delegate(AGENT, client)))["code"], "AUTH-00080");
    let reply = delegate(&mut world, client, ROLE, &[PAYROLL_PACKAGE, ACCOUNTANT]);
    assert_eq!(errors(&reply), [error("AM.VLD-00026", "/values[0]/packages[1]")]);
    assert!(world.delegated(AGENT).is_empty());
}

#[test]
fn first_posts_side_by_side_race_and_an_assignment_made_beforehand_ends_that() {
    for prepared in [false, true] {
        let mut world = world();
        if prepared {
            let request = second(&world, Method::Post, "/agents", &[("to", &AGENT.to_string())]);
            let (first, again) = (ask(&mut world, &request), ask(&mut world, &request));
            assert_eq!((first.status, &first), (200, &again));
        }
        let posts: Vec<_> = (0..3)
            .map(|place| post(&world, client(&world, place).0, AGENT.0, &value(ROLE, &[PAYROLL_PACKAGE])))
            .collect();
        let begun: Vec<_> = posts.iter().map(|post| world.begin(post)).collect();
        let statuses: Vec<u16> = begun.into_iter().map(|begun| world.finish(begun).unwrap().status).collect();
        assert_eq!(statuses, if prepared { [200; 3] } else { [200, 500, 500] });
    }
}

#[test]
fn a_delegation_whose_backing_was_replaced_breaks_the_server_until_it_is_removed() {
    let mut world = world();
    let client = client(&world, 0);
    world.set_delegated(AGENT, client, 1);
    world.client_mut(client).unwrap().quirk = Some(Quirk::StuckWhileDelegated);
    assert_eq!(delegate(&mut world, client, ROLE, &[PAYROLL_PACKAGE]).status, 500);
    remove(&mut world, client, &[("cascade", "true")]);
    assert_eq!(delegate(&mut world, client, ROLE, &[PAYROLL_PACKAGE]).status, 200);
    world.client_mut(client).unwrap().quirk = Some(Quirk::RefusesDelegation(Refusal::Undocumented));
    assert_eq!(delegate(&mut world, client, ROLE, &[PAYROLL_PACKAGE]).status, 422);
}

#[test]
fn an_agent_that_is_removed_takes_its_clients_with_it() {
    let mut world = World::built_in(1, 0.0);
    let to = NIGHTLY_AGENT.to_string();
    let request = second(&world, Method::Delete, "/agents", &[("to", &to)]);
    assert_eq!(errors(&ask(&mut world, &request)), [error("AM.VLD-00031", "$QUERY/cascade")]);
    let request = second(&world, Method::Delete, "/agents", &[("to", &to), ("cascade", "true")]);
    assert_eq!(ask(&mut world, &request), Reply::empty(204));
    assert!(world.delegated(NIGHTLY_AGENT).is_empty());
    let unknown = Uuid::from_u128(9).to_string();
    for to in [unknown, AGENT_WITHOUT_PACKAGES.to_string()] {
        assert!(lines(&mut world, "/agents/accesspackages", &[("to", &to)]).is_empty());
    }
}

#[test]
fn an_id_that_does_not_parse_gets_the_frameworks_answer_and_other_paths_do_not_exist() {
    let mut world = world();
    let request = second(&world, Method::Get, "/agents/accesspackages", &[("to", "x")]);
    let problem = document(&ask(&mut world, &request));
    assert!(problem.get("code").is_none());
    assert_eq!(problem["errors"]["to"][0], "The value 'x' is not valid.");
    let mut v2 = second(&world, Method::Get, "/clients", &[]);
    v2.path = v2.path.replace("/v1/", "/v2/");
    assert_eq!(ask(&mut world, &v2), Reply::empty(404));
    let wrong_method = second(&world, Method::Delete, "/clients", &[]);
    assert_eq!(ask(&mut world, &wrong_method), Reply::empty(405));
}

#[test]
fn the_firms_party_is_found_among_those_that_the_caller_may_act_for() {
    let mut nested = BTreeSet::new();
    for seed in 0..8 {
        let mut world = World::with_small_firms(seed, 0.0, 2);
        let mut request = Request::to(Method::Get, "");
        request.path = crate::sandbox::PARTIES_PATH.to_owned();
        let all = document(&ask(&mut world, &request));
        nested.insert(all["data"][0].is_array());
        let text = all.to_string();
        for firm in world.facilitators() {
            assert!(text.contains(&world.party(firm).to_string()));
        }
        request.query = vec![("anyOfResourceIds".to_owned(), "unknown".to_owned())];
        let none = document(&ask(&mut world, &request)).to_string();
        assert!(!none.contains(&world.party(facilitator()).to_string()));
        assert_eq!(ask(&mut world, &request.with_token("sandbox-forbidden")), Reply::empty(403));
    }
    assert_eq!(nested.len(), 2, "documented as a list of lists, and seen as a list");
}

#[test]
fn a_token_of_one_firm_opens_no_other() {
    let mut world = World::built_in(1, 0.0);
    let grant =
        Grant { permission: Permission::SystemUser, firm: Some(small_firm(0)), may_list_parties: true };
    let as_firm = |request: Request| Request { grant: Some(grant), ..request };
    let own = Request::administration(Method::Get, "/clients", world.party(small_firm(0)), &[]);
    assert_eq!(ask(&mut world, &as_firm(own)).status, 200);
    let other = second(&world, Method::Get, "/clients", &[]);
    for request in [other, Request::agents(facilitator()), Request::available(AGENT)] {
        assert_eq!(ask(&mut world, &as_firm(request)), Reply::empty(403));
    }
}
