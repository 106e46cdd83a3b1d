//! One oracle under fire: messages true and false, answers in time, late and failing, ticks, crashes.
//!
//! Bytes become [`Step`]s; [`Witness`] says what must hold after each of them.

mod peers;
mod recovery;
mod step;
mod witness;

use core::time::Duration;

use arbitrary::Unstructured;
use ocr_protocol::config::PublicConfig;
use ocr_protocol::id::{ConfigDigest, Epoch, EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::observation::Observation;
use ocr_protocol::oracle::ocr1::Ocr1;
use ocr_protocol::oracle::ocr2::Ocr2;
use ocr_protocol::oracle::{Failed, Input, Machine, Output, Persisted, ReadPurpose, Version};
use ocr_protocol::report::{self, ChainView, LatestTransmission, MedianConfig, RoundRequest};
use ocr_protocol::time::{Instant, UnixSeconds};
use ocr_protocol::transmit::{PENDING_MAX, Pending};
use ocr_wire::median::OBSERVATION_CODEC;

use self::peers::Peers;
use self::step::{Answer, Flaw, Hear, Place, Step};
use self::witness::Witness;
use crate::committee::{Committee, Shape, committee, keyring};

/// Ticks at one instant after which no timer may be due.
const MOST_TICKS: usize = 4;

/// The chain's clock.
const NOW: UnixSeconds = UnixSeconds(1_700_000_000);

/// A sequence of steps for an oracle of OCR1.
///
/// The first byte chooses: bits 0 and 1 who, the next two the committee, bit 4 whether the disk holds as
/// many pending reports as it may.
pub fn ocr1_oracle(bytes: &[u8]) {
    run::<Ocr1>(bytes);
}

/// A sequence of steps for an oracle of OCR2. The first byte is as in OCR1.
pub fn ocr2_oracle(bytes: &[u8]) {
    run::<Ocr2>(bytes);
}

fn run<V: Plugged>(bytes: &[u8]) {
    let Some((&choice, bytes)) = bytes.split_first() else {
        return;
    };
    let mut u = Unstructured::new(bytes);
    let mut bench = Bench::<V>::new(choice);
    bench.handle(Input::Start);
    while !u.is_empty() {
        let Ok(step) = u.arbitrary() else { return };
        bench.take(step);
    }
    bench.recover();
}

/// A version with the plugin that decides on its reports.
trait Plugged: Version {
    fn plugin(public: &PublicConfig) -> Self::Plugin;
}

impl Plugged for Ocr1 {
    fn plugin(public: &PublicConfig) -> Self::Plugin {
        report::ocr1::Median::new(public, MEDIAN)
    }
}

impl Plugged for Ocr2 {
    fn plugin(public: &PublicConfig) -> Self::Plugin {
        report::Median::new(public, MEDIAN, OBSERVATION_CODEC).expect("bounds of the committee")
    }
}

/// Reports on 5 % deviation or after a minute; accepts on 5 % deviation.
const MEDIAN: MedianConfig = MedianConfig {
    alpha_report_infinite: false,
    alpha_report_ppb: 50_000_000,
    alpha_accept_infinite: false,
    alpha_accept_ppb: 50_000_000,
    delta_c: Duration::from_secs(60),
};

struct Bench<V> {
    committee: &'static Committee,
    me: usize,
    now: Instant,
    oracle: Machine<V>,
    witness: Witness,
    peers: Peers,
    /// Requests without an answer.
    open: Vec<Request>,
    /// How many of the next outputs are performed before the oracle crashes, and what it finds then.
    crash: Option<(usize, Option<(ConfigDigest, Epoch)>)>,
}

#[derive(Clone, Copy)]
struct Request {
    at: EpochRound,
    /// Nothing when it goes to the source.
    purpose: Option<ReadPurpose>,
}

impl<V: Plugged> Bench<V> {
    fn new(choice: u8) -> Self {
        let shape = [Shape::Four, Shape::Hasty, Shape::Alone, Shape::Four];
        let committee = committee(V::PROTOCOL, shape[usize::from(choice >> 2 & 3)]);
        let me = usize::from(choice) % committee.configs.len();
        let config = &committee.configs[me];
        let peers = Peers::new(committee);
        let is_full = choice & 16 != 0;
        let pending = (0..PENDING_MAX).map(|place| pending(&peers, place));
        let disk = Persisted {
            pending: pending.take_while(|_| is_full).collect(),
            ..Persisted::default()
        };
        let witness = Witness::new(config, disk);
        Self {
            oracle: restore(committee, me, &witness, None),
            peers,
            committee,
            me,
            now: Instant::START,
            witness,
            open: Vec::new(),
            crash: None,
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Hear(hear) => self.hear(hear),
            Step::Answer(answer) => self.answer(answer),
            Step::Unasked(place, answer) => {
                let at = self.place(place);
                let purposes = [
                    ReadPurpose::Report,
                    ReadPurpose::Accept,
                    ReadPurpose::Transmit,
                ];
                let purpose = purposes.get(usize::from(answer.index & 3)).copied();
                self.reply(Request { at, purpose }, answer.what);
            }
            Step::Wait(how_long) => self.wait(how_long),
            Step::Crash { after, chain } => {
                let epoch = self.place(Place {
                    epoch: chain >> 2,
                    round: 0,
                });
                let digest = self.committee.configs[self.me].public.digest;
                let latest = match chain & 3 {
                    0 | 1 => None,
                    2 => Some((ConfigDigest::ZERO, Epoch::MAX)),
                    _ => Some((digest, epoch.epoch)),
                };
                self.crash = Some((usize::from(after % 16), latest));
            }
        }
    }

    /// The round that a step is about: the running one, or one near it, or the last there can be.
    fn place(&self, place: Place) -> EpochRound {
        let current = self.oracle.epoch().get();
        let running = self.witness.running();
        let epoch = match place.epoch {
            near @ 1..16 => current.saturating_add(near.into()).saturating_sub(4),
            0x3f => u32::MAX,
            0x3e => u32::MAX - 1,
            _ => current,
        };
        let round = match place.round {
            near @ 1..8 => near,
            255 => 255,
            _ if running.epoch.get() == epoch => running.round.get(),
            _ => 0,
        };
        EpochRound::new(epoch, round)
    }

    fn hear(&mut self, hear: Hear) {
        let n = self.committee.configs.len();
        let from = hear.sender(self.oracle.leader().index()) % n;
        if from == self.me {
            return; // no transport brings one's own words
        }
        let at = self.place(hear.place);
        let message = self.peers.message(&hear, at, from);
        // What no peer's bytes can say is nothing to defend against.
        if let Some(message) = self.peers.through_the_wire(&message) {
            let from = OracleId::new(from, n).expect("below n");
            self.handle(Input::Message { from, message });
        }
    }

    fn answer(&mut self, answer: Answer) {
        if self.open.is_empty() {
            return;
        }
        let place = usize::from(answer.index & 0x7f) % self.open.len();
        let request = self.open[place];
        // Some are answered twice.
        if answer.index & 0x80 == 0 {
            self.open.remove(place);
        }
        self.reply(request, answer.what);
    }

    fn reply(&mut self, request: Request, what: u8) {
        let Request { at, purpose } = request;
        let is_failure = what & 8 != 0;
        self.handle(match purpose {
            None => Input::Observed {
                at,
                result: if is_failure {
                    Err(Failed)
                } else {
                    Ok(observation(what))
                },
            },
            Some(purpose) => Input::ChainRead {
                at,
                purpose,
                result: if is_failure {
                    Err(Failed)
                } else {
                    Ok(self.chain_view(at, what))
                },
            },
        });
    }

    /// What the chain may show when it is asked about round `at`.
    fn chain_view(&self, at: EpochRound, what: u8) -> ChainView {
        let digest = self.committee.configs[self.me].public.digest;
        let fresh = ChainView {
            now: NOW,
            latest: LatestTransmission {
                digest,
                at: EpochRound::default(),
                answer: Int192::ZERO,
                timestamp: NOW,
            },
            requested: RoundRequest::default(),
        };
        let mut view = fresh;
        let latest = &mut view.latest;
        latest.answer = Int192::from(100);
        match what & 7 {
            0 => return fresh,
            1 => latest.at = EpochRound::new(1, 0),
            2 => latest.at = at,
            3 => latest.digest = ConfigDigest::ZERO,
            4 => (latest.at, latest.timestamp) = (EpochRound::new(1, 0), UnixSeconds(0)),
            5 => view.requested = RoundRequest { digest, at },
            6 => (latest.at, view.now) = (EpochRound::new(u32::MAX, 255), UnixSeconds(u64::MAX)),
            _ => latest.answer = Int192::MIN,
        }
        view
    }

    /// Lets time pass to the next timer, or by as many times 10 ms, or to after the next timer.
    fn wait(&mut self, how_long: u8) {
        let (due, _) = self.oracle.poll_timeout().expect("it waits for something");
        let due = due.max(self.now);
        let millis = Duration::from_millis;
        self.now = match how_long {
            0 => due,
            some @ 1..200 => self.now + millis(u64::from(some) * 10),
            late => due + millis(u64::from(late)),
        };
        self.handle(Input::Tick);
        for _ in 0..MOST_TICKS {
            if self.due().is_none() {
                return;
            }
            self.handle(Input::Tick);
        }
        assert_eq!(self.due(), None, "ticks make no progress");
    }

    fn due(&self) -> Option<Instant> {
        let (due, _) = self.oracle.poll_timeout().expect("it waits for something");
        (due <= self.now).then_some(due)
    }

    fn handle(&mut self, input: Input) {
        let mut outputs = Vec::new();
        self.oracle.handle(self.now, input, &mut outputs);
        let crash = self.crash.take();
        let performed = crash.map_or(usize::MAX, |(after, _)| after);
        for output in outputs.into_iter().take(performed) {
            self.perform(output);
        }
        match crash {
            Some((_, latest)) => self.restart(latest),
            None => self.witness.check(&self.oracle),
        }
    }

    fn perform(&mut self, output: Output) {
        self.witness.see(&output);
        self.peers.see(&output);
        match output {
            Output::Observe { at, .. } => self.open.push(Request { at, purpose: None }),
            Output::ReadChain { at, purpose, .. } => {
                let purpose = Some(purpose);
                self.open.push(Request { at, purpose });
            }
            _ => {}
        }
    }

    /// What was stored is all that is left.
    fn restart(&mut self, latest: Option<(ConfigDigest, Epoch)>) {
        self.open.clear();
        self.witness.restart(latest);
        self.oracle = restore(self.committee, self.me, &self.witness, latest);
        self.handle(Input::Start);
    }
}

fn restore<V: Plugged>(
    committee: &Committee,
    me: usize,
    witness: &Witness,
    latest: Option<(ConfigDigest, Epoch)>,
) -> Machine<V> {
    let config = committee.configs[me].clone();
    let plugin = V::plugin(&config.public);
    Machine::restore(config, keyring(me), plugin, witness.disk().clone(), latest)
}

/// A report of an epoch with an even number, that is due a second after the one before it.
fn pending(peers: &Peers, place: usize) -> Pending {
    let at = EpochRound::new(2 + 2 * place as u32, 1);
    Pending {
        due: Instant::START + Duration::from_secs(1 + place as u64),
        report: peers.attested(at, 0, Flaw::None),
    }
}

fn observation(what: u8) -> Observation {
    Observation {
        timestamp_seconds: 1_700_000_000,
        value: value(what >> 4),
        juels_per_fee_coin: 7.into(),
        gas_price_subunits: None,
    }
}

/// Most values are close to each other; some are as far apart as can be.
fn value(choice: u8) -> Int192 {
    match choice {
        15 => Int192::MIN,
        14 => Int192::MAX,
        some => i64::from(100 + some).into(),
    }
}
