//! What people see of a run: progress, the plan in words, the summary, the failure report.

mod failures;
mod plan;
mod progress;
mod summary;
mod words;

pub use failures::{FailuresError, write_failures};
pub use plan::{PlanText, PlanView};
pub use progress::{Progress, ProgressStyle};
pub use summary::{Stop, Summary};
pub use words::{approximately, clock_time, count, date_time};
