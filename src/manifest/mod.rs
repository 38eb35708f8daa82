//! Manifests: lists of clients as accounting systems and spreadsheets write them, in and out.
//!
//! [`Manifest::open`] finds out what the file is, how it is written and which column is which; [`Manifest::read`] streams
//! its rows, with a complaint for every one that cannot be acted on. [`Writer`] writes in the same dialect,
//! [`SheetWriter`] a workbook.

mod columns;
mod complaint;
mod correct;
mod decode;
mod dialect;
mod fingerprint;
mod headings;
mod hidden;
mod kind;
mod layout;
mod nearly;
mod open;
mod problem;
mod records;
mod remark;
mod rows;
mod seen;
mod sheet;
mod source;
mod table;
mod workbook;
mod write;

pub use columns::name_column_of;
pub use complaint::{Column, Complaint};
pub use correct::{CorrectError, Corrected};
pub use dialect::{Dialect, Encoding, LineEnding};
pub use fingerprint::fingerprint;
pub use headings::{Somebody, is_action_heading};
pub use open::{Manifest, Options};
pub use problem::{ManifestError, Problem};
pub use remark::Remark;
pub use rows::{Entry, Expects, KEEP, Rows, name_of};
pub use sheet::{SheetColumn, SheetError, SheetWriter};
pub use table::{Table, TableRow};
pub use workbook::is_reading_workbook;
pub use write::Writer;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
