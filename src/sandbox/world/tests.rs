//! Every documented behaviour, asked of a world.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::{
    model::AgentKind,
    sandbox::{
        Fault, ONBOARDING_AGENT as AGENT, PAYROLL_PACKAGE, Refusal, Reply, Request, STANDARD_AGENT,
        facilitator, packages, parties::Quirk,
    },
};

fn world() -> World {
    World::with_clients(20, 1)
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

/// The status and the code that decides; empty where there is none.
fn told(reply: &Reply) -> (u16, String) {
    let problem = if reply.body.is_empty() { Value::Null } else { document(reply) };
    let code = match problem["validationErrors"][0]["code"].as_str() {
        Some(code) if problem["code"] == "STD-00000" => code,
        _ => problem["code"].as_str().unwrap_or_default(),
    };
    (reply.status, code.to_owned())
}

fn listed(world: &mut World, request: &Request) -> BTreeSet<String> {
    let reply = ask(world, request);
    assert_eq!(reply.status, 200);
    document(&reply)["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["clientId"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_post_delegates_and_a_second_one_changes_nothing() {
    let mut world = world();
    let client = client(&world, 0);
    for _ in 0..2 {
        let reply = ask(&mut world, &Request::delegate(AGENT, client));
        assert_eq!(reply.status, 200);
        assert_eq!(document(&reply)["agent"], AGENT.to_string());
        assert_eq!(document(&reply)["client"], client.to_string());
    }
    assert_eq!(world.delegated(AGENT), BTreeSet::from([client]));
    assert_eq!(world.changes().len(), 1);
    assert_eq!(world.sent(AGENT, client), 2);
}

#[test]
fn a_delete_removes_one_delegation_and_of_nobody_answers_200_too() {
    let mut world = world();
    let twice = client(&world, 0);
    world.client_mut(twice).unwrap().relations = 2;
    ask(&mut world, &Request::delegate(AGENT, twice));
    assert_eq!(world.relations(AGENT, twice), 2);
    for left in [1, 0, 0] {
        assert_eq!(ask(&mut world, &Request::remove(AGENT, twice)).status, 200);
        assert_eq!(world.relations(AGENT, twice), left);
        let there = listed(&mut world, &Request::delegated(AGENT)).len();
        assert_eq!(there, usize::from(left > 0));
    }
    let nobody = ClientId(Uuid::from_u128(1));
    assert_eq!(ask(&mut world, &Request::remove(AGENT, nobody)).status, 200);
    assert_eq!(world.changes().iter().map(|change| change.after).collect::<Vec<_>>(), [2, 1, 0]);
}

#[test]
fn available_lists_the_delegated_ones_too_and_not_those_that_have_left() {
    let mut world = world();
    let (stays, leaves) = (client(&world, 0), client(&world, 1));
    world.set_delegated(AGENT, stays, 1).set_delegated(AGENT, leaves, 1);
    world.client_mut(leaves).unwrap().available = false;
    let available = listed(&mut world, &Request::available(AGENT));
    assert!(available.contains(&stays.to_string()));
    assert!(!available.contains(&leaves.to_string()));
    assert_eq!(listed(&mut world, &Request::delegated(AGENT)).len(), 2);
    let refused = ask(&mut world, &Request::delegate(AGENT, leaves));
    assert_eq!(told(&refused), (400, "AUTH-00079".to_owned()));
    assert_eq!(ask(&mut world, &Request::remove(AGENT, leaves)).status, 200);
    assert_eq!(world.relations(AGENT, leaves), 0);
}

#[test]
fn a_client_with_one_of_two_packages_is_listed_and_refused() {
    let mut world = world();
    let client = client(&world, 0);
    world.agent_mut(AGENT).unwrap().listed.packages.push("urn:b".to_owned());
    assert_eq!(listed(&mut world, &Request::available(AGENT)).len(), 20);
    let refused = ask(&mut world, &Request::delegate(AGENT, client));
    assert_eq!(told(&refused), (400, "AUTH-00080".to_owned()));
}

#[test]
fn a_client_has_the_packages_that_the_agent_had_when_it_was_delegated() {
    let mut world = world();
    let client = client(&world, 0);
    world.client_mut(client).unwrap().packages = packages(&[PAYROLL_PACKAGE, "urn:b"]);
    ask(&mut world, &Request::delegate(AGENT, client));
    world.agent_mut(AGENT).unwrap().listed.packages.push("urn:b".to_owned());
    assert_eq!(world.delegated_packages(AGENT, client).len(), 1);
    ask(&mut world, &Request::delegate(AGENT, client));
    assert_eq!(world.delegated_packages(AGENT, client).len(), 2);
}

#[test]
fn first_posts_side_by_side_race_and_the_losers_answer_auth_00002() {
    let mut world = world();
    let clients: Vec<_> = (0..3).map(|place| client(&world, place)).collect();
    let begun: Vec<_> =
        clients.iter().map(|client| world.begin(&Request::delegate(AGENT, *client))).collect();
    let replies: Vec<_> = begun.into_iter().map(|begun| told(&world.finish(begun).unwrap())).collect();
    let lost = (400, "AUTH-00002".to_owned());
    assert_eq!(replies, [(200, String::new()), lost.clone(), lost]);
    let later: Vec<_> =
        clients.iter().map(|client| world.begin(&Request::delegate(AGENT, *client))).collect();
    assert!(later.into_iter().all(|begun| world.finish(begun).unwrap().status == 200));
    assert_eq!(world.delegated(AGENT).len(), 3);
}

#[test]
fn a_client_whose_relationship_was_replaced_is_stuck_until_it_is_removed() {
    let mut world = world();
    let client = client(&world, 0);
    world.set_delegated(AGENT, client, 1);
    world.client_mut(client).unwrap().quirk = Some(Quirk::StuckWhileDelegated);
    for _ in 0..3 {
        let stuck = ask(&mut world, &Request::delegate(AGENT, client));
        assert_eq!(told(&stuck), (400, "AUTH-00002".to_owned()));
    }
    ask(&mut world, &Request::remove(AGENT, client));
    assert_eq!(ask(&mut world, &Request::delegate(AGENT, client)).status, 200);
}

#[test]
fn a_list_is_written_as_documented_persons_and_twins_included() {
    let mut world = world();
    let person = ClientId(Uuid::from_u128(9));
    let packages = packages(&[PAYROLL_PACKAGE]);
    let mut nameless =
        SandboxClient::person(ClientId(Uuid::from_u128(8)), facilitator(), "", packages.clone());
    world.add_client(SandboxClient::person(person, facilitator(), "ELG KARI", packages));
    nameless.relations = 2;
    world.add_client(nameless);
    world.lists_mut().twice_in = Some(1);
    let reply = ask(&mut world, &Request::available(AGENT));
    let list = document(&reply);
    let info = &list["systemUserInformation"];
    assert_eq!(info["systemUserId"], AGENT.to_string());
    assert_eq!(info["systemUserOwnerOrg"], "314250052");
    let data = list["data"].as_array().unwrap();
    assert_eq!(data.len(), 44);
    let entry = |id: &str| data.iter().find(|entry| entry["clientId"] == id).unwrap().clone();
    let person = entry(&person.to_string());
    assert_eq!(person["clientOrganizationNumber"], "");
    assert_eq!(person["clientOrganizationName"], "ELG KARI");
    let nameless = entry(&Uuid::from_u128(8).to_string());
    assert!(nameless.get("clientOrganizationName").is_none());
    let organisation = &world.clients()[0];
    let listed = entry(&organisation.id.to_string());
    assert_eq!(listed["clientOrganizationNumber"], organisation.number.unwrap().to_string());
}

#[test]
fn links_are_empty_or_null_and_the_order_is_the_seeds() {
    let mut links = BTreeSet::new();
    let mut orders = BTreeSet::new();
    for seed in 0..8 {
        let mut world = World::with_clients(20, 1);
        world.seed = seed;
        let list = document(&ask(&mut world, &Request::available(AGENT)));
        links.insert(list["links"].to_string());
        orders.insert(list["data"].to_string());
    }
    let both = ["{\"next\":null}", "{}"].map(str::to_owned);
    assert_eq!(links, BTreeSet::from(both));
    assert!(orders.len() > 1);
}

#[test]
fn pages_lead_through_the_whole_list() {
    let mut world = world();
    world.lists_mut().page_size = Some(7);
    let mut request = Request::available(AGENT);
    let mut seen = BTreeSet::new();
    let mut pages = 0;
    loop {
        let list = document(&ask(&mut world, &request));
        pages += 1;
        for entry in list["data"].as_array().unwrap() {
            assert!(seen.insert(entry["clientId"].to_string()));
        }
        let Some(next) = list["links"]["next"].as_str() else {
            break;
        };
        let (path, from) = next.split_once("&from=").unwrap();
        assert!(path.starts_with(&request.path), "{path}");
        request.from = Some(from.to_owned());
    }
    assert_eq!((pages, seen.len()), (3, 20));
    assert_eq!(world.lists_read(AGENT), 3);
}

#[test]
fn agents_are_listed_with_an_external_reference_which_is_the_firms_number_where_none_was_given() {
    let mut world = World::built_in(1, 0.0);
    let reply = ask(&mut world, &Request::agents(facilitator()));
    let agents = document(&reply);
    let agents = agents.as_array().unwrap();
    assert_eq!(agents.len(), 5, "neither the standard one nor the deleted one");
    assert_eq!(agents[0]["externalRef"], "314250052");
    assert_eq!(agents[2]["externalRef"], "lonn-2026");
    assert!(agents.iter().all(|agent| agent["userType"] == "agent" && agent["isDeleted"] == false));
    assert_ne!(agents[0]["supplierOrgno"], "314250052");
    assert!(agents[0]["partyId"].is_string());
    assert_eq!(agents[0]["accessPackages"][0]["urn"], PAYROLL_PACKAGE);
    assert_eq!(agents[0]["reporteeOrgNo"], "314250052");
    assert_eq!(agents[0]["partyUuId"], "");
}

#[test]
fn both_forms_of_the_path_exist_and_others_do_not() {
    let mut world = world();
    let mut request = Request::delegated(AGENT);
    request.path.push('/');
    assert_eq!(ask(&mut world, &request).status, 200);
    request.path.push_str("unknown");
    assert_eq!(ask(&mut world, &request).status, 404);
    let mut other = Request::delegated(AGENT);
    other.method = Method::Other;
    assert_eq!(ask(&mut world, &other).status, 405);
}

#[test]
fn tokens_open_what_their_scopes_allow() {
    let mut world = world();
    let client = client(&world, 0);
    world.accept_token("behind-401", Permission::NotAcceptedBehind);
    world.accept_token("behind-403", Permission::RefusedBehind);
    let mut statuses = |token: &str| {
        [Request::delegated(AGENT), Request::delegate(AGENT, client), Request::remove(AGENT, client)]
            .map(|request| told(&ask(&mut world, &request.with_token(token))))
    };
    let empty = |status: u16| (status, String::new());
    let code = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(statuses("sandbox"), [200, 200, 200].map(empty));
    assert_eq!(statuses("sandbox-read"), [200, 403, 403].map(empty));
    assert_eq!(statuses("sandbox-write"), [empty(403), code(403, "AUTH-00044"), empty(200)]);
    assert_eq!(statuses("sandbox-forbidden"), [403, 403, 403].map(empty));
    assert_eq!(statuses("sandbox-list-refused"), [code(400, "AUTH-00038"), empty(200), empty(200)]);
    assert_eq!(statuses("somebody"), [401, 401, 401].map(empty));
    assert_eq!(statuses("behind-401"), [(); 3].map(|()| code(401, "AUTH-00043")));
    assert_eq!(statuses("behind-403"), [(); 3].map(|()| code(403, "AUTH-00044")));
    let mut nobody = Request::delegated(AGENT);
    nobody.token = None;
    assert_eq!(ask(&mut world, &nobody), Reply::empty(401));
}

#[test]
fn a_token_can_run_out_while_the_world_goes_on() {
    let mut world = world();
    assert_eq!(ask(&mut world, &Request::available(AGENT)).status, 200);
    world.reject_token("sandbox").accept_token("renewed", Permission::Both);
    assert_eq!(ask(&mut world, &Request::available(AGENT)).status, 401);
    let renewed = Request::available(AGENT).with_token("renewed");
    assert_eq!(ask(&mut world, &renewed).status, 200);
}

#[test]
fn what_is_missing_is_a_validation_problem_with_every_error() {
    let mut world = world();
    let reply = ask(&mut world, &Request::to(Method::Post, "/clients"));
    let problem = document(&reply);
    assert_eq!((reply.status, &problem["code"]), (400, &Value::from("STD-00000")));
    let errors = problem["validationErrors"].as_array().unwrap();
    let codes: Vec<_> = errors.iter().map(|error| error["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["AUTH.VLD-00014", "AUTH.VLD-00016"]);
    assert_eq!(errors[0]["paths"][0], "?agent");
    assert_eq!(errors[1]["paths"][0], "?client");
}

#[test]
fn a_uuid_that_does_not_parse_gets_the_frameworks_answer() {
    let mut world = world();
    let mut request = Request::delegate(AGENT, client(&world, 0));
    request.agent = Some("x".to_owned());
    let problem = document(&ask(&mut world, &request));
    assert_eq!(problem["status"], 400);
    assert!(problem.get("code").is_none());
    assert_eq!(problem["errors"]["agent"][0], "The value 'x' is not valid.");
}

#[test]
fn an_agent_that_cannot_be_used_is_refused_by_its_own_code() {
    let mut world = World::built_in(1, 0.0);
    let client = client(&world, 0);
    for (agent, code) in [
        (STANDARD_AGENT, "AUTH.VLD-00015"),
        (crate::sandbox::DELETED_AGENT, "AUTH.VLD-00014"),
        (crate::sandbox::AGENT_WITHOUT_PACKAGES, "AUTH-00063"),
        (AgentId(Uuid::from_u128(1)), "AUTH.VLD-00014"),
    ] {
        let reply = ask(&mut world, &Request::delegate(agent, client));
        assert_eq!(told(&reply), (400, code.to_owned()), "{agent}");
    }
    world.agent_mut(AGENT).unwrap().refuses = Some(Refusal::NotForClients);
    let reply = ask(&mut world, &Request::delegated(AGENT));
    assert_eq!(told(&reply), (400, "AUTH-00034".to_owned()));
    world.agent_mut(AGENT).unwrap().refuses = None;
    world.agent_mut(AGENT).unwrap().listed.kind = AgentKind::Standard;
    let reply = ask(&mut world, &Request::delegated(AGENT));
    assert_eq!(told(&reply), (400, "AUTH.VLD-00015".to_owned()));
}

#[test]
fn an_unknown_facilitator_is_a_404_without_a_code() {
    let mut world = world();
    let stranger = crate::sandbox::chance::number_from(50_000_000);
    let reply = ask(&mut world, &Request::agents(stranger));
    assert_eq!(told(&reply), (404, String::new()));
    assert_eq!(document(&reply)["title"], "Party not found");
    assert!(document(&reply)["detail"].as_str().unwrap().contains(&stranger.to_string()));
    world.agent_mut(AGENT).unwrap().facilitator = stranger;
    let reply = ask(&mut world, &Request::delegated(AGENT));
    assert_eq!(told(&reply), (404, String::new()));
    assert_eq!(document(&reply)["title"], "System Owner not Found");
}

#[test]
fn every_refusal_of_the_table_can_be_met_in_both_dialects() {
    for refusal in Refusal::ALL {
        let mut dialects = BTreeSet::new();
        for seed in 0..12 {
            let mut world = World::with_clients(1, 1);
            world.seed = seed;
            let client = client(&world, 0);
            world.client_mut(client).unwrap().quirk = Some(Quirk::RefusesDelegation(refusal));
            let reply = ask(&mut world, &Request::delegate(AGENT, client));
            let code = refusal.code().unwrap_or_default().to_owned();
            assert_eq!(told(&reply), (refusal.status(), code));
            let problem = document(&reply);
            let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            let inner = problem["validationErrors"].get(0).map(members);
            dialects.insert((members(&problem), inner));
        }
        let expected = if refusal.code().is_some() { 2 } else { 1 };
        assert_eq!(dialects.len(), expected, "{refusal:?}");
    }
}

#[test]
fn a_removal_can_be_refused_for_good() {
    let mut world = world();
    let client = client(&world, 0);
    world.set_delegated(AGENT, client, 1);
    world.client_mut(client).unwrap().quirk = Some(Quirk::RefusesRemoval(Refusal::PartyDoesNotMatch));
    let reply = ask(&mut world, &Request::remove(AGENT, client));
    assert_eq!(told(&reply), (400, "AUTH-00031".to_owned()));
    assert_eq!(world.relations(AGENT, client), 1);
}

#[test]
fn a_connection_is_cut_before_or_after_the_change() {
    let mut world = world();
    let client = client(&world, 0);
    world.faults_mut().fail_next(1, Fault::CutBeforeChange);
    world.faults_mut().fail_next(1, Fault::CutAfterChange);
    assert_eq!(world.answer(&Request::delegate(AGENT, client)), None);
    assert!(world.delegated(AGENT).is_empty());
    assert_eq!(world.answer(&Request::delegate(AGENT, client)), None);
    assert_eq!(world.delegated(AGENT).len(), 1);
}

#[test]
fn a_fault_on_the_first_post_leaves_the_agent_new() {
    let mut world = world();
    let client = client(&world, 0);
    world.faults_mut().fail_next(1, Fault::unavailable());
    assert_eq!(ask(&mut world, &Request::delegate(AGENT, client)).status, 503);
    assert_eq!(ask(&mut world, &Request::delegate(AGENT, client)).status, 200);
}

#[test]
fn with_a_fault_every_time_the_third_try_still_comes_through() {
    let mut world = World::built_in(4, 1.0);
    for place in 100..160 {
        let client = client(&world, place);
        let replies: Vec<_> = (0..3).map(|_| world.answer(&Request::delegate(AGENT, client))).collect();
        let passed = |reply: &Option<Reply>| reply.as_ref().is_some_and(|reply| reply.status == 200);
        assert!(!passed(&replies[0]) && !passed(&replies[1]) && passed(&replies[2]));
    }
}
