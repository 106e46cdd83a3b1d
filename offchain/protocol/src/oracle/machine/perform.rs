//! What the stages want done, and where it goes. Lines are those of `docs/protocol.md`.

use super::{Machine, Version, note};
use crate::id::{EpochRound, OracleId};
use crate::message::Message;
use crate::oracle::{Event, Output, ReadPurpose, Record};
use crate::time::Instant;
use crate::{finalize, pacemaker, round, transmit};

impl<V: Version> Machine<V> {
    pub(super) fn perform_pacemaker(
        &mut self,
        now: Instant,
        outputs: Vec<pacemaker::Output>,
        out: &mut Vec<Output>,
    ) {
        for output in outputs {
            match output {
                pacemaker::Output::Persist(state) => {
                    out.push(Output::Persist(Record::Pacemaker(state)));
                }
                pacemaker::Output::Announce(epoch) => {
                    self.broadcast(Message::NewEpoch { epoch }, out);
                }
                pacemaker::Output::Enter(epoch) => {
                    let leader = self.config.leader(epoch);
                    out.push(Output::Event(Event::EpochStarted { epoch, leader }));
                    self.enter(now, epoch, out);
                }
            }
        }
    }

    pub(super) fn perform_follower(
        &mut self,
        now: Instant,
        outputs: Vec<round::Output>,
        out: &mut Vec<Output>,
    ) {
        let leader = self.follower.leader();
        for output in outputs {
            match output {
                round::Output::RoundStarted(at) => {
                    self.version.on_round_started(&self.config.public);
                    out.push(Output::Event(Event::RoundStarted { at, leader }));
                }
                round::Output::Observe(at) => {
                    let timeout = self.config.public.max_duration_observation;
                    out.push(Output::Observe { at, timeout });
                }
                round::Output::PersistObservation(at) => {
                    out.push(Output::Persist(Record::SignedObservation(at)));
                    out.push(Output::Event(Event::ObservationSigned { at }));
                }
                round::Output::ToLeader(message) => self.send(leader, message, out),
                round::Output::ObservationIncluded(at) => {
                    out.push(Output::Event(Event::ObservationIncluded { at }));
                }
                round::Output::ReadChain(at) => self.read_chain(at, ReadPurpose::Report, out),
                round::Output::PersistReport(at) => {
                    out.push(Output::Persist(Record::SignedReport(at)));
                    out.push(Output::Event(Event::ReportSigned { at }));
                }
                round::Output::Final(report) => {
                    // P73
                    let mut outputs = Vec::new();
                    let result = self.version.on_final(report, &mut outputs);
                    self.perform_finalize(now, outputs, out);
                    note(Some(leader), result, out);
                }
                round::Output::Completed(at) => {
                    // P36
                    self.pacemaker.on_progress(now);
                    out.push(Output::Event(Event::RoundCompleted { at, leader }));
                }
                round::Output::ChangeLeader => self.change_leader(now, out),
            }
        }
    }

    pub(super) fn perform_finalize(
        &mut self,
        now: Instant,
        outputs: Vec<finalize::Output>,
        out: &mut Vec<Output>,
    ) {
        for output in outputs {
            match output {
                finalize::Output::Finalized(at) => {
                    out.push(Output::Event(Event::ReportFinalized { at }));
                }
                finalize::Output::Echo(report) => self.broadcast(Message::FinalEcho(report), out),
                finalize::Output::Transmit(report) => {
                    let mut outputs = Vec::new();
                    self.transmission.on_finalized(report, &mut outputs);
                    self.perform_transmission(outputs, out);
                }
                finalize::Output::Complete => {
                    let mut outputs = Vec::new();
                    self.follower.complete(&mut outputs);
                    self.perform_follower(now, outputs, out);
                }
            }
        }
    }

    pub(super) fn perform_transmission(
        &self,
        outputs: Vec<transmit::Output>,
        out: &mut Vec<Output>,
    ) {
        for output in outputs {
            match output {
                transmit::Output::ReadChainToAccept(at) => {
                    self.read_chain(at, ReadPurpose::Accept, out);
                }
                transmit::Output::PersistInsert(pending) => {
                    out.push(Output::Persist(Record::PendingInsert(pending)));
                }
                transmit::Output::ReadChainToTransmit(at) => {
                    self.read_chain(at, ReadPurpose::Transmit, out);
                }
                transmit::Output::Transmit(report) => out.push(Output::Transmit { report }),
                transmit::Output::PersistDelete(at) => {
                    out.push(Output::Persist(Record::PendingDelete(at)));
                }
                transmit::Output::Dropped(reason) => {
                    out.push(Output::Dropped { from: None, reason });
                }
            }
        }
    }

    fn read_chain(&self, at: EpochRound, purpose: ReadPurpose, out: &mut Vec<Output>) {
        let timeout = match purpose {
            ReadPurpose::Report => self.config.public.max_duration_report,
            ReadPurpose::Accept => self.config.public.max_duration_should_accept,
            ReadPurpose::Transmit => self.config.public.max_duration_should_transmit,
        };
        out.push(Output::ReadChain {
            at,
            purpose,
            timeout,
        });
    }

    fn send(&mut self, to: OracleId, message: Message, out: &mut Vec<Output>) {
        if to == self.config.me {
            let result = self.mailbox.push_own(message);
            note(Some(to), result, out);
        } else {
            out.push(Output::Send { to, message });
        }
    }

    fn broadcast(&mut self, message: Message, out: &mut Vec<Output>) {
        out.push(Output::Broadcast {
            message: message.clone(),
        });
        self.send(self.config.me, message, out);
    }

    pub(super) fn broadcast_all(&mut self, messages: Vec<Message>, out: &mut Vec<Output>) {
        for message in messages {
            self.broadcast(message, out);
        }
    }
}
