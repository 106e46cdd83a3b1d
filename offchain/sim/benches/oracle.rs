//! What a round costs an oracle, with real keys and real bytes: `make bench`.
//!
//! One iteration is a round of the whole committee, from ObserveReq to the last FinalEcho, a report in each. What one
//! oracle spends is its nth part: `items/s` counts oracles.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};
use ocr_protocol::id::{EpochRound, OracleId, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::message::Message;
use ocr_protocol::observation::Observation;
use ocr_protocol::oracle::{Event, Input, Output, Persisted};
use ocr_protocol::report::{ChainView, LatestTransmission};
use ocr_protocol::time::Instant;
use ocr_sim::clock::{Clock, unix_seconds};
use ocr_sim::committee::{Committee, Instance, Parameters};
use ocr_sim::process::{Process, decode, encode};
use ocr_sim::rng::{Stream, stream};
use ocr_sim::runner::{Campaign, Run};
use ocr_sim::trace::label;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// Committees, from the smallest to the largest.
const ORACLES: [usize; 3] = [4, 16, 31];

fn main() {
    divan::main();
}

#[divan::bench(args = ORACLES, sample_count = 20)]
fn round_of_ocr1(bencher: Bencher<'_, '_>, n: usize) {
    round(bencher, Protocol::Ocr1, n);
}

#[divan::bench(args = ORACLES, sample_count = 20)]
fn round_of_ocr2(bencher: Bencher<'_, '_>, n: usize) {
    round(bencher, Protocol::Ocr2, n);
}

fn round(bencher: Bencher<'_, '_>, protocol: Protocol, n: usize) {
    let mut table = Table::new(protocol, n);
    table.play_round();
    bencher
        .counter(ItemsCount::new(n))
        .bench_local(|| table.play_round());
}

#[divan::bench(args = ["NewEpoch", "ObserveReq", "Observe", "ReportReq", "Report", "Final", "FinalEcho"])]
fn decode_of_ocr1(bencher: Bencher<'_, '_>, kind: &str) {
    decode_one(bencher, Protocol::Ocr1, kind);
}

#[divan::bench(args = ["NewEpoch", "ObserveReq", "Observe", "ReportReq", "Report", "Final", "FinalEcho"])]
fn decode_of_ocr2(bencher: Bencher<'_, '_>, kind: &str) {
    decode_one(bencher, Protocol::Ocr2, kind);
}

/// Messages of the largest committee.
fn decode_one(bencher: Bencher<'_, '_>, protocol: Protocol, kind: &str) {
    let mut table = Table::new(protocol, 31);
    table.play_round();
    let bytes = Arc::clone(&table.said[kind]);
    bencher.bench(|| decode(&table.instance, black_box(&bytes)).expect("an honest oracle said it"));
}

/// A simulated minute of four oracles, with everything that goes wrong.
#[divan::bench(sample_count = 10)]
fn simulated_minute(bencher: Bencher<'_, '_>) {
    let campaign = Campaign {
        n: Some(4),
        lasts: Duration::from_secs(60),
        ..Campaign::default()
    };
    let mut seed = 0;
    bencher
        .with_inputs(|| {
            seed += 1;
            campaign.run_of(seed)
        })
        .bench_local_values(|run: Run| run.world(false).run());
}

/// Oracles around a table: messages take no time and every question is answered at once.
struct Table {
    instance: Instance,
    oracles: Vec<Process>,
    now: Instant,
    inputs: VecDeque<(usize, What)>,
    /// The last message of each kind.
    said: BTreeMap<&'static str, Arc<[u8]>>,
    completed: usize,
}

enum What {
    Input(Input),
    Heard(OracleId, Arc<[u8]>),
}

impl Table {
    fn new(protocol: Protocol, n: usize) -> Self {
        let mut rng = stream(1, Stream::Keys);
        let f = (n as u8 - 1) / 3;
        let parameters = Parameters {
            r_max: 254,
            // Every answer is too old.
            delta_c: Duration::ZERO,
            ..Parameters::draw(&mut rng, protocol, n, f)
        };
        let committee = Committee::new(&mut rng, parameters);
        let instance = committee.instance(&mut rng, 1);
        let clock = Clock::new(Instant::START, 1_000_000, 0);
        let oracle = |index| {
            let keyring = committee.keyring(index);
            Process::restore(
                &instance,
                index,
                0,
                keyring,
                Persisted::default(),
                None,
                clock,
            )
        };
        Self {
            oracles: (0..n).map(oracle).collect(),
            inputs: (0..n)
                .map(|index| (index, What::Input(Input::Start)))
                .collect(),
            now: Instant::START,
            said: BTreeMap::new(),
            completed: 0,
            instance,
        }
    }

    /// Goes on until every oracle has completed one more round.
    fn play_round(&mut self) {
        self.completed = 0;
        while self.completed < self.oracles.len() {
            if self.inputs.is_empty() {
                let timers = self.oracles.iter().enumerate();
                let next =
                    timers.filter_map(|(index, oracle)| Some((oracle.wakes_at(self.now)?, index)));
                let (at, index) = next.min().expect("an oracle always waits for something");
                self.now = at;
                self.inputs.push_back((index, What::Input(Input::Tick)));
            }
            while let Some((index, what)) = self.inputs.pop_front() {
                self.take(index, what);
            }
        }
    }

    fn take(&mut self, index: usize, what: What) {
        let input = match what {
            What::Input(input) => input,
            What::Heard(from, bytes) => {
                let message = decode(&self.instance, &bytes).expect("an honest oracle said it");
                Input::Message { from, message }
            }
        };
        for output in self.oracles[index].handle(self.now, input) {
            self.perform(index, output);
        }
    }

    fn perform(&mut self, index: usize, output: Output) {
        match output {
            Output::Send { to, message } => {
                let bytes = self.say(&message);
                self.hear(index, to.index(), bytes);
            }
            Output::Broadcast { message } => {
                let bytes = self.say(&message);
                for to in (0..self.oracles.len()).filter(|&to| to != index) {
                    self.hear(index, to, Arc::clone(&bytes));
                }
            }
            Output::Observe { at, .. } => {
                let value = Int192::from(1_000_000 + index as i64);
                let observation = Observation {
                    timestamp_seconds: unix_seconds(self.now).0 as u32,
                    value,
                    juels_per_fee_coin: Int192::from(7),
                    gas_price_subunits: None,
                };
                let result = Ok(observation);
                self.inputs
                    .push_back((index, What::Input(Input::Observed { at, result })));
            }
            Output::ReadChain { at, purpose, .. } => {
                let result = Ok(self.view());
                self.inputs.push_back((
                    index,
                    What::Input(Input::ChainRead {
                        at,
                        purpose,
                        result,
                    }),
                ));
            }
            Output::Event(Event::RoundCompleted { .. }) => self.completed += 1,
            _ => {}
        }
    }

    fn say(&mut self, message: &Message) -> Arc<[u8]> {
        let bytes: Arc<[u8]> = encode(&self.instance, message).into();
        self.said.insert(label(message).0, Arc::clone(&bytes));
        bytes
    }

    fn hear(&mut self, from: usize, to: usize, bytes: Arc<[u8]>) {
        let from = self.instance.oracle(from);
        self.inputs.push_back((to, What::Heard(from, bytes)));
    }

    /// The chain is a second behind, and has nothing of this epoch.
    fn view(&self) -> ChainView {
        ChainView {
            now: unix_seconds(self.now + Duration::from_secs(10)),
            latest: LatestTransmission {
                digest: self.instance.digest,
                at: EpochRound::new(0, 1),
                answer: Int192::from(1),
                timestamp: unix_seconds(self.now),
            },
            ..ChainView::default()
        }
    }
}
