//! Whatever happened before: with honest peers, the next epoch gets its report.

use ocr_protocol::id::OracleId;
use ocr_protocol::message::Message;
use ocr_protocol::oracle::Input;

use super::step::{Hear, Kind};
use super::{Bench, Plugged};

/// An answer that is a failure.
const FAILURE: u8 = 8;

/// An answer that makes a report due.
const DUE: u8 = 0;

impl<V: Plugged> Bench<V> {
    /// Plays one round of an epoch that nobody spoke of yet; a committee of one has no peers to begin it.
    pub(super) fn recover(&mut self) {
        self.crash = None;
        self.answer_all(FAILURE);
        let peers: Vec<_> = self.peers().collect();
        let Some(epoch) = self.witness.epoch_beyond().filter(|_| !peers.is_empty()) else {
            return;
        };
        for &from in &peers {
            let message = Message::NewEpoch { epoch };
            self.handle(Input::Message { from, message });
        }
        assert_eq!(self.oracle.epoch(), epoch, "does not follow its peers");

        self.say(Kind::ObserveReq, &peers);
        self.answer_all(DUE);
        self.say(Kind::Observe, &peers);
        self.now = self.now + self.committee.configs[self.me].public.delta_grace;
        self.handle(Input::Tick);
        self.say(Kind::ReportReq, &peers);
        self.answer_all(DUE);
        self.say(Kind::Report, &peers);
        self.say(Kind::Final, &peers);
        self.say(Kind::FinalEcho, &peers);
        self.witness.check_first_round_of(epoch);
    }

    fn peers(&self) -> impl Iterator<Item = OracleId> {
        let public = &self.committee.configs[self.me].public;
        let me = self.me;
        public
            .committee
            .oracles()
            .filter(move |it| it.index() != me)
    }

    /// Lets each peer say its part, or the leader alone what only leaders say.
    fn say(&mut self, kind: Kind, peers: &[OracleId]) {
        let leader = self.oracle.leader();
        for from in peers
            .iter()
            .filter(|&&from| !kind.is_leaders() || from == leader)
        {
            self.hear(Hear::of_round_1(kind, from.get()));
        }
    }

    fn answer_all(&mut self, what: u8) {
        while let Some(request) = self.open.pop() {
            self.reply(request, what);
        }
    }
}
