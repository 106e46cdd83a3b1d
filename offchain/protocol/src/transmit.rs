//! Attested reports on their way to the chain: accepted, waiting for their time, handed over.
//!
//! Lines are those of `docs/protocol.md`.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use crate::attestation::AttestedReport;
use crate::drop_reason::DropReason;
use crate::id::EpochRound;
use crate::time::Instant;

/// The most reports that wait to be accepted.
pub const TO_ACCEPT_MAX: usize = 16;

/// The most accepted reports that wait for their time.
pub const PENDING_MAX: usize = 128;

/// An accepted report and when it is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// When this oracle's turn comes.
    pub due: Instant,
    /// The report.
    pub report: AttestedReport,
}

/// What transmission wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ask the chain, to decide whether to accept this round's report.
    ReadChainToAccept(EpochRound),
    /// Make the report durable.
    PersistInsert(Pending),
    /// Ask the chain, to decide whether this round's report still matters.
    ReadChainToTransmit(EpochRound),
    /// Hand the report to the transmitter.
    Transmit(AttestedReport),
    /// Forget this round's durable report.
    PersistDelete(EpochRound),
    /// A report gave way to another.
    Dropped(DropReason),
}

/// A report that was accepted.
#[derive(Debug)]
struct Accepted {
    /// When its turn comes; nothing once the chain is asked about it.
    due: Option<Instant>,
    report: AttestedReport,
}

/// Brings attested reports to the chain, each when this oracle's turn comes.
///
/// Source: offchain-ocr2 5.7.
#[derive(Debug, Default)]
pub struct Transmission {
    /// The chain is asked about the first; the order is that of finalization.
    to_accept: VecDeque<AttestedReport>,
    pending: BTreeMap<EpochRound, Accepted>,
}

impl Transmission {
    /// Takes up the reports that were stored when this oracle stopped.
    ///
    /// Of those whose time is over only the newest can still matter.
    pub fn start(&mut self, now: Instant, stored: Vec<Pending>, out: &mut Vec<Output>) {
        // P6
        let newest_overdue = stored
            .iter()
            .filter(|item| item.due <= now)
            .map(|item| item.report.at)
            .max();
        for Pending { due, report } in stored {
            if due <= now && Some(report.at) != newest_overdue {
                out.push(Output::PersistDelete(report.at));
                out.push(Output::Dropped(DropReason::PendingSuperseded));
            } else {
                self.insert(due, report, out);
            }
        }
    }

    /// Returns when the first pending report is due.
    #[must_use]
    pub fn transmit_at(&self) -> Option<Instant> {
        self.pending
            .values()
            .filter_map(|accepted| accepted.due)
            .min()
    }

    /// Returns how many reports wait to be accepted, and to be transmitted.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        (self.to_accept.len(), self.pending.len())
    }

    /// Takes a report that was finalized.
    pub fn on_finalized(&mut self, report: AttestedReport, out: &mut Vec<Output>) {
        // P80
        if self.to_accept.len() == TO_ACCEPT_MAX {
            let _ = self.to_accept.remove(1);
            out.push(Output::Dropped(DropReason::AcceptQueueFull));
        }
        self.to_accept.push_back(report);
        if self.to_accept.len() == 1 {
            self.ask_about_first(out);
        }
    }

    /// Returns the report of round `at` that waits for the chain to be accepted.
    ///
    /// # Errors
    /// `AcceptReadLate`.
    pub fn report_to_accept(&self, at: EpochRound) -> Result<&AttestedReport, DropReason> {
        // P82
        self.to_accept
            .front()
            .filter(|first| first.at == at)
            .ok_or(DropReason::AcceptReadLate)
    }

    /// Learns whether the [`report_to_accept`](Self::report_to_accept) is accepted, and if it is, how
    /// long this oracle waits; nothing if it declines or never transmits this one.
    ///
    /// # Panics
    /// If no report waits.
    pub fn on_accept_decided(
        &mut self,
        now: Instant,
        delay: Option<Duration>,
        out: &mut Vec<Output>,
    ) {
        // P82
        let report = self
            .to_accept
            .pop_front()
            .expect("a decision follows a request");
        self.ask_about_first(out);
        // P83
        let Some(delay) = delay else { return };
        if self.pending.contains_key(&report.at) {
            out.push(Output::Dropped(DropReason::PendingRepeated));
            return;
        }
        let due = now + delay;
        out.push(Output::PersistInsert(Pending {
            due,
            report: report.clone(),
        }));
        self.insert(due, report, out);
    }

    /// The transmit timer fired.
    pub fn on_timer(&mut self, now: Instant, out: &mut Vec<Output>) {
        // P84
        let mut due: Vec<_> = self
            .pending
            .iter()
            .filter_map(|(&at, accepted)| Some((accepted.due.filter(|&due| due <= now)?, at)))
            .collect();
        due.sort_unstable();
        for (_, at) in due {
            self.pending.get_mut(&at).expect("listed above").due = None;
            out.push(Output::ReadChainToTransmit(at));
        }
    }

    /// Returns the report of round `at` that waits for the chain to be transmitted.
    ///
    /// # Errors
    /// `TransmitReadLate`.
    pub fn report_to_transmit(&self, at: EpochRound) -> Result<&AttestedReport, DropReason> {
        // P85
        let asked = self
            .pending
            .get(&at)
            .filter(|accepted| accepted.due.is_none());
        Ok(&asked.ok_or(DropReason::TransmitReadLate)?.report)
    }

    /// Learns whether the [`report_to_transmit`](Self::report_to_transmit) still matters.
    ///
    /// # Panics
    /// If no report of that round waits.
    pub fn on_transmit_decided(&mut self, at: EpochRound, matters: bool, out: &mut Vec<Output>) {
        // P85, P86
        let accepted = self
            .pending
            .remove(&at)
            .expect("a decision follows a request");
        if matters {
            out.push(Output::Transmit(accepted.report));
        }
        out.push(Output::PersistDelete(at));
    }

    fn ask_about_first(&self, out: &mut Vec<Output>) {
        // P81
        if let Some(first) = self.to_accept.front() {
            out.push(Output::ReadChainToAccept(first.at));
        }
    }

    fn insert(&mut self, due: Instant, report: AttestedReport, out: &mut Vec<Output>) {
        self.pending.insert(
            report.at,
            Accepted {
                due: Some(due),
                report,
            },
        );
        if self.pending.len() > PENDING_MAX {
            let (lowest, _) = self.pending.pop_first().expect("more than PENDING_MAX");
            out.push(Output::PersistDelete(lowest));
            out.push(Output::Dropped(DropReason::PendingFull));
        }
    }
}
