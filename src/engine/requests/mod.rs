//! A vendor asks firms for system users: looks at what there is, asks, withdraws. The pace, the outages, the waits and the
//! ledger's promise (nothing is sent that it does not hold as about to be sent) are those of every run; what differs is
//! that firms are asked one after the other, since each is one request and there are hundreds and not thousands.

mod api;
mod asking;
mod looking;
mod planning;
mod rounds;

pub use api::{Asked, RequestApi, RequestPage, SystemUserFound};
pub use asking::FirmAsk;
pub use looking::FirmFound;
pub use planning::FirmPlanned;
pub use rounds::FirmRound;
