//! Tells an outage of Altinn from a client's bad luck, and says when to probe whether it is over. Pure: the time is
//! passed in.
//!
//! The breaker is closed while clients get verdicts. Answers without one in a row, over several clients for whom that is
//! new, open it: nothing is sent but a probe now and then, and no attempt counts. A probe is one client's request; only a
//! verdict closes the breaker, because lists can be answered while changes are not. A client that alone gets no verdict
//! while others do cannot open it.

use std::{collections::HashSet, time::Duration};

use tokio::time::Instant;

/// So many answers in a row without a verdict make an outage,
const IN_A_ROW: usize = 5;
/// if they are about so many clients that were not in such a row before.
const CLIENTS: usize = 3;
/// The wait before the first probe; each is twice as long as the one before.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The longest wait between two probes.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// So many probes fail before it is asked again whether lists are answered.
const ASK_AGAIN_AFTER: u32 = 8;

/// What has been going wrong since the last verdict.
#[derive(Debug, Default)]
pub(super) struct CircuitBreaker {
    /// Since when there has been no verdict, though one was asked for.
    since: Option<Instant>,
    /// The clients without a verdict in the present row, each answer.
    row: Vec<i64>,
    /// Clients without a verdict while others had one.
    suspects: HashSet<i64>,
    outage: Option<Outage>,
    /// Clients whose last request may have been carried out: no read-back has told.
    open_questions: HashSet<i64>,
}

#[derive(Debug)]
struct Outage {
    probe_at: Instant,
    failed: u32,
    /// Whether lists are answered meanwhile; `None` when it is not known.
    lists_answer: Option<bool>,
    /// What has been asked and is not answered.
    asking: bool,
}

/// What is to be done about an outage now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// Nothing before then.
    At(Instant),
    /// An answer is waited for.
    UnderWay,
    /// Ask for a list.
    List,
    /// Send one client.
    Client,
}

impl CircuitBreaker {
    /// A client's request got a verdict: all is well. Answers whether an outage ended by it.
    pub(super) fn verdict(&mut self, client: i64) -> bool {
        self.since = None;
        self.suspects.extend(self.row.drain(..));
        self.suspects.remove(&client);
        self.open_questions.remove(&client);
        self.outage.take().is_some()
    }

    /// Altinn answered that it is too much: no verdict, and no outage.
    pub(super) fn throttled(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// A client's request got no verdict. Answers the clients whose attempt does not count after all, one entry per
    /// attempt, when an outage begins by it.
    pub(super) fn no_verdict(&mut self, client: i64, now: Instant) -> Option<Vec<i64>> {
        self.since.get_or_insert(now);
        self.open_questions.insert(client);
        if self.outage.is_some() {
            return None;
        }
        self.row.push(client);
        let news: HashSet<_> = self.row.iter().filter(|client| !self.suspects.contains(client)).collect();
        if self.row.len() < IN_A_ROW || news.len() < CLIENTS {
            return None;
        }
        Some(self.open(now))
    }

    /// An outage begins, whatever was counted. Answers as [`Self::no_verdict`] does.
    pub(super) fn open(&mut self, now: Instant) -> Vec<i64> {
        self.since.get_or_insert(now);
        self.outage =
            Some(Outage { probe_at: now + FIRST_WAIT, failed: 0, lists_answer: None, asking: false });
        std::mem::take(&mut self.row)
    }

    /// Whether there is an outage.
    pub(super) fn is_open(&self) -> bool {
        self.outage.is_some()
    }

    /// What is to be done about the outage; `None` when there is none.
    pub(super) fn probe(&self, now: Instant) -> Option<Probe> {
        let outage = self.outage.as_ref()?;
        Some(match outage.lists_answer {
            _ if outage.asking => Probe::UnderWay,
            _ if now < outage.probe_at => Probe::At(outage.probe_at),
            Some(true) => Probe::Client,
            Some(false) | None => Probe::List,
        })
    }

    /// A probe is sent now.
    pub(super) fn probing(&mut self) {
        if let Some(outage) = &mut self.outage {
            outage.asking = true;
        }
    }

    /// A probe got no verdict, or could not be sent. Answers when the next is due.
    pub(super) fn still_away(&mut self, now: Instant) -> Option<Instant> {
        let outage = self.outage.as_mut()?;
        outage.asking = false;
        outage.failed += 1;
        if outage.failed.is_multiple_of(ASK_AGAIN_AFTER) {
            outage.lists_answer = None;
        }
        let wait = FIRST_WAIT.saturating_mul(2u32.saturating_pow(outage.failed.min(8))).min(LONGEST_WAIT);
        outage.probe_at = now + wait.mul_f64(0.9 + 0.1 * fastrand::f64());
        Some(outage.probe_at)
    }

    /// A list was asked for. Answers when the next probe is due, if that was in vain.
    pub(super) fn list_answered(&mut self, answered: bool, now: Instant) -> Option<Instant> {
        let outage = self.outage.as_mut()?;
        outage.asking = false;
        outage.lists_answer = Some(answered);
        if answered { None } else { self.still_away(now) }
    }

    /// Whether Altinn answers lists and refuses changes.
    pub(super) fn lists_answer(&self) -> bool {
        self.outage.as_ref().is_some_and(|outage| outage.lists_answer == Some(true))
    }

    /// Whether a list would tell what became of requests that got no verdict.
    pub(super) fn has_open_questions(&self) -> bool {
        !self.open_questions.is_empty()
    }

    /// What the list shows has been settled.
    pub(super) fn settled(&mut self) {
        self.open_questions.clear();
    }

    /// When to give up, if nothing changes; `None` while all is well.
    pub(super) fn give_up_at(&self, give_up_after: Duration) -> Option<Instant> {
        self.since.map(|since| since + give_up_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_clients_in_a_row_without_a_verdict_are_an_outage_and_their_attempts_do_not_count() {
        let mut breaker = CircuitBreaker::default();
        let now = Instant::now();
        assert!((1..5).all(|client| breaker.no_verdict(client, now).is_none()));
        assert_eq!(breaker.no_verdict(5, now), Some(vec![1, 2, 3, 4, 5]));
        assert!(breaker.is_open());
        assert_eq!(breaker.no_verdict(6, now), None);
    }

    #[test]
    fn a_verdict_in_between_is_no_outage() {
        let mut breaker = CircuitBreaker::default();
        let now = Instant::now();
        for round in 0..20 {
            assert!((1..5).all(|client| breaker.no_verdict(10 * round + client, now).is_none()));
            assert!(!breaker.verdict(10 * round));
        }
        assert!(!breaker.is_open());
    }

    #[test]
    fn clients_that_had_no_verdict_while_others_had_one_are_no_outage_when_only_they_are_left() {
        let mut breaker = CircuitBreaker::default();
        let now = Instant::now();
        for client in 1..8 {
            breaker.no_verdict(client, now);
            breaker.verdict(100 + client);
        }
        assert!((0..40).all(|attempt| breaker.no_verdict(1 + attempt % 7, now).is_none()));
    }

    #[test]
    fn one_client_or_two_are_never_an_outage() {
        let mut breaker = CircuitBreaker::default();
        let now = Instant::now();
        assert!((0..40).all(|attempt| breaker.no_verdict(attempt % 2, now).is_none()));
    }

    #[test]
    fn an_outage_of_an_hour_is_probed_fewer_than_ten_times_a_minute_and_every_fifteen_seconds_at_least() {
        for lists_answer in [true, false] {
            let mut breaker = CircuitBreaker::default();
            let begin = Instant::now();
            breaker.open(begin);
            let (mut now, mut probes) = (begin, vec![begin]);
            while now < begin + Duration::from_hours(1) {
                match breaker.probe(now).unwrap() {
                    Probe::At(at) => now = at,
                    Probe::List => {
                        probes.push(now);
                        breaker.probing();
                        breaker.list_answered(lists_answer, now);
                    }
                    Probe::Client => {
                        probes.push(now);
                        breaker.probing();
                        breaker.still_away(now);
                    }
                    Probe::UnderWay => unreachable!(),
                }
            }
            assert!(probes.windows(2).all(|pair| pair[1] - pair[0] <= LONGEST_WAIT));
            let most = (0..probes.len())
                .map(|first| {
                    probes[first..]
                        .iter()
                        .take_while(|at| **at < probes[first] + Duration::from_mins(1))
                        .count()
                })
                .max();
            assert!(most < Some(10), "{most:?}");
            assert!(breaker.verdict(1), "a client's verdict ends it");
        }
    }

    #[test]
    fn giving_up_counts_from_the_first_trouble_after_the_last_verdict() {
        let mut breaker = CircuitBreaker::default();
        let hour = Duration::from_hours(1);
        assert_eq!(breaker.give_up_at(hour), None);
        let first = Instant::now();
        breaker.no_verdict(1, first);
        breaker.throttled(first + Duration::from_secs(50));
        assert_eq!(breaker.give_up_at(hour), Some(first + hour));
        breaker.verdict(2);
        assert_eq!(breaker.give_up_at(hour), None);
    }
}
