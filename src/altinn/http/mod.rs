//! What every API of Altinn's shares: requests and answers, limits, `Retry-After`, a token renewed on 401, problem
//! documents, lists streamed in groups.
//!
//! No path and no code of an API stands here; those are in the API's own folder.

mod answer;
mod bounds;
mod connect;
mod lenient;
mod line;
mod list;
mod problem;
mod proxy;
mod reach;
mod ruling;
mod transport;
mod unanswered;

pub use answer::{Judged, RawAnswer};
pub use list::ListLimits;
pub use proxy::proxy_variable;
pub use reach::{NotReached, reach};
pub use ruling::KnownError;

pub(super) use lenient::{lenient_text, lenient_uuid};
pub(super) use line::Line;
pub(super) use list::{ListShape, Page, another_agents, too_many_packages};
pub(super) use problem::{Body, Complaint, clean, clean_identifier};
pub(super) use ruling::{Ruling, Table, ask_again, judge, known};
pub(super) use transport::{Http, Limits, Request, Response, Whole, chunk};
pub(super) use unanswered::Unanswered;
