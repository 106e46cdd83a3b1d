//! Who signed what: each at most once a round, and only after it was durable.

use std::collections::BTreeMap;

use ocr_protocol::id::{ConfigDigest, EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::message::Message;
use ocr_protocol::oracle::Record;
use ocr_protocol::time::Instant;

use super::{Place, Rule, Violations};
use crate::committee::Instance;
use crate::process::observed_value;

/// What honest oracles signed.
#[derive(Debug, Default)]
pub struct Signing {
    /// The highest round each one made a mark of, durably.
    observation_marks: BTreeMap<(ConfigDigest, OracleId), EpochRound>,
    report_marks: BTreeMap<(ConfigDigest, OracleId), EpochRound>,
    /// What they signed.
    observations: BTreeMap<(Place, OracleId), Vec<u8>>,
    reports: BTreeMap<(Place, OracleId), Vec<u8>>,
    /// The least and the greatest honest observation of a round.
    pub(super) extremes: BTreeMap<Place, (Int192, Int192)>,
}

impl Signing {
    /// An honest oracle made `record` durable.
    pub fn on_persisted(
        &mut self,
        now: Instant,
        digest: ConfigDigest,
        oracle: OracleId,
        record: &Record,
        violations: &mut Violations,
    ) {
        let (marks, at) = match record {
            Record::SignedObservation(at) => (&mut self.observation_marks, *at),
            Record::SignedReport(at) => (&mut self.report_marks, *at),
            _ => return,
        };
        let before = marks.insert((digest, oracle), at);
        violations.check(
            before.is_none_or(|before| before < at),
            now,
            Rule::SignedOnce,
            || format!("oracle {oracle} marks round {at} after {before:?}"),
        );
    }

    /// An honest oracle sends `message`.
    pub fn on_sent(
        &mut self,
        now: Instant,
        instance: &Instance,
        oracle: OracleId,
        message: &Message,
        violations: &mut Violations,
    ) {
        match message {
            Message::Observe { at, observation } => {
                self.observed(
                    now,
                    instance,
                    oracle,
                    *at,
                    &observation.observation,
                    violations,
                );
            }
            Message::ReportReq {
                at, observations, ..
            } => {
                // A leader's own observation is seen here for the first time.
                for (_, own) in observations
                    .iter()
                    .filter(|(observer, _)| *observer == oracle)
                {
                    self.observed(now, instance, oracle, *at, &own.observation, violations);
                }
            }
            Message::Report { at, vote } if !vote.skip => {
                let place = (instance.digest, *at);
                let is_durable = self.report_marks.get(&(instance.digest, oracle)) == Some(at);
                violations.check(is_durable, now, Rule::DurableBeforeSent, || {
                    format!("oracle {oracle} sends its report of round {at}")
                });
                self.reported(now, place, oracle, &vote.report, violations);
            }
            _ => {}
        }
    }

    fn observed(
        &mut self,
        now: Instant,
        instance: &Instance,
        oracle: OracleId,
        at: EpochRound,
        observation: &[u8],
        violations: &mut Violations,
    ) {
        let place = (instance.digest, at);
        let mark = self.observation_marks.get(&(instance.digest, oracle));
        violations.check(mark == Some(&at), now, Rule::DurableBeforeSent, || {
            format!("oracle {oracle} sends its observation of round {at}, its mark is {mark:?}")
        });
        let before = self
            .observations
            .insert((place, oracle), observation.to_vec());
        let is_same = before.is_none_or(|before| before == observation);
        violations.check(is_same, now, Rule::SignedOnce, || {
            format!("oracle {oracle} sends two observations of round {at}")
        });
        if let Some(value) = observed_value(instance, observation) {
            let (least, most) = self.extremes.entry(place).or_insert((value, value));
            (*least, *most) = ((*least).min(value), (*most).max(value));
        }
    }

    /// A report is seen that carries the signature of an honest oracle.
    pub(super) fn reported(
        &mut self,
        now: Instant,
        place: Place,
        oracle: OracleId,
        report: &[u8],
        violations: &mut Violations,
    ) {
        let before = self.reports.insert((place, oracle), report.to_vec());
        let is_same = before.is_none_or(|before| before == report);
        violations.check(is_same, now, Rule::SignedOnce, || {
            format!("oracle {oracle} signs two reports of round {}", place.1)
        });
    }

    /// Whether an honest oracle made a mark of this round or a higher one before it signed a report.
    pub(super) fn may_have_reported(&self, (digest, at): Place, oracle: OracleId) -> bool {
        self.report_marks
            .get(&(digest, oracle))
            .is_some_and(|mark| *mark >= at)
    }
}
