//! Oracles that do what they like, with their own keys. A file for each way to be bad.
//!
//! Each has an honest oracle inside, sees what that wants done and what it hears, and acts as it likes.

mod amnesiac;
mod burner;
mod equivocator;
mod flooder;
mod forger;
mod liar;
mod picker;
mod replayer;
mod selective;
mod silent;

use alloy_primitives::Address;
use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{Epoch, OracleId};
use ocr_protocol::keyring::Keyring;
use ocr_protocol::message::Message;
use ocr_protocol::oracle::Output;
use ocr_protocol::report::LatestTransmission;

use crate::chain::Call;
use crate::committee::Instance;
use crate::rng::SimRng;

/// What an adversary knows when it acts.
#[derive(Debug)]
pub struct View<'a> {
    /// Who it is.
    pub me: OracleId,
    /// Its address on the chain.
    pub transmitter: Address,
    /// Its configuration.
    pub instance: &'a Instance,
    /// Its keys.
    pub keyring: &'a Keyring,
    /// The epoch its oracle is in.
    pub epoch: Epoch,
    /// Who leads that epoch.
    pub leader: OracleId,
    /// What the chain shows.
    pub latest: LatestTransmission,
    /// Its dice.
    pub rng: &'a mut SimRng,
}

impl View<'_> {
    /// Returns every oracle but this one, in oracle order.
    pub fn others(&self) -> impl Iterator<Item = OracleId> + use<> {
        let me = self.me;
        self.instance
            .public
            .committee
            .oracles()
            .filter(move |&oracle| oracle != me)
    }

    /// Whether it leads the epoch it is in.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.leader == self.me
    }
}

/// What an adversary does.
#[derive(Clone, Debug)]
pub enum Act {
    /// What an honest oracle wants done.
    Perform(Output),
    /// Sends a message to one oracle.
    Say(OracleId, Message),
    /// Sends bytes to one oracle.
    Garble(OracleId, Vec<u8>),
    /// Sends a transaction.
    Submit(Call),
}

/// A way to be bad.
pub trait Adversary: core::fmt::Debug + Send {
    /// Acts when its honest oracle wants something done.
    fn perform(&mut self, _: &mut View<'_>, output: Output) -> Vec<Act> {
        vec![Act::Perform(output)]
    }

    /// Acts on what it hears; its honest oracle hears it too, afterwards.
    fn hear(&mut self, _: &mut View<'_>, _: OracleId, _: &Message) -> Vec<Act> {
        Vec::new()
    }

    /// Acts now and then, every second or so.
    fn scheme(&mut self, _: &mut View<'_>) -> Vec<Act> {
        Vec::new()
    }

    /// Changes what its source says.
    fn observe(&mut self, _: &mut SimRng, honest: Option<i64>) -> Option<i64> {
        honest
    }

    /// Whether a crash takes its disk too.
    fn forgets(&self) -> bool {
        false
    }
}

/// The ways to be bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Says nothing, always or while it leads.
    Silent,
    /// Leads two reports in one round, observes twice.
    Equivocator,
    /// Observes what it likes.
    Liar,
    /// Makes signatures up.
    Forger,
    /// Says again what was said in other rounds, epochs and configurations.
    Replayer,
    /// Says far too much.
    Flooder,
    /// Leads through all rounds at once, asks for epochs far ahead.
    Burner,
    /// Starts late and forgets what it signed.
    Amnesiac,
    /// Leads with the observations it likes.
    Picker,
    /// Says it to some and not to others.
    Selective,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Silent,
        Self::Equivocator,
        Self::Liar,
        Self::Forger,
        Self::Replayer,
        Self::Flooder,
        Self::Burner,
        Self::Amnesiac,
        Self::Picker,
        Self::Selective,
    ];

    /// Makes one.
    pub fn make(self, rng: &mut SimRng) -> Box<dyn Adversary> {
        match self {
            Self::Silent => Box::new(silent::Silent::new(rng)),
            Self::Equivocator => Box::new(equivocator::Equivocator::default()),
            Self::Liar => Box::new(liar::Liar::new(rng)),
            Self::Forger => Box::new(forger::Forger),
            Self::Replayer => Box::new(replayer::Replayer::default()),
            Self::Flooder => Box::new(flooder::Flooder),
            Self::Burner => Box::new(burner::Burner),
            Self::Amnesiac => Box::new(amnesiac::Amnesiac),
            Self::Picker => Box::new(picker::Picker),
            Self::Selective => Box::new(selective::Selective::new(rng)),
        }
    }
}

/// Returns the transaction that transmits `report`, if its signatures have the right form.
fn submission(view: &View<'_>, report: &AttestedReport) -> Option<Act> {
    Call::new(view.transmitter, view.instance.digest, report).map(Act::Submit)
}
