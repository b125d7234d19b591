//! A witness of every draw, for the test of pairing alone: it is part of the tests, not of the program.

use std::cell::RefCell;

use crate::kernel::{Key, Purpose, Stream, rng::mix};

/// Where a stream comes from: its purpose, the children on the way, and the entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    purpose: Option<Purpose>,
    family: u64,
    entity: u64,
    /// Draws made of this stream.
    draws: u32,
}

/// A draw by what it is for: purpose, family of children, entity, and its number in the stream.
pub(crate) type Draw = (u64, u64, u64, u32);

/// What is done to the draws of a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meddling {
    Nothing,
    /// One draw more of this purpose before and after each of an entity's own, and one of a
    /// family that no one else uses.
    OneMore(Purpose),
    /// Other numbers for this purpose.
    Redrawn(Purpose),
}

/// Everything that is known while a trial is watched.
struct Watch {
    meddling: Meddling,
    /// Makes of all streams one sequence: the bug that pairing is to be safe from.
    shared: Option<u64>,
    draws: Vec<(Draw, u64)>,
    /// In the middle of a draw that was not asked for.
    busy: bool,
}

impl Watch {
    /// A draw of this purpose, as it is handed out.
    fn seen(&mut self, purpose: Purpose, draw: Draw, bits: u64) -> u64 {
        let mut bits = self.shared.as_mut().map_or(bits, |sequence| {
            *sequence = sequence.wrapping_add(0x9E37_79B9_7F4A_7C15);
            mix(*sequence)
        });
        if self.meddling == Meddling::Redrawn(purpose) {
            bits = mix(bits);
        }
        if !self.busy {
            self.draws.push((draw, bits));
        }
        bits
    }
}

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// What `play` gives while the draws of this thread are meddled with, and all of its draws in order.
/// `shared` takes them all from one sequence, as one generator for everything would.
pub(crate) fn witnessed<T>(
    meddling: Meddling,
    shared: bool,
    play: impl FnOnce() -> T,
) -> (T, Vec<(Draw, u64)>) {
    let watch = Watch { meddling, shared: shared.then_some(1), draws: Vec::new(), busy: false };
    WATCH.set(Some(watch));
    let played = play();
    let mut draws = WATCH.take().expect("no one else watches this thread").draws;
    draws.sort_unstable();
    draws.dedup();
    (played, draws)
}

/// Whether a draw more is wanted of this purpose; if so, `leave` must follow.
fn enter(purpose: Option<Purpose>) -> bool {
    WATCH.with_borrow_mut(|watch| {
        let Some(watch) = watch else { return false };
        let wanted = matches!(watch.meddling, Meddling::OneMore(it) if Some(it) == purpose);
        let enters = wanted && !watch.busy;
        watch.busy |= enters;
        enters
    })
}

fn leave() {
    WATCH.with_borrow_mut(|watch| {
        if let Some(watch) = watch {
            watch.busy = false;
        }
    });
}

impl Origin {
    pub(crate) const NOWHERE: Self = Self { purpose: None, family: 0, entity: 0, draws: 0 };

    pub(crate) const fn purpose(purpose: Purpose) -> Self {
        Self { purpose: Some(purpose), ..Self::NOWHERE }
    }

    pub(crate) const fn child(self, n: u64) -> Self {
        let family = (self.family ^ n.wrapping_add(1)).wrapping_mul(0x0000_0100_0000_01B3);
        Self { family, ..self }
    }

    /// The stream of an entity is made: asks for one draw more of it, and of a family of its own.
    pub(crate) fn entity(self, key: Key, entity: u64) -> Self {
        if enter(self.purpose) {
            let _ = key.stream(entity).bits();
            let _ = key.child(u64::MAX).stream(entity).bits();
            leave();
        }
        Self { entity, ..self }
    }

    /// A number is drawn; `after` is the stream as it stands behind it.
    pub(crate) fn drawn(&mut self, mut after: Stream, bits: u64) -> u64 {
        let nth = self.draws;
        self.draws += 1;
        let bits = self.told(nth, bits);
        if enter(self.purpose) {
            let _ = after.bits();
            leave();
        }
        bits
    }

    fn told(self, nth: u32, bits: u64) -> u64 {
        let Some(purpose) = self.purpose else { return bits };
        let of = (purpose as u64, self.family, self.entity, nth);
        WATCH.with_borrow_mut(|it| it.as_mut().map_or(bits, |it| it.seen(purpose, of, bits)))
    }
}
