//! What people see of a run: progress, the plan in words, the summary, the failure report.

mod failures;
mod history;
mod log;
mod metrics;
mod plan;
mod plan_file;
mod progress;
mod summary;
mod verification;
mod warning;
mod words;

pub use failures::{FailuresError, write_failures};
pub use history::{History, SupportText};
pub use log::log_line;
pub use metrics::Metrics;
pub use plan::{PlanText, PlanView, Purpose};
pub use plan_file::write_plan;
pub use progress::{Progress, ProgressStyle};
pub use summary::{Stop, Summary};
pub use verification::{Verification, VerificationTotals};
pub use warning::{Warning, WarningKind};
pub use words::{approximately, clock_time, count, date_time};
