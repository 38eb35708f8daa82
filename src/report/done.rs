//! `done.csv`: every client that is as it was asked for, one row each.

use std::{fs::File, io};

use super::{Facts, ReportError, requests::state_of, words::day};
use crate::{
    clock::stamp,
    ledger::{ClientRecord, Which},
    manifest::{Dialect, Encoding, Writer},
    model::RequestState,
};

/// The columns, in their order.
pub(super) const COLUMNS: [&str; 6] =
    ["organisation_number", "name", "agent", "operation", "outcome", "settled_at"];

/// What is appended for firms that a run asks: the reference, how the firm stands now, and the last day to answer.
pub(super) const OF_FIRMS: [&str; 3] = ["external_ref", "answer", "answer_by"];

/// The columns of a run's report.
pub(super) fn columns(facts: &Facts<'_>) -> Vec<&'static str> {
    let of_firms = OF_FIRMS.into_iter().filter(|_| facts.asks_firms());
    COLUMNS.into_iter().chain(of_firms).collect()
}

/// One row per client delegated, removed or unchanged, divided as the manifest is. Names are Altinn's, so that an
/// encoding that lacks letters is not kept.
pub(super) fn write(facts: &Facts<'_>, file: &mut File) -> Result<(), ReportError> {
    let own = facts.dialect()?;
    let encoding = if own.encoding == Encoding::Windows1252 { Encoding::Utf8Bom } else { own.encoding };
    let header = Some(columns(facts).into_iter().map(ToOwned::to_owned).collect());
    let dialect = Dialect { header, encoding, sheet: None, ..own };
    let mut writer = Writer::new(io::BufWriter::new(file), &dialect, &[])?;
    facts.ledger.each_client(&facts.run.id, Which::Done, None, |client| {
        writer.write(cells(facts, client)).map_err(ReportError::from)
    })?;
    Ok(writer.finish()?)
}

/// A client's row. A firm's system user is there once it has approved.
pub(super) fn cells(facts: &Facts<'_>, client: &ClientRecord) -> Vec<String> {
    let request = facts.request_of(client);
    let agent = match request {
        Some(request) => request.agent.map(|agent| agent.to_string()).unwrap_or_default(),
        None => client.agent_of_outcome().to_string(),
    };
    let mut cells = vec![
        client.organisation_number.clone().unwrap_or_default(),
        client.name.clone(),
        agent,
        client.operation_of_outcome().to_owned(),
        client.state.as_str().to_owned(),
        client.settled_at.map(stamp).unwrap_or_default(),
    ];
    if let Some(request) = request {
        let pending = request.state == RequestState::Pending;
        cells.push(request.external_ref.clone());
        cells.push(state_of(request).to_owned());
        cells.push(request.answer_by().filter(|_| pending).map(day).unwrap_or_default());
    }
    cells
}
