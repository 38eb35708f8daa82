//! The one writer of a run that goes on: claims and outcomes are written in groups, one transaction per group.
//!
//! While one group is written the next gathers, so the cost per client falls as the pace rises. An event
//! is told only after the transaction that holds it.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{mpsc, oneshot};

use super::{
    Changed, Claimed, Ledger, LedgerError, Outcome,
    claims::{Work, claim, record},
};
use crate::model::{AgentId, ClientState, Event, RunId};

/// How many entries may wait for the writer; whoever has more waits.
const QUEUE: usize = 4096;

/// A handle on the task that owns the ledger. When the last one is dropped, the task writes what is queued
/// and ends.
#[derive(Clone)]
pub struct LedgerWriter {
    queue: mpsc::Sender<Entry>,
    failure: Failure,
}

/// What the writer ended on, for whoever asks first.
type Failure = Arc<Mutex<Option<LedgerError>>>;

enum Entry {
    Claim { fresh: usize, again: Vec<Claimed>, reply: oneshot::Sender<Vec<Claimed>> },
    Record(Box<Outcome>),
    Work(Box<dyn FnOnce(&mut Ledger) + Send>),
}

/// What a written group has to tell.
#[derive(Default)]
struct Written {
    claims: Vec<(oneshot::Sender<Vec<Claimed>>, Vec<Claimed>)>,
    changed: Vec<Changed>,
}

impl LedgerWriter {
    /// Starts the task. `events` is told of every client that moved, when the ledger holds it.
    ///
    /// Must be called within a tokio runtime.
    pub fn start(ledger: Ledger, events: mpsc::UnboundedSender<Event>) -> Self {
        let (queue, entries) = mpsc::channel(QUEUE);
        let failure = Failure::default();
        tokio::spawn(serve(ledger, entries, events, Arc::clone(&failure)));
        Self { queue, failure }
    }

    /// Does something with the ledger, after everything that was queued before.
    ///
    /// # Errors
    ///
    /// What the work answers, or what the writer ended on.
    pub async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Ledger) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let work = Box::new(move |ledger: &mut Ledger| drop(reply.send(work(ledger))));
        self.enter(Entry::Work(work)).await?;
        match answer.await {
            Ok(answer) => answer,
            Err(_) => Err(self.ended_on().await),
        }
    }

    /// Says which run's clients are claimed from now on, from its first one: those whose turn is with this agent.
    pub async fn work_on(&self, run: RunId, agent: AgentId) -> Result<(), LedgerError> {
        self.call(move |ledger| {
            let run_number = ledger.run_number(&run)?;
            ledger.working_on = Some(Work { run_number, agent, cursor: 0 });
            Ok(())
        })
        .await
    }

    /// Asks for up to `fresh` clients that have not been sent yet, and for those of `again`. They may be sent
    /// when the reply is there, and not before. A reply that never comes means that the writer has ended.
    pub async fn claim(
        &self,
        fresh: usize,
        again: Vec<Claimed>,
    ) -> Result<oneshot::Receiver<Vec<Claimed>>, LedgerError> {
        let (reply, claims) = oneshot::channel();
        self.enter(Entry::Claim { fresh, again, reply }).await?;
        Ok(claims)
    }

    /// Records what came of a claim.
    pub async fn record(&self, outcome: Outcome) -> Result<(), LedgerError> {
        self.enter(Entry::Record(Box::new(outcome))).await
    }

    /// What the writer ended on. A reply is dropped before the writer has said why, so this waits for its end.
    pub async fn ended_on(&self) -> LedgerError {
        self.queue.closed().await;
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take().unwrap_or(LedgerError::Closed)
    }

    async fn enter(&self, entry: Entry) -> Result<(), LedgerError> {
        match self.queue.send(entry).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.ended_on().await),
        }
    }
}

async fn serve(
    mut ledger: Ledger,
    mut entries: mpsc::Receiver<Entry>,
    events: mpsc::UnboundedSender<Event>,
    failure: Failure,
) {
    let mut group = Vec::new();
    while entries.recv_many(&mut group, QUEUE).await > 0 {
        // Whoever has more to say at this moment says it now: a group less is a commit less.
        tokio::task::yield_now().await;
        while group.len() < QUEUE
            && let Ok(entry) = entries.try_recv()
        {
            group.push(entry);
        }
        let group = mem::take(&mut group);
        // On a blocking thread: a commit waits for the disk, and a virtual clock stands still meanwhile.
        let events = events.clone();
        let written = tokio::task::spawn_blocking(move || {
            let written = write(&mut ledger, group, &events);
            (ledger, written)
        });
        let ended_on = match written.await {
            // What has been recorded is freed here, where it was made: freed on that thread, each would make this one wait
            // for the allocator.
            Ok((returned, Ok(recorded))) => {
                ledger = returned;
                drop(recorded);
                continue;
            }
            Ok((_, Err(error))) => error,
            Err(_) => LedgerError::Panicked,
        };
        *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended_on);
        return;
    }
}

fn tell(written: Written, events: &mpsc::UnboundedSender<Event>) {
    for changed in written.changed {
        let _ = events.send(Event::from(changed));
    }
    for (reply, claims) in written.claims {
        let _ = reply.send(claims);
    }
}

/// Writes a group: what needs no transaction of its own shares one with its neighbours. What was written before a piece
/// of work has been told when that work answers, so that whoever waits for the answer comes after the events. Answers the
/// outcomes that it has recorded.
fn write(
    ledger: &mut Ledger,
    group: Vec<Entry>,
    events: &mpsc::UnboundedSender<Event>,
) -> Result<Vec<Entry>, LedgerError> {
    let mut recorded = Vec::with_capacity(group.len());
    let mut together = Vec::new();
    for entry in group {
        match entry {
            Entry::Work(work) => {
                tell(write_together(ledger, mem::take(&mut together), &mut recorded)?, events);
                work(ledger);
            }
            entry => together.push(entry),
        }
    }
    tell(write_together(ledger, together, &mut recorded)?, events);
    Ok(recorded)
}

fn write_together(
    ledger: &mut Ledger,
    entries: Vec<Entry>,
    recorded: &mut Vec<Entry>,
) -> Result<Written, LedgerError> {
    let mut written = Written::default();
    if entries.is_empty() {
        return Ok(written);
    }
    // What is written into a file that is gone is not kept, and nothing is sent that is not kept.
    ledger.must_be_there()?;
    let mut work = ledger.working_on;
    // What could not be committed is not known either.
    let mut keys = mem::take(&mut ledger.keys);
    let transaction = ledger.writing()?;
    for entry in entries {
        match entry {
            Entry::Claim { fresh, again, reply } => {
                let claims = match &mut work {
                    Some(work) => claim(&transaction, &mut keys, work, fresh, again)?,
                    None => Vec::new(),
                };
                written.claims.push((reply, claims));
            }
            Entry::Record(outcome) => {
                let to = record(&transaction, &mut keys, &outcome)?;
                let Claimed { row, client, operation, agent, .. } = outcome.claimed;
                let (client, from) = (Some(client), ClientState::Sending);
                written.changed.push(Changed { row, client, agent, operation, from, to });
                recorded.push(Entry::Record(outcome));
            }
            Entry::Work(_) => {}
        }
    }
    transaction.commit()?;
    ledger.working_on = work;
    ledger.keys = keys;
    Ok(written)
}
