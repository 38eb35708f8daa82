//! The job file as it is being written: what is known of it, and its text with a comment for each key.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use super::super::super::{exit::Failure, job::JobFile};
use crate::{
    manifest::Options,
    model::{Environment, Job, JobKind, OrganisationNumber, Pace, argument, visible},
    words::{Lazy, fullmakt, say, text},
};

/// Comments stand in this column, where the line is not too long for that.
const COMMENT_COLUMN: usize = 46;

/// What is known of the job.
pub(super) struct Draft {
    /// Where the file will be.
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) kind: JobKind,
    pub(super) environment: Environment,
    pub(super) facilitator: OrganisationNumber,
    /// As Altinn knows it; empty where that is not known.
    pub(super) facilitator_name: String,
    /// The keys of `[auth]` with what they say, `method` first; none for the sandbox.
    pub(super) auth: Vec<(&'static str, String)>,
    /// A UUID, and what is said of it.
    pub(super) agent: Option<(String, String)>,
    /// The list, as the job file names it.
    pub(super) manifest: Option<String>,
    pub(super) options: Options,
}

impl Draft {
    /// A file as the job file names it: relative to it where it is below the same folder.
    pub(super) fn named(&self, file: &Path) -> Result<String, Failure> {
        let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (file, own) = (whole(file), whole(&self.path));
        let folder = own.parent().unwrap_or(Path::new(""));
        let named = file.strip_prefix(folder).unwrap_or(&file);
        // A job file is text.
        named
            .to_str()
            .map(str::to_owned)
            .ok_or_else(|| Failure::nothing_sent(say!("init-a-name-that-is-no-text", file = file.display())))
    }

    /// The job, read as any job is. What is not known yet is filled in with something that means nothing.
    pub(super) fn job_file(&self) -> Result<JobFile, Failure> {
        let text = self.text();
        let problem = || Job::parse(&text).err().map(|error| error.message).unwrap_or_default();
        match Job::parse(&text) {
            Ok(_) => {
                let path = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
                JobFile::parse(text, path)
            }
            Err(_) => Err(Failure::nothing_sent(Lazy(problem))),
        }
    }

    /// The text of the file.
    pub(super) fn text(&self) -> String {
        let (fullmakt, job) = (fullmakt(), argument(&self.path));
        let mut file = Lines(String::new());
        file.remark(text!("init-file-made"));
        file.remark("");
        file.remark(&format!("    {fullmakt} plan {job}    {}", text!("init-file-plan")));
        file.remark(&format!("    {fullmakt} run {job}     {}", text!("init-file-run")));
        file.blank();
        file.key("name", &self.name, text!("init-file-name"));
        file.key("kind", self.kind.as_str(), text!("init-file-kind"));
        match &self.manifest {
            Some(manifest) => file.key("manifest", manifest, text!("init-file-manifest")),
            // Not known yet, or the job takes all that are delegated.
            None if self.kind.needs_manifest() => file.key("manifest", "-", text!("init-file-manifest")),
            None => {}
        }
        if let Some(column) = &self.options.column {
            file.key("column", column, text!("init-file-column"));
        }
        if let Some(sheet) = &self.options.sheet {
            file.key("sheet", sheet, text!("init-file-sheet"));
        }
        file.table("altinn");
        file.key("environment", &environment_in_file(&self.environment), text!("init-file-environment"));
        let firm = match self.facilitator_name.as_str() {
            "" => text!("init-file-facilitator"),
            name => name,
        };
        file.key("facilitator", &self.facilitator.to_string(), firm);
        match &self.agent {
            Some((id, said)) => file.key("agent", id, said),
            None => file.key("agent", &uuid::Uuid::nil().to_string(), text!("init-file-agent")),
        }
        if !self.auth.is_empty() {
            file.table("auth");
        }
        for (key, value) in &self.auth {
            let comment = match (*key, value.as_str()) {
                ("method", "id-porten") => say!("init-file-id-porten", job = job).to_string(),
                ("method", "maskinporten") => text!("init-file-maskinporten").to_owned(),
                ("method", _) => text!("init-file-token").to_owned(),
                ("client_id", _) => text!("init-file-client-id").to_owned(),
                _ => String::new(),
            };
            file.key(key, value, &comment);
        }
        file.optional("pace", "rate", &Pace::default().rate.to_string(), text!("init-file-rate"));
        file.optional("report", "folder", text!("init-file-folder-of-reports"), text!("init-file-reports"));
        file.0
    }
}

/// An environment as a job file names it: with its own port and scheme, whatever the ledger calls it.
fn environment_in_file(environment: &Environment) -> String {
    match environment {
        Environment::Origin(url) => url.origin().ascii_serialization(),
        known => known.name(),
    }
}

/// A text of TOML.
struct Lines(String);

impl Lines {
    fn remark(&mut self, text: &str) {
        self.line(format!("# {text}").trim_end());
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }

    fn table(&mut self, name: &str) {
        let _ = write!(self.0, "\n[{name}]\n");
    }

    fn key(&mut self, key: &str, value: &str, comment: &str) {
        let line = with_comment(&format!("{key} = {}", quoted(value)), comment);
        self.line(&line);
    }

    /// A table that is there to be taken in by whoever needs it.
    fn optional(&mut self, table: &str, key: &str, value: &str, comment: &str) {
        self.blank();
        self.line(&format!("# [{table}]"));
        let line = with_comment(&format!("# {key} = {}", quoted(value)), comment);
        self.line(&line);
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }
}

fn with_comment(line: &str, comment: &str) -> String {
    // A name from elsewhere stands in one line, whatever is in it.
    match visible(comment).trim() {
        "" => line.to_owned(),
        comment => format!("{line:COMMENT_COLUMN$} # {comment}"),
    }
}

/// A text as TOML has it; a path of Windows is best read between single quotes.
fn quoted(text: &str) -> String {
    let has_escapes = text.contains(['\\', '"']) && !text.chars().any(char::is_control);
    if has_escapes && !text.contains('\'') {
        return format!("'{text}'");
    }
    if has_escapes && !text.contains("'''") && !text.ends_with('\'') {
        return format!("'''{text}'''");
    }
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::AgentRef,
        words::{Language, in_language},
    };

    fn draft(manifest: &str, firm: &str) -> Draft {
        Draft {
            path: "klienter på nytt.toml".into(),
            name: "onboarding".to_owned(),
            kind: JobKind::for_list(false),
            environment: Environment::Tt02,
            facilitator: OrganisationNumber::parse("314250052").unwrap(),
            facilitator_name: firm.to_owned(),
            auth: [("method", "id-porten"), ("client_id", "c")]
                .map(|(key, value)| (key, value.to_owned()))
                .to_vec(),
            agent: Some(("1b6cea43-f499-4aae-a633-51cf542795af".to_owned(), "Lønn".to_owned())),
            manifest: Some(manifest.to_owned()),
            options: Options { column: Some("Kundens \"org.nr.\"".to_owned()), sheet: None },
        }
    }

    proptest! {
        #[test]
        fn whatever_is_in_a_path_or_a_name_the_file_says_it(manifest in "\\PC+", firm in "\\PC*[\n\r\u{7f}]*\\PC*") {
            prop_assume!(!manifest.contains("'''") && !manifest.ends_with('\''));
            for language in Language::ALL {
                let text = in_language(language, || draft(&manifest, &firm).text());
                let job = Job::parse(&text).unwrap();
                prop_assert_eq!(job.manifest.unwrap(), PathBuf::from(&manifest));
                prop_assert_eq!(job.column.unwrap(), "Kundens \"org.nr.\"");
                prop_assert!(matches!(job.agent, AgentRef::Id(_)));
            }
        }
    }

    #[test]
    fn a_path_of_windows_stands_between_single_quotes_and_the_comments_in_one_column() {
        let text = draft(r"C:\lister\Våre kunder.xlsx", "FJORD REGNSKAP AS").text();
        assert!(text.contains(r"manifest = 'C:\lister\Våre kunder.xlsx'"), "{text}");
        let places: Vec<usize> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| Some(line.split_once(" # ")?.0.chars().count()))
            .collect();
        assert!(places.iter().all(|place| *place >= COMMENT_COLUMN), "{text}");
        assert!(text.contains("# FJORD REGNSKAP AS"), "{text}");
    }

    #[test]
    fn a_file_below_the_job_files_folder_is_named_from_there_and_another_by_its_whole_path() {
        let draft = draft("-", "");
        assert_eq!(
            draft.named(Path::new("lister/klienter.csv")).unwrap(),
            Path::new("lister/klienter.csv").to_str().unwrap()
        );
        let elsewhere = std::env::temp_dir().join("klienter.csv");
        assert_eq!(draft.named(&elsewhere).unwrap(), elsewhere.to_str().unwrap());
    }
}
