//! Messages that wait: one's own copies, and those for epochs to come.

use std::collections::VecDeque;

use crate::drop_reason::DropReason;
use crate::id::{Committee, Epoch, OracleId};
use crate::message::Message;
use crate::per_oracle::PerOracle;

/// The most messages to oneself that wait. Source: offchain-ocr2 3.1.
pub const OWN_MESSAGES_MAX: usize = 20;

/// The most messages of one oracle that wait for an epoch. Source: offchain-ocr2 5.1.
pub const FUTURE_MESSAGES_MAX: usize = 10;

#[derive(Debug)]
pub(super) struct Mailbox {
    own: VecDeque<Message>,
    future: PerOracle<VecDeque<(Epoch, Message)>>,
}

/// What stands first in an oracle's buffer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum First {
    /// Its epoch is over.
    Past,
    /// Its epoch has come.
    Due(Message),
}

impl Mailbox {
    pub(super) fn new(committee: Committee) -> Self {
        Self {
            own: VecDeque::new(),
            future: PerOracle::from_fn(committee, |_| VecDeque::new()),
        }
    }

    /// Keeps a message to oneself until the running one is dealt with.
    pub(super) fn push_own(&mut self, message: Message) -> Result<(), DropReason> {
        if self.own.len() == OWN_MESSAGES_MAX {
            return Err(DropReason::OwnQueueFull);
        }
        self.own.push_back(message);
        Ok(())
    }

    pub(super) fn pop_own(&mut self) -> Option<Message> {
        self.own.pop_front()
    }

    /// Keeps a message until its epoch comes; fails if that pushed out an older one.
    pub(super) fn push_future(
        &mut self,
        from: OracleId,
        epoch: Epoch,
        message: Message,
    ) -> Result<(), DropReason> {
        // P16
        let buffer = &mut self.future[from];
        let pushed_out = if buffer.len() == FUTURE_MESSAGES_MAX {
            buffer.pop_front()
        } else {
            None
        };
        buffer.push_back((epoch, message));
        if pushed_out.is_some() {
            Err(DropReason::FutureBufferFull)
        } else {
            Ok(())
        }
    }

    /// Takes the first message of `from`, unless that is for an epoch after `current`.
    pub(super) fn pop_first(&mut self, from: OracleId, current: Epoch) -> Option<First> {
        // P23
        let (epoch, message) = self.future[from].pop_front_if(|(epoch, _)| *epoch <= current)?;
        Some(if epoch < current {
            First::Past
        } else {
            First::Due(message)
        })
    }

    /// Returns how many messages of `from` wait for their epoch.
    pub(super) fn future_messages(&self, from: OracleId) -> usize {
        self.future[from].len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_messages_beyond_twenty_are_dropped() {
        let mut mailbox = Mailbox::new(Committee::new(4, 1).unwrap());
        let message = |number| Message::NewEpoch {
            epoch: Epoch::new(number),
        };
        for number in 0..20 {
            assert_eq!(mailbox.push_own(message(number)), Ok(()));
        }
        assert_eq!(mailbox.push_own(message(20)), Err(DropReason::OwnQueueFull));
        for number in 0..20 {
            assert_eq!(mailbox.pop_own(), Some(message(number)));
        }
        assert_eq!(mailbox.pop_own(), None);
    }
}
