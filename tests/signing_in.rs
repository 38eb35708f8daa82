//! Signing in as users do: the real program, the sandbox's ID-porten and Maskinporten, a script for a browser.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/openssl.rs"]
mod openssl;
#[path = "common/program.rs"]
mod program;
#[cfg(target_os = "linux")]
#[path = "common/terminal.rs"]
mod terminal;

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use fullmakt::sandbox::{CLIENT_ID, CLIENT_KEY, PUBLIC_CLIENT_ID, Person, SharedSignIns, World, link_for};
use fullmakt::{
    altinn::auth::{KeyError, Passwords, SigningKey},
    model::{Key, KeyFrom},
};
use program::{Done, Program};
use url::Url;

const BOTH_SCOPES: &str = "altinn:clientdelegations.read altinn:clientdelegations.write";

fn program(clients: usize) -> Program {
    let program = Program::new(World::with_clients(clients, 1), Duration::ZERO);
    program.write_private("key.jwk", CLIENT_KEY);
    program
}

fn with_maskinporten(clients: usize) -> Program {
    let mut program = program(clients);
    let endpoint = program.server().token_endpoint().0;
    program.auth = format!(
        "method = \"maskinporten\"\nclient_id = {CLIENT_ID:?}\nkey_file = \"key.jwk\"\ntoken_endpoint = \"{endpoint}\"\n"
    );
    program.write_job("delegate", "");
    program
}

/// The redirect address is a free port, as a registered client would have a fixed one.
fn with_id_porten(clients: usize, client_id: &str, redirect: &str) -> Program {
    let mut program = program(clients);
    let issuer = program.server().issuer();
    let key = if client_id == CLIENT_ID { "key_file = \"key.jwk\"\n" } else { "" };
    program.auth = format!(
        "method = \"id-porten\"\nclient_id = {client_id:?}\nissuer = {issuer:?}\nredirect_uri = {redirect:?}\n{key}"
    );
    program.write_job("delegate", "");
    program
}

fn free_redirect() -> String {
    format!("http://127.0.0.1:{}/callback", program::postgres::free_port())
}

fn sign_ins(program: &Program) -> SharedSignIns {
    program.server().sign_ins()
}

fn asked(program: &Program, path: &str) -> u32 {
    sign_ins(program).lock().asked.get(path).copied().unwrap_or_default()
}

/// One GET without any redirect followed: the head and the body.
fn get(address: &str) -> (String, String) {
    let url = Url::parse(address).unwrap();
    let mut stream = TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).unwrap();
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    write!(stream, "GET {target} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// Follows the sign-in page as a person would. Answers the address that the browser is sent to.
fn sign_in_at(address: &str, person: Person) -> String {
    let (_, page) = get(address);
    let (head, _) = get(&link_for(&page, person).unwrap());
    let location = head.lines().find(|line| line.to_ascii_lowercase().starts_with("location:"));
    location.unwrap().split_once(": ").unwrap().1.to_owned()
}

/// Starts `fullmakt login` and reads the address that it shows. What else it says goes on being read.
fn begin_login(program: &Program) -> (Child, String, BufReader<std::process::ChildStderr>) {
    let mut command = program.command(&["login", "job.toml", "--no-browser"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.trim_start().starts_with("http") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "login ended without an address");
    }
    (child, line.trim().to_owned(), stderr)
}

fn finish(child: Child, mut stderr: impl Read) -> Done {
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    let done = Done::of(child.wait_with_output().unwrap());
    Done { stderr: said, ..done }
}

fn log_in(program: &Program, person: Person) -> Done {
    let (child, address, stderr) = begin_login(program);
    let (_, page) = get(&sign_in_at(&address, person));
    assert!(page.contains("fullmakt"), "{page}");
    finish(child, stderr)
}

#[test]
fn a_run_with_maskinporten_needs_nobody() {
    let program = with_maskinporten(30);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!(done.total("delegated"), 30);
    assert_eq!(asked(&program, "/maskinporten/token"), 1);
}

#[test]
fn a_run_that_outlives_its_tokens_gets_new_ones_on_the_way_and_sends_nobody_in_vain() {
    let program = with_maskinporten(100);
    sign_ins(&program).lock().uses = Some(40);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!((done.total("delegated"), done.total("failed")), (100, 0));
    assert_eq!(asked(&program, "/maskinporten/token"), 3, "three token lives");
    let again = program.sent().iter().sum::<u32>() - 100;
    assert!(again <= 2 * 4, "only what was under way at a renewal is sent again: {again}");
}

#[test]
fn login_goes_through_the_browser_and_back_and_every_command_finds_the_sign_in() {
    let program = with_id_porten(20, CLIENT_ID, &free_redirect());
    let done = program.run(&["run", "job.toml", "--yes"]).expect(3);
    assert!(done.stderr.contains("nobody has signed in with ID-porten"), "{}", done.stderr);
    assert!(done.stderr.contains("`fullmakt login JOB` signs in"), "{}", done.stderr);

    let done = log_in(&program, Person::Administrator).expect(0);
    assert!(done.stdout.contains("as Altinn user 20000001"), "{}", done.stdout);
    assert!(done.stdout.contains("only you can read it"), "{}", done.stdout);
    let who = program.run(&["whoami", "job.toml", "--format", "json"]).expect(0).json();
    assert_eq!(
        (who["who"].as_str(), who["missing_scopes"].as_array().unwrap().len()),
        (Some("Altinn user 20000001"), 0)
    );
    assert!(who["expires_at"].is_string());
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!(done.total("delegated"), 20);

    program.run(&["logout", "job.toml"]).expect(0);
    assert_eq!(asked(&program, "/idporten/revoke"), 1);
    program.run(&["whoami", "job.toml"]).expect(3);
}

#[cfg(unix)]
#[test]
fn what_is_kept_of_a_sign_in_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let program = with_id_porten(1, CLIENT_ID, &free_redirect());
    log_in(&program, Person::Administrator).expect(0);
    for entry in fs::read_dir(program.path("state/sessions")).unwrap() {
        let path = entry.unwrap().path();
        let holds_a_token = fs::read_to_string(&path).unwrap().contains("token");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert!(!holds_a_token || mode.trailing_zeros() >= 6, "{} has mode {mode:o}", path.display());
    }
}

#[test]
fn where_production_wants_a_registered_address_the_user_pastes_where_the_browser_ended() {
    let program = with_id_porten(1, PUBLIC_CLIENT_ID, "https://firm.example/signed-in");
    let (mut child, address, stderr) = begin_login(&program);
    let ended = sign_in_at(&address, Person::Administrator);
    assert!(ended.starts_with("https://firm.example/signed-in?code="), "{ended}");
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "https://firm.example/signed-in").unwrap();
    writeln!(stdin, "{ended}").unwrap();
    let done = finish(child, stderr).expect(0);
    assert!(done.stderr.contains("this address has no code: copy all of it"), "{}", done.stderr);
    assert!(done.stdout.contains("ID-porten gave no refresh token"), "{}", done.stdout);
}

#[test]
fn a_person_without_the_right_is_signed_in_and_refused_by_altinn() {
    let program = with_id_porten(3, PUBLIC_CLIENT_ID, &free_redirect());
    log_in(&program, Person::Stranger).expect(0);
    let done = program.run(&["run", "job.toml", "--yes"]).expect(3);
    assert!(done.stderr.contains("client administrator"), "{}", done.stderr);
}

#[test]
fn a_person_who_cancels_is_not_signed_in() {
    let program = with_id_porten(1, CLIENT_ID, &free_redirect());
    let done = log_in(&program, Person::Refuses).expect(3);
    assert!(done.stderr.contains("ID-porten refuses the sign-in: access_denied"), "{}", done.stderr);
}

#[test]
fn a_run_that_loses_its_sign_in_keeps_everything_and_goes_on_after_the_next() {
    let program = with_id_porten(60, PUBLIC_CLIENT_ID, &free_redirect());
    sign_ins(&program).lock().refresh_works = false;
    log_in(&program, Person::Administrator).expect(0);
    sign_ins(&program).lock().uses = Some(30);
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(3);
    let run = done.json()["run"].as_str().unwrap().to_owned();
    assert!(
        done.stderr.contains("job.toml`, then `fullmakt resume"),
        "the one command that goes on: {}",
        done.stderr
    );
    assert!(done.stderr.contains(&format!("resume {run}`, goes on; nothing is lost")), "{}", done.stderr);
    assert!(done.total("pending") > 20, "{}", done.stdout);

    sign_ins(&program).lock().uses = None;
    log_in(&program, Person::Administrator).expect(0);
    let done = program.run(&["resume", "--format", "json"]).expect(0);
    assert_eq!((done.total("delegated"), done.total("failed")), (60, 0));
    let again = program.sent().iter().sum::<u32>() - 60;
    assert!(again <= 4, "only what was under way is sent again: {again}");
}

#[test]
fn a_token_that_is_too_short_for_the_run_is_told_before_anything_is_sent() {
    let mut program = program(2000);
    program.auth = "method = \"token\"\ntoken_file = \"token\"\n".to_owned();
    program.pace = "rate = \"20/s\"\n".to_owned();
    program.write_job("delegate", "");
    sign_ins(&program).lock().refresh_works = false;
    program.write_private("token", sign_ins(&program).lock().mint(BOTH_SCOPES, 50));
    let done = program.run(&["plan", "job.toml", "--format", "json"]).expect(0);
    assert!(done.stderr.contains("the run takes about 1 min 40 s"), "{}", done.stderr);
    let warning = &done.json()["warnings"][0];
    assert_eq!(warning["kind"], "token_too_short");
    let warning = warning["message"].as_str().unwrap().to_owned();
    assert!(warning.contains("the token has ") && warning.contains("holds a new one by then"), "{warning}");

    sign_ins(&program).lock().refresh_works = true;
    let done = program.run(&["plan", "job.toml", "--format", "json"]).expect(0);
    assert_eq!(done.json()["warnings"].as_array().unwrap().len(), 0, "Altinn refreshes it");
}

#[test]
fn a_missing_scope_is_told_by_name_before_anything_is_sent() {
    let mut program = program(3);
    program.auth = "method = \"token\"\ntoken_file = \"token\"\n".to_owned();
    program.write_job("delegate", "");
    program.write_private("token", sign_ins(&program).lock().mint("altinn:clientdelegations.read", 600));
    let done = program.run(&["run", "job.toml", "--yes"]).expect(3);
    assert!(done.stderr.contains("lacks the scope altinn:clientdelegations.write\n"), "{}", done.stderr);
    assert_eq!(program.world().lock().requests(), 0);
    let done = program.run(&["whoami", "job.toml"]).expect(3);
    assert!(done.stdout.contains("missing:     altinn:clientdelegations.write"), "{}", done.stdout);
}

#[test]
fn a_token_that_has_run_out_is_told_with_both_times() {
    let mut program = program(3);
    program.auth = "method = \"token\"\ntoken_file = \"token\"\n".to_owned();
    program.write_job("delegate", "");
    program.write_private("token", sign_ins(&program).lock().mint(BOTH_SCOPES, -60));
    let done = program.run(&["run", "job.toml", "--yes"]).expect(3);
    assert!(done.stderr.contains("ran out at 2") && done.stderr.contains("clock says"), "{}", done.stderr);
}

#[test]
fn an_exchange_that_stays_away_stops_the_run_so_that_it_can_be_resumed() {
    let mut program = with_maskinporten(40);
    program.pace.push_str("attempts = 1\n");
    program.write_job("delegate", "");
    {
        let sign_ins = sign_ins(&program);
        let mut sign_ins = sign_ins.lock();
        (sign_ins.uses, sign_ins.refresh_works) = (Some(20), false);
    }
    let mut child = program.spawn(&["run", "job.toml", "--yes", "--format", "json"]);
    program.wait_for_requests(&mut child, 5);
    sign_ins(&program).lock().exchange_outage = 100;
    let done = Done::of(child.wait_with_output().unwrap()).expect(3);
    assert!(done.stderr.contains("Altinn's token exchange does not answer: 401"), "{}", done.stderr);
    assert!(done.stderr.contains("fullmakt resume"), "{}", done.stderr);
    let status = program.run(&["status", "--lang", "nb"]);
    let kept = "tokenvekslingen i Altinn svarer ikke: 401";
    assert!(status.stdout.contains(kept), "kept in English, said in Norwegian: {}", status.stdout);
    {
        let sign_ins = sign_ins(&program);
        let mut sign_ins = sign_ins.lock();
        (sign_ins.uses, sign_ins.exchange_outage) = (None, 0);
    }
    let done = program.run(&["resume", "--format", "json"]).expect(0);
    assert_eq!(done.total("delegated"), 40);
}

#[test]
fn a_key_that_others_can_read_is_refused_before_anything_is_sent() {
    let program = with_maskinporten(1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(program.path("key.jwk"), fs::Permissions::from_mode(0o644)).unwrap();
        let done = program.run(&["run", "job.toml", "--yes"]).expect(2);
        assert!(done.stderr.contains("hint: chmod 600 "), "{}", done.stderr);
        assert_eq!(asked(&program, "/maskinporten/token"), 0);
    }
    fs::remove_file(program.path("key.jwk")).unwrap();
    let done = program.run(&["run", "job.toml", "--yes"]).expect(2);
    assert!(done.stderr.contains("cannot be read"), "{}", done.stderr);
}

#[test]
fn a_sign_in_that_fails_is_said_in_norwegian_and_to_programs_in_english() {
    let program = with_maskinporten(1);
    let run = ["run", "job.toml", "--yes", "--format", "json", "--lang", "nb"];
    let says = |exit: i32, norwegian: &[&str], english: &[&str]| {
        let done = program.run(&run).expect(exit);
        let error = done.json()["error"].to_string();
        for words in norwegian {
            assert!(done.stderr.contains(words), "{words}: {}", done.stderr);
        }
        for words in english {
            assert!(error.contains(words), "{words}: {error}");
        }
    };
    let whoami = program.run(&["whoami", "job.toml", "--lang", "nb"]).expect(0).stdout;
    assert!(whoami.contains(" som systembruker ") && whoami.contains("Maskinporten, klient "), "{whoami}");
    sign_ins(&program).lock().is_approved = false;
    says(
        3,
        &[
            "Maskinporten godtar ikke innloggingen: invalid_grant: MP-304",
            "sjekk at nøkkelen ",
            "er godkjent i Altinn",
        ],
        &[
            "Maskinporten refuses the sign-in: invalid_grant",
            "check that the key ",
            "has been approved in Altinn",
        ],
    );
    program.write_private("key.jwk", "{}");
    says(
        2,
        &["nøkkelfilen ", "key.jwk er ingen JWK", "én privat nøkkel som JSON"],
        &["the key file ", "key.jwk is not a JWK", "one private key as JSON"],
    );
    fs::remove_file(program.path("key.jwk")).unwrap();
    says(2, &["key.jwk kan ikke leses: ", "sjekk key_file"], &["key.jwk cannot be read: ", "check key_file"]);
}

/// Everything that stands under a folder.
fn everything_under(folder: &Path, all: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything_under(&path, all);
        } else {
            all.extend(fs::read(&path).unwrap());
        }
    }
}

#[test]
fn no_token_and_no_key_is_in_anything_that_a_failing_run_leaves_behind() {
    let program = with_maskinporten(40);
    sign_ins(&program).lock().uses = Some(20);
    let mut left = Vec::new();
    let run = |arguments: &[&str], left: &mut Vec<u8>| {
        let done = program.run(arguments);
        left.extend(done.stdout.into_bytes());
        left.extend(done.stderr.into_bytes());
        done.code
    };
    run(&["whoami", "job.toml", "-v"], &mut left);
    {
        let sign_ins = sign_ins(&program);
        sign_ins.lock().refresh_works = false;
    }
    let mut child = program.spawn(&["run", "job.toml", "--yes", "-v"]);
    program.wait_for_requests(&mut child, 5);
    sign_ins(&program).lock().is_approved = false;
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    left.extend(output.stdout);
    left.extend(output.stderr);
    run(&["resume", "-v", "--format", "json"], &mut left);
    run(&["report"], &mut left);
    run(&["status", "--format", "json"], &mut left);
    everything_under(&program.path("state"), &mut left);

    let mut secrets = sign_ins(&program).lock().given.clone();
    assert!(secrets.len() >= 4);
    secrets.extend(CLIENT_KEY.split('"').filter(|part| part.len() > 100).map(str::to_owned));
    let left = String::from_utf8_lossy(&left);
    for secret in secrets {
        // The signature, and whatever of the middle would be enough.
        let tail = &secret[secret.len() - 40..];
        let is_public = CLIENT_KEY.contains(&format!("\"n\": \"{secret}\""));
        assert!(is_public || !left.contains(tail), "a secret was left behind");
    }
}

/// A secret, and the ways it is spoilt on its way into a file or a variable.
struct Spoilt {
    what: &'static str,
    secret: String,
    text: String,
}

/// Every sort of secret, in every sort of disorder that secret stores, mail programs and hurried hands leave behind.
fn spoilt_secrets() -> Vec<Spoilt> {
    let pem = openssl::rsa_key();
    let encrypted = openssl::run(&["pkey", "-aes256", "-passout", "pass:x"], pem.as_bytes());
    let old = openssl::run(&["rsa", "-traditional", "-aes256", "-passout", "pass:x"], pem.as_bytes());
    let ec = openssl::run(&["ecparam", "-name", "prime256v1", "-genkey", "-noout"], b"");
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{}", pem.lines().skip(1).take(9).collect::<String>());
    let bodies: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let private = |text: &[u8]| String::from_utf8(text.to_vec()).unwrap();
    let one_line = pem.replace('\n', "");
    let mut spoilt = Vec::new();
    let mut add = |what, secret: &str, text: String| {
        spoilt.push(Spoilt { what, secret: secret.to_owned(), text });
    };
    add("PEM on one line", &pem, one_line.clone());
    add("PEM with \\n written out", &pem, pem.replace('\n', "\\n"));
    add("PEM with \\\\n written out", &pem, pem.replace('\n', "\\\\n"));
    add("PEM as a JSON text", &pem, format!("{pem:?}"));
    add("PEM with blanks for line breaks", &pem, pem.replace('\n', " "));
    add("PEM without its first line", &pem, pem.lines().skip(1).collect::<Vec<_>>().join("\n"));
    add("PEM without its dashes", &pem, pem.replace('-', ""));
    add("PEM whose label has no end", &pem, one_line.replace("KEY-----", "KEY "));
    add("PEM with a label that is the key", &pem, format!("-----BEGIN {bodies}-----\n{bodies}"));
    add("PEM with another label", &pem, pem.replace("PRIVATE KEY", &bodies[100..140]));
    add("PEM that is cut", &pem, pem[..pem.len() / 2].to_owned());
    add("PEM with a letter too many", &pem, pem.replacen("\nMII", "\nMIII", 1));
    add("bare base64", &pem, bodies.clone());
    add("encrypted PEM on one line", &private(&encrypted), private(&encrypted).replace('\n', ""));
    add("old encrypted PEM", &private(&old), private(&old));
    add("an EC key on one line", &private(&ec), private(&ec).replace('\n', ""));
    for name in ["kty", "kid", "alg", "d", "n"] {
        let text = CLIENT_KEY.replacen(
            &format!("\"{name}\": \""),
            &format!("\"{name}\": \"{}", &bodies[99..180]),
            1,
        );
        add("a JWK with a key in a member", &bodies, text);
    }
    let private_members = CLIENT_KEY.split("\"d\"").nth(1).unwrap();
    add("a JWK that is cut", private_members, CLIENT_KEY[..CLIENT_KEY.len() - 90].to_owned());
    add("a JWK with curly quotes", private_members, CLIENT_KEY.replace('"', "\u{201d}"));
    add(
        "a JWK whose d is an object",
        private_members,
        CLIENT_KEY.replace("\"d\": ", "\"d\": {\"x\": 1}, \"y\": "),
    );
    add("a JWK as a text", private_members, format!("{:?}", CLIENT_KEY.replace('\n', "")));
    add("a token of two lines", &token, token.replace('.', "\n"));
    add("a token with a blank", &token, token.replace('.', ". "));
    add(
        "a token answer in JSON",
        &token,
        format!("{{\"access_token\": \"{token}\", \"token_type\": \"Bearer\"}}"),
    );
    spoilt
}

/// Every run of 12 characters of a secret, white space aside.
fn pieces(secret: &str) -> BTreeSet<String> {
    let bare: String = secret.lines().filter(|line| !line.starts_with("-----")).collect::<String>();
    let bare: Vec<char> = bare.chars().filter(|character| !character.is_whitespace()).collect();
    bare.windows(12).map(|run| run.iter().collect()).collect()
}

#[track_caller]
fn shows_nothing_of(secret: &str, what: &str, shown: &str) {
    let pieces = pieces(secret);
    assert!(pieces.len() > 50, "{what}: there is something to look for");
    let shown: Vec<char> = shown.chars().filter(|character| !character.is_whitespace()).collect();
    let found = shown.windows(12).map(|run| run.iter().collect::<String>()).find(|run| pieces.contains(run));
    let shown: String = shown.into_iter().collect();
    assert_eq!(found, None, "{what} is shown: {shown}");
}

#[test]
fn no_secret_is_shown_however_it_was_spoilt_and_wherever_it_was_put() {
    let mut program = program(1);
    let endpoint = program.server().token_endpoint().0;
    for Spoilt { what, secret, text } in spoilt_secrets() {
        program.write_private("secret", &text);
        let quoted = toml_text(&text);
        let maskinporten =
            format!("method = \"maskinporten\"\nclient_id = \"c\"\ntoken_endpoint = \"{endpoint}\"\n");
        let auths = [
            format!("{maskinporten}kid = \"k\"\nkey_file = \"secret\"\n"),
            format!("{maskinporten}kid = \"k\"\nkey_file = {quoted}\n"),
            format!("{maskinporten}kid = {quoted}\nkey_file = \"secret\"\n"),
            "method = \"token\"\ntoken_file = \"secret\"\n".to_owned(),
            format!("method = \"token\"\ntoken_file = {quoted}\n"),
            "method = \"token\"\ntoken_env = \"SPOILT\"\n".to_owned(),
            format!("method = \"token\"\ntoken_env = {quoted}\n"),
            format!("method = {quoted}\n"),
            format!("method = \"token\"\ntoken = {quoted}\n"),
            format!("method = \"token\"\n{} = 1\n", quoted.replace('\'', "\"")),
            format!("method = \"token\"\ntoken_env = \n{text}\n"),
        ];
        for (nth, auth) in auths.into_iter().enumerate() {
            program.auth = auth;
            program.write_job("delegate", "");
            // What is shown is made once, whatever the log's form.
            let log = if nth % 2 == 0 { "text" } else { "json" };
            let mut command = program.command(&["whoami", "job.toml", "-v", "--log", log]);
            let done = Done::of(command.env("SPOILT", &text).output().unwrap());
            shows_nothing_of(&secret, what, &format!("{}{}", done.stdout, done.stderr));
        }
        let read = open_key(&program, "secret");
        shows_nothing_of(&secret, what, &format!("{read:?}"));
        if let Err(error) = read {
            shows_nothing_of(&secret, what, &format!("{error} {}", error.hint));
        }
    }
}

fn open_key(program: &Program, name: &str) -> Result<SigningKey, KeyError> {
    let from = KeyFrom::File(program.path(name));
    let key = Key { from, kid: Some("k".to_owned()), password_env: None };
    SigningKey::open(&key, &Passwords::default())
}

/// A text of TOML, whatever stands in it.
fn toml_text(text: &str) -> String {
    let escaped: Vec<String> =
        text.chars().map(|character| format!("\\U{:08X}", u32::from(character))).collect();
    format!("\"{}\"", escaped.concat())
}

#[test]
fn a_key_can_stand_in_a_variable_and_behind_a_password_in_another() {
    let mut program = with_maskinporten(2);
    program.auth = program.auth.replace("key_file = \"key.jwk\"", "key_env = \"THE_KEY\"");
    program.write_job("delegate", "");
    let run = |program: &Program, arguments: &[&str], key: &str, password: &str| {
        let mut command = program.command(arguments);
        Done::of(command.env("THE_KEY", key).env("THE_PASSWORD", password).output().unwrap())
    };
    let arguments = &["run", "job.toml", "--yes", "--format", "json"];
    assert_eq!(run(&program, arguments, CLIENT_KEY, "").expect(0).total("delegated"), 2);
    let done = run(&program, arguments, " ", "").expect(2);
    assert!(done.stderr.contains("the environment variable THE_KEY is not set"), "{}", done.stderr);

    let pem = openssl::rsa_key();
    let encrypted = openssl::run(&["pkey", "-aes256", "-passout", "pass:hemmelig"], pem.as_bytes());
    let encrypted = String::from_utf8(encrypted).unwrap();
    let done = run(&program, arguments, &encrypted, "").expect(2);
    assert!(done.stderr.contains("needs a password"), "{}", done.stderr);
    program.auth.push_str("kid = \"k\"\nkey_password_env = \"THE_PASSWORD\"\n");
    program.write_job("delegate", "");
    let done = run(&program, arguments, &encrypted, "wrong").expect(2);
    assert!(done.stderr.contains("does not open with this password"), "{}", done.stderr);
    // The key opens, and is another than the registered one.
    let done = run(&program, arguments, &encrypted, "hemmelig").expect(3);
    assert!(done.stderr.contains("invalid_client"), "{}", done.stderr);
}

#[cfg(unix)]
#[test]
fn a_key_that_the_platform_hands_over_may_be_readable_by_the_services_group() {
    use std::os::unix::fs::PermissionsExt;
    let program = with_maskinporten(1);
    let whoami = |mode: u32, variable: &str, value: &std::ffi::OsStr| {
        fs::set_permissions(program.path("key.jwk"), fs::Permissions::from_mode(mode)).unwrap();
        let mut command = program.command(&["whoami", "job.toml"]);
        command
            .env_remove("CREDENTIALS_DIRECTORY")
            .env_remove("KUBERNETES_SERVICE_HOST")
            .env(variable, value);
        Done::of(command.output().unwrap()).code
    };
    let folder = program.path("");
    for (mode, code) in [(0o440, 0), (0o400, 0), (0o640, 0), (0o444, 2), (0o460, 2)] {
        assert_eq!(whoami(mode, "KUBERNETES_SERVICE_HOST", "10.0.0.1".as_ref()), Some(code), "{mode:o}");
        assert_eq!(whoami(mode, "CREDENTIALS_DIRECTORY", folder.as_os_str()), Some(code), "{mode:o}");
    }
    assert_eq!(whoami(0o440, "CREDENTIALS_DIRECTORY", "/run/credentials/other".as_ref()), Some(2));
    assert_eq!(whoami(0o440, "KUBERNETES_SERVICE_HOST", "".as_ref()), Some(2));
}

#[test]
fn a_key_whose_line_breaks_were_lost_is_the_same_key() {
    let pem = openssl::rsa_key();
    let program = program(1);
    for text in
        [pem.replace('\n', ""), pem.replace('\n', "\\n"), pem.replace('\n', " "), pem.replace('\n', "\\r\\n")]
    {
        program.write_private("key.pem", &text);
        open_key(&program, "key.pem").unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_a_run_that_loses_its_sign_in_offers_to_sign_in_and_goes_on() {
    let program = with_id_porten(60, PUBLIC_CLIENT_ID, &free_redirect());
    sign_ins(&program).lock().refresh_works = false;
    log_in(&program, Person::Administrator).expect(0);
    sign_ins(&program).lock().uses = Some(30);

    let mut screen = terminal::Terminal::start(&program, "run job.toml --yes");
    screen.wait_for("needs you to sign in with ID-porten. Now? (y/n)");
    sign_ins(&program).lock().uses = None;
    screen.types("y\n");
    sign_in_where_the_screen_says(&mut screen);
    screen.wait_for("is completed");
    assert!(screen.child.wait().unwrap().success(), "{}", screen.text);
    assert_eq!(program.delegated(), 60);
}

/// Signs the administrator in at the address that the program shows.
#[cfg(target_os = "linux")]
fn sign_in_where_the_screen_says(screen: &mut terminal::Terminal) {
    screen.wait_for("sign in here:");
    let nonce = screen.wait_for("nonce=");
    screen.wait_for("\r\n");
    let begin = screen.text[..nonce].rfind("http://").unwrap();
    let address = screen.text[begin..].split_whitespace().next().unwrap().to_owned();
    get(&sign_in_at(&address, Person::Administrator));
}

#[cfg(target_os = "linux")]
#[test]
fn init_signs_in_before_it_asks_which_of_the_firms_system_users_is_meant() {
    let redirect = free_redirect();
    let program = with_id_porten(2, PUBLIC_CLIENT_ID, &redirect);
    let origin = program.server().origin().origin().ascii_serialization();
    let issuer = program.server().issuer();
    let mut screen = terminal::Terminal::start(
        &program,
        &format!(
            "init ny.toml --environment {origin} --facilitator 314250052 --method id-porten --client-id \
             {PUBLIC_CLIENT_ID} --issuer {issuer} --redirect-uri {redirect}"
        ),
    );
    screen.answer("Enter: the client has none):", "");
    screen.answer("needs you to sign in with ID-porten. Now? (y/n)", "y");
    sign_in_where_the_screen_says(&mut screen);
    screen.answer("Its number [1]:", "");
    screen.answer("The client list", "manifest.csv");
    screen.wait_for("next: `fullmakt plan ny.toml`");
    assert_eq!(screen.end().0, Some(0));
    // Whoever has signed in for it need not do so again.
    assert!(program.run(&["plan", "ny.toml"]).expect(0).stdout.contains("2 to delegate"));
}

#[cfg(target_os = "linux")]
#[test]
fn the_password_of_a_key_is_asked_for_on_a_terminal_is_not_shown_and_is_asked_for_once() {
    let mut program = with_maskinporten(3);
    let pass = "pass:Sommer2026";
    let pem = openssl::run(&["pkey", "-aes256", "-passout", pass], client_key_pem().as_bytes());
    program.write_private("key.pem", String::from_utf8(pem).unwrap());
    let kid =
        serde_json::from_str::<serde_json::Value>(CLIENT_KEY).unwrap()["kid"].as_str().unwrap().to_owned();
    program.auth = program.auth.replace("key.jwk", "key.pem") + &format!("kid = {kid:?}\n");
    program.write_job("delegate", "");
    for (password, succeeds) in [("Sommer2025", false), ("Sommer2026", true)] {
        let mut screen = terminal::Terminal::start(&program, "run job.toml --yes");
        screen.wait_for("the password of the private key: ");
        screen.waits_until_typing_is_hidden();
        screen.types(&format!("{password}\n"));
        screen.wait_for(if succeeds { "is completed" } else { "does not open with this password" });
        assert_eq!(screen.child.wait().unwrap().success(), succeeds, "{}", screen.text);
        assert!(!screen.text.contains(password), "{}", screen.text);
        assert_eq!(screen.text.matches("the password of the private key").count(), 1, "{}", screen.text);
    }
    assert_eq!(program.delegated(), 3);
}

/// The sandbox's client's key as PEM.
fn client_key_pem() -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use rsa::{BigUint, RsaPrivateKey, pkcs1::EncodeRsaPrivateKey};
    let jwk: serde_json::Value = serde_json::from_str(CLIENT_KEY).unwrap();
    let number =
        |name: &str| BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap());
    let key =
        RsaPrivateKey::from_components(number("n"), number("e"), number("d"), vec![number("p"), number("q")]);
    key.unwrap().to_pkcs1_pem(rsa::pkcs8::LineEnding::LF).unwrap().to_string()
}

#[test]
fn an_enterprise_certificate_signs_in_without_a_registered_key() {
    let mut program = with_maskinporten(3);
    let key = openssl::rsa_key();
    program.write_private("own.key", &key);
    let own_key = program.path("own.key").display().to_string();
    let certificate = |subject: &str| {
        let made = openssl::run(&["req", "-x509", "-key", &own_key, "-subj", subject, "-days", "9"], b"");
        String::from_utf8(made).unwrap()
    };
    program.auth = program.auth.replace("key.jwk", "key.pem");
    program.write_job("delegate", "");
    // Another firm's certificate is another firm's.
    program.write_private("key.pem", format!("{}{key}", certificate("/O=ANNEN AS/CN=999999999")));
    let refused = program.run(&["run", "job.toml", "--yes"]).expect(3);
    assert!(refused.stderr.contains("certificate"), "{}", refused.stderr);
    program.write_private("key.pem", format!("{}{key}", certificate("/O=FJORD REGNSKAP AS/CN=314250052")));
    let done = program.run(&["run", "job.toml", "--yes", "--format", "json"]).expect(0);
    assert_eq!(done.total("delegated"), 3);
}

#[test]
fn connections_that_say_nothing_do_not_keep_the_browser_from_coming_back() {
    let redirect = free_redirect();
    let program = with_id_porten(1, CLIENT_ID, &redirect);
    let (child, address, stderr) = begin_login(&program);
    let port = Url::parse(&redirect).unwrap().port().unwrap();
    let silent: Vec<_> = (0..8).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
    let begin = std::time::Instant::now();
    get(&sign_in_at(&address, Person::Administrator));
    finish(child, stderr).expect(0);
    // Each of them could be waited for ten seconds, one after the other.
    assert!(begin.elapsed() < Duration::from_secs(40), "{:?}", begin.elapsed());
    drop(silent);
}
