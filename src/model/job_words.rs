//! What is wrong with a job file's TOML, in the words of the person who wrote it.

use crate::words::{say, text};

/// Where each key stands: its table, empty for those above all tables.
const KEYS: [(&str, &str); 39] = [
    ("name", ""),
    ("kind", ""),
    ("manifest", ""),
    ("column", ""),
    ("sheet", ""),
    ("environment", "altinn"),
    ("facilitator", "altinn"),
    ("facilitator_id", "altinn"),
    ("agent", "altinn"),
    ("from_agent", "altinn"),
    ("to_agent", "altinn"),
    ("api", "altinn"),
    ("method", "auth"),
    ("token_env", "auth"),
    ("token_file", "auth"),
    ("client_id", "auth"),
    ("redirect_uri", "auth"),
    ("key_file", "auth"),
    ("key_env", "auth"),
    ("key_password_env", "auth"),
    ("kid", "auth"),
    ("issuer", "auth"),
    ("audience", "auth"),
    ("token_endpoint", "auth"),
    ("system_user_org", "auth"),
    ("rate", "pace"),
    ("in_flight", "pace"),
    ("attempts", "pace"),
    ("timeout", "pace"),
    ("give_up_after", "pace"),
    ("removals", "guard"),
    ("additions", "guard"),
    ("manifest_age", "guard"),
    ("manifest_rest", "guard"),
    ("command", "notify"),
    ("on", "notify"),
    ("folder", "report"),
    ("external_ref", "altinn"),
    ("system_id", "altinn"),
];

/// What people write for a kind, and the kind.
const KINDS: [(&str, &str); 16] = [
    ("deleger", "delegate"),
    ("delegere", "delegate"),
    ("delegering", "delegate"),
    ("delegation", "delegate"),
    ("add", "delegate"),
    ("fjern", "remove"),
    ("fjerne", "remove"),
    ("slett", "remove"),
    ("delete", "remove"),
    ("liste", "manifest"),
    ("avstem", "reconcile"),
    ("avstemming", "reconcile"),
    ("synkroniser", "reconcile"),
    ("sync", "reconcile"),
    ("forny", "refresh"),
    ("flytt", "migrate"),
];

/// Keys whose value is a path.
const PATHS: [&str; 4] = ["manifest", "key_file", "token_file", "folder"];

/// What the TOML reader says of the place `at`, and what that usually means.
pub(super) fn explained(text: &str, at: usize, message: &str) -> String {
    let message = message.trim_end();
    let line = line_at(text, at);
    if line.contains(['“', '”', '„', '‘', '’', '«', '»']) {
        return text!("model-curly-quotes-stand-here-as-a-word-processor").to_owned();
    }
    if let Some(path) = windows_path(line) {
        return in_single_quotes(path);
    }
    if let Some(key) = quoted_after(message, "unknown field `") {
        let place = |table: &str| {
            if table.is_empty() {
                text!("model-at-the-top-above-altinn").to_owned()
            } else {
                say!("model-under", table = table).to_string()
            }
        };
        let stands_in = table_at(text, at);
        if let Some((_, table)) = KEYS.iter().find(|(known, table)| *known == key && *table != stands_in) {
            let here = if stands_in.is_empty() {
                text!("model-at-the-top").to_owned()
            } else {
                say!("model-under", table = stands_in).to_string()
            };
            return say!(
                "model-stands-and-belongs-move-this-line-there",
                key = key,
                here = here,
                table = place(table)
            )
            .to_string();
        }
        if let Some((_, known)) = message.split_once("expected ") {
            let known = known.trim_start_matches("one of ");
            return say!("model-is-no-key-of-a-job-file", key = key, known = known).to_string();
        }
    }
    if let Some(key) = quoted_after(message, "missing field `") {
        let table = KEYS.iter().find(|(known, _)| *known == key).map_or("", |(_, table)| *table);
        return if table.is_empty() {
            say!("model-is-missing-at-the-top", key = key).to_string()
        } else {
            say!("model-is-missing-under", key = key, table = table).to_string()
        };
    }
    if message.starts_with("duplicate key") {
        let table = line.trim().strip_prefix('[').and_then(|rest| rest.split_once(']'));
        return match table {
            Some((table, _)) => say!("model-table-stands-twice", table = table.trim()).to_string(),
            None => say!("model-key-stands-twice", key = key_at(text, at)).to_string(),
        };
    }
    if let Some(meant) = of_another_type(line, message) {
        return meant;
    }
    if let Some((key, value)) = unquoted(line).filter(|_| message.contains("expected a string")) {
        // What a number alone most likely means there; of a length of time it may not stand alone.
        let unit = match key {
            "rate" => "/s",
            "timeout" => "s",
            "give_up_after" => "min",
            "manifest_age" => "h",
            _ => "",
        };
        let meant = format!("{value}{unit}");
        return say!("model-write-it-in-quotes", key = key, value = value, meant = meant).to_string();
    }
    if let Some(kind) = quoted_after(message, "unknown variant `") {
        let small = kind.to_lowercase();
        let meant = KINDS.iter().find(|(word, _)| *word == small).map(|(_, meant)| *meant);
        let meant = meant.or_else(|| KINDS.iter().map(|(_, kind)| *kind).find(|kind| *kind == small));
        if let Some(meant) = meant.filter(|_| line.trim_start().starts_with("kind")) {
            return say!(
                "model-kind-is-not-known-write-kind",
                kind = format!("{:?}", kind),
                meant = format!("{:?}", meant)
            )
            .to_string();
        }
    }
    if let Some((word, known)) = quoted_after(message, "unknown variant `")
        .zip(message.split_once("expected ").map(|(_, known)| known))
    {
        let known = known.trim_start_matches("one of ");
        return say!("model-word-is-not-known", word = format!("{:?}", word), known = known).to_string();
    }
    if message.contains("expected a string")
        || message.contains("expected nothing")
        || message.contains("must be quoted")
    {
        return say!("model-a-text-stands-in-quotes-such-as-5-s", message = message).to_string();
    }
    message.to_owned()
}

/// What to write where a list, a number or a section is meant and something else stands there.
fn of_another_type(line: &str, message: &str) -> Option<String> {
    let (_, wanted) = message.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    match wanted {
        "a sequence" => Some(say!("model-is-a-list", key = key, value = value).to_string()),
        "i64" | "u64" | "u32" | "usize" => {
            let value = value.trim_matches(['"', '\'']);
            Some(say!("model-is-a-number-without-quotes", key = key, value = value).to_string())
        }
        wanted if wanted == "a map" || wanted.starts_with("struct ") => {
            Some(say!("model-is-a-section", key = key).to_string())
        }
        _ => None,
    }
}

/// The key that stands at a place.
fn key_at(text: &str, at: usize) -> &str {
    let rest = text.get(at.min(text.len())..).unwrap_or_default();
    rest.split(['=', '\n', ',', '}']).next().unwrap_or_default().trim()
}

/// The key and the value of a line whose value is a number without quotes.
fn unquoted(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let value = value.split('#').next()?.trim();
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (!value.is_empty() && is_number).then_some((key.trim(), value))
}

/// A path in double quotes whose backslashes TOML has taken for something else, without an error: `"C:\temp\new"`. The
/// place and what to write.
pub(super) fn spoiled_path(text: &str) -> Option<(usize, String)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(path) = windows_path(line) {
            return Some((at, in_single_quotes(path)));
        }
        at += line.len();
    }
    None
}

fn in_single_quotes(path: &str) -> String {
    say!("model-in-double-quotes-a-backslash-is-the-beginning", path = path).to_string()
}

/// What stands in double quotes behind a key that is a path, where a backslash in it is not doubled.
fn windows_path(line: &str) -> Option<&str> {
    let (key, value) = line.split_once('=')?;
    if !PATHS.contains(&key.trim()) {
        return None;
    }
    let (path, _) = value.trim().strip_prefix('"')?.rsplit_once('"')?;
    path.replace("\\\\", "").contains('\\').then_some(path)
}

fn line_at(text: &str, at: usize) -> &str {
    let at = at.min(text.len());
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |place| place + 1);
    text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
}

/// The table that a place belongs to; empty above all tables.
fn table_at(text: &str, at: usize) -> &str {
    let before = text.get(..at.min(text.len())).unwrap_or_default();
    before
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix('[')?.split_once(']').map(|(table, _)| table.trim()))
        .unwrap_or_default()
}

fn quoted_after<'message>(message: &'message str, begin: &str) -> Option<&'message str> {
    message.split_once(begin)?.1.split_once('`').map(|(quoted, _)| quoted)
}

#[cfg(test)]
mod tests {
    use crate::model::{Job, job_text};

    #[test]
    fn job_files_as_people_write_them_are_accepted_or_told_what_to_write() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/jobs");
        let parse = |name: &str| {
            let text = job_text(std::fs::read(folder.join(name)).unwrap())?;
            Job::parse(&text).map_err(|error| error.to_string())
        };
        for name in [
            "job.toml",
            "job.toml.txt",
            "bom.toml",
            "crlf.toml",
            "fac-mva.toml",
            "fac-space.toml",
            "agent-upper.toml",
            "unc.toml",
            // Which system user an agent is, Altinn knows; where a path leads, the machine.
            "agent-other.toml",
            "agent-title.toml",
            "envvar.toml",
            "tilde.toml",
        ] {
            assert!(parse(name).is_ok(), "{name}: {:?}", parse(name));
        }
        for (name, says) in [
            (
                "backslash.toml",
                "line 3: in double quotes a backslash is the beginning of an escape; write the path in single quotes, 'C:\\Users\\kari\\Kunder\\clients.csv'",
            ),
            ("backslash2.toml", "single quotes, '.\\clients.csv', or with /"),
            ("bs-tab.toml", "line 3: in double quotes"),
            ("smart.toml", "line 3: curly quotes"),
            ("cp1252.toml", "save it as UTF-8"),
            ("utf16.toml", "save it as UTF-8"),
            ("kind-norsk.toml", "line 2: kind \"deleger\" is not known; write kind = \"delegate\""),
            (
                "misplaced.toml",
                "line 10: `manifest` stands under [pace], and belongs at the top, above [altinn]",
            ),
            ("unquoted.toml", "line 3: "),
            ("dup.toml", "line 4: `manifest` stands twice"),
            ("empty.toml", "line 1: `name` is missing; write it at the top, above [altinn]"),
            ("name-space.toml", "line 1: name \"Onboarding 2026\""),
            ("rate-comma.toml", "line 9: rate \"2,5/s\""),
            ("rate-norsk.toml", "line 9: rate \"5/sek\" is not a pace such as \"5/s\""),
            ("rate-num.toml", "line 9: 5 stands without quotes; write rate = \"5/s\""),
            ("fac-num.toml", "line 6: 314250052 stands without quotes; write facilitator = \"314250052\""),
            ("name-norsk.toml", "line 1: name \"påmelding\""),
            ("name-upper.toml", "line 1: name \"Onboarding\""),
            ("env-TT02.toml", "line 5: environment \"TT02\" is not sandbox, tt02, prod"),
            ("env-production.toml", "line 5: environment \"production\""),
            ("env-http.toml", "line 5: environment \"http://platform.tt02.altinn.no\" is not encrypted"),
            ("env-url.toml", "line 5: environment \"tt02\" needs a sign-in"),
        ] {
            let error = parse(name).unwrap_err();
            assert!(error.contains(says), "{name}: {error}");
        }
    }

    #[test]
    fn what_the_reader_of_toml_says_is_said_in_words() {
        let job = std::fs::read_to_string(
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/jobs/job.toml"),
        )
        .unwrap();
        for (more, says) in [
            ("[pace]\n", "[pace] stands twice"),
            ("[guard]\nremovals = 3\nremovals = 4\n", "`removals` stands twice"),
            (
                "[notify]\ncommand = \"mail me\"\n",
                "`command` is a list; write it in square brackets: command = [\"mail me\"]",
            ),
            ("[notify]\ncommand = [\"mail\"]\non = \"failed\"\n", "on = [\"failed\"]"),
            (
                "[notify]\ncommand = [\"mail\"]\non = [\"never\"]\n",
                "\"never\" is not known here; write one of `failed`",
            ),
        ] {
            let error = Job::parse(&format!("{job}{more}")).unwrap_err().to_string();
            assert!(error.contains(says), "{more}: {error}");
        }
        let number =
            Job::parse(&job.replace("[pace]\n", "[pace]\nattempts = \"3\"\n")).unwrap_err().to_string();
        assert!(number.contains("`attempts` is a number; write it without quotes: attempts = 3"), "{number}");
        let section = job.replace("[pace]\nrate = \"100/s\"\n", "");
        let section = Job::parse(&format!("pace = \"5/s\"\n{section}")).unwrap_err().to_string();
        assert!(section.contains("`pace` is a section"), "{section}");
    }

    #[test]
    fn a_path_that_toml_reads_as_something_else_is_no_path() {
        let job = std::fs::read_to_string(
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/jobs/job.toml"),
        )
        .unwrap();
        let with = |path: &str| Job::parse(&job.replace("clients.csv", path));
        assert!(with("C:\\temp\\new.csv").unwrap_err().to_string().contains("line 3: in double quotes"));
        assert!(with("C:\\\\temp\\\\new.csv").is_ok());
        assert!(with("C:/temp/new.csv").is_ok());
    }

    #[test]
    fn a_length_of_time_without_its_unit_is_told_one_that_the_key_takes() {
        let job = include_str!("../../fixtures/cases/jobs/job.toml");
        for (table, key, value, meant) in [
            ("guard", "manifest_age", "36", "36h"),
            ("pace", "timeout", "30", "30s"),
            ("pace", "give_up_after", "15", "15min"),
        ] {
            let head = if job.contains(table) { String::new() } else { format!("[{table}]\n") };
            let with = |value: &str| format!("{job}\n{head}{key} = {value}\n");
            let said = Job::parse(&with(value)).unwrap_err().to_string();
            assert!(said.contains(&format!("write {key} = \"{meant}\"")), "{said}");
            assert!(Job::parse(&with(&format!("{meant:?}"))).is_ok(), "{key}");
        }
    }
}
