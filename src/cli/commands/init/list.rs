//! The client list: found, opened and read at once, so that what is wrong with it is known now.

use std::path::{Path, PathBuf};

use super::{
    super::super::{
        exit::Failure,
        rows::{Rows, expects},
    },
    InitArgs,
    interview::{Interview, Question},
    pasted,
};
use crate::{
    manifest::{Complaint, Manifest, ManifestError, Options, Problem},
    model::JobKind,
    report::count,
    words::{Lazy, say, text},
};

/// So many bad rows are shown; `fullmakt check` shows them all.
const FIRST: usize = 5;

/// A list that a job can be made for.
pub(super) struct List {
    pub(super) path: PathBuf,
    pub(super) options: Options,
    pub(super) kind: JobKind,
    pub(super) clients: u64,
    /// Rows that cannot be acted on.
    pub(super) rejected: u64,
}

impl Interview<'_> {
    /// Asks for the list, until there is one that will do; `None` for a job that can do without.
    pub(super) async fn list(&self, args: &InitArgs, kind: Option<JobKind>) -> Result<Option<List>, Failure> {
        let may_be_none = kind.is_some_and(|kind| !kind.needs_manifest());
        let mut given = args.manifest.as_deref().map(Path::to_string_lossy);
        let mut options = Options { column: args.column.clone(), sheet: args.sheet.clone() };
        loop {
            if given.is_none() && may_be_none && !self.is_asking {
                return Ok(None);
            }
            let said = given.take();
            let question = Question {
                flag: "--manifest",
                given: said.as_deref(),
                above: String::new(),
                asked: (if may_be_none { text!("init-list-if-any") } else { text!("init-list") }).to_owned(),
                default: may_be_none.then(String::new),
            };
            let path = self.answer(question, |typed| Ok(typed.to_owned())).await?;
            if path.is_empty() {
                return Ok(None);
            }
            match self.looked_at(pasted::path(&path), options.clone(), kind).await {
                Ok(Some(list)) => return Ok(Some(list)),
                Ok(None) => {}
                Err(wrong) if self.is_asking => self.tell(&wrong),
                Err(wrong) => return Err(wrong),
            }
            // They were said of another list.
            options = Options::default();
        }
    }

    /// Reads the list. `None`: another is to be asked for.
    async fn looked_at(
        &self,
        path: PathBuf,
        mut options: Options,
        kind: Option<JobKind>,
    ) -> Result<Option<List>, Failure> {
        let manifest = loop {
            match Manifest::open_with(&path, &options) {
                Ok(manifest) => break manifest,
                Err(error) if self.is_asking && is_about_the_column(&error) => {
                    self.tell(&Failure::nothing_sent(&error));
                    let column = self.line(&format!("{}:", text!("init-column"))).await?;
                    if column.is_empty() {
                        return Ok(None);
                    }
                    options.column = Some(column);
                }
                Err(error) => return Err(Failure::nothing_sent(&error)),
            }
        };
        let kind = kind.unwrap_or_else(|| JobKind::for_list(manifest.has_actions()));
        let rows = Rows::of(&manifest, expects(kind), &mut |_| Ok(()))?;
        let list = List { path, options, kind, clients: rows.clients, rejected: rows.rejected };
        for remark in &rows.remarks {
            self.context.output.note(remark);
        }
        if let Some(column) = manifest.action_column() {
            self.say(say!("init-each-row-says", column = column));
        }
        if rows.rejected == 0 {
            self.say(say!("doctor-list-clean", clients = list.clients));
            return Ok(Some(list));
        }
        self.tell(&bad_rows(&rows));
        if !self.is_asking {
            return Ok(Some(list));
        }
        let again = self.line(&format!("{}:", text!("init-another-list"))).await?;
        match again.as_str() {
            "" => Ok(Some(list)),
            // The same question once more, for that one.
            other => Box::pin(self.looked_at(pasted::path(other), Options::default(), Some(kind))).await,
        }
    }
}

/// Whether the name of a column is all that is missing.
fn is_about_the_column(error: &ManifestError) -> bool {
    matches!(
        error.problem,
        Problem::TwoColumns(_)
            | Problem::UnknownHeading { .. }
            | Problem::NotTheClients { .. }
            | Problem::NoSuchColumn { .. }
    )
}

/// What is wrong with the rows of a list that can be read otherwise.
fn bad_rows(rows: &Rows) -> Failure {
    let Rows { rejected, complaints, .. } = rows;
    let wrong = Failure::nothing_sent(say!("init-bad-rows", rejected = *rejected, rows = rows.rows));
    let wrong =
        complaints.iter().take(FIRST).fold(wrong, |wrong, complaint: &Complaint| wrong.detail(complaint));
    let more = complaints.len().saturating_sub(FIRST);
    let wrong = if more == 0 {
        wrong
    } else {
        wrong.detail(say!("cli-and-more", more = Lazy(|| count(more as u64))))
    };
    wrong.hint(say!("init-bad-rows-to-do"))
}
