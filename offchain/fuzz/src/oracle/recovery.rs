//! Whatever happened before: a leader that is silent is replaced, and with an honest one reports are made.
//!
//! As few peers speak as must do, so that the oracle's own part counts.

use ocr_protocol::id::{Epoch, EpochRound, OracleId};
use ocr_protocol::message::Message;
use ocr_protocol::oracle::Input;

use super::step::{Hear, Kind};
use super::{Bench, Plugged};

/// An answer that is a failure.
const FAILURE: u8 = 8;

/// An answer that makes a report due.
const DUE: u8 = 0;

impl<V: Plugged> Bench<V> {
    /// Plays two epochs that nobody spoke of yet; a committee of one has no peers to begin them.
    pub(super) fn recover(&mut self) {
        self.crash = None;
        self.answer_all(FAILURE);
        let is_alone = self.peers().next().is_none();
        let Some(silent) = self.witness.epoch_beyond().filter(|_| !is_alone) else {
            return;
        };
        self.enter(silent);
        let public = &self.committee.configs[self.me].public;
        self.now = self.now + public.delta_progress;
        self.handle(Input::Tick);
        let next = silent.next().expect("it is not the last");
        assert_eq!(self.witness.asked(), next, "bears with a silent leader");

        self.enter(next);
        for round in 1..=2 {
            self.play(EpochRound::new(next.get(), round));
            self.now = self.now + public.delta_round;
            self.handle(Input::Tick);
        }
        assert_eq!(self.oracle.queues().to_accept, 0, "all is answered");
    }

    /// More than f ask for the epoch: the oracle does too, and more than 2f are enough.
    fn enter(&mut self, epoch: Epoch) {
        let f = self.committee.configs[self.me].public.committee.f();
        for from in self.peers().take(f + 1) {
            let message = Message::NewEpoch { epoch };
            self.handle(Input::Message { from, message });
        }
        assert_eq!(self.oracle.epoch(), epoch, "does not follow its peers");
    }

    fn play(&mut self, at: EpochRound) {
        let public = &self.committee.configs[self.me].public;
        let f = public.committee.f();
        self.say(Kind::ObserveReq, at, 1);
        self.answer_all(DUE);
        self.say(Kind::Observe, at, 2 * f);
        self.now = self.now + public.delta_grace;
        self.handle(Input::Tick);
        self.say(Kind::ReportReq, at, 1);
        self.answer_all(DUE);
        self.say(Kind::Report, at, f);
        self.say(Kind::Final, at, 1);
        self.say(Kind::FinalEcho, at, f);
        self.answer_all(DUE);
        self.witness.check_played(at);
    }

    fn peers(&self) -> impl Iterator<Item = OracleId> + use<V> {
        let me = self.me;
        let committee = self.committee.configs[me].public.committee;
        committee.oracles().filter(move |it| it.index() != me)
    }

    /// Lets `count` peers say their part, or the leader what only leaders say.
    fn say(&mut self, kind: Kind, at: EpochRound, count: usize) {
        let leader = self.oracle.leader();
        let speakers = self
            .peers()
            .filter(|&it| !kind.is_leaders() || it == leader);
        for from in speakers.take(count) {
            self.hear(Hear::without_flaw(kind, from.get(), at.round.get()));
        }
    }

    fn answer_all(&mut self, what: u8) {
        while let Some(request) = self.open.pop() {
            self.reply(request, what);
        }
    }
}
