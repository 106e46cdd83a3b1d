//! Blocks: what was included in which order, what is forgotten in a reorganisation.

use core::time::Duration;

use ocr_protocol::id::{ConfigDigest, EpochRound};
use ocr_protocol::report::{ChainView, LatestTransmission, RoundRequest};
use ocr_protocol::time::{Instant, UnixSeconds};
use rand::seq::SliceRandom as _;

use super::{Accepted, Call, Contract, Refusal};
use crate::clock::unix_seconds;
use crate::rng::{SimRng, chance};

/// What waits to be included.
#[derive(Clone, Debug)]
enum Transaction {
    /// Somebody transmits.
    Transmit(Box<Call>),
    /// The owner sets configuration number `.0`.
    SetConfig(usize),
    /// A requester wants a round.
    RequestNewRound,
}

/// What the contract holds after a block.
#[derive(Clone, Copy, Debug)]
struct State {
    /// Which of the contract's configurations is in force.
    config: usize,
    latest: LatestTransmission,
    request: Option<(RoundRequest, UnixSeconds)>,
}

#[derive(Debug)]
struct Block {
    state: State,
    transactions: Vec<Transaction>,
    mined_at: Instant,
}

/// The chain and what waits for it.
#[derive(Debug)]
pub struct Ledger {
    /// The contract under each of its configurations, in order.
    contracts: Vec<Contract>,
    blocks: Vec<Block>,
    waiting: Vec<Transaction>,
}

/// A call that a block took.
#[derive(Clone, Debug)]
pub struct Included {
    /// The configuration it was judged by.
    pub digest: ConfigDigest,
    /// The last round before it.
    pub previous: EpochRound,
    /// What it brought.
    pub accepted: Accepted,
    /// The call.
    pub call: Call,
}

/// A call that a block refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// The call.
    pub call: Call,
}

impl Ledger {
    /// Makes a chain whose first block set the first of `contracts` up.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn new(contracts: Vec<Contract>) -> Self {
        let latest = LatestTransmission {
            digest: contracts
                .first()
                .expect("one configuration at least")
                .config
                .digest,
            ..LatestTransmission::default()
        };
        let genesis = Block {
            state: State {
                config: 0,
                latest,
                request: None,
            },
            transactions: Vec::new(),
            mined_at: Instant::START,
        };
        Self {
            contracts,
            blocks: vec![genesis],
            waiting: Vec::new(),
        }
    }

    /// A transmission reaches the network.
    pub fn submit(&mut self, call: Call) {
        self.waiting.push(Transaction::Transmit(Box::new(call)));
    }

    /// The owner's next configuration reaches the network.
    pub fn set_config(&mut self, config: usize) {
        self.waiting.push(Transaction::SetConfig(config));
    }

    /// A request for a round reaches the network.
    pub fn request_new_round(&mut self) {
        self.waiting.push(Transaction::RequestNewRound);
    }

    /// Mines a block: in any order, each waiting transaction with probability `inclusion`.
    pub fn mine(
        &mut self,
        rng: &mut SimRng,
        now: Instant,
        inclusion: f64,
    ) -> Vec<Result<Included, Refused>> {
        self.waiting.shuffle(rng);
        let (transactions, waiting) = core::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|_| chance(rng, inclusion));
        self.waiting = waiting;
        let mut state = self.head().state;
        let mut outcomes = Vec::new();
        for transaction in &transactions {
            outcomes.extend(self.execute(&mut state, transaction, now));
        }
        self.blocks.push(Block {
            state,
            transactions,
            mined_at: now,
        });
        outcomes
    }

    /// Forgets the `depth` youngest blocks, never the first; most of their transactions wait again.
    pub fn reorganise(&mut self, rng: &mut SimRng, depth: usize) {
        let kept = self.blocks.len().saturating_sub(depth).max(1);
        for block in self.blocks.drain(kept..) {
            let again = block.transactions.into_iter();
            self.waiting.extend(again.filter(|transaction| {
                // The owner looks after its own.
                !matches!(transaction, Transaction::Transmit(_)) || chance(rng, 0.8)
            }));
        }
    }

    /// Returns what an oracle sees that is `lag` blocks behind, and whose clock shows `now`.
    #[must_use]
    pub fn view(&self, lag: usize, now: UnixSeconds, delta_c: Duration) -> ChainView {
        let state = self.state_behind(lag);
        let since = now.0.saturating_sub(delta_c.as_secs());
        let requested = state.request.filter(|(_, at)| at.0 >= since);
        ChainView {
            now,
            latest: state.latest,
            requested: requested.map(|(request, _)| request).unwrap_or_default(),
        }
    }

    /// Returns which of the contract's configurations is in force `lag` blocks ago.
    #[must_use]
    pub fn config_behind(&self, lag: usize) -> usize {
        self.state_behind(lag).config
    }

    /// Returns the last transmission.
    #[must_use]
    pub fn latest(&self) -> LatestTransmission {
        self.head().state.latest
    }

    /// Returns the last transmission that was to be seen `ago` before `now`.
    #[must_use]
    pub fn latest_at(&self, now: Instant, ago: Duration) -> LatestTransmission {
        let count = self
            .blocks
            .partition_point(|block| block.mined_at + ago <= now);
        self.blocks[count.saturating_sub(1)].state.latest
    }

    fn head(&self) -> &Block {
        self.blocks.last().expect("the first block stays")
    }

    fn state_behind(&self, lag: usize) -> &State {
        let place = (self.blocks.len() - 1).saturating_sub(lag);
        &self.blocks[place].state
    }

    fn execute(
        &self,
        state: &mut State,
        transaction: &Transaction,
        now: Instant,
    ) -> Option<Result<Included, Refused>> {
        match transaction {
            Transaction::SetConfig(config) => {
                state.config = *config;
                state.latest.digest = self.contracts[*config].config.digest;
                state.latest.at = EpochRound::default();
                None
            }
            Transaction::RequestNewRound => {
                let (digest, at) = (state.latest.digest, state.latest.at);
                state.request = Some((RoundRequest { digest, at }, unix_seconds(now)));
                None
            }
            Transaction::Transmit(call) => {
                let previous = state.latest.at;
                let verdict = self.contracts[state.config].transmit(previous, call);
                Some(match verdict {
                    Ok(accepted) => {
                        state.latest.at = accepted.at;
                        state.latest.answer = accepted.answer;
                        state.latest.timestamp = unix_seconds(now);
                        Ok(Included {
                            digest: state.latest.digest,
                            previous,
                            accepted,
                            call: Call::clone(call),
                        })
                    }
                    Err(refusal) => Err(Refused {
                        refusal,
                        call: Call::clone(call),
                    }),
                })
            }
        }
    }
}
