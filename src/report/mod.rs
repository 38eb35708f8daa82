//! What people see of a run: progress, the plan in words, the summary, and the files that it leaves ([`FILES`]).

mod done;
mod failures;
mod files;
mod fleet;
mod history;
mod log;
mod metrics;
mod names;
mod page;
mod plan;
mod plan_file;
mod present;
mod progress;
mod requests;
mod sentences;
mod summary;
mod terminal;
mod verification;
mod warning;
mod words;
mod workbook;

pub use files::{FILES, Facts, ReportError, ReportFile, Written, write_all};
pub use fleet::{FleetMetrics, FleetPlan, FleetText, UnitPlan, fleet_sentence, write_fleet_page};
pub use history::{History, SupportText};
pub use log::{json_without_invisible, log_line};
pub use metrics::Metrics;
pub use plan::{PlanText, PlanView, Purpose};
pub use plan_file::write_plan;
pub use present::Present;
pub use progress::{Progress, ProgressStyle};
pub use requests::{
    FirmView, InTheWay, ListColumns, PlannedFirm, RequestCounts, RequestPlan, RequestsView, RowLeftOut,
    in_the_way, write_links,
};
pub use sentences::other_name;
pub use summary::{Stop, Summary};
pub use terminal::{Clean, line_to_stderr, to_stderr, to_stdout};
pub use verification::{Verification, VerificationTotals};
pub use warning::{Warning, WarningKind};
pub use words::{age, approximately, clock_time, count, date_time};
pub use workbook::action_column;
