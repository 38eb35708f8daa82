//! A list written again, with what can be put right put right.

use std::io::{self, Write};

use thiserror::Error;

use super::{
    Manifest, ManifestError, SheetColumn, SheetError, SheetWriter, Writer, nearly::NoClient,
    write::NUMBER_HEADER,
};
use crate::{model::OrganisationNumber, words::Refusal};

/// What became of a list that was written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Corrected {
    /// Rows whose number could be read only after it was put right: a lost zero, decimals.
    pub put_right: u64,
    /// Rows that say nothing of their own, such as the header once more.
    pub taken_out: u64,
    /// Rows whose number still cannot be acted on: written as they were.
    pub left: u64,
}

/// Why a list was not written again.
#[derive(Debug, Error)]
pub enum CorrectError {
    /// It cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The new one cannot be written.
    #[error("{}", Refusal(.0))]
    Io(#[from] io::Error),
    /// The new workbook cannot be made.
    #[error("{0}")]
    Sheet(#[from] SheetError),
}

impl Manifest {
    /// Writes the list again as CSV: the header first, every number as nine digits. What cannot be put right is left as it
    /// is, but for national identity numbers, which are masked.
    ///
    /// # Errors
    ///
    /// It cannot be read, has lost rows, or the new one cannot be written.
    pub fn write_corrected(&self, out: impl Write) -> Result<Corrected, CorrectError> {
        let mut writer = Writer::new(out, self.dialect(), &[])?;
        let corrected = self.each_corrected(|cells, _| Ok(writer.write(cells)?))?;
        writer.finish()?;
        Ok(corrected)
    }

    /// The same as a workbook, with the rows marked that still cannot be acted on.
    ///
    /// # Errors
    ///
    /// It cannot be read, has lost rows, or the new one cannot be written.
    pub fn write_corrected_workbook(&self, out: impl Write + Send) -> Result<Corrected, CorrectError> {
        let dialect = self.dialect();
        let header = dialect.header.clone().unwrap_or_else(|| vec![NUMBER_HEADER.to_owned()]);
        let columns = header.into_iter().map(SheetColumn::of_heading).collect();
        let mut sheet = SheetWriter::new(dialect.sheet.as_deref(), columns)?;
        let corrected = self.each_corrected(|cells, is_right| Ok(sheet.write(cells, !is_right)?))?;
        sheet.finish(out)?;
        Ok(corrected)
    }

    /// Every row as it is to be written again, with whether its number can be acted on.
    fn each_corrected(
        &self,
        mut write: impl FnMut(&[String], bool) -> Result<(), CorrectError>,
    ) -> Result<Corrected, CorrectError> {
        let mut corrected = Corrected::default();
        let number = self.columns().number;
        let place = self.columns().own.iter().position(|index| *index == number);
        for record in self.checked_records()? {
            let record = record?;
            let text = record.cell(number);
            let meant = OrganisationNumber::meant(text);
            let what = NoClient::of(&record, number, self.columns().names.as_deref());
            if meant.is_none() && what.is_some_and(NoClient::is_nothing) {
                corrected.taken_out += 1;
                continue;
            }
            let mut cells = self.columns().masked_cells(&record);
            let is_right = match (meant, place.and_then(|place| cells.get_mut(place))) {
                (Some(meant), Some(cell)) => {
                    corrected.put_right += u64::from(OrganisationNumber::parse(text).is_err());
                    *cell = meant.to_string();
                    true
                }
                _ => false,
            };
            corrected.left += u64::from(!is_right);
            // A row whose cells have moved keeps the surplus ones, so that it can be seen.
            let surplus = record.cells.iter().skip(self.columns().width());
            cells.extend(surplus.map(|cell| crate::model::masked(cell).into_owned()));
            write(&cells, is_right)?;
        }
        Ok(corrected)
    }
}
