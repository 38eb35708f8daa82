//! The manifests under `fixtures/`, written from the roster so that they cannot drift from it.
//!
//! `FULLMAKT_WRITE_FIXTURES=1 cargo test fixtures` writes them again after the roster has changed.

use super::{
    chance, names,
    parties::SandboxClient,
    roster::{
        onboarding_clients, refused_and_healthy_clients, small_firm, small_firms_agent, strangers,
        tonights_clients,
    },
    world::World,
};
use crate::model::OrganisationNumber;

const TOWNS: [&str; 10] =
    ["OSLO", "BERGEN", "TROMSØ", "BODØ", "ÅLESUND", "TØNSBERG", "HAMAR", "RØROS", "ÅRDAL", "MÅLØY"];
const IN_CHARGE: [&str; 6] =
    ["Åse Lunde", "Øyvind Gjøk", "Kari Måke", "Sæbjørn Elg", "Ragnhild Røyskatt", "Pål Ørret"];

/// `fixtures/onboarding.csv`: as an accounting system exports its clients on Windows.
fn onboarding_csv() -> Vec<u8> {
    let mut text = String::from("Kundenr;Kundenavn;Org.nr.;Poststed;Kundeansvarlig\r\n");
    for (place, client) in onboarding_clients().iter().enumerate() {
        let Some(number) = client.number else { continue };
        let cells = [
            (10_001 + place).to_string(),
            quoted(&exported_name(place, client), ';'),
            exported_number(place, number),
            TOWNS[chance::place(7, &[place as u64], TOWNS.len())].to_owned(),
            IN_CHARGE[chance::place(8, &[place as u64], IN_CHARGE.len())].to_owned(),
        ];
        text.push_str(&cells.join(";"));
        text.push_str("\r\n");
    }
    windows_1252(&text)
}

/// `fixtures/onboarding-refusals.csv`: by hand in a spreadsheet, with what can go wrong in one.
fn refusals_csv() -> Vec<u8> {
    let clients = refused_and_healthy_clients();
    let row = |client: &SandboxClient, note: &str| {
        let number = client.number.map(|number| number.to_string()).unwrap_or_default();
        (number, client.name.clone(), note.to_owned())
    };
    let mut rows: Vec<_> = clients.iter().map(|client| row(client, "")).collect();
    // Healthy and refused side by side, as they are in life.
    rows.sort_by_key(|(number, ..)| number.chars().rev().collect::<String>());
    rows[3].2 = "=SUM(A1:A9)".to_owned();
    rows[9].2 = "ring først, \"haster\"".to_owned();
    for (at, stranger) in [5, 17, 29, 38].into_iter().zip(strangers()) {
        rows.insert(at, row(&stranger, "ny kunde?"));
    }
    for (at, (number, name)) in [8, 14, 20, 26, 32, 44].into_iter().zip(bad_rows()) {
        rows.insert(at, (number, name.to_owned(), String::new()));
    }
    rows.push(row(&clients[20], "står to ganger"));
    let mut text = String::from("\u{feff}Orgnr,Navn,Merknad\n");
    for (number, name, note) in rows {
        let cells = [number, name, note].map(|cell| quoted(&cell, ','));
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text.into_bytes()
}

/// `fixtures/nightly.csv`: as a system writes it every evening, for programs.
fn nightly_csv() -> Vec<u8> {
    let mut rows = vec!["organisation_number,name".to_owned()];
    for client in tonights_clients() {
        rows.extend(client.number.map(|number| format!("{number},{}", quoted(&client.name, ','))));
    }
    (rows.join("\n") + "\n").into_bytes()
}

/// So many firms are in the fleet of `jobs/fleet/`.
const FIRMS_OF_THE_FLEET: usize = 8;

/// `jobs/fleet/`: the list of firms as a vendor's system writes it, and a list of clients for each.
fn fleet_files() -> Vec<(String, Vec<u8>)> {
    let world = World::with_small_firms(1, 0.0, FIRMS_OF_THE_FLEET);
    let mut firms = vec!["Org.nr.;Navn;Systembruker;Type;Liste;Gruppe;removals".to_owned()];
    let mut files = Vec::new();
    for place in 0..FIRMS_OF_THE_FLEET {
        let (firm, agent) = (small_firm(place), small_firms_agent(place));
        let (kind, removals) = match place % 4 {
            1 => ("delegate", ""),
            2 => ("reconcile", "2"),
            _ => ("reconcile", ""),
        };
        let name = names::company(3_000 + place);
        let group = ["øst", "vest"][place % 2];
        firms.push(format!("{firm};{name};{agent};{kind};lists/{firm}.csv;{group};{removals}"));
        let mut list = "organisation_number;name\n".to_owned();
        let packages =
            world.agents().find(|one| one.listed.id == agent).map(|agent| agent.listed.packages.clone());
        let packages = packages.unwrap_or_default();
        // Only the first firm asks for one that cannot be given.
        let fits =
            |client: &&SandboxClient| place == 0 || packages.iter().all(|package| client.gives(package));
        for client in world.clients().iter().filter(|client| client.facilitator == firm).filter(fits) {
            list.extend(client.number.map(|number| format!("{number};{}\n", quoted(&client.name, ';'))));
        }
        files.push((format!("jobs/fleet/lists/{firm}.csv"), list.into_bytes()));
    }
    files.push(("jobs/fleet/firms.csv".to_owned(), (firms.join("\n") + "\n").into_bytes()));
    files
}

/// What stands where a number should be.
fn bad_rows() -> [(String, &'static str); 6] {
    let with_zero = strangers_with_zero();
    let wrong_digit = with_zero.as_u32() + 500_000_000;
    [
        ("3,1E+08".to_owned(), "AVRUNDET AS"),
        (with_zero.as_u32().to_string(), "NULLEN BORTE AS"),
        ("12345678".to_owned(), "FOR KORT AS"),
        (wrong_digit.to_string(), "FEIL SIFFER AS"),
        (String::new(), "UTEN NUMMER AS"),
        ("kommer senere".to_owned(), "UNDER STIFTELSE"),
    ]
}

/// A number that begins with one 0 and becomes wrong without it.
fn strangers_with_zero() -> OrganisationNumber {
    chance::number_from(7_123_456)
}

/// One in 90 names holds the separator, one in 110 quotation marks.
fn exported_name(place: usize, client: &SandboxClient) -> String {
    if place % 90 == 11 {
        format!("{}; AVD. SØR", client.name)
    } else if place % 110 == 23 {
        format!("\"{}\" - PÅ TORGET", client.name)
    } else {
        client.name.clone()
    }
}

fn exported_number(place: usize, number: OrganisationNumber) -> String {
    let digits = number.to_string();
    let grouped = |space: &str| format!("{}{space}{}{space}{}", &digits[..3], &digits[3..6], &digits[6..]);
    match place % 20 {
        0..10 => digits,
        10..14 => grouped(" "),
        14..16 => format!("NO {} MVA", grouped(" ")),
        16..18 => grouped("\u{a0}"),
        18 => format!("0192:{digits}"),
        _ => format!("NO{digits}MVA"),
    }
}

fn quoted(cell: &str, separator: char) -> String {
    if cell.contains([separator, '"']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// The roster's letters are all in Latin-1, where Windows-1252 has the same bytes.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| {
            let byte = u8::try_from(u32::from(letter)).unwrap();
            assert!(!(0x80..0xa0).contains(&byte), "{letter} is not the same in Windows-1252");
            byte
        })
        .collect()
}

mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::{
        model::{AgentRef, Environment, Job, JobKind},
        sandbox::{ONBOARDING_AGENT, REFUSALS_AGENT, facilitator},
    };

    fn project(path: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    #[test]
    fn the_fixtures_are_what_the_roster_says() {
        let fixtures = [
            ("fixtures/onboarding.csv", onboarding_csv()),
            ("fixtures/onboarding-refusals.csv", refusals_csv()),
            ("fixtures/nightly.csv", nightly_csv()),
        ];
        let fixtures = fixtures.map(|(path, wanted)| (path.to_owned(), wanted));
        for (path, wanted) in fixtures.into_iter().chain(fleet_files()) {
            if std::env::var_os("FULLMAKT_WRITE_FIXTURES").is_some() {
                fs::write(project(&path), &wanted).unwrap();
            }
            let there = fs::read(project(&path)).unwrap_or_default();
            assert!(there == wanted, "{path} is not what the roster says: see src/sandbox/fixtures.rs");
        }
    }

    #[test]
    fn every_number_in_the_onboarding_fixture_is_valid_and_there_are_a_thousand() {
        let clients = onboarding_clients();
        for (place, client) in clients.iter().enumerate() {
            let number = client.number.unwrap();
            assert_eq!(OrganisationNumber::parse(&exported_number(place, number)), Ok(number));
        }
        assert_eq!(clients.len(), 1_000);
    }

    #[test]
    fn every_bad_row_of_the_refusals_fixture_is_bad_in_its_own_way() {
        let complaints: std::collections::BTreeSet<String> = bad_rows()
            .iter()
            .map(|(number, _)| OrganisationNumber::parse(number).unwrap_err().to_string())
            .collect();
        assert_eq!(complaints.len(), 6, "{complaints:?}");
    }

    #[test]
    fn the_jobs_name_the_rosters_agents_and_the_fixtures() {
        for (path, agent, manifest, attempts) in [
            ("jobs/onboarding.toml", ONBOARDING_AGENT, "../fixtures/onboarding.csv", 5),
            ("jobs/onboarding-refusals.toml", REFUSALS_AGENT, "../fixtures/onboarding-refusals.csv", 3),
        ] {
            let job = Job::parse(&fs::read_to_string(project(path)).unwrap()).unwrap();
            assert_eq!(job.kind, JobKind::Delegate);
            assert_eq!(job.environment, Environment::Sandbox);
            assert_eq!(job.facilitator, facilitator());
            assert_eq!(job.agent, AgentRef::Id(agent));
            assert_eq!(job.manifest.as_deref(), Some(Path::new(manifest)));
            assert_eq!(job.pace.attempts, attempts);
            assert_eq!(job.pace.in_flight, 32);
            assert_eq!(job.pace.rate.to_string(), "100/s");
        }
    }
}
