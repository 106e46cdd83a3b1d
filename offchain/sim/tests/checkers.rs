//! What checkers see in events that no run brings by itself.

use ocr_protocol::id::{ConfigDigest, Epoch, EpochRound, OracleId, Protocol};
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::observation::SignedObservation;
use ocr_protocol::oracle::Record;
use ocr_protocol::pacemaker::PacemakerState;
use ocr_protocol::time::Instant;
use ocr_sim::checker::{Oracles, Rule, Signing, Violations};
use ocr_sim::committee::{Committee, Instance, Parameters};
use ocr_sim::rng::{Stream, stream};

const DIGEST: ConfigDigest = ConfigDigest([1; 32]);
const ROUND: EpochRound = EpochRound::new(3, 2);

fn broken(violations: &Violations) -> Vec<Rule> {
    let violations = violations.as_slice().iter();
    violations.map(|violation| violation.rule).collect()
}

/// One oracle, what it does, and what is wrong with that.
struct Watched {
    oracle: OracleId,
    oracles: Oracles,
    violations: Violations,
}

impl Watched {
    fn new() -> Self {
        Self {
            oracle: OracleId::new(0, 4).expect("below n"),
            oracles: Oracles::default(),
            violations: Violations::default(),
        }
    }

    fn starts(&mut self, durable: Option<(u32, u32)>, shown: Option<u32>) {
        let durable = durable.map(|(epoch, highest_sent)| state(epoch, highest_sent));
        self.oracles.on_started(
            Instant::START,
            DIGEST,
            self.oracle,
            durable.as_ref(),
            shown.map(Epoch::new),
            &mut self.violations,
        );
    }

    fn stores(&mut self, epoch: u32, highest_sent: u32) {
        let state = state(epoch, highest_sent);
        self.oracles.on_persisted(DIGEST, self.oracle, &state);
    }

    fn asks_for(&mut self, epoch: u32) {
        let message = Message::NewEpoch {
            epoch: Epoch::new(epoch),
        };
        self.oracles.on_sent(
            Instant::START,
            DIGEST,
            self.oracle,
            &message,
            &mut self.violations,
        );
    }
}

fn state(epoch: u32, highest_sent: u32) -> PacemakerState {
    PacemakerState {
        epoch: Epoch::new(epoch),
        highest_sent: Epoch::new(highest_sent),
        highest_received: vec![Epoch::ZERO; 4],
    }
}

#[test]
fn an_oracle_may_ask_for_what_its_disk_says() {
    let mut watched = Watched::new();
    watched.starts(None, None);
    watched.asks_for(0);
    watched.stores(1, 5);
    watched.asks_for(5);
    assert_eq!(broken(&watched.violations), []);
    watched.asks_for(6);
    assert_eq!(broken(&watched.violations), [Rule::DurableBeforeSent]);
}

#[test]
fn an_oracle_may_forget_what_only_the_chain_showed() {
    let mut watched = Watched::new();
    watched.starts(None, Some(4));
    watched.asks_for(5);
    watched.starts(None, None);
    watched.asks_for(0);
    assert_eq!(broken(&watched.violations), []);
}

#[test]
fn an_oracle_may_not_forget_what_it_stored() {
    let mut watched = Watched::new();
    watched.starts(None, None);
    watched.stores(3, 5);
    watched.asks_for(5);
    watched.starts(Some((3, 5)), None);
    watched.asks_for(4);
    assert_eq!(broken(&watched.violations), [Rule::EpochsNeverGoBack]);

    let mut watched = Watched::new();
    watched.starts(Some((3, 5)), None);
    watched.starts(Some((2, 5)), None);
    assert_eq!(broken(&watched.violations), [Rule::EpochsNeverGoBack]);
}

/// What one oracle makes durable and sends in a round, and what is wrong with that.
struct Signer {
    instance: Instance,
    signing: Signing,
    violations: Violations,
}

impl Signer {
    fn new() -> Self {
        let mut rng = stream(1, Stream::Keys);
        let parameters = Parameters::draw(&mut rng, Protocol::Ocr2, 4, 1);
        Self {
            instance: Committee::new(&mut rng, parameters).instance(&mut rng, 1),
            signing: Signing::default(),
            violations: Violations::default(),
        }
    }

    fn stores(&mut self, record: &Record) {
        let oracle = self.instance.oracle(0);
        self.signing.on_persisted(
            Instant::START,
            self.instance.digest,
            oracle,
            record,
            &mut self.violations,
        );
    }

    fn sends(&mut self, message: &Message) {
        let oracle = self.instance.oracle(0);
        self.signing.on_sent(
            Instant::START,
            &self.instance,
            oracle,
            message,
            &mut self.violations,
        );
    }
}

fn observe(observation: u8) -> Message {
    Message::Observe {
        at: ROUND,
        observation: SignedObservation {
            observation: vec![observation],
            signature: Vec::new(),
        },
    }
}

fn vote(report: u8) -> Message {
    Message::Report {
        at: ROUND,
        vote: ReportVote {
            report: vec![report],
            ..ReportVote::default()
        },
    }
}

#[test]
fn an_oracle_signs_one_observation_and_one_report_in_a_round() {
    for (mark, message) in [
        (
            Record::SignedObservation(ROUND),
            observe as fn(u8) -> Message,
        ),
        (Record::SignedReport(ROUND), vote),
    ] {
        let mut signer = Signer::new();
        signer.sends(&message(1));
        assert_eq!(broken(&signer.violations), [Rule::DurableBeforeSent]);

        let mut signer = Signer::new();
        signer.stores(&mark);
        signer.sends(&message(1));
        signer.sends(&message(1));
        assert_eq!(broken(&signer.violations), []);
        signer.sends(&message(2));
        assert_eq!(broken(&signer.violations), [Rule::SignedOnce]);

        let mut signer = Signer::new();
        signer.stores(&mark);
        signer.stores(&mark);
        assert_eq!(
            broken(&signer.violations),
            [Rule::SignedOnce],
            "the mark rises"
        );
    }
}
