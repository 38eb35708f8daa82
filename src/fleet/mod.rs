//! Many firms with one client of Altinn's: the list of firms made into units, and which of them is due. A unit is one
//! firm's job, an ordinary [`Job`](crate::model::Job); whoever carries it out does so as `run` does.

mod append;
mod hold;
mod night;
mod record;
mod status;
mod units;

pub use append::{AppendError, Appended, NewUnit, append};
pub use hold::{Hold, Holds};
pub use night::{ASIDE, Aside, LastRun, Night, OUTAGES_IN_A_ROW, Standing, standing};
pub use record::{KeptError, Place, Record, Trouble, TroubleKind, Work};
pub use status::{Counts, FleetStatus, Known, Tonight, UnitRow, UnitStatus, runs_of_tonight};
pub use units::{RowError, Unit, Units};
