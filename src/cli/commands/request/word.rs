//! Word to `[notify]` of the firms that have answered since the last look: Altinn itself tells nobody.

use std::{collections::HashSet, path::Path};

use super::super::super::{
    Context,
    notify::{Word, tell_of},
    vendor_file::VendorFile,
};
use crate::{
    ledger::RequestRecord,
    report::{FirmView, RequestsView},
    words::{Lazy, in_english, say},
};

/// The only thing that a vendor's command is told of.
const ANSWERED: &str = "answered";

/// Which firms had answered at the last look.
#[derive(Debug)]
pub(super) struct Watch {
    answered: HashSet<i64>,
}

impl Watch {
    /// By what the ledger holds before Altinn is looked at.
    pub(super) fn since(records: &[RequestRecord]) -> Self {
        Self { answered: answered(records).map(|record| record.row).collect() }
    }

    /// Tells the vendor file's command, if it has one, which firms have answered since the last time. Whatever goes wrong is a
    /// warning.
    pub(super) fn tell(
        &mut self,
        file: &VendorFile,
        records: &[RequestRecord],
        view: &RequestsView,
        context: &Context,
    ) {
        let before = std::mem::replace(self, Self::since(records)).answered;
        let news: Vec<RequestRecord> =
            answered(records).filter(|record| !before.contains(&record.row)).cloned().collect();
        let Some(command) = file.vendor.notify.as_ref().filter(|_| !news.is_empty()) else { return };
        let came = RequestsView::of(&file.vendor, &news, false).counts;
        let waits = view.counts.pending + view.counts.accepted;
        let sentence = Lazy(|| {
            say!(
                "request-firms-have-answered",
                name = file.vendor.name,
                firms = came.organisations,
                ready = came.ready,
                rejected = came.rejected + came.denied,
                late = came.timed_out,
                pending = waits
            )
            .to_string()
        });
        let word = Word {
            job: &file.vendor.name,
            run: "",
            status: if waits > 0 { "pending" } else { ANSWERED },
            sentence: &sentence,
            told: told(view, &news),
            folder: file.path.parent().unwrap_or(Path::new("")),
            auth: file.vendor.auth.as_ref(),
        };
        tell_of(command, ANSWERED, word, context);
    }
}

fn answered(records: &[RequestRecord]) -> impl Iterator<Item = &RequestRecord> {
    records.iter().filter(|record| record.has_answered())
}

/// What `request status --format json` prints, and in `answered` the firms that have answered since the last look.
fn told(view: &RequestsView, news: &[RequestRecord]) -> String {
    let told = in_english(|| {
        let mut told = serde_json::to_value(view)?;
        let news = serde_json::to_value(news.iter().map(FirmView::of).collect::<Vec<_>>())?;
        if let Some(told) = told.as_object_mut() {
            told.insert(ANSWERED.to_owned(), news);
        }
        serde_json::to_string_pretty(&told)
    });
    told.unwrap_or_default()
}
