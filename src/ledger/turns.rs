//! The connections of this process that write one ledger take turns, first come first. `SQLite` lets one write at a time as
//! well, but whoever waits there asks again now and then: among fifty, the unlucky wait until they give up.

use std::{
    collections::HashMap,
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, LazyLock, Mutex, PoisonError, Weak},
};

use super::db::{self, Transaction};

/// Who writes a ledger next.
#[derive(Debug, Default)]
pub(super) struct Turns {
    tickets: Mutex<Tickets>,
    called: Condvar,
}

#[derive(Debug, Default)]
struct Tickets {
    given: u64,
    called: u64,
}

/// Somebody's turn, until it is dropped.
pub(super) struct Turn(Arc<Turns>);

/// A transaction that writes, in its turn.
pub(super) struct Writing<'ledger> {
    // First, so that it has ended when the turn ends.
    transaction: Transaction<'ledger>,
    _turn: Turn,
}

impl Turns {
    /// Those of the ledger with this path.
    pub(super) fn of(path: &Path) -> Arc<Self> {
        static LEDGERS: LazyLock<Mutex<HashMap<PathBuf, Weak<Turns>>>> = LazyLock::new(Mutex::default);
        let mut ledgers = LEDGERS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = ledgers.get(path).and_then(Weak::upgrade) {
            return turns;
        }
        ledgers.retain(|_, turns| turns.strong_count() > 0);
        let turns = Arc::default();
        ledgers.insert(path.to_owned(), Arc::downgrade(&turns));
        turns
    }

    /// Of one connection that waits for nobody.
    #[cfg(feature = "postgres")]
    pub(super) fn alone() -> Arc<Self> {
        Arc::default()
    }

    /// Waits for a turn.
    pub(super) fn take(self: &Arc<Self>) -> Turn {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        let own = tickets.given;
        tickets.given += 1;
        while tickets.called != own {
            tickets = self.called.wait(tickets).unwrap_or_else(PoisonError::into_inner);
        }
        drop(tickets);
        Turn(Arc::clone(self))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.tickets.lock().unwrap_or_else(PoisonError::into_inner).called += 1;
        self.0.called.notify_all();
    }
}

impl<'ledger> Writing<'ledger> {
    pub(super) fn new(transaction: Transaction<'ledger>, turn: Turn) -> Self {
        Self { transaction, _turn: turn }
    }

    /// Keeps what was written.
    pub(super) fn commit(self) -> db::Result<()> {
        self.transaction.commit()
    }
}

impl<'ledger> Deref for Writing<'ledger> {
    type Target = Transaction<'ledger>;

    fn deref(&self) -> &Self::Target {
        &self.transaction
    }
}

impl DerefMut for Writing<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.transaction
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn turns_come_in_the_order_in_which_they_were_asked_for() {
        let turns = Turns::of(Path::new("some/ledger.db"));
        assert!(Arc::ptr_eq(&turns, &Turns::of(Path::new("some/ledger.db"))));
        let first = turns.take();
        let order = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for who in 0..5 {
                while turns.tickets.lock().unwrap().given != 1 + who {
                    std::thread::sleep(Duration::from_millis(1));
                }
                let (turns, order) = (&turns, &order);
                scope.spawn(move || {
                    let turn = turns.take();
                    order.lock().unwrap().push(who);
                    drop(turn);
                });
            }
            while turns.tickets.lock().unwrap().given != 6 {
                std::thread::sleep(Duration::from_millis(1));
            }
            drop(first);
        });
        assert_eq!(order.into_inner().unwrap(), [0, 1, 2, 3, 4]);
    }
}
