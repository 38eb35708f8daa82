//! What people see of requests for system users: the plan, how they stand, and the files that are made to be sent.

mod links;
mod plan;
mod standing;

pub use links::{InTheWay, ListColumns, RowLeftOut, in_the_way, write_links};
pub use plan::{PlannedFirm, RequestPlan};
pub use standing::{FirmView, RequestCounts, RequestsView};
pub(super) use standing::{answer_in_words, state_of};

/// So many firms are named in a sentence.
const SHOWN_FIRMS: usize = 5;
