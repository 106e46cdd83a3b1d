//! Links between oracles: delay, loss, duplicates, disorder, partitions, clogs.

use core::time::Duration;

use ocr_protocol::time::Instant;
use rand::Rng as _;

use crate::rng::{SimRng, between, chance};

/// How good all links are.
#[derive(Clone, Copy, Debug)]
pub struct Quality {
    /// Probability that a message is lost.
    pub loss: f64,
    /// Probability that a message arrives twice.
    pub duplication: f64,
    /// Whether messages may overtake each other.
    pub reordering: bool,
    /// Least delay.
    pub least_delay: Duration,
    /// Most delay, but for clogs.
    pub most_delay: Duration,
}

impl Quality {
    /// Links of a good day.
    pub const GOOD: Self = Self {
        loss: 0.0,
        duplication: 0.0,
        reordering: false,
        least_delay: Duration::from_millis(5),
        most_delay: Duration::from_millis(100),
    };
}

/// One direction between two seats.
#[derive(Clone, Debug, Default)]
struct Link {
    cut: bool,
    clogged_until: Instant,
    last_arrival: Instant,
}

/// All links.
#[derive(Debug)]
pub struct Network {
    rng: SimRng,
    quality: Quality,
    seats: usize,
    links: Vec<Link>,
}

impl Network {
    /// Connects `seats` seats, each with each.
    #[must_use]
    pub fn new(rng: SimRng, seats: usize, quality: Quality) -> Self {
        Self {
            rng,
            quality,
            seats,
            links: vec![Link::default(); seats * seats],
        }
    }

    /// Returns when a message arrives that is sent at `now`: never, once or twice.
    pub fn arrivals(&mut self, now: Instant, from: usize, to: usize) -> Vec<Instant> {
        let link = &self.links[from * self.seats + to];
        if link.cut || chance(&mut self.rng, self.quality.loss) {
            return Vec::new();
        }
        let copies = 1 + usize::from(chance(&mut self.rng, self.quality.duplication));
        (0..copies).map(|_| self.arrival(now, from, to)).collect()
    }

    fn arrival(&mut self, now: Instant, from: usize, to: usize) -> Instant {
        let Quality {
            least_delay,
            most_delay,
            reordering,
            ..
        } = self.quality;
        let mut delay = between(&mut self.rng, least_delay, most_delay);
        // A few take much longer than the others.
        if self.rng.random_ratio(1, 50) {
            delay += most_delay;
        }
        let link = &mut self.links[from * self.seats + to];
        let mut arrival = (now + delay).max(link.clogged_until);
        if !reordering {
            arrival = arrival.max(link.last_arrival);
            link.last_arrival = arrival;
        }
        arrival
    }

    /// Cuts all links from seats of `group`, a bit each, to the others; and back, unless `one_way`.
    pub fn partition(&mut self, group: u64, one_way: bool) {
        let inside = |seat: usize| group >> seat & 1 == 1;
        for from in 0..self.seats {
            for to in 0..self.seats {
                let leaves = inside(from) && !inside(to);
                let enters = !inside(from) && inside(to);
                self.links[from * self.seats + to].cut |= leaves || enters && !one_way;
            }
        }
    }

    /// Ends all partitions.
    pub fn heal(&mut self) {
        for link in &mut self.links {
            link.cut = false;
        }
    }

    /// Holds everything between two seats back until `until`.
    pub fn clog(&mut self, from: usize, to: usize, until: Instant) {
        self.links[from * self.seats + to].clogged_until = until;
    }

    /// Ends every fault of every link; what is under way still arrives as it would have.
    pub fn calm(&mut self) {
        self.quality = Quality::GOOD;
        self.heal();
        for link in &mut self.links {
            link.clogged_until = Instant::START;
            link.last_arrival = Instant::START;
        }
    }
}
