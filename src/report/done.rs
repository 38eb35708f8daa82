//! `done.csv`: every client that is as it was asked for, one row each.

use std::{fs::File, io};

use super::{Facts, ReportError};
use crate::{
    clock::stamp,
    ledger::{ClientRecord, Which},
    manifest::{Dialect, Encoding, Writer},
};

/// The columns, in their order.
pub(super) const COLUMNS: [&str; 6] =
    ["organisation_number", "name", "agent", "operation", "outcome", "settled_at"];

/// One row per client delegated, removed or unchanged, divided as the manifest is. Names are Altinn's, so that an
/// encoding that lacks letters is not kept.
pub(super) fn write(facts: &Facts<'_>, file: &mut File) -> Result<(), ReportError> {
    let own = facts.dialect()?;
    let encoding = if own.encoding == Encoding::Windows1252 { Encoding::Utf8Bom } else { own.encoding };
    let header = Some(COLUMNS.map(ToOwned::to_owned).to_vec());
    let dialect = Dialect { header, encoding, sheet: None, ..own };
    let mut writer = Writer::new(io::BufWriter::new(file), &dialect, &[])?;
    facts.ledger.each_client(&facts.run.id, Which::Done, None, |client| {
        writer.write(cells(client)).map_err(ReportError::from)
    })?;
    Ok(writer.finish()?)
}

/// A client's row.
pub(super) fn cells(client: &ClientRecord) -> [String; COLUMNS.len()] {
    [
        client.organisation_number.clone().unwrap_or_default(),
        client.name.clone(),
        client.agent_of_outcome().to_string(),
        client.operation_of_outcome().as_str().to_owned(),
        client.state.as_str().to_owned(),
        client.settled_at.map(stamp).unwrap_or_default(),
    ]
}
