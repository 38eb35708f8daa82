//! The kinds of job, one row each: everything that distinguishes them stands in this table, and nothing else asks
//! which kind a job is.
//!
//! A new kind is a row here, an arm of the pure planning function ([`super::plan_client`]) and a page in `docs/jobs/`.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{Action, Intent, Limit, Operation};

/// What a job is to do; the word of `kind` in the job file.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum JobKind {
    /// Delegate each client of the manifest.
    Delegate,
    /// Remove each client of the manifest.
    Remove,
    /// Do what each row's `action` column says.
    Manifest,
    /// Make Altinn as the manifest says, removals included.
    Reconcile,
    /// Delegate again, so that later packages reach the clients.
    Refresh,
    /// Move clients from one agent to another.
    Migrate,
    /// Ask firms for their system users: a vendor's round, which no job file names.
    #[serde(skip_deserializing)]
    Request,
    /// Take such requests back.
    #[serde(skip_deserializing)]
    Withdraw,
}

/// Where the clients of a job come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientsFrom {
    /// From the manifest, which the job must have.
    Manifest,
    /// From the manifest; without one, every client that is delegated now.
    ManifestOrDelegated,
}

/// Which agents a job names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobAgents {
    /// `agent`; rows may name others.
    One,
    /// `from_agent` and `to_agent`, for every row.
    OldAndNew,
}

/// What an `action` column may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowActions {
    /// Every row must say one.
    EachRow,
    /// A row that says another contradicts the job.
    Only(Action),
}

/// What becomes of an interrupted run when its job is run again with `--resume-previous`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenRunAgain {
    /// It is settled by a read-back and marked superseded; today's list is planned afresh.
    Superseded,
    /// It is finished first.
    Finished,
}

/// How a run is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// By the opposite of what was changed, as a run of this kind.
    Opposites(JobKind),
    /// By taking back the requests that it made and nobody has answered, as a run of this kind.
    Requests(JobKind),
    /// Not at all.
    Impossible,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KindRow {
    /// Where the clients come from.
    pub clients_from: ClientsFrom,
    /// Which agents the job names.
    pub agents: JobAgents,
    /// What an `action` column may say.
    pub row_actions: RowActions,
    /// What is wanted for a client whose row says nothing else.
    pub intent: Intent,
    /// Whether clients that are delegated now and that no row names are removed.
    pub removes_unnamed: bool,
    /// The guard's limit for removals where the job file has none.
    pub removals: Option<Limit>,
    /// How a run is undone.
    pub undo: Undo,
    /// The kind of a run that tries its failures again: each client keeps its intent, and nobody else is touched.
    pub retried_as: JobKind,
    /// What becomes of an interrupted run when the job is run again.
    pub when_run_again: WhenRunAgain,
}

impl JobKind {
    /// The kind's row of the table.
    pub fn row(self) -> KindRow {
        let plain = KindRow {
            clients_from: ClientsFrom::Manifest,
            agents: JobAgents::One,
            row_actions: RowActions::Only(Action::Delegate),
            intent: Intent::Delegate,
            removes_unnamed: false,
            removals: None,
            undo: Undo::Opposites(Self::Manifest),
            retried_as: self,
            when_run_again: WhenRunAgain::Superseded,
        };
        match self {
            Self::Delegate => plain,
            Self::Remove => {
                KindRow { row_actions: RowActions::Only(Action::Remove), intent: Intent::Remove, ..plain }
            }
            Self::Manifest => KindRow { row_actions: RowActions::EachRow, ..plain },
            Self::Reconcile => KindRow {
                removes_unnamed: true,
                removals: Some(Limit::Percent(10.0)),
                retried_as: Self::Manifest,
                ..plain
            },
            Self::Refresh => KindRow {
                clients_from: ClientsFrom::ManifestOrDelegated,
                intent: Intent::Refresh,
                undo: Undo::Impossible,
                when_run_again: WhenRunAgain::Finished,
                ..plain
            },
            Self::Migrate => KindRow {
                clients_from: ClientsFrom::ManifestOrDelegated,
                agents: JobAgents::OldAndNew,
                intent: Intent::Move,
                undo: Undo::Opposites(Self::Migrate),
                when_run_again: WhenRunAgain::Finished,
                ..plain
            },
            Self::Request => KindRow { intent: Intent::Ask, undo: Undo::Requests(Self::Withdraw), ..plain },
            Self::Withdraw => KindRow { intent: Intent::Withdraw, undo: Undo::Impossible, ..plain },
        }
    }

    /// Whether its clients are firms, which a vendor asks for their system users. No job file names such a kind.
    pub fn asks_firms(self) -> bool {
        matches!(self.row().intent, Intent::Ask | Intent::Withdraw)
    }

    /// Kinds that a job file can name.
    pub fn of_job_files() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied().filter(|kind| !kind.asks_firms())
    }

    /// What asks firms for their system users.
    pub const ASKS: Self = Self::Request;
    /// What takes such requests back.
    pub const TAKES_BACK: Self = Self::Withdraw;

    /// What a job for a list is when nobody says otherwise: what each row says, or to delegate them all.
    pub fn for_list(says_in_each_row: bool) -> Self {
        if says_in_each_row { Self::Manifest } else { Self::Delegate }
    }

    /// The word in the job file.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What gives a firm's clients to a system user that has none.
    pub const ONBOARDS: Self = Self::Delegate;
    /// What moves clients from one system user to another.
    pub const MOVES: Self = Self::Migrate;

    /// Whether it gives the clients of a list to a system user that has none yet.
    pub fn gives_to_a_new_one(self) -> bool {
        let row = self.row();
        row.agents == JobAgents::One && row.intent == Intent::Delegate
    }

    /// Whether clients are moved from one agent to another.
    pub fn moves(self) -> bool {
        self.row().agents == JobAgents::OldAndNew
    }

    /// Whether clients that are delegated are delegated once more.
    pub fn refreshes(self) -> bool {
        self.row().intent == Intent::Refresh
    }

    /// Whether its clients are those of a manifest; the others can take all that are delegated now.
    pub fn needs_manifest(self) -> bool {
        self.row().clients_from == ClientsFrom::Manifest
    }

    /// What is wanted for a client, by its row's `action` where every row says one.
    pub fn intent(self, action: Option<Action>) -> Intent {
        match (self.row().row_actions, action) {
            (RowActions::EachRow, Some(Action::Remove)) => Intent::Remove,
            _ => self.row().intent,
        }
    }
}

/// What undoes a change that a run made, or may have made, to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opposite {
    /// What is wanted now.
    pub intent: Intent,
    /// Of a client that was to be moved: whether the two agents change places. Otherwise it is about the old agent
    /// alone, or there is only one.
    pub agents_swap: bool,
}

/// The opposite of what a run did to a client: `operation` is the last that it had, `was_delegated` whether the run
/// delegated it to its new agent (or may have).
pub fn opposite(intent: Intent, operation: Operation, was_delegated: bool) -> Opposite {
    match (intent, operation, was_delegated) {
        // It goes back first, and then leaves the new agent.
        (Intent::Move, _, true) => Opposite { intent: Intent::Move, agents_swap: true },
        // The new agent had it already: it was only taken off the old one.
        (Intent::Move, _, false) | (_, Operation::Remove, _) => {
            Opposite { intent: Intent::Delegate, agents_swap: false }
        }
        (_, Operation::Delegate, _) => Opposite { intent: Intent::Remove, agents_swap: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reconcile_removes_clients_that_no_row_names_and_only_it_is_guarded_unasked() {
        for kind in JobKind::VARIANTS {
            let row = kind.row();
            assert_eq!(row.removes_unnamed, *kind == JobKind::Reconcile, "{kind:?}");
            assert_eq!(row.removals.is_some(), row.removes_unnamed, "{kind:?}");
            assert!(!row.retried_as.row().removes_unnamed, "a retry of a {kind:?} touches its failures only");
        }
    }

    #[test]
    fn what_an_old_run_would_do_today_is_finished_only_where_half_done_is_worse() {
        let finished: Vec<_> = JobKind::VARIANTS
            .iter()
            .filter(|kind| kind.row().when_run_again == WhenRunAgain::Finished)
            .collect();
        assert_eq!(finished, [&JobKind::Refresh, &JobKind::Migrate]);
    }

    #[test]
    fn a_row_says_what_is_wanted_only_where_every_row_must() {
        for kind in JobKind::VARIANTS {
            let own = kind.row().intent;
            assert_eq!(kind.intent(None), own);
            let wanted = kind.intent(Some(Action::Remove));
            assert_eq!(wanted, if *kind == JobKind::Manifest { Intent::Remove } else { own }, "{kind:?}");
        }
    }

    #[test]
    fn a_kind_reads_back_from_its_word() {
        for kind in JobKind::VARIANTS {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert!("Delegate".parse::<JobKind>().is_err());
    }

    #[test]
    fn the_opposite_of_a_change_gives_back_what_was_there() {
        use Intent::{Delegate, Move, Remove};
        for (intent, operation, was_delegated, wanted, agents_swap) in [
            (Delegate, Operation::Delegate, true, Remove, false),
            (Remove, Operation::Remove, false, Delegate, false),
            (Move, Operation::Remove, true, Move, true),
            (Move, Operation::Delegate, true, Move, true),
            (Move, Operation::Remove, false, Delegate, false),
        ] {
            assert_eq!(opposite(intent, operation, was_delegated), Opposite { intent: wanted, agents_swap });
        }
    }
}
