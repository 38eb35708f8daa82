//! Writes a list as a workbook, row by row and in bounded memory: text cells only, a frozen header with filters, and a
//! choice of words where a person is to choose.

use std::io::Write;

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, FormatBorder, IgnoreError,
    Workbook, Worksheet, XlsxError,
};
use thiserror::Error;

use crate::words::say;

/// Why a workbook cannot be made.
#[derive(Debug, Error)]
#[error("{}", say!("manifest-the-workbook-cannot-be-made", error = .0))]
pub struct SheetError(#[from] XlsxError);

/// A column of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetColumn {
    /// What stands above it.
    pub heading: String,
    /// How wide it is, in characters.
    pub width: u16,
    /// The words that a person chooses from; none where anything may stand.
    pub choices: Vec<&'static str>,
    /// It is for programs: folded away until somebody unfolds it.
    pub folded: bool,
}

impl SheetColumn {
    /// A column in which anything may stand.
    pub fn plain(heading: impl Into<String>, width: u16) -> Self {
        Self { heading: heading.into(), width, choices: Vec::new(), folded: false }
    }

    /// A column for programs, folded away.
    pub fn folded(heading: impl Into<String>) -> Self {
        Self { folded: true, ..Self::of_heading(heading) }
    }

    /// A column of which only its heading is known.
    pub fn of_heading(heading: impl Into<String>) -> Self {
        let heading = heading.into();
        // Room for the filter's button.
        let width =
            u16::try_from(heading.chars().count()).unwrap_or(u16::MAX).saturating_add(5).clamp(14, 40);
        Self { heading, width, choices: Vec::new(), folded: false }
    }
}

/// Writes one sheet.
pub struct SheetWriter {
    book: Workbook,
    columns: Vec<SheetColumn>,
    row: u32,
    text: Format,
    marked: Format,
}

/// The most characters that a cell holds.
const LONGEST_CELL: usize = 32_000;
/// The name of a sheet whose own cannot be kept.
const SHEET: &str = "Clients";

impl SheetWriter {
    /// A sheet of this name, where it can have it, with its header written.
    ///
    /// # Errors
    ///
    /// More columns than a sheet has, or no place for a temporary file.
    pub fn new(name: Option<&str>, columns: Vec<SheetColumn>) -> Result<Self, SheetError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory()?;
        if name.is_none_or(|name| sheet.set_name(name).is_err()) {
            sheet.set_name(SHEET)?;
        }
        let text = Format::new().set_num_format("@").set_align(FormatAlign::Top).set_text_wrap();
        let header = Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_text_wrap();
        for (place, column) in (0..).zip(&columns) {
            sheet.set_column_width(place, column.width)?;
            // What a person types in is text, too: no number loses its form.
            sheet.set_column_format(place, &text)?;
        }
        let folded = |column: &SheetColumn| column.folded;
        if let (Some(first), Some(last)) = (columns.iter().position(folded), columns.iter().rposition(folded))
            && let (Ok(first), Ok(last)) = (u16::try_from(first), u16::try_from(last))
        {
            sheet.group_columns_collapsed(first, last)?;
        }
        for (place, column) in (0..).zip(&columns) {
            sheet.write_string_with_format(0, place, cell(&column.heading), &header)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_landscape().set_paper_size(9).set_repeat_rows(0, 0)?;
        let marked = text.clone().set_background_color(Color::RGB(0x00FF_F2CC)).set_bold();
        Ok(Self { book, columns, row: 0, text, marked })
    }

    /// Writes a row; a marked one is bold and shaded.
    ///
    /// # Errors
    ///
    /// More rows than a sheet has.
    pub fn write<Cell: AsRef<str>>(
        &mut self,
        cells: impl IntoIterator<Item = Cell>,
        marked: bool,
    ) -> Result<(), SheetError> {
        self.row += 1;
        let format = if marked { &self.marked } else { &self.text };
        let sheet = self.book.worksheet_from_index(0)?;
        for (place, text) in (0..).zip(cells) {
            let text = cell(text.as_ref());
            if text.starts_with(['=', '+', '-', '@']) {
                // As Excel marks what was typed with an apostrophe in front: text, whatever it looks like.
                sheet.write_string_with_format(self.row, place, text, &format.clone().set_quote_prefix())?;
            } else {
                sheet.write_string_with_format(self.row, place, text, format)?;
            }
        }
        Ok(())
    }

    /// Writes the workbook.
    ///
    /// # Errors
    ///
    /// What the file says.
    pub fn finish(mut self, out: impl Write + Send) -> Result<(), SheetError> {
        let sheet = self.book.worksheet_from_index(0)?;
        let last_column = u16::try_from(self.columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
        sheet.autofilter(0, 0, self.row, last_column)?;
        if self.row > 0 {
            sheet.ignore_error_range(1, 0, self.row, last_column, IgnoreError::NumberStoredAsText)?;
        }
        for (place, column) in (0..).zip(&self.columns) {
            add_choices(sheet, place, self.row.max(1), column)?;
        }
        Ok(self.book.save_to_writer(out)?)
    }
}

fn add_choices(
    sheet: &mut Worksheet,
    place: u16,
    last_row: u32,
    column: &SheetColumn,
) -> Result<(), SheetError> {
    if column.choices.is_empty() {
        return Ok(());
    }
    let choices = DataValidation::new()
        .allow_list_strings(&column.choices)?
        .set_error_style(DataValidationErrorStyle::Warning);
    sheet.add_data_validation(1, place, last_row, place, &choices)?;
    Ok(())
}

/// A text that a cell can hold: at most so long, and no control characters but line breaks.
fn cell(text: &str) -> String {
    let fits = |character: &char| !character.is_control() || *character == '\n';
    text.chars().filter(fits).take(LONGEST_CELL).collect()
}
