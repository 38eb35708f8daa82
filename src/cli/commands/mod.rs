//! One file per subcommand: its arguments, its help text, its function.

pub(crate) mod access;
pub(crate) mod agents;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod clients;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod fleet;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod prune;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod resume;
pub(crate) mod retry;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod sandbox;
pub(crate) mod status;
pub(crate) mod undo;
pub(crate) mod verify;
pub(crate) mod whoami;
