//! What an oracle made durable, and nothing else, survives its crash.

use core::time::Duration;
use std::collections::BTreeMap;

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{ConfigDigest, EpochRound};
use ocr_protocol::oracle::{Persisted, Record};
use ocr_protocol::pacemaker::PacemakerState;
use ocr_protocol::time::Instant;
use ocr_protocol::transmit::Pending;

use crate::clock::Clock;

/// One oracle's disk.
#[derive(Clone, Debug, Default)]
pub struct Disk(BTreeMap<ConfigDigest, Stored>);

#[derive(Clone, Debug, Default)]
struct Stored {
    pacemaker: Option<PacemakerState>,
    observation: Option<EpochRound>,
    report: Option<EpochRound>,
    /// With the date it is due, in seconds.
    pending: BTreeMap<EpochRound, (u64, AttestedReport)>,
}

impl Disk {
    /// Makes `record` durable; `now` is world time.
    pub fn write(&mut self, digest: ConfigDigest, record: &Record, clock: &Clock, now: Instant) {
        let stored = self.0.entry(digest).or_default();
        match record {
            Record::Pacemaker(state) => stored.pacemaker = Some(state.clone()),
            Record::SignedObservation(at) => stored.observation = Some(*at),
            Record::SignedReport(at) => stored.report = Some(*at),
            Record::PendingInsert(Pending { due, report }) => {
                let wait = due.saturating_since(clock.local(now));
                let date = clock.unix(now).0 + wait.as_secs();
                stored.pending.insert(report.at, (date, report.clone()));
            }
            Record::PendingDelete(at) => {
                stored.pending.remove(at);
            }
        }
    }

    /// Reads what there is of one configuration; what was due before starts is due at the start.
    #[must_use]
    pub fn read(&self, digest: ConfigDigest, clock: &Clock, now: Instant) -> Persisted {
        let Some(stored) = self.0.get(&digest) else {
            return Persisted::default();
        };
        let pending = stored.pending.values().map(|(date, report)| {
            let wait = Duration::from_secs(date.saturating_sub(clock.unix(now).0));
            Pending {
                due: clock.local(now) + wait,
                report: report.clone(),
            }
        });
        Persisted {
            pacemaker: stored.pacemaker.clone(),
            signed_observation: stored.observation,
            signed_report: stored.report,
            pending: pending.collect(),
        }
    }
}
