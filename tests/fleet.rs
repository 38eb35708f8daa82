//! Many firms at one pace: the real program at work on a fleet, against a sandbox of as many firms.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/pace.rs"]
mod pace;
#[path = "common/program.rs"]
mod program;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use fullmakt::{
    model::OrganisationNumber,
    sandbox::{CLIENT_ID, CLIENT_KEY, Fault, World, small_firm, small_firms_agent},
};
use pace::Watch;
use program::{Done, Program};
use serde_json::Value;

/// A fleet of so many small firms, each with the list of all its clients.
struct Fleet {
    program: Program,
    firms: usize,
    watch: Watch,
}

impl Fleet {
    fn new(firms: usize, rate: &str) -> Self {
        let world = World::with_small_firms(1, 0.0, firms);
        let program = Program::new(world, Duration::from_millis(5));
        program.write_private("key.jwk", CLIENT_KEY);
        let fleet = Self { program, firms, watch: Watch::begin() };
        fleet.write_file(rate, "");
        let mut list = "Org.nr.;Systembruker;Type;Liste\n".to_owned();
        for place in 0..firms {
            let (firm, agent) = (small_firm(place), small_firms_agent(place));
            writeln!(list, "{firm};{agent};reconcile;{firm}.csv").unwrap();
            fleet.write_clients(place, usize::MAX);
        }
        fleet.program.write("firms.csv", list);
        fleet
    }

    fn write_file(&self, rate: &str, more: &str) {
        let server = self.program.server();
        let (origin, endpoint) = (server.origin().origin().ascii_serialization(), server.token_endpoint().0);
        self.program.write(
            "fleet.toml",
            format!(
                "name = \"night\"\n[fleet]\nlist = \"firms.csv\"\nside_by_side = 20\n{more}\n\
                 [altinn]\nenvironment = \"{origin}\"\n\
                 [auth]\nmethod = \"maskinporten\"\nclient_id = {CLIENT_ID:?}\nkey_file = \"key.jwk\"\n\
                 token_endpoint = \"{endpoint}\"\n[guard]\nremovals = \"10%\"\n[pace]\nrate = \"{rate}\"\n"
            ),
        );
    }

    /// The first so many clients of a firm that can be given whole.
    fn write_clients(&self, place: usize, most: usize) {
        let mut list = "orgnr\n".to_owned();
        for (number, _) in self.clients(place).into_iter().take(most) {
            writeln!(list, "{number}").unwrap();
        }
        self.program.write(&format!("{}.csv", small_firm(place)), list);
    }

    /// A firm's clients that can be given, with how often each was sent.
    fn clients(&self, place: usize) -> Vec<(OrganisationNumber, u32)> {
        let world = self.program.world();
        let world = world.lock();
        let packages = &world
            .agents()
            .find(|agent| agent.listed.id == small_firms_agent(place))
            .unwrap()
            .listed
            .packages;
        let of_firm = world.clients().iter().filter(|client| client.facilitator == small_firm(place));
        of_firm
            .filter(|client| client.packages.len() == packages.len() && client.variant != "BBL")
            .map(|client| (client.number.unwrap(), world.sent(small_firms_agent(place), client.id)))
            .collect()
    }

    fn sent(&self) -> Vec<u32> {
        (0..self.firms).flat_map(|place| self.clients(place)).map(|(_, sent)| sent).collect()
    }

    fn work(&self) -> Done {
        self.program.run(&["fleet", "work", "fleet.toml", "--until-done", "--format", "json"])
    }

    fn status(&self) -> Value {
        self.program.run(&["fleet", "status", "fleet.toml", "--format", "json"]).expect(0).json()
    }

    fn at_work(&self, requests: u64) -> Child {
        let mut child = self.program.spawn(&["fleet", "work", "fleet.toml", "--until-done"]);
        self.program.wait_for_requests(&mut child, requests);
        child
    }

    /// When Altinn's API was asked; sign-ins have no part in its pace.
    fn times(&self) -> Vec<Instant> {
        let requests = self.program.server().requests();
        requests.iter().filter(|seen| seen.path.contains("/enduser/")).map(|seen| seen.at).collect()
    }
}

#[test]
fn twenty_firms_side_by_side_keep_one_pace_and_every_client_is_delegated_once() {
    let fleet = Fleet::new(20, "100/s");
    let plan = fleet.program.run(&["fleet", "plan", "fleet.toml", "--format", "json"]).expect(0).json();
    let clients = fleet.sent().len() as u64;
    assert_eq!((plan["operations"].as_u64(), plan["counts"]["firms"].as_u64()), (Some(clients), Some(20)));
    let planned = fleet.times().len();
    let begin = Instant::now();

    let done = fleet.work().expect(0).json();
    assert_eq!(done["counts"]["done"], 20);
    assert_eq!(done["totals"]["delegated"].as_u64(), Some(clients));
    assert!(fleet.sent().iter().all(|sent| *sent == 1), "{:?}", fleet.sent());
    let times = fleet.times();
    fleet.watch.must_be_kept(&times[planned..], 100);
    let least = (times.len() - planned) as f64 / 100.0;
    assert!(begin.elapsed().as_secs_f64() < 2.0 * least + 10.0, "{:?} for {least} s", begin.elapsed());

    let again = fleet.work().expect(0).json();
    assert_eq!(again["totals"]["delegated"].as_u64(), Some(clients), "tonight's runs are what counts");
    assert_eq!(fleet.times().len(), times.len(), "nothing is asked a second time tonight");
}

#[test]
fn a_firm_whose_system_user_was_withdrawn_is_one_firms_failure_with_what_to_do() {
    let fleet = Fleet::new(4, "unlimited");
    let gone = small_firm(2);
    fleet.program.server().sign_ins().lock().firms.retain(|firm| *firm != gone);
    let plan = fleet.program.run(&["fleet", "plan", "fleet.toml"]).expect(1);
    assert!(plan.stdout.contains("Maskinporten finds no such system user"), "{}", plan.stdout);
    let done = fleet.work().expect(1).json();
    assert_eq!((&done["counts"]["done"], &done["counts"]["refused"]), (&3.into(), &1.into()));
    let unit = &done["units"][2];
    assert_eq!(
        (unit["facilitator"].as_str().unwrap(), &unit["standing"]),
        (gone.to_string().as_str(), &"refused".into())
    );
    assert!(unit["hints"].to_string().contains("finds no such system user"), "{unit}");
    assert!(unit["failing_since"].is_string(), "{unit}");

    // It is back, somebody sees to it by hand, and it is done.
    fleet.program.server().sign_ins().lock().firms.push(gone);
    let job = format!("fleet.toml#{}", unit["job"].as_str().unwrap());
    fleet.program.run(&["run", &job, "--yes"]).expect(0);
    assert_eq!(fleet.status()["counts"]["done"], 4);
    assert!(fleet.sent().iter().all(|sent| *sent == 1));
}

#[test]
fn two_rows_that_name_one_system_user_are_both_refused_until_one_is_taken_out() {
    let title = {
        let fleet = Fleet::new(2, "unlimited");
        let world = fleet.program.world();
        let world = world.lock();
        let mut agents = world.agents();
        agents.find(|agent| agent.listed.id == small_firms_agent(0)).unwrap().listed.title.clone()
    };
    two_rows_of_one_system_user(&title);
    two_rows_of_one_system_user(&small_firms_agent(0).to_string());
}

/// The second row names it so.
fn two_rows_of_one_system_user(named: &str) {
    let fleet = Fleet::new(2, "unlimited");
    let list = fleet.program.read("firms.csv");
    let firm = small_firm(0);
    fleet.program.write("firms.csv", format!("{list}{firm};{named};remove;{firm}.csv\n"));
    let plan = fleet.program.run(&["fleet", "plan", "fleet.toml"]);
    assert_ne!(plan.code, Some(0), "{plan:?}");
    let plan = plan.stdout + &plan.stderr;
    assert!(plan.contains("that of line 4, too") && plan.contains("that of line 2, too"), "{plan}");
    let counts = |done: Done| done.json()["counts"].clone();
    let night = counts(fleet.work().expect(1));
    assert_eq!((&night["done"], &night["refused"]), (&1.into(), &2.into()));
    assert!(fleet.clients(0).iter().all(|(_, sent)| *sent == 0), "neither of the two sends anything");
    let by_hand = format!("fleet.toml#night-{firm}-remove");
    fleet.program.run(&["run", &by_hand, "--yes"]).expect(2);

    // Whoever saves the list has seen to it: what was refused is tried again the same night.
    let again = counts(fleet.work().expect(1));
    assert_eq!(again["refused"], 2);
    fleet.program.write("firms.csv", &list);
    assert_eq!(counts(fleet.work().expect(0))["done"], 2);
    assert!(fleet.sent().iter().all(|sent| *sent == 1));

    // What was carried out before a second row came can be taken back while it is there.
    fleet.program.write("firms.csv", format!("{list}{firm};{named};remove;{firm}.csv\n"));
    let job = format!("night-{firm}-reconcile");
    fleet.program.run(&["undo", "--job", &job, "--yes"]).expect(0);
}

#[test]
fn holds_and_releases_at_once_lose_none_of_each_other() {
    let fleet = Fleet::new(8, "unlimited");
    let run = |words: &[&str]| fleet.program.run(&[&["fleet"], words, &["--format", "json"]].concat());
    for _ in 0..3 {
        run(&["hold", "fleet.toml", "--firm", &small_firm(0).to_string()]).expect(0);
        thread::scope(|scope| {
            scope.spawn(|| run(&["release", "fleet.toml", "--firm", &small_firm(0).to_string()]).expect(0));
            scope.spawn(|| run(&["hold", "fleet.toml", "--reason", "emergency"]).expect(0));
            for firm in 1..8 {
                scope.spawn(move || {
                    run(&["hold", "fleet.toml", "--firm", &small_firm(firm).to_string()]).expect(0)
                });
            }
        });
        let status = fleet.status();
        assert_eq!(status["held"]["reason"], "emergency", "{status}");
        let units = status["units"].as_array().unwrap();
        assert_eq!(units.iter().filter(|unit| unit.get("held").is_some()).count(), 7, "{status}");
        run(&["release", "fleet.toml"]).expect(0);
        for firm in 1..8 {
            run(&["release", "fleet.toml", "--firm", &small_firm(firm).to_string()]).expect(0);
        }
    }
}

#[test]
fn a_list_that_names_no_firm_is_no_good_night() {
    let fleet = Fleet::new(1, "unlimited");
    let header = "Org.nr.;Systembruker;Type;Liste\n";
    for (list, says) in [
        ("", "names no firm"),
        (header, "names no firm"),
        ("Kunde;Type\nA;reconcile\n", "no column has the firms"),
    ] {
        fleet.program.write("firms.csv", list);
        for command in ["plan", "work", "status"] {
            let refused = fleet.program.run(&["fleet", command, "fleet.toml"]).expect(2);
            assert!(refused.stderr.contains(says), "{command}, {list:?}: {}", refused.stderr);
        }
    }
}

#[test]
fn a_refusal_by_the_guard_is_an_end_for_tonight_and_no_other_firms_matter() {
    let fleet = Fleet::new(3, "unlimited");
    fleet.work().expect(0);
    // The next night: most of one firm's clients are missing from its list.
    std::fs::remove_dir_all(fleet.program.path("state")).unwrap();
    fleet.write_clients(1, 3);
    let done = fleet.work().expect(1).json();
    assert_eq!((&done["counts"]["done"], &done["counts"]["refused"]), (&2.into(), &1.into()));
    let message = done["units"][1]["message"].as_str().unwrap();
    assert!(message.contains("removals"), "{message}");
    let asked = fleet.times().len();
    fleet.work().expect(1);
    assert_eq!(fleet.times().len(), asked, "it is not tried again tonight");
    let text = fleet.program.run(&["fleet", "status", "fleet.toml"]).expect(0).stdout;
    assert!(text.contains("job is refused tonight") && text.contains("--allow-removals"), "{text}");
}

#[test]
fn after_a_kill_in_the_middle_every_client_is_delegated_and_none_again_but_those_under_way() {
    let fleet = Fleet::new(6, "40/s");
    let mut killed = fleet.at_work(40);
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(!fleet.status()["at_work"].as_bool().unwrap());
    fleet.write_file("unlimited", "");
    fleet.work().expect(0);
    let sent = fleet.sent();
    assert!(sent.iter().all(|sent| (1..=2).contains(sent)), "{sent:?}");
    let twice = sent.iter().filter(|sent| **sent == 2).count();
    assert!(twice <= 6 * 16, "{twice}");
    let status = fleet.status();
    assert_eq!(status["counts"]["done"], 6);
    // What the killed process had done was done tonight, too.
    assert_eq!(
        (&status["totals"]["delegated"], &status["totals"]["unchanged"]),
        (&sent.len().into(), &0.into())
    );
}

#[test]
fn a_retry_after_that_one_firm_is_told_holds_all_of_them() {
    let fleet = Fleet::new(6, "40/s");
    let mut child = fleet.at_work(40);
    fleet.program.world().lock().faults_mut().fail_next(1, Fault::too_many_requests("2"));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let times = fleet.times();
    let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(longest >= Duration::from_millis(1500), "{longest:?}");
    let total: u32 = fleet.sent().iter().sum();
    // What was refused may have been a list.
    let again = total as usize - fleet.sent().len();
    assert!(again <= 1, "{again} were sent again, and one was refused");
}

#[test]
fn a_hold_stops_all_within_a_second_and_a_release_lets_them_go_on() {
    let fleet = Fleet::new(6, "40/s");
    let mut child = fleet.at_work(40);
    fleet.program.run(&["fleet", "hold", "fleet.toml", "--reason", "maintenance"]).expect(0);
    thread::sleep(Duration::from_secs(1));
    let held = fleet.times().len();
    thread::sleep(Duration::from_millis(1500));
    assert_eq!(fleet.times().len(), held);
    let text = fleet.program.run(&["fleet", "status", "fleet.toml"]).expect(0).stdout;
    assert!(text.contains("All firms are held") && text.contains("maintenance"), "{text}");
    assert!(child.try_wait().unwrap().is_none(), "nothing is ended");
    fleet.program.run(&["fleet", "release", "fleet.toml"]).expect(0);
    // Who has to stop a fleet need not mend its file first.
    let good = fleet.program.read("fleet.toml");
    fleet.program.write("fleet.toml", format!("{good}\nx = ["));
    let held = fleet.program.run(&["fleet", "hold", "fleet.toml"]).expect(0);
    assert!(held.stderr.contains("fleet.toml") && held.stdout.contains("held"), "{}", held.stderr);
    fleet.program.run(&["fleet", "work", "fleet.toml"]).expect(2);
    fleet.program.write("fleet.toml", good);
    assert!(fleet.status()["held"].is_object(), "{}", fleet.status());
    fleet.program.run(&["fleet", "release", "fleet.toml"]).expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(fleet.sent().iter().all(|sent| *sent == 1));
}

#[test]
fn a_firm_that_is_held_is_left_and_the_others_are_carried_out() {
    let fleet = Fleet::new(3, "unlimited");
    let firm = small_firm(1).to_string();
    let hold = ["fleet", "hold", "fleet.toml", "--firm", &firm, "--reason", "complaint"];
    fleet.program.run(&hold).expect(0);
    fleet.work().expect(3);
    let status = fleet.status();
    assert_eq!((&status["counts"]["done"], &status["counts"]["held"]), (&2.into(), &1.into()));
    assert!(fleet.clients(1).iter().all(|(_, sent)| *sent == 0));
    // Nor by hand; and when all go on, who is held for a reason of his own does not.
    let by_hand = format!("fleet.toml#night-{firm}-reconcile");
    let refused = fleet.program.run(&["run", &by_hand, "--yes"]).expect(2);
    assert!(
        refused.stderr.contains("complaint") && refused.stderr.contains("fleet release"),
        "{}",
        refused.stderr
    );
    fleet.program.run(&["plan", &by_hand]).expect(0);
    fleet.program.run(&["fleet", "hold", "fleet.toml"]).expect(0);
    let released = fleet.program.run(&["fleet", "release", "fleet.toml"]).expect(0).stdout;
    assert!(released.contains(&firm) && released.contains("complaint"), "{released}");
    fleet.work().expect(3);
    assert!(fleet.clients(1).iter().all(|(_, sent)| *sent == 0));
    fleet.program.run(&["fleet", "release", "fleet.toml", "--firm", &firm]).expect(0);
    fleet.work().expect(0);
    assert!(fleet.sent().iter().all(|sent| *sent == 1));
}

#[cfg(unix)]
#[test]
fn sigterm_finishes_what_is_under_way_and_the_next_goes_on() {
    let fleet = Fleet::new(6, "40/s");
    let mut child = fleet.at_work(40);
    let second = fleet.work().expect(4);
    assert!(second.stderr.contains("another process is at work on the fleet night"), "{}", second.stderr);
    program::signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    fleet.write_file("unlimited", "");
    fleet.work().expect(0);
    assert!(fleet.sent().iter().all(|sent| *sent == 1), "{:?}", fleet.sent());
}

#[test]
fn rows_that_are_wrong_are_named_with_their_line_and_the_others_are_carried_out() {
    let fleet = Fleet::new(3, "unlimited");
    let list = fleet.program.read("firms.csv");
    let broken = list.replacen("reconcile", "polish", 1);
    fleet.program.write("firms.csv", format!("{broken}123;x;delegate;a.csv\n"));
    let plan = fleet.program.run(&["fleet", "plan", "fleet.toml", "--offline"]).expect(2);
    for says in ["2 of 4 rows", "line 2, kind: \"polish\" is no kind", "line 5, facilitator"] {
        assert!(plan.stderr.contains(says), "{says}: {}", plan.stderr);
    }
    let done = fleet.work().expect(1).json();
    let standings: BTreeMap<u64, &str> = (done["units"].as_array().unwrap().iter())
        .map(|unit| (unit["line"].as_u64().unwrap(), unit["standing"].as_str().unwrap()))
        .collect();
    assert_eq!(standings, BTreeMap::from([(2, "refused"), (3, "done"), (4, "done"), (5, "refused")]));
}

#[cfg(unix)]
#[test]
fn word_of_a_night_is_left_once_for_all_firms() {
    let fleet = Fleet::new(3, "unlimited");
    let gone = small_firm(1);
    fleet.program.server().sign_ins().lock().firms.retain(|firm| *firm != gone);
    let file = fleet.program.read("fleet.toml");
    let told = "[notify]\ncommand = [\"sh\", \"-c\", \"echo \\\"$FULLMAKT_EVENT $FULLMAKT_TEXT\\\" >> told; cat > told.json\"]\n";
    fleet.program.write("fleet.toml", format!("{file}{told}"));
    let work = ["fleet", "work", "fleet.toml", "--until-done", "--metrics", "fleet.prom"];
    fleet.program.run(&work).expect(1);
    fleet.program.run(&work).expect(1);
    let told = fleet.program.read("told");
    assert!(told.starts_with("refused fleet night: 2 of 3 jobs carried out, 1 refused, 0 left; "), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    let json: Value = serde_json::from_str(&fleet.program.read("told.json")).unwrap();
    assert_eq!(json["counts"]["refused"], 1);
    let list = fleet.program.read("firms.csv").replacen("Org.nr.", "Navn;Org.nr.", 1);
    let named = list.lines().enumerate().map(|(place, row)| {
        if place == 0 { format!("{row}\n") } else { format!("<script>alert({place})</script>;{row}\n") }
    });
    fleet.program.write("firms.csv", named.collect::<String>());
    let list = fleet.program.read("firms.csv");
    std::fs::remove_file(fleet.program.path("firms.csv")).unwrap();
    fleet.program.run(&work).expect(2);
    let told = fleet.program.read("told");
    assert!(told.lines().count() == 2 && told.lines().last().unwrap().starts_with("refused "), "{told}");
    fleet.program.write("firms.csv", list);
    fleet.program.run(&["fleet", "status", "fleet.toml", "--html", "night.html"]).expect(0);
    let page = fleet.program.read("night.html");
    assert!(page.contains("2 of 3 jobs carried out") && page.contains("finds no such system user"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(2)") && !page.contains("<script>alert"), "{page}");

    let metrics = fleet.program.read("fleet.prom");
    for line in [
        "standing=\"done\"} 2",
        "fullmakt_fleet_last_exit_code{fleet=\"night\"",
        &format!(
            "fullmakt_fleet_job_carried_out{{fleet=\"night\",environment=\"{}\"",
            json["environment"].as_str().unwrap()
        ),
        &format!("firm=\"{gone}\"}} 0"),
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
}

#[test]
fn another_process_beside_the_fleet_shares_its_pace() {
    let fleet = Fleet::new(6, "60/s");
    let mut child = fleet.at_work(20);
    let file = fleet.program.read("fleet.toml").replace("\"night\"", "\"beside\"");
    fleet.program.write("beside.toml", file);
    // The same client, the same state folder, another process: the lists alone.
    let begin = fleet.times().len();
    for _ in 0..4 {
        fleet.program.run(&["fleet", "plan", "beside.toml", "-q"]).expect(0);
    }
    let times = fleet.times();
    assert!(times.len() > begin);
    fleet.watch.must_be_kept(&times, 60);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
