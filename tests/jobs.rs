//! The jobs that a firm keeps the program for: reconcile, refresh, migrate, undo, and many agents in one manifest.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::{
    io::{BufRead, BufReader},
    time::Duration,
};

use fullmakt::{
    model::ClientId,
    sandbox::{
        ONBOARDING_AGENT, PAYROLL_AGENT, PAYROLL_PACKAGE, Quirk, Refusal, STANDARD_AGENT, SandboxAgent,
        SandboxClient, World, facilitator, packages,
    },
};
use program::{Done, Program};
use uuid::Uuid;

const PERSON: ClientId = ClientId(Uuid::from_u128(0xbeef));

/// The onboarding agent has the first `delegated` of the world's clients, and one private person; the payroll agent has
/// nobody.
fn program(clients: usize, delegated: usize) -> Program {
    let mut world = World::with_clients(clients, 1);
    let mut payroll = SandboxAgent::new(PAYROLL_AGENT, facilitator(), &[PAYROLL_PACKAGE]);
    payroll.listed.external_ref = Some("lonn-2026".to_owned());
    world.add_agent(payroll);
    let ids: Vec<ClientId> = world.clients().iter().map(|client| client.id).collect();
    for id in ids.iter().take(delegated) {
        world.set_delegated(ONBOARDING_AGENT, *id, 1);
    }
    world.add_client(SandboxClient::person(PERSON, facilitator(), "Kari", packages(&[PAYROLL_PACKAGE])));
    world.set_delegated(ONBOARDING_AGENT, PERSON, 1);
    Program::new(world, Duration::ZERO)
}

fn numbers(program: &Program) -> Vec<String> {
    let world = program.world();
    let world = world.lock();
    world.clients().iter().filter_map(|client| client.number).map(|number| number.to_string()).collect()
}

fn ids(program: &Program) -> Vec<ClientId> {
    program.world().lock().clients().iter().map(|client| client.id).collect()
}

/// How many clients the payroll agent has.
fn on_payroll(program: &Program) -> usize {
    program.world().lock().delegated(PAYROLL_AGENT).len()
}

fn write_manifest(program: &Program, numbers: &[String]) {
    program.write("manifest.csv", format!("orgnr\n{}\n", numbers.join("\n")));
}

/// Writes a job of this kind without a manifest.
fn write_job_without_manifest(program: &Program, kind: &str) {
    program.write_job(kind, "");
    let job = program.read("job.toml").replace("manifest = \"manifest.csv\"\n", "");
    program.write("job.toml", job);
}

fn write_migration(program: &Program, manifest: bool) {
    program.write_job("migrate", "");
    let agent = format!("agent = \"{ONBOARDING_AGENT}\"");
    let both = format!("from_agent = \"{ONBOARDING_AGENT}\"\nto_agent = {{ external_ref = \"lonn-2026\" }}");
    let mut job = program.read("job.toml").replace(&agent, &both);
    if !manifest {
        job = job.replace("manifest = \"manifest.csv\"\n", "");
    }
    program.write("job.toml", job);
}

fn run(program: &Program) -> Done {
    program.run(&["run", "job.toml", "--yes", "--format", "json"])
}

fn totals(done: &Done) -> [u64; 4] {
    ["delegated", "removed", "unchanged", "failed"].map(|name| done.total(name))
}

#[test]
fn a_list_that_is_still_being_written_takes_access_from_nobody() {
    let program = program(21, 20);
    let all = numbers(&program);
    program.write_job("reconcile", "[guard]\nremovals = \"100%\"\nmanifest_rest = \"60s\"\n");
    write_manifest(&program, &all[..18]);
    let whole = format!("{}{}\n", program.read("manifest.csv"), all[18..20].join("\n"));
    let mut child = program.spawn(&["run", "job.toml", "--yes"]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let is_waiting =
        lines.any(|line| line.contains("2 clients lose access because it does not name them: waiting"));
    assert!(is_waiting);
    program.write("manifest.csv", &whole);
    let said: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(2), "{said:?}");
    assert!(said.iter().any(|line| line.contains("has been changed since the plan was made")), "{said:?}");
    assert_eq!(program.delegated(), 21, "a private person is one of them");
    // A list that stays as it is is believed, a moment later.
    program.write_job("reconcile", "[guard]\nremovals = \"100%\"\nmanifest_rest = \"2s\"\n");
    let began = std::time::Instant::now();
    write_manifest(&program, &all[..19]);
    assert_eq!(totals(&run(&program).expect(0)), [0, 1, 19, 0]);
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
    // A list that takes access from nobody is not waited for.
    write_manifest(&program, &all[..19]);
    let done = run(&program).expect(0);
    assert!(!done.stderr.contains("waiting"), "{}", done.stderr);
}

#[test]
fn a_list_that_ends_within_the_last_name_takes_access_from_nobody() {
    let program = program(21, 20);
    let names: Vec<String> =
        program.world().lock().clients().iter().take(17).map(|client| client.name.clone()).collect();
    let rows = |last: &str| {
        let rows = numbers(&program).into_iter().zip(&names);
        let rows: Vec<String> = rows.map(|(number, name)| format!("{number};{name}")).collect();
        format!("orgnr;navn\n{}{last}", rows.join("\n"))
    };
    program.write_job("reconcile", "[guard]\nremovals = \"100%\"\n");
    let last = names[16].chars().count() / 2;
    let whole = rows("");
    let cut: String = whole.chars().take(whole.chars().count() - last).collect();
    program.write("manifest.csv", &cut);
    let done = program.run(&["run", "job.toml", "--yes"]).expect(2);
    assert!(
        done.stderr.contains("the list may be cut off: no line break ends its last row, line 18"),
        "{}",
        done.stderr
    );
    assert!(
        done.stderr.contains(&names[16]) && done.stderr.contains("3 clients that it does not name"),
        "{}",
        done.stderr
    );
    assert_eq!(program.delegated(), 21, "a private person is one of them");
    let plan = program.run(&["plan", "job.toml"]).expect(2);
    assert!(plan.stderr.contains("may be cut off") && !plan.stdout.contains("and asks first"), "{plan:?}");
    // A row that is ended is whole, and so is a name that is.
    for list in [format!("{cut}\n"), whole] {
        program.write("manifest.csv", list);
        program.run(&["plan", "job.toml"]).expect(0);
    }
    // A list that removes nobody is no danger.
    program.write_job("delegate", "");
    program.write("manifest.csv", &cut);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
}

#[test]
fn a_list_that_is_written_again_and_again_is_refused_in_the_end() {
    let mut program = program(5, 5);
    program.pace.push_str("give_up_after = \"1s\"\n");
    program.write_job("reconcile", "[guard]\nremovals = \"100%\"\nmanifest_rest = \"2s\"\n");
    write_manifest(&program, &numbers(&program)[..4]);
    let list = std::fs::File::options().append(true).open(program.path("manifest.csv")).unwrap();
    let mut child = program.spawn(&["run", "job.toml", "--yes"]);
    let begin = std::time::Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(begin.elapsed() < Duration::from_mins(1), "it waits for ever");
        list.set_modified(std::time::SystemTime::now()).unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
    let done = Done::of(child.wait_with_output().unwrap()).expect(2);
    assert!(done.stderr.contains("is written again and again"), "{}", done.stderr);
    assert_eq!(program.delegated(), 6, "a private person is one of them");
}

#[test]
fn a_list_from_the_future_is_refused_where_its_age_is_bounded() {
    let program = program(5, 5);
    program.write_job("reconcile", "[guard]\nmanifest_age = \"36h\"\n");
    write_manifest(&program, &numbers(&program)[..5]);
    let list = std::fs::File::options().append(true).open(program.path("manifest.csv")).unwrap();
    for (ahead, code) in [(5, 0), (60, 2)] {
        list.set_modified(std::time::SystemTime::now() + Duration::from_mins(ahead)).unwrap();
        let done = program.run(&["run", "job.toml", "--yes"]).expect(code);
        assert_eq!(done.stderr.contains("is from the future"), code == 2, "{}", done.stderr);
    }
    program.write_job("reconcile", "");
    run(&program).expect(0);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_list_and_keeps_nobody_waiting() {
    let program = program(2, 2);
    program.write_job("delegate", "");
    std::fs::remove_file(program.path("manifest.csv")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(program.path("manifest.csv")).status().unwrap();
    assert!(made.success());
    let done = program.run(&["run", "job.toml", "--yes"]).expect(2);
    assert!(done.stderr.contains("manifest.csv"), "{}", done.stderr);
}

#[test]
fn a_reconcile_beyond_the_guard_names_the_number_the_limit_and_the_first_clients_and_sends_nothing() {
    let program = program(21, 20);
    write_manifest(&program, &numbers(&program)[..17]);
    program.write_job("reconcile", "[guard]\nremovals = \"10%\"\n");
    for command in ["plan", "run"] {
        let arguments =
            if command == "run" { vec!["run", "job.toml", "--yes"] } else { vec!["plan", "job.toml"] };
        let done = program.run(&arguments).expect(2);
        assert!(done.stderr.contains("3 clients of agent"), "{}", done.stderr);
        assert!(
            done.stderr.contains("[guard] removals allows 10% of its 20 organisations, so 2"),
            "{}",
            done.stderr
        );
        let shown = format!("{}{}", done.stdout, done.stderr);
        assert!(numbers(&program)[17..20].iter().all(|number| shown.contains(number)), "{shown}");
    }
    assert_eq!(program.delegated(), 21);
    assert!(program.sent().iter().all(|sent| *sent == 0));
    program.write_job("reconcile", "[guard]\nremovals = 3\n");
    assert_eq!(totals(&run(&program).expect(0)), [0, 3, 17, 0]);
    assert_eq!(program.delegated(), 17 + 1, "the private person stays");
}

/// Sets when the list's file was last written, so long ago.
fn written_ago(program: &Program, ago: Duration) {
    let list = std::fs::File::options().write(true).open(program.path("manifest.csv")).unwrap();
    list.set_modified(std::time::SystemTime::now() - ago).unwrap();
}

#[test]
fn the_guard_holds_for_every_kind_and_its_refusal_says_how_to_go_on_once() {
    for (kind, section, delegated, exceeds) in [
        ("remove", "removals = \"10%\"", 20, "removals"),
        ("remove", "removals = 3", 20, "removals"),
        ("delegate", "additions = \"10\"", 4, "additions"),
        ("delegate", "additions = \"50%\"", 4, "additions"),
        ("reconcile", "additions = 5", 4, "additions"),
    ] {
        let program = program(20, delegated);
        write_manifest(&program, &numbers(&program)[..20]);
        program.write_job(kind, &format!("[guard]\n{section}\n"));
        let plan = program.run(&["plan", "job.toml", "--format", "json"]).expect(2);
        assert_eq!(plan.json()["refused"]["exceeds"], exceeds, "{kind} {section}");
        let refused = program.run(&["run", "job.toml", "--yes"]).expect(2);
        let changes = if kind == "remove" { 20 } else { 16 };
        let flag = format!("--allow-{exceeds}");
        assert!(
            refused.stderr.contains(&format!("{flag} {changes}` lets this one run through")),
            "{}",
            refused.stderr
        );
        assert!(refused.stderr.contains(&format!("[guard] {exceeds} allows")), "{}", refused.stderr);
        assert!(program.sent().iter().all(|sent| *sent == 0));
        // What is let through is that plan, and no other.
        let other = (changes - 1).to_string();
        program.run(&["run", "job.toml", "--yes", &flag, &other]).expect(2);
        let changes = changes.to_string();
        program.run(&["run", "job.toml", "--yes", &flag, &changes]).expect(0);
    }
}

#[test]
fn a_remove_plan_names_whom_it_removes() {
    let program = program(12, 12);
    write_manifest(&program, &numbers(&program)[..11]);
    program.write_job("remove", "");
    let plan = program.run(&["plan", "job.toml"]).expect(0);
    let world = program.world();
    let world = world.lock();
    for client in &world.clients()[..10] {
        let named = format!("  {} {}", client.number.unwrap(), client.name);
        assert!(plan.stdout.contains(&named), "{named}: {}", plan.stdout);
    }
    assert!(plan.stdout.contains("… and 1 more"), "{}", plan.stdout);
}

#[test]
fn a_list_that_is_older_than_the_guard_allows_is_refused() {
    let program = program(3, 0);
    write_manifest(&program, &numbers(&program)[..3]);
    program.write_job("delegate", "[guard]\nmanifest_age = \"36h\"\n");
    written_ago(&program, Duration::from_hours(37));
    let refused = program.run(&["run", "job.toml", "--yes"]).expect(2);
    assert!(refused.stderr.contains("was written 37 h ago"), "{}", refused.stderr);
    assert!(refused.stderr.contains("manifest_age allows 36 h"), "{}", refused.stderr);
    assert_eq!(program.sent(), [0; 4]);
    written_ago(&program, Duration::from_hours(35));
    run(&program).expect(0);
}

#[test]
fn clients_that_another_run_delegated_after_the_list_was_written_are_named_and_not_removed() {
    let program = program(20, 0);
    let all = numbers(&program);
    let (list, since) = (&all[..18], &all[18..20]);
    // Somebody delegates two clients with a list of his own while the night's list is hours old.
    write_manifest(&program, since);
    program.write_job("delegate", "");
    run(&program).expect(0);
    write_manifest(&program, list);
    written_ago(&program, Duration::from_hours(3));
    program.write_job("reconcile", "[guard]\nremovals = \"100%\"\n");
    let plan = program.run(&["plan", "job.toml", "--format", "json"]).expect(0);
    let warning = &plan.json()["warnings"][0];
    assert_eq!((&warning["kind"], &warning["count"]), (&"delegated_since".into(), &2.into()));
    for number in since {
        assert!(warning["examples"].to_string().contains(number), "{warning}");
    }
    let night = run(&program).expect(0);
    assert!(
        night.stderr.contains("2 clients were delegated by another run since the list"),
        "{}",
        night.stderr
    );
    assert_eq!(totals(&night), [18, 0, 0, 0]);
    // A refresh delegates again whom the agent has: that is no new delegation.
    program.write_job("refresh", "");
    run(&program).expect(0);
    // A list that was written after that is the truth about them.
    write_manifest(&program, list);
    program.write_job("reconcile", "[guard]\nremovals = \"100%\"\n");
    let night = run(&program).expect(0);
    assert_eq!(totals(&night), [0, 2, 18, 0]);
    assert!(!night.stderr.contains("another run"), "{}", night.stderr);
}

#[test]
fn names_are_compared_and_a_shuffled_column_stops_a_night_where_two_renamed_firms_do_not() {
    let program = program(40, 0);
    let rows: Vec<(String, String)> = {
        let world = program.world();
        let world = world.lock();
        let named = world
            .clients()
            .iter()
            .filter_map(|client| Some((client.number?.to_string(), client.name.clone())));
        named.collect()
    };
    let write = |names: &[String]| {
        let rows: Vec<String> =
            rows.iter().zip(names).map(|((number, _), name)| format!("{number};{name}")).collect();
        program.write("manifest.csv", format!("Orgnr;Navn\n{}\n", rows.join("\n")));
    };
    let names: Vec<String> = rows.iter().map(|(_, name)| name.clone()).collect();
    let mut sorted = names.clone();
    sorted.sort();
    program.write_job("reconcile", "");
    write(&sorted);
    let plan = program.run(&["plan", "job.toml", "--format", "json"]).expect(2).json();
    assert_eq!(plan["warnings"][0]["kind"], "other_name");
    let other = plan["warnings"][0]["count"].as_u64().unwrap();
    assert!(other > 30 && plan["warnings"][0]["examples"].as_array().unwrap().len() == 10, "{plan}");
    let looked = program.run(&["plan", "job.toml"]).expect(2);
    assert!(
        looked.stderr.contains("names of other clients") && !looked.stdout.contains("and asks first"),
        "{looked:?}"
    );
    let refused = program.run(&["run", "job.toml", "--yes"]).expect(2);
    assert!(refused.stderr.contains("names of other clients"), "{}", refused.stderr);
    assert!(refused.stderr.contains(&format!("--allow-other-names {other}`")), "{}", refused.stderr);
    let norwegian = program.run(&["run", "job.toml", "--yes", "--lang", "nb"]).expect(2).stderr;
    assert!(
        norwegian.matches(" i Altinn, ").count() >= 10 && !norwegian.contains(" in Altinn"),
        "{norwegian}"
    );
    assert!(program.sent().iter().all(|sent| *sent == 0));

    let mut renamed = names.clone();
    for (place, name) in [(3, "Nytt Navn AS"), (17, "Et Annet Navn")] {
        name.clone_into(&mut renamed[place]);
    }
    let spelled: Vec<String> =
        renamed.iter().map(|name| name.to_lowercase().replace(" as", " A/S")).collect();
    write(&spelled);
    let night = run(&program).expect(0);
    assert_eq!(totals(&night), [40, 0, 0, 0]);
    assert!(night.stderr.contains("2 of 40 names in the list are not Altinn's: line 5:"), "{}", night.stderr);
    // A name of another client is said before those that are nobody's, wherever it stands in the list.
    names[8].clone_into(&mut renamed[39]);
    write(&renamed);
    let plan = program.run(&["plan", "job.toml", "--format", "json"]).expect(0).json();
    assert_eq!(plan["warnings"][0]["count"], 3);
    let first = plan["warnings"][0]["examples"][0].as_str().unwrap();
    assert!(first.starts_with("line 41: ") && first.contains(&names[8]), "{first}");
    write(&names);
    assert!(!run(&program).expect(0).stderr.contains("names in the list"));
    program.write_job("remove", "");
    write(&sorted);
    let other = other.to_string();
    let done = program
        .run(&["run", "job.toml", "--yes", "--allow-other-names", &other, "--format", "json"])
        .expect(0);
    assert_eq!(done.total("removed"), 40);
}

/// Numbers and names of the world's clients.
fn named(program: &Program) -> Vec<[String; 2]> {
    let world = program.world();
    let world = world.lock();
    let clients = world.clients().iter();
    clients.filter_map(|client| Some([client.number?.to_string(), client.name.clone()])).collect()
}

/// A manifest of these rows.
fn write_rows(program: &Program, rows: &[[String; 2]]) {
    let rows: Vec<String> = rows.iter().map(|row| row.join(";")).collect();
    program.write("manifest.csv", format!("Orgnr;Navn\n{}\n", rows.join("\n")));
}

fn newest(program: &Program, file: &str) -> String {
    let run =
        program.run(&["status", "--format", "json"]).expect(0).json()["run"].as_str().unwrap().to_owned();
    program.read(&format!("state/runs/{run}/{file}"))
}

#[test]
fn a_row_with_the_name_of_another_client_is_not_sent_and_stands_in_a_list_that_goes_back_when_it_is_corrected()
 {
    let program = program(60, 0);
    let clients = named(&program);
    let mut rows = clients.clone();
    // The number is another client's, which no other row names; and one that has been renamed.
    clients[50][0].clone_into(&mut rows[10][0]);
    rows.remove(50);
    "Nytt Navn AS".clone_into(&mut rows[20][1]);
    write_rows(&program, &rows);
    program.write_job("delegate", "");
    let plan = program.run(&["plan", "job.toml"]).expect(0).stdout;
    let held =
        format!("line 12: {} is {} in Altinn, {} in the list: ", rows[10][0], clients[50][1], rows[10][1]);
    assert!(plan.contains(&held), "{plan}");
    assert!(plan.contains("1 name in the list is not Altinn's") && plan.contains("Nytt Navn AS"), "{plan}");
    let done = run(&program).expect(1);
    assert_eq!(totals(&done), [58, 0, 0, 1]);
    assert!(!newest(&program, "done.csv").contains(&rows[10][0]), "the other client is left alone");
    let failures = newest(&program, "failures.csv");
    assert!(failures.contains(&format!("{};{}", rows[10][0], rows[10][1])), "{failures}");
    assert!(failures.contains("another client's"), "{failures}");
    let names = newest(&program, "other-names.csv");
    assert!(names.lines().nth(1).unwrap().contains(&clients[50][1]), "{names}");
    assert!(names.contains("Nytt Navn AS") && names.lines().count() == 3, "{names}");
    let page = newest(&program, "report.html");
    assert!(page.contains("Names that are not Altinn&#39;s") && page.contains("Nytt Navn AS"), "{page}");
    // The row corrected, and the list of names given back.
    program.write("manifest.csv", names.replace(&rows[10][0], &clients[10][0]));
    assert_eq!(totals(&run(&program).expect(0)), [1, 0, 1, 0]);
    assert!(newest(&program, "other-names.csv").lines().count() == 2, "the renamed one is still another");
}

#[test]
fn a_reconcile_removes_nobody_while_a_row_has_the_name_of_another_client() {
    let program = program(60, 60);
    let clients = named(&program);
    let mut rows = clients.clone();
    clients[50][0].clone_into(&mut rows[10][0]);
    rows.remove(50);
    write_rows(&program, &rows);
    program.write_job("reconcile", "[guard]\nremovals = \"100%\"\n");
    // Its own number is named by no row, and its name is.
    let done = run(&program).expect(0);
    assert_eq!(totals(&done), [0, 0, 59, 0]);
    assert!(done.stderr.contains("1 client is delegated and named by no row"), "{}", done.stderr);
    let allowed = ["run", "job.toml", "--yes", "--format", "json", "--allow-other-names", "1"];
    assert_eq!(totals(&program.run(&allowed).expect(0)), [0, 1, 59, 0]);
}

#[test]
fn a_repeated_number_beside_the_name_of_another_client_is_no_repetition() {
    let program = program(60, 0);
    let clients = named(&program);
    let mut rows = clients.clone();
    // The wrong row comes after the right one, and before it; and a department of a client is one client.
    clients[5][0].clone_into(&mut rows[10][0]);
    clients[30][0].clone_into(&mut rows[25][0]);
    rows.push([clients[3][0].clone(), format!("{} avd. Bergen", clients[3][1])]);
    write_rows(&program, &rows);
    program.write_job("delegate", "");
    let done = run(&program).expect(1);
    assert_eq!(totals(&done), [58, 0, 0, 0]);
    assert_eq!(done.total("rejected"), 2);
    let failures = newest(&program, "failures.csv");
    for row in [&rows[10], &rows[25]] {
        assert!(failures.contains(&row.join(";")), "{failures}");
    }
    let names = newest(&program, "other-names.csv");
    assert!(names.contains(&clients[5][1]) && names.contains(&clients[30][1]), "{names}");
    // The client of the row that names it rightly is as its own row says.
    let page = newest(&program, "report.html");
    assert!(page.contains("2 rows of the list could not be used"), "{page}");
    assert!(page.contains("as it was asked: 58 clients") || page.contains("58 clients"), "{page}");
    // Corrected and given back.
    let corrected = failures
        .replace(&rows[10].join(";"), &clients[10].join(";"))
        .replace(&rows[25].join(";"), &clients[25].join(";"));
    program.write("manifest.csv", corrected);
    assert_eq!(totals(&run(&program).expect(0)), [2, 0, 0, 0]);
    // Somebody who knows better says so, with the number that the plan gives.
    write_rows(&program, &rows);
    let plan = program.run(&["plan", "job.toml", "--format", "json"]).expect(0).json();
    let other = plan["warnings"][0]["count"].to_string();
    let allowed = ["run", "job.toml", "--yes", "--format", "json", "--allow-other-names", &other];
    assert_eq!(program.run(&allowed).expect(0).total("rejected"), 0);
}

#[test]
fn an_agent_is_named_by_its_title_or_by_a_reference_that_looks_like_an_id() {
    let reference = "7b0f3f7e-2a55-4c86-9d0e-0d6a4d1f4a10";
    let program = program(4, 0);
    {
        let world = program.world();
        let mut world = world.lock();
        let mut other = SandboxAgent::new(
            "0d6f3c5e-2f0c-4b51-9d43-3f7a1e6f5b02".parse().unwrap(),
            facilitator(),
            &[PAYROLL_PACKAGE],
        );
        other.listed.title = "L\u{f8}nn".to_owned();
        other.listed.external_ref = Some(reference.to_owned());
        world.add_agent(other);
    }
    let job = program.read("job.toml");
    for agent in [" l\u{f8}nn ", reference] {
        program.write("job.toml", job.replace(&ONBOARDING_AGENT.to_string(), agent));
        let plan = program.run(&["plan", "job.toml", "--format", "json"]).expect(0).json();
        assert_eq!(plan["agent"], "0d6f3c5e-2f0c-4b51-9d43-3f7a1e6f5b02", "{agent}");
    }
    program.write("job.toml", job.replace(&ONBOARDING_AGENT.to_string(), "nobody of that name"));
    program.run(&["plan", "job.toml"]).expect(3);
    // A column that holds something else is told by check, and again where it is used.
    program.write("manifest.csv", format!("orgnr;agent\n{};Kari M\u{e5}ke\n", numbers(&program)[0]));
    let checked = program.run(&["check", "manifest.csv"]).expect(0);
    assert!(checked.stdout.contains("\"Kari M\u{e5}ke\" stand there"), "{}", checked.stdout);
    program.write("job.toml", job);
    let refused = program.run(&["plan", "job.toml"]).expect(2);
    assert!(refused.stderr.contains("give it another heading"), "{}", refused.stderr);
}

#[test]
fn a_plan_is_written_to_a_file_with_a_row_for_each_client() {
    let program = program(5, 2);
    write_manifest(&program, &numbers(&program)[..5]);
    program.write("manifest.csv", program.read("manifest.csv") + "314250052\n");
    program.write_job("delegate", "");
    program.run(&["plan", "job.toml", "--out", "plan.csv"]).expect(0);
    let plan = program.read("plan.csv");
    assert_eq!(plan.lines().count(), 1 + 3 + 1, "{plan}");
    assert_eq!(plan.matches(";delegate;").count(), 4, "{plan}");
    assert!(plan.contains("314250052;;") && plan.contains(";cannot be sent;"), "{plan}");
    // The same as a workbook, whose numbers are text.
    program.run(&["plan", "job.toml", "--out", "plan.xlsx"]).expect(0);
    let mut workbook = calamine::open_workbook_auto(program.path("plan.xlsx")).unwrap();
    let sheet = calamine::Reader::worksheet_range_at(&mut workbook, 0).unwrap().unwrap();
    let cells: Vec<Vec<String>> =
        sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    let lines: Vec<String> = cells.iter().map(|row| row.join(";")).collect();
    assert_eq!(lines, plan.trim_start_matches('\u{feff}').lines().collect::<Vec<_>>());
    for (out, why) in [("plan.csv", "there is a file already"), ("plan.pdf", "end in .csv or .xlsx")] {
        let refused = program.run(&["plan", "job.toml", "--out", out]).expect(2);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }
}

#[test]
fn a_list_with_far_fewer_rows_than_last_time_is_told_with_both_numbers() {
    let program = program(30, 0);
    let all = numbers(&program);
    program.write_job("delegate", "");
    for (rows, told) in [(30, false), (28, false), (12, true), (12, false)] {
        write_manifest(&program, &all[..rows]);
        let done = run(&program).expect(0);
        let says = done.stderr.contains("the list has 12 rows, and had 28");
        assert_eq!(says, told, "{rows}: {}", done.stderr);
    }
}

#[test]
fn a_removal_that_failed_cannot_become_a_delegation_when_the_report_is_given_back() {
    let mut program = program(5, 5);
    let stays = ids(&program)[4];
    program.world().lock().client_mut(stays).unwrap().quirk =
        Some(Quirk::RefusesRemoval(Refusal::PartyDoesNotMatch));
    program.pace.push_str("attempts = 1\n");
    for manifest in ["orgnr;navn\n{};A\n{};B\n{};C\n{};D\n", "{}\n{}\n{}\n{}\n"] {
        let numbers = numbers(&program);
        let text =
            numbers[..4].iter().fold(manifest.to_owned(), |text, number| text.replacen("{}", number, 1));
        program.write("manifest.csv", text);
        program.write_job("reconcile", "[guard]\nremovals = \"100%\"\n");
        let done = run(&program).expect(1);
        assert_eq!(totals(&done), [0, 0, 4, 1]);
        let report = std::fs::read_to_string(done.json()["failures"].as_str().unwrap()).unwrap();
        assert!(report.contains(&numbers[4]), "{report}");
        program.write("report.csv", &report);
        let checked = program.run(&["check", "report.csv"]).expect(2);
        assert!(!checked.stdout.contains("1 client"), "{}", checked.stdout);
    }
    program.world().lock().client_mut(stays).unwrap().quirk = None;
    let retried = program.run(&["retry", "--yes", "--format", "json"]).expect(0);
    assert_eq!((totals(&retried), retried.json()["kind"].as_str()), ([0, 1, 0, 0], Some("manifest")));
}

#[test]
fn many_private_persons_do_not_raise_what_the_guard_lets_go() {
    let program = program(10, 10);
    {
        let world = program.world();
        let mut world = world.lock();
        for place in 0..100 {
            let person = ClientId(Uuid::from_u128(0xbeef_0000 + place));
            world.add_client(SandboxClient::person(person, facilitator(), "P", packages(&[PAYROLL_PACKAGE])));
            world.set_delegated(ONBOARDING_AGENT, person, 1);
        }
    }
    write_manifest(&program, &numbers(&program)[..1]);
    program.write_job("reconcile", "");
    let done = run(&program).expect(2);
    assert!(done.stderr.contains("10% of its 10 organisations, so 1"), "{}", done.stderr);
    assert_eq!(program.delegated(), 111);
}

#[test]
fn an_undo_leaves_alone_whom_the_run_was_refused_though_somebody_has_delegated_them_since() {
    let program = program(3, 0);
    let refused = ids(&program)[1];
    program.world().lock().client_mut(refused).unwrap().quirk =
        Some(Quirk::RefusesDelegation(Refusal::ClientNotFound));
    program.write_job("delegate", "");
    assert_eq!(totals(&run(&program).expect(1)), [2, 0, 0, 1]);
    program.world().lock().set_delegated(ONBOARDING_AGENT, refused, 1);
    let undone = program.run(&["undo", "--yes", "--format", "json"]).expect(0);
    assert_eq!(totals(&undone), [0, 2, 0, 0]);
    assert!(program.world().lock().delegated(ONBOARDING_AGENT).contains(&refused));
}

#[test]
fn an_empty_manifest_empties_nothing() {
    let program = program(5, 5);
    for manifest in ["", "orgnr\n", "orgnr;navn\r\n\r\n"] {
        program.write("manifest.csv", manifest);
        program.write_job("reconcile", "[guard]\nremovals = \"100%\"\n");
        run(&program).expect(2);
    }
    assert_eq!(program.delegated(), 6);
}

#[test]
fn a_reconcile_with_rows_that_cannot_be_read_removes_nobody_and_says_so() {
    let program = program(10, 10);
    let mut rows = numbers(&program)[..8].to_vec();
    rows.push("3,1E+08".to_owned());
    write_manifest(&program, &rows);
    program.write_job("reconcile", "[guard]\nremovals = \"100%\"\n");
    let done = program.run(&["run", "job.toml", "--yes", "--skip-invalid"]).expect(1);
    assert!(
        done.stderr.contains("2 clients are delegated and named by no row; they are left alone"),
        "{}",
        done.stderr
    );
    assert_eq!(program.delegated(), 11);
}

#[test]
fn a_refresh_brings_later_packages_to_every_client_and_persons_too_and_gives_nobody_new_access() {
    let program = program(6, 4);
    let more = "urn:altinn:accesspackage:skatt-naering";
    {
        let world = program.world();
        let mut world = world.lock();
        let ids: Vec<_> = world.clients().iter().map(|client| client.id).collect();
        for id in ids {
            world.client_mut(id).unwrap().packages = packages(&[PAYROLL_PACKAGE, more]);
        }
        world.agent_mut(ONBOARDING_AGENT).unwrap().listed.packages.push(more.to_owned());
    }
    write_job_without_manifest(&program, "refresh");
    let plan = program.run(&["plan", "job.toml"]).expect(0);
    assert!(
        plan.stdout.contains("packages that each client gets: regnskapsforer-lonn, skatt-naering"),
        "{}",
        plan.stdout
    );
    assert_eq!(totals(&run(&program).expect(0)), [5, 0, 0, 0]);
    let world = program.world();
    let world = world.lock();
    for id in world.delegated(ONBOARDING_AGENT) {
        assert!(world.delegated_packages(ONBOARDING_AGENT, id).iter().any(|package| package == more));
    }
    assert_eq!(world.delegated(ONBOARDING_AGENT).len(), 5);
}

#[test]
fn a_refresh_of_a_manifest_leaves_out_who_is_not_delegated_and_never_removes_who_is_stuck() {
    let mut program = program(3, 2);
    let stuck = ids(&program)[0];
    program.world().lock().client_mut(stuck).unwrap().quirk = Some(Quirk::StuckWhileDelegated);
    program.pace.push_str("attempts = 1\n");
    program.write_job("refresh", "");
    let done = run(&program).expect(1);
    assert_eq!(totals(&done), [1, 0, 0, 2]);
    let report = std::fs::read_to_string(done.json()["failures"].as_str().unwrap()).unwrap();
    assert!(report.contains("a refresh gives no new access"), "{report}");
    assert!(report.contains("remove the client and delegate it again"), "{report}");
    assert_eq!(program.delegated(), 3, "nobody was removed");
}

#[test]
fn a_migration_moves_every_client_private_persons_included_and_through_two_relations() {
    let program = program(6, 5);
    {
        let world = program.world();
        let mut world = world.lock();
        let two = world.clients()[1].id;
        world.client_mut(two).unwrap().relations = 2;
        world.set_delegated(ONBOARDING_AGENT, two, 2);
        // One that is there already, and one that the new agent may not have.
        let already = world.clients()[2].id;
        world.set_delegated(PAYROLL_AGENT, already, 1);
        let refused = world.clients()[3].id;
        world.client_mut(refused).unwrap().quirk = Some(Quirk::RefusesDelegation(Refusal::PackageMissing));
    }
    write_migration(&program, false);
    let done = run(&program).expect(1);
    assert_eq!(totals(&done), [4, 1, 0, 1], "moved, only taken off the old, nothing, refused");
    assert_eq!((program.delegated(), on_payroll(&program)), (1, 5), "the refused one stays where it is");
    let report = std::fs::read_to_string(done.json()["failures"].as_str().unwrap()).unwrap();
    assert!(report.contains("AUTH-00080") && report.contains(&numbers(&program)[3]), "{report}");
    program.run(&["verify"]).expect(0);
}

#[test]
fn a_migration_of_a_manifest_moves_only_whom_it_names() {
    let program = program(6, 5);
    write_manifest(&program, &numbers(&program)[3..]);
    write_migration(&program, true);
    let done = run(&program).expect(1);
    assert_eq!(totals(&done), [2, 0, 0, 1], "the last one is not on the old agent");
    assert_eq!((program.delegated(), on_payroll(&program)), (4, 2));
    let again = run(&program).expect(1);
    assert_eq!(totals(&again), [0, 0, 2, 1], "a second run moves nobody");
}

#[test]
fn what_could_not_be_moved_is_moved_by_a_retry() {
    let mut program = program(3, 3);
    let late = ids(&program)[1];
    program.world().lock().client_mut(late).unwrap().quirk =
        Some(Quirk::RefusesDelegation(Refusal::DelegationFailed));
    program.pace.push_str("attempts = 1\n");
    write_migration(&program, false);
    assert_eq!(totals(&run(&program).expect(1)), [3, 0, 0, 1]);
    program.world().lock().client_mut(late).unwrap().quirk = None;
    let retried = program.run(&["retry", "--yes", "--format", "json"]).expect(0);
    assert_eq!((totals(&retried), retried.json()["kind"].as_str()), ([1, 0, 0, 0], Some("migrate")));
    assert_eq!((program.delegated(), on_payroll(&program)), (0, 4));
}

#[test]
fn an_undo_reverses_what_the_run_changed_and_nothing_that_was_already_so() {
    let program = program(6, 2);
    program.write_job("delegate", "");
    let done = run(&program).expect(0);
    assert_eq!(totals(&done), [4, 0, 2, 0]);
    let first = done.json()["run"].as_str().unwrap().to_owned();
    program.run(&["undo"]).expect(2);
    assert_eq!(program.delegated(), 7, "nothing without a yes");
    let undone = program.run(&["undo", "--yes", "--format", "json", "--metrics", "undo.prom"]).expect(0);
    assert!(program.read("undo.prom").contains("outcome=\"removed\"} 4"), "{}", program.read("undo.prom"));
    assert_eq!((totals(&undone), undone.json()["undo_of"].as_str()), ([0, 4, 0, 0], Some(first.as_str())));
    assert!(undone.stderr.contains(&format!("undo of run {first}")), "{}", undone.stderr);
    assert_eq!(program.delegated(), 3);
    let redone = program.run(&["undo", "--yes", "--format", "json"]).expect(0);
    assert_eq!(totals(&redone), [4, 0, 0, 0]);
    let late = program.run(&["undo", &first, "--yes", "--format", "json"]).expect(0);
    assert!(late.stderr.contains("changed by later runs too"), "{}", late.stderr);
}

#[test]
fn who_loses_access_while_a_refresh_or_a_migration_is_interrupted_is_not_given_it_back() {
    for kind in ["refresh", "migrate"] {
        let mut program = program(40, 40);
        // Slow enough to be killed before it comes to the last one.
        program.pace = "rate = \"50/s\"\n".to_owned();
        match kind {
            "refresh" => write_job_without_manifest(&program, kind),
            _ => write_migration(&program, false),
        }
        let mut child = program.spawn(&["run", "job.toml", "--yes"]);
        program.wait_for_requests(&mut child, 12);
        child.kill().unwrap();
        child.wait().unwrap();
        // The clients go by their numbers: this one has not been reached.
        let gone = {
            let world = program.world();
            let world = world.lock();
            world.clients().iter().max_by_key(|client| client.number).unwrap().id
        };
        program.world().lock().set_delegated(ONBOARDING_AGENT, gone, 0);
        let done = program.run(&["resume", "--format", "json"]).expect(1);
        assert_eq!((done.total("delegated"), done.total("failed")), (40, 1), "{kind}");
        assert!(done.stdout.contains("has taken the client's access away"), "{}", done.stdout);
        let world = program.world();
        let world = world.lock();
        assert!(
            !world.delegated(ONBOARDING_AGENT).contains(&gone)
                && !world.delegated(PAYROLL_AGENT).contains(&gone)
        );
    }
}

#[test]
fn there_is_nothing_to_undo_of_a_refresh_nor_of_a_run_that_changed_nothing() {
    let program = program(3, 3);
    write_job_without_manifest(&program, "refresh");
    run(&program).expect(0);
    let done = program.run(&["undo", "--yes"]).expect(0);
    assert!(done.stderr.contains("is a refresh"), "{}", done.stderr);
    program.write_job("delegate", "");
    run(&program).expect(0);
    let done = program.run(&["undo", "--yes"]).expect(0);
    assert!(done.stderr.contains("has changed nothing"), "{}", done.stderr);
    assert_eq!(program.delegated(), 4);
}

#[test]
fn a_run_that_was_undone_before_its_end_is_not_resumed() {
    let program = program(40, 0);
    program.write_job("delegate", "");
    let mut child = program.spawn(&["run", "job.toml", "--yes"]);
    program.wait_for_requests(&mut child, 15);
    child.kill().unwrap();
    child.wait().unwrap();
    let undone = program.run(&["undo", "--yes", "--format", "json"]).expect(0);
    assert!(undone.stderr.contains("has not come to its end"), "{}", undone.stderr);
    assert_eq!(program.delegated(), 1, "only the private person");
    let first = undone.json()["undo_of"].as_str().unwrap().to_owned();
    let resumed = program.run(&["resume", &first]).expect(2);
    assert!(resumed.stderr.contains("has been undone by run"), "{}", resumed.stderr);
}

#[test]
fn an_agent_column_sends_each_client_to_its_agents_and_an_empty_cell_to_the_jobs() {
    let program = program(4, 0);
    let [one, two, three, four] = numbers(&program).try_into().unwrap();
    let uuid = PAYROLL_AGENT.to_string().to_uppercase();
    program.write(
        "manifest.csv",
        format!(
            "Orgnr;Systembruker\n{one};\n{two};lonn-2026\n{three};{uuid}\n{three};\n{four};{PAYROLL_AGENT}\n{four};lonn-2026\n"
        ),
    );
    program.write_job("delegate", "");
    let done = run(&program).expect(0);
    assert!(done.stderr.contains("line 7 names a client and its agent again"), "{}", done.stderr);
    assert_eq!((done.total("rows"), totals(&done)), (6, [5, 0, 0, 0]), "a client and an agent are a pair");
    assert_eq!((program.delegated(), on_payroll(&program)), (2 + 1, 3));
    program.run(&["verify"]).expect(0);
    let undone = program.run(&["undo", "--yes", "--format", "json"]).expect(0);
    assert_eq!(totals(&undone), [0, 5, 0, 0]);
    assert_eq!((program.delegated(), on_payroll(&program)), (1, 0));
}

#[test]
fn a_reconcile_with_an_agent_column_reconciles_every_agent_that_it_names_and_the_jobs() {
    let program = program(6, 4);
    {
        let world = program.world();
        let mut world = world.lock();
        let ids: Vec<_> = world.clients().iter().map(|client| client.id).take(3).collect();
        for id in ids {
            world.set_delegated(PAYROLL_AGENT, id, 1);
        }
    }
    let numbers = numbers(&program);
    program.write("manifest.csv", format!("orgnr,agent\n{},\n{},lonn-2026\n", numbers[0], numbers[5]));
    program.write_job("reconcile", "[guard]\nremovals = \"100%\"\n");
    assert_eq!(totals(&run(&program).expect(0)), [1, 6, 1, 0]);
    assert_eq!((program.delegated(), on_payroll(&program)), (1 + 1, 1));
}

#[test]
fn a_reconcile_leaves_an_agent_alone_that_no_row_names_though_it_is_the_jobs() {
    let program = program(4, 3);
    let numbers = numbers(&program);
    program.write("manifest.csv", format!("orgnr,agent\n{},lonn-2026\n", numbers[0]));
    program.write_job("reconcile", "[guard]\nremovals = \"100%\"\n");
    let done = run(&program).expect(0);
    assert_eq!(totals(&done), [1, 0, 0, 0]);
    assert!(done.stderr.contains("no row of the manifest names agent"), "{}", done.stderr);
    assert_eq!((program.delegated(), on_payroll(&program)), (3 + 1, 1));
    program.run(&["verify"]).expect(0);
}

#[test]
fn a_migration_has_one_new_agent_and_an_agent_column_is_refused() {
    let program = program(3, 3);
    let numbers = numbers(&program);
    program.write("manifest.csv", format!("orgnr,agent\n{},\n{},{STANDARD_AGENT}\n", numbers[0], numbers[1]));
    write_migration(&program, true);
    let done = run(&program).expect(2);
    assert!(done.stderr.contains("line 3 names agent"), "{}", done.stderr);
    assert!(program.sent().iter().all(|sent| *sent == 0));
}

#[test]
fn two_columns_that_could_name_the_agent_are_refused() {
    let program = program(1, 0);
    let number = &numbers(&program)[0];
    program.write("manifest.csv", format!("orgnr;Agent;System user\n{number};lonn-2026;\n"));
    let done = run(&program).expect(2);
    assert!(done.stderr.contains("could both say which agent"), "{}", done.stderr);
}

#[test]
fn agents_that_cannot_be_given_clients_are_named_with_their_lines_before_anything_is_sent() {
    let program = program(3, 0);
    program.world().lock().add_agent({
        let mut agent = SandboxAgent::new(STANDARD_AGENT, facilitator(), &[PAYROLL_PACKAGE]);
        agent.listed.kind = fullmakt::model::AgentKind::Standard;
        agent
    });
    let numbers = numbers(&program);
    program.write(
        "manifest.csv",
        format!(
            "orgnr;agent\n{};nobody\n{};{STANDARD_AGENT}\n{};nobody\n",
            numbers[0], numbers[1], numbers[2]
        ),
    );
    program.write_job("delegate", "");
    let done = run(&program).expect(2);
    assert!(
        done.stderr.contains("line 2: agent \"nobody\": Altinn does not find the agent"),
        "{}",
        done.stderr
    );
    assert!(done.stderr.contains("(2 rows name it)"), "{}", done.stderr);
    assert!(done.stderr.contains("line 3: agent"), "{}", done.stderr);
    assert!(program.sent().iter().all(|sent| *sent == 0));
}

#[test]
fn two_names_of_one_agent_with_opposite_actions_are_a_contradiction() {
    let program = program(1, 0);
    let number = &numbers(&program)[0];
    program.write(
        "manifest.csv",
        format!("orgnr;agent;action\n{number};lonn-2026;delegate\n{number};{PAYROLL_AGENT};remove\n"),
    );
    program.write_job("manifest", "");
    let done = run(&program).expect(2);
    assert!(done.stderr.contains("lines 2 and 3 want the opposite"), "{}", done.stderr);
}

#[test]
fn planning_a_reconcile_takes_time_in_proportion_to_the_clients_named_and_unnamed() {
    let took = |half: usize| {
        let program = program(2 * half, half);
        program.write_job("reconcile", "[guard]\nremovals = \"100%\"\n");
        program.write("manifest.csv", format!("Orgnr\r\n{}\r\n", numbers(&program)[half..].join("\r\n")));
        let began = std::time::Instant::now();
        let planned = program.run(&["plan", "job.toml", "--format", "json"]).expect(0).json();
        assert_eq!(planned["totals"]["delegated"].as_u64(), Some(half as u64), "{}", planned["totals"]);
        began.elapsed()
    };
    // The quicker of some counts: a machine that is busy for a moment is no finding.
    let small = took(2_000).min(took(2_000));
    let large = (0..3).map(|_| took(16_000)).find(|large| *large < 24 * small);
    assert!(large.is_some(), "eight times the clients took more than 24 times {small:?}, three times");
}
