//! What a run leaves for people and for their spreadsheets: every report, from one reading of the ledger.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

#[path = "common/program.rs"]
mod program;

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use fullmakt::{
    manifest::{Entry, Expects, Manifest, SheetColumn, SheetWriter},
    model::Action,
    sandbox::{Fault, Quirk, Refusal, Reply, World},
};
use program::Program;

/// A name that means something to a browser, a spreadsheet, a terminal and a reader.
const HOSTILE: &str = "=HYPERLINK(\"http://hostile.example/x\")<script src=//hostile.example/s></script>\
                       <img src='http://hostile.example/i' onerror=alert(1)>\u{202e}&amp;";

/// A world in which the first client has a hostile name and the next four are refused, each for a reason of its own.
fn difficult(clients: usize) -> Program {
    let mut program = Program::new(World::with_clients(clients, 1), Duration::ZERO);
    program.pace.push_str("attempts = 1\n");
    program.write_job("delegate", "");
    let world = program.world();
    let mut world = world.lock();
    let ids: Vec<_> = world.clients().iter().map(|client| client.id).collect();
    HOSTILE.clone_into(&mut world.client_mut(ids[0]).unwrap().name);
    for (id, refusal) in ids[1..].iter().zip([
        Refusal::ClientNotFound,
        Refusal::PackageMissing,
        Refusal::DelegationFailed,
        Refusal::ClientNotFound,
    ]) {
        world.client_mut(*id).unwrap().quirk = Some(Quirk::RefusesDelegation(refusal));
    }
    drop(world);
    program
}

/// The newest run's file of this name.
fn file(program: &Program, name: &str) -> PathBuf {
    let run =
        program.run(&["status", "--format", "json"]).expect(0).json()["run"].as_str().unwrap().to_owned();
    program.path("state/runs").join(run).join(name)
}

fn text(program: &Program, name: &str) -> String {
    fs::read_to_string(file(program, name)).unwrap()
}

fn numbers(program: &Program) -> Vec<String> {
    let world = program.world();
    let world = world.lock();
    world.clients().iter().filter_map(|client| client.number).map(|number| number.to_string()).collect()
}

fn workbook(path: &Path, header: &[&str], rows: &[Vec<String>]) {
    let columns = header.iter().map(|heading| SheetColumn::of_heading(*heading)).collect();
    let mut sheet = SheetWriter::new(Some("Kunder"), columns).unwrap();
    for row in rows {
        sheet.write(row, false).unwrap();
    }
    sheet.finish(fs::File::create(path).unwrap()).unwrap();
}

/// A page as somebody reads it: its texts, without markup, styles and scripts; what differs from run to run left out.
fn read_aloud(page: &str, program: &Program) -> String {
    let body = &page[page.find("<main>").unwrap()..page.find("<script>").unwrap()];
    let mut text = String::new();
    let mut rest = body;
    while let Some(open) = rest.find('<') {
        let close = open + rest[open..].find('>').unwrap();
        text.push_str(&rest[..open]);
        let tag = rest[open + 1..close].trim_start_matches('/').split(' ').next().unwrap();
        if !["bdi", "time", "code", "span", "strong", "rect", "svg"].contains(&tag) {
            text.push('\n');
        }
        rest = &rest[close + 1..];
    }
    for (entity, character) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        text = text.replace(entity, character);
    }
    let origin = program.server().origin().origin().ascii_serialization();
    let run = file(program, "x").parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    text = text.replace(&origin, "[origin]").replace(&run, "[run]");
    let mut kept = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let is_time =
            line.len() >= 8 && line.chars().all(|one| one.is_ascii_digit() || "-+: .".contains(one));
        let is_trace = line.starts_with("00-") && line.len() > 40;
        if is_time && line.contains(':') {
            kept.push("[time]".to_owned());
        } else if is_trace {
            kept.push("[trace id]".to_owned());
        } else if line.contains("a second on average") {
            kept.push("[requests, time and pace]".to_owned());
        } else {
            kept.push(line.to_owned());
        }
    }
    // How fast the machine is stands between these two.
    let text = kept.join("\n");
    let (before, after) = text.split_once("requests with a verdict, in all").unwrap();
    let (_, after) = after.split_once("What failed, and what to do").unwrap();
    format!("{before}[picture]\nWhat failed, and what to do{after}")
}

#[test]
fn done_csv_has_a_row_for_every_client_that_is_as_asked_also_of_a_night_that_changed_nothing() {
    let program = Program::new(World::with_clients(6, 1), Duration::ZERO);
    let first = program.world().lock().clients()[0].id;
    HOSTILE.clone_into(&mut program.world().lock().client_mut(first).unwrap().name);
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    let outcomes = |of: &Program| {
        let done = text(of, "done.csv");
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(done.as_bytes());
        let header: Vec<String> = reader.headers().unwrap().iter().map(ToOwned::to_owned).collect();
        assert_eq!(header, ["organisation_number", "name", "agent", "operation", "outcome", "settled_at"]);
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert!(rows.iter().any(|row| row[1].starts_with("'=HYPERLINK")), "{done}");
        assert!(rows.iter().all(|row| row[5].ends_with('Z') && &row[3] == "delegate"), "{done}");
        rows.iter().map(|row| (row[0].to_owned(), row[4].to_owned())).collect::<Vec<_>>()
    };
    let with = |outcome: &str| -> Vec<(String, String)> {
        numbers(&program).into_iter().map(|number| (number, outcome.to_owned())).collect()
    };
    assert_eq!(outcomes(&program), with("delegated"));
    for _ in 0..2 {
        program.run(&["run", "job.toml", "--yes"]).expect(0);
        assert_eq!(outcomes(&program), with("unchanged"));
    }
    program.run(&["undo", "--yes"]).expect(0);
}

#[test]
fn report_writes_every_file_again_and_says_where() {
    let program = difficult(8);
    program.run(&["run", "job.toml", "--yes"]).expect(1);
    let folder = file(&program, "x").parent().unwrap().to_owned();
    let before: Vec<_> = ["failures.csv", "done.csv", "other-names.csv", "report.html", "summary.json"]
        .iter()
        .map(|name| (folder.join(name), fs::read(folder.join(name)).unwrap()))
        .collect();
    for (path, _) in &before {
        fs::remove_file(path).unwrap();
    }
    let again = program.run(&["report"]).expect(0);
    let said: Vec<PathBuf> = again.stdout.lines().map(PathBuf::from).collect();
    assert_eq!(said, before.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>());
    for (path, content) in before {
        assert_eq!(fs::read(&path).unwrap(), content, "{}", path.display());
    }
    let json = program.run(&["report", "--format", "json"]).expect(0).json();
    assert_eq!(json["files"].as_array().unwrap().len(), 5);
    assert!(json["failures"].as_str().unwrap().ends_with("failures.csv"));
}

/// The cells of a workbook's first sheet.
fn texts(path: &Path) -> Vec<Vec<String>> {
    let mut book = calamine::open_workbook_auto(path).unwrap();
    let sheet = calamine::Reader::worksheet_range_at(&mut book, 0).unwrap().unwrap();
    sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

/// The columns of a workbook's first sheet that are folded away, from 1.
fn folded_columns(path: &Path) -> Vec<u32> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let mut part = String::new();
    archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut part).unwrap();
    let number = |column: &str, name: &str| {
        column.split(name).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    let columns = part.split("<col ").filter(|column| column.contains(" hidden=\"1\""));
    columns.flat_map(|column| number(column, "min=\"")..=number(column, "max=\"")).collect()
}

#[test]
fn a_workbook_has_reports_that_go_back_in_as_the_next_list() {
    let program = difficult(8);
    let rows: Vec<Vec<String>> = numbers(&program)
        .into_iter()
        .map(|number| vec![number, "@Kari".to_owned(), "3 000".to_owned()])
        .collect();
    workbook(&program.path("list.xlsx"), &["Org.nr.", "Kontakt", "Honorar"], &rows);
    program.write("job.toml", program.read("job.toml").replace("manifest.csv", "list.xlsx"));
    program.run(&["run", "job.toml", "--yes"]).expect(1);

    // Who failed, in the list's own columns and sheet.
    let failures = file(&program, "failures.xlsx");
    let back = Manifest::open(&failures).unwrap();
    assert_eq!(back.dialect().header.as_deref().unwrap(), ["Org.nr.", "Kontakt", "Honorar"]);
    assert_eq!(back.dialect().sheet.as_deref(), Some("Kunder"));
    let named: Vec<_> = back.read(Expects::Only(Action::Delegate)).unwrap().map(Result::unwrap).collect();
    let Entry::Row(first) = &named[0] else { panic!("{named:?}") };
    assert_eq!(first.cells, rows[1]);
    assert_eq!(named.len(), 4);
    assert!(back.remarks().is_empty(), "{:?}", back.remarks());
    // People see why, on which line and what Altinn calls the client, in their language; the columns for programs are
    // there, folded away. In every language the list comes back with its own columns alone.
    for (language, heading) in [
        ("en", "fullmakt: what is wrong, and what to do"),
        ("nb", "fullmakt: hva som er galt, og hva du kan gj\u{f8}re"),
    ] {
        program.run(&["report", "--lang", language]).expect(0);
        let shown = texts(&failures);
        assert_eq!((shown[0][3].as_str(), shown[1][4].as_str()), (heading, "3"));
        assert_eq!(shown[0][6], "fullmakt_action");
        assert_eq!(Manifest::open(&failures).unwrap().dialect().header, back.dialect().header);
    }
    let done = file(&program, "done.xlsx");
    assert_eq!((folded_columns(&failures), folded_columns(&done)), ((7..=16).collect(), (6..=9).collect()));
    let shown = texts(&done);
    assert_eq!(shown[0][2..5], ["action", "fullmakt: resultat", "fullmakt: n\u{e5}r"]);
    assert_eq!((shown[1][3].as_str(), shown[1][7].as_str()), ("delegert", "delegated"));
    program.run(&["report", "--lang", "en"]).expect(0);

    // Given back as it is, when Altinn has changed its mind.
    let world = program.world();
    let ids: Vec<_> = world.lock().clients().iter().map(|client| client.id).collect();
    for id in ids {
        world.lock().client_mut(id).unwrap().quirk = None;
    }
    fs::copy(failures, program.path("list.xlsx")).unwrap();
    let next = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!((next.total("rows"), next.total("delegated")), (4, 4));

    // Who is done goes in as a list that changes nothing until somebody says so.
    let done = Manifest::open(&done).unwrap();
    assert!(done.has_actions());
    assert_eq!(done.read(Expects::Action).unwrap().count(), 0);
    // A job that does the same to every row is not for such a list: it would do it to those who are to stay.
    for action in [Action::Remove, Action::Delegate] {
        let rows: Vec<_> = done.read(Expects::Only(action)).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 4);
        for row in rows {
            let Entry::Rejected { complaints, .. } = row else { panic!("{row:?}") };
            assert!(complaints[0].to_string().contains("the row says keep"), "{complaints:?}");
        }
    }
}

#[test]
fn a_file_of_clients_is_changed_by_hand_and_given_back() {
    let program = Program::new(World::with_clients(6, 1), Duration::ZERO);
    let numbers = numbers(&program);
    program.write("manifest.csv", format!("orgnr\n{}\n", numbers[..4].join("\n")));
    program.run(&["run", "job.toml", "--yes"]).expect(0);
    for name in ["out.csv", "out.xlsx"] {
        program.write_job("delegate", "");
        let said = program.run(&["clients", "job.toml", "--available", "--out", name]).expect(0);
        assert!(said.stdout.contains("out.") && said.stdout.contains("6 clients"), "{}", said.stdout);
        program.write_job("manifest", "");
        program.write("job.toml", program.read("job.toml").replace("manifest.csv", name));
        let nothing = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
        assert_eq!(nothing.json()["attempts"], 0, "{name}");
    }
    let csv = program.read("out.csv");
    let change = |number: &str, from: &str, to: &str| {
        let line = csv.lines().find(|line| line.starts_with(number)).unwrap_or_else(|| panic!("{csv}"));
        assert!(line.ends_with(from), "{line}");
        (line.to_owned(), line.replace("keep", to))
    };
    let mut edited = csv.clone();
    for (from, to) in [change(&numbers[0], "yes;keep", "fjern"), change(&numbers[5], "no;keep", "delegate")] {
        edited = edited.replace(&from, &to);
    }
    program.write("out.csv", edited);
    program.write("job.toml", program.read("job.toml").replace("out.xlsx", "out.csv"));
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!((done.total("delegated"), done.total("removed"), done.total("unchanged")), (1, 1, 0));
    // Somebody may have written into a file that is there.
    let before = program.read("out.csv");
    let refused = program.run(&["clients", "job.toml", "--out", "out.csv"]).expect(2);
    assert!(refused.stderr.contains("there is a file already"), "{}", refused.stderr);
    assert_eq!(program.read("out.csv"), before);
    let refused = program.run(&["clients", "job.toml", "--out", "out.pdf"]).expect(2);
    assert!(refused.stderr.contains(".xlsx"), "{}", refused.stderr);
    // Where the list is the whole truth, a row that takes away contradicts the job.
    program.write("job.toml", program.read("job.toml").replace("\"manifest\"", "\"reconcile\""));
    let refused = program.run(&["plan", "job.toml"]).expect(2);
    assert!(refused.stderr.contains("the row says remove"), "{}", refused.stderr);
    // So does a row that is to stay as it is: the job would delegate it.
    program.write("job.toml", program.read("job.toml").replace("out.csv", "out.xlsx"));
    let refused = program.run(&["plan", "job.toml"]).expect(2);
    assert!(
        refused.stderr.contains("says keep") && refused.stderr.contains("column of actions"),
        "{}",
        refused.stderr
    );
}

#[test]
fn copies_go_where_the_job_wants_them_under_names_that_no_other_run_has() {
    let program = difficult(8);
    program.write_job("delegate", "[report]\nfolder = \"to the boss\"\n");
    let mut names = Vec::new();
    for _ in 0..2 {
        let run = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(1).json();
        for name in ["done.csv", "failures.csv", "other-names.csv", "report.html", "summary.json"] {
            names.push(format!("test-{}-{name}", run["run"].as_str().unwrap()));
        }
    }
    let mut there: Vec<String> = fs::read_dir(program.path("to the boss"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    names.sort();
    assert_eq!(there, names);
    let copy = names.last().unwrap().replace("summary.json", "report.html");
    let newest = names.iter().filter(|name| name.ends_with("report.html")).find(|name| **name == copy);
    assert!(newest.is_some_and(|name| program.read(&format!("to the boss/{name}")).contains("</html>")));
}

#[test]
fn a_folder_that_cannot_be_written_loses_no_report_and_no_run() {
    let program = difficult(8);
    program.write("taken", "a file");
    program.write_job("delegate", "[report]\nfolder = \"taken\"\n");
    let done = program.run(&["run", "job.toml", "--yes"]).expect(1);
    assert!(done.stderr.contains("is not copied to"), "{}", done.stderr);
    assert!(text(&program, "report.html").contains("</html>"));
}

#[test]
fn the_page_tells_the_run_to_people() {
    let program = difficult(8);
    program.run(&["run", "job.toml", "--yes"]).expect(1);
    insta::assert_snapshot!("page", read_aloud(&text(&program, "report.html"), &program));
    let status = program.run(&["status"]).expect(0).stdout;
    let run = file(&program, "x").parent().unwrap().to_owned();
    let name = run.file_name().unwrap().to_str().unwrap();
    let mut summary: Vec<String> = status
        .replace(run.to_str().unwrap(), "[folder]")
        .replace(name, "[run]")
        .lines()
        .map(ToOwned::to_owned)
        .collect();
    for line in &mut summary {
        if let Some((before, _)) = line.split_once(", from ") {
            *line = format!("{before}, from [time] to [time]");
        }
        if line.starts_with("  begun ") {
            "  begun [time]; age: [age]".clone_into(line);
        }
    }
    insta::assert_snapshot!("summary", summary.join("\n"));
}

#[test]
fn the_page_asks_nothing_of_any_network_and_hostile_names_stay_text() {
    let program = difficult(8);
    program.run(&["run", "job.toml", "--yes"]).expect(1);
    let page = text(&program, "report.html");
    let markup: String =
        page.split('<').skip(1).map(|rest| ["<", rest.split('>').next().unwrap(), "\n"].concat()).collect();
    for forbidden in [
        "<img",
        "<iframe",
        "<object",
        "<script src",
        " onerror",
        "hostile.example",
        "href=\"http",
        "\u{202e}",
    ] {
        assert!(!markup.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("&lt;script src=//hostile.example/s&gt;"));
    assert_eq!(markup.matches("<script").count(), 1);
    assert!(!page.contains('\u{202e}'));
}

/// Where there is a browser to check the page with: `FULLMAKT_TEST_BROWSER` names it (`.ci/run` sets it). Without the
/// variable the check is left out, so that `cargo test` needs no browser.
fn browser() -> Option<String> {
    let browser = std::env::var("FULLMAKT_TEST_BROWSER").ok().filter(|name| !name.is_empty());
    if browser.is_none() {
        eprintln!("left out: FULLMAKT_TEST_BROWSER names no browser (chromium, for instance)");
    }
    browser
}

/// The page as the browser leaves it, and everything that it complained of. Every request goes to `proxy`.
fn in_browser(browser: &str, address: &str, proxy: u16, folder: &Path) -> (String, String) {
    let mut child = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
            "--virtual-time-budget=2000",
            "--dump-dom",
        ])
        .arg(format!("--proxy-server=http://127.0.0.1:{proxy}"))
        .arg(format!("--user-data-dir={}", folder.display()))
        .arg(address)
        .stdout(std::process::Stdio::piped())
        .stderr(fs::File::create(folder.with_extension("log")).unwrap())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("{browser} cannot be started ({error}): install it, with `apt-get install chromium` for instance")
        });
    let mut page = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut dom = String::new();
        page.read_to_string(&mut dom).map(|_| dom).unwrap()
    });
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_mins(1) {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let log = fs::read_to_string(folder.with_extension("log")).unwrap();
    (reader.join().unwrap(), log)
}

#[test]
fn in_a_real_browser_the_page_has_no_error_makes_no_request_and_finds_a_client() {
    let Some(browser) = browser() else { return };
    let program = difficult(8);
    program.run(&["run", "job.toml", "--yes"]).expect(1);
    let asked_for = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    asked_for.set_nonblocking(true).unwrap();
    let port = asked_for.local_addr().unwrap().port();
    let number = numbers(&program)[0].clone();
    let page = file(&program, "report.html");
    let address = format!("file://{}#find={}%20{}", page.display(), &number[..3], &number[3..]);
    let (dom, log) = in_browser(&browser, &address, port, &program.path("browser"));

    let errors: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let mut requests = Vec::new();
    while let Ok((mut stream, _)) = asked_for.accept() {
        let mut request = [0; 4096];
        let read = stream.read(&mut request).unwrap_or_default();
        requests.push(String::from_utf8_lossy(&request[..read]).into_owned());
    }
    // The browser calls home by itself; that is not the page's doing.
    requests
        .retain(|request| !["google", "gstatic", "chromium.org"].iter().any(|home| request.contains(home)));
    assert!(requests.is_empty(), "{requests:?}");
    // The script has run: the tools are there, each heading sorts, and only the client that is sought is shown.
    assert!(dom.contains("<div id=\"tools\">"), "{dom}");
    assert_eq!(dom.matches("<button").count(), 7);
    let rows: Vec<&str> = dom[dom.find("<table id=\"table\"").unwrap()..]
        .split("<tr")
        .filter(|row| row.contains("<th scope=\"row\">") && row.contains("class=\"state\""))
        .collect();
    let shown: Vec<&&str> = rows.iter().filter(|row| !row.starts_with(" hidden")).collect();
    assert_eq!((rows.len(), shown.len()), (8, 1));
    assert!(
        shown[0].contains(&number) && shown[0].contains("&lt;img src='http://hostile.example/i'"),
        "{}",
        shown[0]
    );
}

/// How many sheets the browser prints the page on.
fn sheets(browser: &str, page: &Path, folder: &Path) -> usize {
    let pdf = folder.with_extension("pdf");
    let printed = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"])
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("--user-data-dir={}", folder.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let bytes = fs::read(&pdf).unwrap_or_else(|error| panic!("{error}: {printed:?}"));
    bytes.windows(11).filter(|piece| piece.starts_with(b"/Type /Page") && piece[10] == b'e').count()
        - bytes.windows(12).filter(|piece| piece.starts_with(b"/Type /Pages")).count()
}

#[test]
fn the_page_prints_as_a_summary_and_whole_when_its_box_is_ticked() {
    let Some(browser) = browser() else { return };
    let program = difficult(500);
    program.run(&["run", "job.toml", "--yes"]).expect(1);
    let page = file(&program, "report.html");
    let short = sheets(&browser, &page, &program.path("browser-short"));
    assert!((1..=4).contains(&short), "{short} sheets");
    // As somebody leaves it who has ticked the box.
    let text = fs::read_to_string(&page).unwrap();
    let ticked = text.replace("id=\"print-all\"", "id=\"print-all\" checked");
    assert_ne!(ticked, text);
    fs::write(&page, ticked).unwrap();
    let whole = sheets(&browser, &page, &program.path("browser-whole"));
    assert!(whole > short + 5, "{whole} sheets");
}

#[test]
fn reports_speak_the_language_of_the_command_and_what_programs_read_stays_english() {
    let mut program = Program::new(World::with_clients(3, 1), Duration::ZERO);
    program.pace = "rate = \"unlimited\"\n".to_owned();
    let last = program.world().lock().clients()[2].id;
    program.world().lock().client_mut(last).unwrap().available = false;
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json", "--lang", "nb"]).expect(1);
    let reason = done.json()["failure_reasons"][0]["message"].as_str().unwrap().to_owned();
    assert!(reason.starts_with("Altinn does not list this organisation"), "{reason}");
    let folder = done.json()["failures"].as_str().unwrap().trim_end_matches("failures.csv").to_owned();
    let read = |name: &str| std::fs::read_to_string(format!("{folder}{name}")).unwrap();
    assert!(read("report.html").contains("<html lang=\"nb\">"));
    assert!(read("failures.csv").contains("Altinn viser ikke denne organisasjonen"));
    assert!(read("summary.json").contains("Altinn does not list this organisation"));
    // The same run, read by somebody who speaks English.
    program.run(&["report", "--lang", "en"]).expect(0);
    assert!(read("report.html").contains("<html lang=\"en\">"));
    assert!(read("failures.csv").contains("Altinn does not list this organisation"));
    // Kept is which sentence it was, and no language.
    let kept = program.ledger("SELECT message FROM client_rows WHERE state = 'failed'").unwrap();
    assert!(kept[0][0].starts_with("{\"id\":"), "{kept:?}");
    // What an older version kept is a sentence, and is shown as it stands, whoever reads it.
    let older = "UPDATE client_rows SET message = 'no such client, said last year' WHERE state = 'failed' RETURNING client";
    program.ledger(older).unwrap();
    program.run(&["report", "--lang", "nb"]).expect(0);
    assert!(read("failures.csv").contains("no such client, said last year"));
}

#[test]
fn what_altinn_says_is_shown_as_it_was_said_though_it_looks_like_a_sentence_of_ours() {
    let mut program = Program::new(World::with_clients(3, 1), Duration::ZERO);
    program.pace = "rate = \"unlimited\"\nattempts = 1\n".to_owned();
    program.write_job("delegate", "");
    let like_ours = r#"{"id":"ledger-taken-over"}"#;
    let world = program.world();
    let first = world.lock().clients()[0].id;
    let problem = serde_json::json!({ "status": 400, "code": "AUTH-99999", "detail": like_ours }).to_string();
    let answer = Reply::with_body(400, "application/problem+json", problem);
    world.lock().faults_mut().fail_next_for(first, 1, Fault::Answered(answer));
    program.run(&["run", "job.toml", "--yes"]).expect(1);
    let failures = text(&program, "failures.csv");
    assert!(failures.contains(&like_ours.replace('"', "\"\"")), "{failures}");
    assert!(!failures.contains("another host"), "{failures}");
}

#[test]
fn whatever_language_a_run_was_in_the_ledger_keeps_no_sentence_of_ours() {
    let mut program = difficult(12);
    program.pace = "rate = \"unlimited\"\nattempts = 1\n".to_owned();
    program.write_job("delegate", "");
    let list = fs::read_to_string(program.path("manifest.csv")).unwrap();
    let header = list.lines().next().unwrap();
    let empty = ";".repeat(header.matches(';').count());
    // A total, a footer, a heading of a group, the header again, a wrong digit, a row with a cell too many.
    let spoilt = format!(
        "Sum 12{empty}\nSide 1 av 2{empty}\nGruppe A{empty}\n{header}\n310609545{empty}\n310609544{empty};x;y\n"
    );
    program.write("manifest.csv", format!("{list}{spoilt}"));
    program.run(&["run", "job.toml", "--yes", "--skip-invalid", "--lang", "nb"]).expect(1);
    let said = "SELECT message FROM client_rows WHERE message != '' UNION ALL SELECT hint FROM client_rows
                WHERE hint != '' UNION ALL SELECT message FROM attempt_rows WHERE message != ''";
    let kept: Vec<String> = program.ledger(said).unwrap().into_iter().flatten().collect();
    // What is no code of ours is what Altinn said, in its English.
    let norwegian = |text: &&String| {
        let text = format!(" {} ", text.to_lowercase());
        [" er ", " ikke ", " som ", " det ", " og "].iter().any(|word| text.contains(word))
    };
    assert_eq!(kept.iter().find(norwegian), None);
    let codes = kept.iter().filter(|text| text.contains("{\"id\":")).count();
    assert!(codes > 8, "{kept:?}");
    let failures = text(&program, "failures.csv");
    assert!(!failures.contains("{\"\"id\"\""), "{failures}");
}

#[test]
fn what_to_do_about_a_copy_that_cannot_be_written_fits_what_keeps_it() {
    let program = Program::new(World::with_clients(2, 1), Duration::ZERO);
    for (folder, todo) in [("manifest.csv", "name another"), ("/proc/nobody", "make the folder first")] {
        if folder.starts_with('/') && !Path::new("/proc").exists() {
            continue;
        }
        program.write_job("delegate", &format!("[report]\nfolder = \"{folder}\"\n"));
        let done = program.run(&["run", "job.toml", "--yes"]);
        assert!(done.stderr.contains(todo), "{}", done.stderr);
        assert!(!done.stderr.contains("where another program holds it"), "{}", done.stderr);
        assert!(done.stderr.contains("the ledger has everything"), "{}", done.stderr);
    }
}
