//! Which of Altinn's two APIs a job goes through, with the real program over real HTTP: what a system user that has only
//! what the real one has can do, what is told before anything is sent, and what is left behind.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, missing_docs)]

mod common {
    pub(crate) mod program;
}

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use common::program::{Done, Program};
use fullmakt::{
    model::{AgentId, ClientId},
    sandbox::{
        CLIENT_ID, CLIENT_KEY, Method, ONBOARDING_AGENT, SandboxAgent, SandboxClient, World, facilitator,
        packages,
    },
};
use serde_json::Value;
use uuid::Uuid;

const PAYROLL: &str = "urn:altinn:accesspackage:regnskapsforer-lonn";
const SIGNING: &str = "urn:altinn:accesspackage:regnskapsforer-med-signeringsrettighet";
const AUDIT: &str = "urn:altinn:accesspackage:revisormedarbeider";
const NEW: AgentId = AgentId(Uuid::from_u128(0x4e57));

/// A world with so many clients that give both packages of an agent that was approved for them.
fn world(clients: usize) -> World {
    let mut world = World::with_clients(clients, 1);
    world.add_agent(SandboxAgent::new(ONBOARDING_AGENT, facilitator(), &[PAYROLL, SIGNING]));
    for id in ids(&world) {
        world.client_mut(id).unwrap().packages = packages(&[PAYROLL, SIGNING]);
    }
    world
}

fn ids(world: &World) -> Vec<ClientId> {
    world.clients().iter().map(|client| client.id).collect()
}

/// Signed in with Maskinporten as the firm's system user, which has what the real one has and no more.
fn system_user(world: World) -> Program {
    let mut program = Program::new(world, Duration::ZERO);
    program.write_private("key.jwk", CLIENT_KEY);
    let endpoint = program.server().token_endpoint().0;
    program.auth = format!(
        "method = \"maskinporten\"\nclient_id = {CLIENT_ID:?}\nkey_file = \"key.jwk\"\ntoken_endpoint = \"{endpoint}\"\n"
    );
    program.write_job("reconcile", "[guard]\nremovals = \"100%\"\n");
    program
}

fn write_manifest(program: &Program, clients: &[ClientId]) {
    let world = program.world();
    let world = world.lock();
    let numbers = world.clients().iter().filter(|client| clients.contains(&client.id));
    let rows: Vec<String> = numbers.map(|client| client.number.unwrap().to_string()).collect();
    program.write("manifest.csv", format!("Orgnr\r\n{}\r\n", rows.join("\r\n")));
}

fn run(program: &Program) -> Done {
    program.run(&["run", "job.toml", "--yes", "--format", "json"])
}

fn plan(program: &Program) -> Value {
    program.run(&["plan", "job.toml", "--format", "json"]).expect(0).json()
}

/// With `[altinn]` lines added to the job.
fn with_altinn(program: &Program, lines: &str) {
    let job = program.read("job.toml").replacen("[altinn]\n", &format!("[altinn]\n{lines}\n"), 1);
    program.write("job.toml", job);
}

fn paths(program: &Program) -> BTreeSet<String> {
    program.server().requests().into_iter().map(|seen| seen.path).collect()
}

#[test]
fn a_night_with_a_real_system_user_makes_altinn_as_the_list_says_and_names_what_it_cannot() {
    let mut made = world(7);
    let ids = ids(&made);
    let person = ClientId(Uuid::from_u128(0xbeef));
    made.add_client(SandboxClient::person(person, facilitator(), "P", packages(&[PAYROLL, SIGNING])));
    made.set_delegated(ONBOARDING_AGENT, person, 1);
    // 0, 1: to be delegated, 1 by two roles. 2 lacks a package, 3 gives none of the agent's. 4 has one of the two
    // packages. 5 is to be removed from both of its roles. 6 is as it should be.
    made.client_mut(ids[1]).unwrap().relations = 2;
    made.client_mut(ids[2]).unwrap().packages = packages(&[PAYROLL]);
    made.client_mut(ids[3]).unwrap().packages = packages(&[AUDIT]);
    made.client_mut(ids[5]).unwrap().relations = 2;
    made.add_agent(SandboxAgent::new(ONBOARDING_AGENT, facilitator(), &[PAYROLL]));
    made.set_delegated(ONBOARDING_AGENT, ids[4], 1);
    made.add_agent(SandboxAgent::new(ONBOARDING_AGENT, facilitator(), &[PAYROLL, SIGNING]));
    made.set_delegated(ONBOARDING_AGENT, ids[5], 2);
    made.set_delegated(ONBOARDING_AGENT, ids[6], 1);
    let program = system_user(made);
    write_manifest(&program, &[ids[0], ids[1], ids[2], ids[3], ids[4], ids[6]]);

    let planned = plan(&program);
    let missing = |list: &str, id: ClientId| -> Vec<String> {
        let world = program.world();
        let number = world.lock().clients().iter().find(|client| client.id == id).unwrap().number.unwrap();
        let listed = planned[list].as_array().unwrap().iter();
        let client = listed.clone().find(|client| client["organisation_number"] == number.to_string());
        let missing = client.unwrap_or_else(|| panic!("{planned}"))["missing_packages"].as_array();
        missing.into_iter().flatten().map(|urn| urn.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(missing("failures", ids[2]), [SIGNING]);
    assert_eq!(missing("failures", ids[3]), [PAYROLL, SIGNING]);
    assert_eq!(missing("operations", ids[4]), [SIGNING]);
    assert_eq!(program.sent(), [0; 8]);

    let done = run(&program).expect(1);
    for (total, expected) in [("delegated", 3), ("removed", 1), ("unchanged", 1), ("failed", 2)] {
        assert_eq!(done.total(total), expected, "{total}: {}", done.stdout);
    }
    {
        let world = program.world();
        let world = world.lock();
        let on: Vec<u8> = ids.iter().map(|id| world.relations(ONBOARDING_AGENT, *id)).collect();
        assert_eq!(on, [1, 2, 0, 0, 1, 0, 1]);
        assert_eq!(world.delegated_packages(ONBOARDING_AGENT, ids[4]), [PAYROLL, SIGNING]);
        assert_eq!(world.relations(ONBOARDING_AGENT, person), 1, "a private person is left alone");
        assert_eq!(
            world.count(Method::Post, ONBOARDING_AGENT, ids[2]),
            0,
            "nothing is sent that would be refused"
        );
        assert_eq!(world.count(Method::Delete, ONBOARDING_AGENT, ids[5]), 2, "one for each role");
    }
    let failures = fs::read_to_string(done.json()["failures"].as_str().unwrap()).unwrap();
    assert!(
        failures.contains("regnskapsforer-med-signeringsrettighet (comes with the role accountant"),
        "{failures}"
    );
    let first_api: Vec<String> =
        paths(&program).into_iter().filter(|path| path.contains("/enduser/systemuser/clients")).collect();
    assert!(first_api.is_empty(), "{first_api:?}");
    // What the run left is verified package by package.
    program.run(&["verify", "--format", "json"]).expect(0);
    let partial = |program: &Program| {
        let mut world = program.world().lock().clone();
        world.add_agent(SandboxAgent::new(ONBOARDING_AGENT, facilitator(), &[PAYROLL]));
        world.set_delegated(ONBOARDING_AGENT, ids[0], 1);
        world.add_agent(SandboxAgent::new(ONBOARDING_AGENT, facilitator(), &[PAYROLL, SIGNING]));
        *program.world().lock() = world;
    };
    partial(&program);
    let verified = program.run(&["verify", "--format", "json"]).expect(1).json();
    assert_eq!(verified["totals"]["partial"], 1, "{verified}");
    assert_eq!(verified["differences"][0]["missing_packages"][0], SIGNING);
    // An undo of what completed a delegation takes nothing away that was there before.
    program.run(&["undo", "--yes", "--format", "json"]).expect(0);
    let world = program.world();
    let world = world.lock();
    let on: Vec<u8> = ids.iter().map(|id| world.relations(ONBOARDING_AGENT, *id)).collect();
    assert_eq!(on, [0, 0, 0, 0, 1, 2, 1]);
}

#[test]
fn a_refusal_that_a_list_of_now_explains_is_sent_again_once_and_one_that_it_confirms_stands() {
    let mut made = world(10);
    let ids = ids(&made);
    // 8 loses one of its two roles while the run is under way, 9 loses a package.
    made.client_mut(ids[8]).unwrap().relations = 2;
    let mut program = system_user(made);
    program.pace = "rate = \"10/s\"\nin_flight = 1\n".to_owned();
    program.write_job("delegate", "");
    write_manifest(&program, &ids);
    let world = program.world();
    let first = ids[0];
    let (one_role, one_package) = (ids[8], ids[9]);
    let changing = std::thread::spawn(move || {
        for _ in 0..5_000 {
            let mut world = world.lock();
            if world.count(Method::Post, ONBOARDING_AGENT, first) > 0 {
                world.client_mut(one_role).unwrap().relations = 1;
                world.client_mut(one_package).unwrap().packages = packages(&[PAYROLL]);
                return true;
            }
            drop(world);
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        false
    });
    let done = run(&program).expect(1);
    assert!(changing.join().unwrap(), "the world changed under the run");
    assert_eq!((done.total("delegated"), done.total("failed")), (9, 1), "{}", done.stdout);
    // Who is sent again is not counted as failed meanwhile.
    let last =
        done.stderr.lines().rfind(|line| line.contains("10/10")).unwrap_or_else(|| panic!("{}", done.stderr));
    assert!(last.contains("1 failed"), "{}", done.stderr);
    let world = program.world();
    let world = world.lock();
    assert_eq!(world.relations(ONBOARDING_AGENT, one_role), 1);
    assert_eq!(world.count(Method::Post, ONBOARDING_AGENT, one_role), 2);
    assert_eq!(world.count(Method::Post, ONBOARDING_AGENT, one_package), 1, "nothing is tried in vain");
    assert!(world.delegated_packages(ONBOARDING_AGENT, one_package).is_empty());
}

#[test]
fn whoami_says_which_doors_are_open_and_what_each_kind_of_job_needs_of_them() {
    let program = system_user(world(3));
    let asked = |exit: i32| program.run(&["whoami", "job.toml", "--format", "json"]).expect(exit).json();
    let doors = &asked(0)["doors"];
    assert_eq!(
        (&doors["delegation"]["open"], &doors["administration"]["open"]),
        (&true.into(), &true.into())
    );
    assert_eq!(doors["runs_through"], "administration");
    let kinds = doors["kinds"].as_array().unwrap();
    assert!(kinds.iter().all(|kind| kind["open"] == true), "{doors}");
    let lists_of = |name: &str| kinds.iter().find(|kind| kind["kind"] == name).unwrap()["lists_of"].clone();
    assert_eq!((lists_of("reconcile"), lists_of("migrate")), (1.into(), 2.into()));
    let text = program.run(&["whoami", "job.toml"]).expect(0).stdout;
    assert!(text.contains("migrate: the lists of both system users, and changes: yes"), "{text}");

    // Without the second door a system user can do nothing, and no kind of job is said to be open.
    with_altinn(&program, "api = \"delegation\"");
    let doors = &asked(3)["doors"];
    assert_eq!(doors["runs_through"], Value::Null);
    assert!(doors["kinds"].as_array().unwrap().iter().all(|kind| kind["open"] == false), "{doors}");
}

#[test]
fn a_shut_door_is_told_before_anything_is_sent_and_a_configured_uuid_opens_it() {
    let program = system_user(world(3));
    let party = program.world().lock().party(facilitator());
    program.server().sign_ins().lock().scopes.retain(|scope| !scope.contains("authorizedparties"));
    let shut = run(&program).expect(3);
    for said in [
        "party UUID",
        "facilitator_id",
        "the first API cannot stand in",
        "klientadministrator",
        "maskinporten.md",
    ] {
        assert!(shut.stderr.contains(said), "{said}: {}", shut.stderr);
    }
    assert_eq!(program.sent(), [0; 3]);
    with_altinn(&program, &format!("facilitator_id = \"{party}\""));
    run(&program).expect(0);
    assert_eq!(program.delegated(), 3);
    // Another firm's UUID, or a right that is missing, looks the same: 403.
    let wrong = program.read("job.toml").replace(&party.to_string(), "00000000-0000-0000-0000-00000000000a");
    program.write("job.toml", wrong);
    let shut = run(&program).expect(3);
    assert!(
        shut.stderr.contains("refuses this sign-in") && shut.stderr.contains("nothing was sent"),
        "{}",
        shut.stderr
    );
    // And the first API alone is refused the list, which is not taken for an empty one.
    program.write_job("reconcile", "");
    with_altinn(&program, "api = \"delegation\"");
    let refused = run(&program).expect(3);
    assert!(refused.stderr.contains("cannot read the list of delegated clients"), "{}", refused.stderr);
    assert_eq!(program.delegated(), 3);
}

#[test]
fn the_firms_party_uuid_is_looked_up_once_and_remembered() {
    let program = system_user(world(3));
    let asked = || {
        let requests = program.server().requests();
        requests.iter().filter(|seen| seen.path.contains("authorizedparties")).count()
    };
    run(&program).expect(0);
    let first = asked();
    assert!((1..=2).contains(&first), "{first}");
    run(&program).expect(0);
    assert_eq!(asked(), first);
    let scope = program.server().sign_ins().lock().given.len();
    assert!(scope > 0);
}

#[test]
fn a_person_writes_through_the_first_api_and_plans_with_what_the_second_tells() {
    let mut made = world(3);
    let ids = ids(&made);
    made.client_mut(ids[2]).unwrap().packages = packages(&[PAYROLL]);
    let program = Program::new(made, Duration::ZERO);
    let party = program.world().lock().party(facilitator());
    with_altinn(&program, &format!("facilitator_id = \"{party}\""));
    let done = run(&program).expect(1);
    assert_eq!((done.total("delegated"), done.total("failed")), (2, 1));
    assert_eq!(program.sent(), [1, 1, 0]);
    let posts = program.server().requests();
    assert!(
        posts
            .iter()
            .filter(|seen| seen.method == Method::Post)
            .all(|seen| !seen.path.contains("accessmanagement"))
    );
    // The second API shut: said, and the run goes on as it always did.
    let wrong = program.read("job.toml").replace(&party.to_string(), "00000000-0000-0000-0000-00000000000a");
    program.write("job.toml", wrong);
    let done = run(&program).expect(1);
    assert!(done.stderr.contains("is seen only when it is sent"), "{}", done.stderr);
    assert_eq!(program.sent(), [1, 1, 1]);
}

#[test]
fn both_doors_leave_the_same_rows_and_what_one_began_the_other_goes_on_with_verifies_and_undoes() {
    let rows = |program: &Program| {
        let world = program.world();
        let world = world.lock();
        ids(&world).iter().map(|id| world.delegated_rows(ONBOARDING_AGENT, *id)).collect::<Vec<_>>()
    };
    let mut left = Vec::new();
    let (first, second) = ("api = \"delegation\"", "api = \"administration\"");
    for (begins, goes_on) in [(first, first), (second, second), (first, second), (second, first)] {
        let mut made = world(40);
        for (place, id) in ids(&made).into_iter().enumerate() {
            let client = made.client_mut(id).unwrap();
            client.relations = 1 + u8::try_from(place % 3 / 2).unwrap();
            if place % 4 == 3 {
                client.packages = packages(&[PAYROLL, SIGNING, AUDIT]);
            }
        }
        let mut program = Program::new(made, Duration::from_millis(20));
        "rate = \"100/s\"\nin_flight = 4\n".clone_into(&mut program.pace);
        program.write_job("delegate", "");
        let party = program.world().lock().party(facilitator());
        let job = program.read("job.toml");
        let through = |door: &str| {
            program.write("job.toml", &job);
            with_altinn(&program, &format!("{door}\nfacilitator_id = \"{party}\""));
        };
        through(begins);
        let mut child = program.spawn(&["run", "job.toml", "--yes"]);
        program.wait_for_requests(&mut child, 14);
        child.kill().unwrap();
        child.wait().unwrap();
        through(goes_on);
        let done = program.run(&["resume", "--format", "json"]).expect(0);
        assert_eq!(done.total("pending"), 0, "{}", done.stdout);
        assert_eq!(done.total("delegated") + done.total("unchanged"), 40, "{}", done.stdout);
        left.push(rows(&program));
        through(begins);
        program.run(&["verify"]).expect(0);
        through(goes_on);
        program.run(&["undo", "--yes"]).expect(0);
        assert_eq!(program.delegated(), 0);
    }
    assert!(left.iter().all(|rows| *rows == left[0]), "{left:?}");
    assert!(left[0].iter().all(|rows| rows.values().all(|packages| !packages.contains(AUDIT))));
}

#[test]
fn who_can_act_for_a_client_and_with_what_is_told_for_one_and_for_all() {
    let mut made = world(3);
    let ids = ids(&made);
    made.add_agent(SandboxAgent::new(NEW, facilitator(), &[PAYROLL, AUDIT]));
    made.set_delegated(ONBOARDING_AGENT, ids[0], 1);
    let number = made.clients()[0].number.unwrap().to_string();
    let program = system_user(made);
    let one = program.run(&["access", "job.toml", &number, "--format", "json"]).expect(0).json();
    assert_eq!(one.as_array().unwrap().len(), 1, "{one}");
    let client = &one[0];
    assert_eq!(
        (client["organisation_number"].as_str(), client["client"].as_str()),
        (Some(&*number), Some(&*ids[0].to_string()))
    );
    let agent = |id: AgentId| {
        client["agents"].as_array().unwrap().iter().find(|agent| agent["agent"] == id.to_string()).unwrap()
    };
    assert_eq!(agent(ONBOARDING_AGENT)["packages"], serde_json::json!([PAYROLL, SIGNING]));
    assert_eq!(agent(ONBOARDING_AGENT)["missing"], serde_json::json!([]));
    assert_eq!(agent(NEW)["packages"], serde_json::json!([]));
    assert_eq!(agent(NEW)["missing"], serde_json::json!([AUDIT]));
    let all = program.run(&["access", "job.toml", "--csv"]).expect(0).stdout;
    assert_eq!(all.lines().count(), 1 + 3 * 2, "{all}");
    let text = program.run(&["access", "job.toml", &number, "310609544"]).expect(0);
    assert!(
        text.stdout.contains("regnskapsforer-lonn, regnskapsforer-med-signeringsrettighet"),
        "{}",
        text.stdout
    );
    assert!(text.stderr.contains("310609544 is no client"), "{}", text.stderr);
    assert_eq!(program.sent(), [0; 3]);
}

#[test]
fn no_identity_number_of_any_answer_is_left_behind_by_a_run_that_fails() {
    let mut made = world(6);
    let persons: Vec<ClientId> = (0..4_u128).map(|place| ClientId(Uuid::from_u128(0xbeef + place))).collect();
    for person in &persons {
        made.add_client(SandboxClient::person(*person, facilitator(), "P", packages(&[PAYROLL, SIGNING])));
        made.set_delegated(ONBOARDING_AGENT, *person, 1);
    }
    let lacks = ids(&made)[1];
    made.client_mut(lacks).unwrap().packages = packages(&[PAYROLL]);
    let program = system_user(made);
    let mut said = String::new();
    for arguments in [
        &["plan", "job.toml", "-v"][..],
        &["run", "job.toml", "--yes", "-v", "--format", "json"],
        &["access", "job.toml", "--format", "json"],
        &["verify", "--format", "json"],
        &["clients", "job.toml", "--format", "json"],
        &["history", "310609544"],
    ] {
        let done = program.run(arguments);
        said.push_str(&done.stdout);
        said.push_str(&done.stderr);
    }
    assert!(said.contains("urn:altinn:accesspackage"), "{said}");
    // The sandbox's answers hold a national identity number for every private person: see that they are there.
    let numbers = identity_numbers(&program, persons.len());
    let mut left = vec![said.into_bytes()];
    gather(&program.path("state"), &mut left);
    assert!(left.len() > 3, "a ledger and reports");
    for number in numbers {
        let is_in = |bytes: &Vec<u8>| bytes.windows(number.len()).any(|window| window == number.as_bytes());
        assert!(!left.iter().any(is_in), "{number} was left behind");
    }
}

/// The identity numbers in what access management answers about the firm's clients.
fn identity_numbers(program: &Program, persons: usize) -> BTreeSet<String> {
    use fullmakt::sandbox::Request;
    let world = program.world();
    let mut world = world.lock();
    let party = world.party(facilitator());
    let begun = world.begin(&Request::administration(Method::Get, "/clients", party, &[]));
    let reply = world.finish(begun).unwrap();
    let document: Value = serde_json::from_slice(&reply.body).unwrap();
    let numbers: BTreeSet<String> = document["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|line| line["client"]["personIdentifier"].as_str())
        .map(str::to_owned)
        .collect();
    assert!(!numbers.is_empty() && numbers.len() <= persons, "{document}");
    numbers
}

fn gather(folder: &Path, into: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { gather(&path, into) } else { into.push(fs::read(path).unwrap()) }
    }
}
