//! A run as a picture: who was in which epoch, who said what to whom, what went wrong, what the chain took.

use core::fmt::Write as _;

use ocr_protocol::id::{Epoch, EpochRound};
use ocr_protocol::time::Instant;

use crate::scenario::Fault;
use crate::trace::{Entry, What};
use crate::world::World;

/// Width of a second and height of a row, in pixels.
const SECOND: f64 = 10.0;
const ROW: f64 = 44.0;
/// Room for names on the left, for the legend above.
const LEFT: f64 = 90.0;
const TOP: f64 = 70.0;
/// Larger committees say too much to be drawn line by line.
const LINES_MAX_ORACLES: usize = 16;
/// Fills of epochs, in turn.
const EPOCHS: [&str; 4] = ["#dbe9f6", "#fde8cf", "#e0f0dc", "#eadff0"];
/// Colours of messages, in the order of a round.
const KINDS: [(&str, &str); 7] = [
    ("NewEpoch", "#7f7f7f"),
    ("ObserveReq", "#9ecae1"),
    ("Observe", "#3182bd"),
    ("ReportReq", "#fdae6b"),
    ("Report", "#e6550d"),
    ("Final", "#31a354"),
    ("FinalEcho", "#a1d99b"),
];

/// Draws `world`, which has run with these flags and kept everything.
#[must_use]
pub fn html(flags: &str, world: &World) -> String {
    let mut picture = Picture {
        seats: world.seats(),
        end: world
            .trace()
            .last()
            .map_or(Instant::START, |entry| entry.now),
        svg: String::new(),
    };
    picture.draw(world);
    let (width, height) = (
        picture.x(picture.end) + 40.0,
        picture.y(picture.seats) + ROW,
    );
    let violations: String = world
        .violations()
        .iter()
        .map(|violation| format!("<p class=bad>{violation}</p>"))
        .collect();
    format!(
        "<!doctype html><meta charset=utf-8><title>ocr-sim {flags}</title>\
         <style>body{{font:13px sans-serif;margin:16px}}text{{font:11px sans-serif}}.bad{{color:#c00}}\
         .scroll{{overflow-x:auto}}</style><h3>ocr-sim {flags}</h3>{violations}\
         <div class=scroll><svg width={width:.0} height={height:.0}>{svg}</svg></div>",
        svg = picture.svg,
    )
}

struct Picture {
    seats: usize,
    end: Instant,
    svg: String,
}

impl Picture {
    fn draw(&mut self, world: &World) {
        self.legend();
        let entries: Vec<_> = world.trace().collect();
        self.backgrounds(&entries);
        for seat in 0..self.seats {
            self.lives(seat, &entries);
            let name = world.name(seat);
            self.text(4.0, self.y(seat) + 4.0, &name);
        }
        self.text(4.0, self.y(self.seats) + 4.0, "chain");
        for second in (0..=self.end.as_nanos() / 1_000_000_000).step_by(30) {
            let x = self.x(Instant::from_nanos(second * 1_000_000_000));
            self.text(x, TOP - 24.0, &format!("{second} s"));
        }
        for entry in entries {
            self.entry(entry);
        }
    }

    fn legend(&mut self) {
        for (place, (kind, colour)) in KINDS.iter().enumerate() {
            let x = LEFT + place as f64 * 105.0;
            let _ = write!(
                self.svg,
                "<line x1={x} y1=14 x2={} y2=14 stroke='{colour}' stroke-width=3 />",
                x + 20.0
            );
            self.text(x + 26.0, 18.0, kind);
        }
        let marks = "▲ transmits   ● chain takes   × chain refuses   ▼ fault   red band: cut links   grey: down   fill: epoch";
        self.text(LEFT, 36.0, marks);
    }

    /// Cut links, and where calm weather begins.
    fn backgrounds(&mut self, entries: &[&Entry]) {
        let mut cut = None;
        for entry in entries {
            match entry.what {
                What::Fault(Fault::Partition { .. }) => {
                    cut.get_or_insert(entry.now);
                }
                What::Fault(Fault::Heal) | What::Calm => {
                    if let Some(since) = cut.take() {
                        let (y, height) = (TOP - 14.0, self.y(self.seats) - TOP);
                        self.rect((since, entry.now), (y, height), "#fbdcdc", "links are cut");
                    }
                }
                _ => {}
            }
        }
    }

    /// A seat's epochs, and when it was down.
    fn lives(&mut self, seat: usize, entries: &[&Entry]) {
        let (mut since, mut epoch) = (Instant::START, None);
        for entry in entries.iter().filter(|entry| entry.seat == Some(seat)) {
            let next = match entry.what {
                What::Started => Some(Epoch::FIRST),
                What::Entered(epoch) => Some(epoch),
                What::Stopped => None,
                _ => continue,
            };
            self.life(seat, since, entry.now, epoch);
            (since, epoch) = (entry.now, next);
        }
        self.life(seat, since, self.end, epoch);
    }

    fn life(&mut self, seat: usize, since: Instant, until: Instant, epoch: Option<Epoch>) {
        let (fill, title) = match epoch {
            Some(epoch) => (
                EPOCHS[epoch.get() as usize % EPOCHS.len()],
                format!("epoch {epoch}"),
            ),
            None => ("#bbbbbb", "down".to_owned()),
        };
        self.rect((since, until), (self.y(seat) - 9.0, 18.0), fill, &title);
    }

    fn entry(&mut self, entry: &Entry) {
        let row = entry.seat.unwrap_or(self.seats);
        let (x, y) = (self.x(entry.now), self.y(row));
        match &entry.what {
            What::Heard {
                from,
                sent,
                kind,
                at,
            } if self.seats <= LINES_MAX_ORACLES => {
                self.line(*sent, *from, entry.now, row, kind, *at);
            }
            What::Transmitted(at) => {
                self.mark(x, y, "▲", "#31a354", &format!("transmits round {at}"))
            }
            What::Included(at) => self.mark(x, y, "●", "#31a354", &format!("takes round {at}")),
            What::Reverted(refusal) => self.mark(x, y, "×", "#c00", &refusal.to_string()),
            What::Fault(fault) => self.mark(x, TOP - 18.0, "▼", "#c00", &format!("{fault:?}")),
            What::Calm => self.mark(x, TOP - 18.0, "▼", "#31a354", "nothing goes wrong any more"),
            _ => {}
        }
    }

    fn line(
        &mut self,
        sent: Instant,
        from: usize,
        heard: Instant,
        to: usize,
        kind: &str,
        at: EpochRound,
    ) {
        let colour = KINDS
            .iter()
            .find(|(name, _)| *name == kind)
            .map_or("#000", |(_, colour)| colour);
        let _ = write!(
            self.svg,
            "<line x1={:.1} y1={:.0} x2={:.1} y2={:.0} stroke='{colour}'><title>{kind} {at} from {from} to {to}</title></line>",
            self.x(sent),
            self.y(from),
            self.x(heard),
            self.y(to),
        );
    }

    fn rect(
        &mut self,
        (since, until): (Instant, Instant),
        (y, height): (f64, f64),
        fill: &str,
        title: &str,
    ) {
        let (x, width) = (self.x(since), self.x(until) - self.x(since));
        let _ = write!(
            self.svg,
            "<rect x={x:.1} y={y:.0} width={width:.1} height={height:.0} fill='{fill}'><title>{title}</title></rect>"
        );
    }

    fn mark(&mut self, x: f64, y: f64, sign: &str, colour: &str, title: &str) {
        let y = y + 5.0;
        let _ = write!(
            self.svg,
            "<text x={x:.1} y={y:.0} fill='{colour}' text-anchor=middle>{sign}<title>{title}</title></text>"
        );
    }

    fn text(&mut self, x: f64, y: f64, text: &str) {
        let _ = write!(self.svg, "<text x={x:.0} y={y:.0}>{text}</text>");
    }

    fn x(&self, at: Instant) -> f64 {
        LEFT + at.as_nanos() as f64 / 1e9 * SECOND
    }

    fn y(&self, row: usize) -> f64 {
        TOP + row as f64 * ROW
    }
}
