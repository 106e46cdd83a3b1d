//! What checkers see in events that no run brings by itself.

use ocr_protocol::id::{Committee, ConfigDigest, Epoch, OracleId};
use ocr_protocol::message::Message;
use ocr_protocol::pacemaker::PacemakerState;
use ocr_protocol::time::Instant;
use ocr_sim::checker::{Oracles, Rule, Violations};

const DIGEST: ConfigDigest = ConfigDigest([1; 32]);

/// One oracle, what it does, and what is wrong with that.
struct Watched {
    oracle: OracleId,
    oracles: Oracles,
    violations: Violations,
}

impl Watched {
    fn new() -> Self {
        let committee = Committee::new(4, 1).expect("3f < n");
        Self {
            oracle: committee.oracle(0).expect("below n"),
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

    fn broken(&self) -> Vec<Rule> {
        let violations = self.violations.as_slice().iter();
        violations.map(|violation| violation.rule).collect()
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
    assert_eq!(watched.broken(), []);
    watched.asks_for(6);
    assert_eq!(watched.broken(), [Rule::DurableBeforeSent]);
}

#[test]
fn an_oracle_may_forget_what_only_the_chain_showed() {
    let mut watched = Watched::new();
    watched.starts(None, Some(4));
    watched.asks_for(5);
    watched.starts(None, None);
    watched.asks_for(0);
    assert_eq!(watched.broken(), []);
}

#[test]
fn an_oracle_may_not_forget_what_it_stored() {
    let mut watched = Watched::new();
    watched.starts(None, None);
    watched.stores(3, 5);
    watched.asks_for(5);
    watched.starts(Some((3, 5)), None);
    watched.asks_for(4);
    assert_eq!(watched.broken(), [Rule::EpochsNeverGoBack]);

    let mut watched = Watched::new();
    watched.starts(Some((3, 5)), None);
    watched.starts(Some((2, 5)), None);
    assert_eq!(watched.broken(), [Rule::EpochsNeverGoBack]);
}
