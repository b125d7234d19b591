//! Arrivals: a Poisson process along the plan's curve of rates, one draw for each arrival.

use super::draws::Gaps;
use crate::{
    kernel::{Key, Sampler, math},
    model::Burst,
    scenario::{RateCurve, Stretch, gamma_shape},
    units::{Span, round_u64},
};

/// The next arrival and what leads to the one after it.
#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    /// When the next request arrives, in nanoseconds; `u64::MAX` is never.
    pub(super) next: u64,
    /// Number of the next request.
    pub(super) request: u64,
    stretch: Stretch,
    nanos_per_arrival: f64,
    gaps: Gaps,
    noise: Option<Noise>,
    bursts: Option<Bursts>,
    /// What held when the next request was looked for, where it was not found in the stretch that held then.
    behind: Option<Box<Behind>>,
    /// End of the trial: what would arrive later is not looked for.
    end: u64,
}

/// Factors of the rate, one a window.
#[derive(Clone, Debug)]
struct Noise {
    sampler: Sampler,
    key: Key,
    /// Keys of windows up to these, where the trial was forked.
    before: Vec<(u64, Key)>,
}

impl Noise {
    fn factor(&self, window: u64) -> f64 {
        let before = self.before.iter().find(|it| window <= it.0).map(|it| it.1);
        self.sampler.sample(&mut before.unwrap_or(self.key).stream(window)) as f64 / 1e9
    }
}

/// What holds in front of a stretch.
#[derive(Clone, Debug)]
struct Behind {
    stretch: Stretch,
    nanos_per_arrival: f64,
    bursts: Option<Bursts>,
}

/// A two-state process, drawn switch by switch.
#[derive(Clone, Debug)]
struct Bursts {
    spec: Burst,
    key: Key,
    switches: u64,
    until: u64,
    on: bool,
}

impl Arrivals {
    /// `key` draws the gaps, `burst` the bursts and the noise of the profile.
    pub(super) fn new(curve: &RateCurve, bursts: Option<Burst>, key: Key, burst: Key) -> Self {
        let noise = (curve.burstiness() > 0.0).then(|| {
            let shape = gamma_shape(curve.burstiness());
            let sampler = Sampler::gamma(Span::from_secs(1), shape);
            Noise { sampler, key: burst.child(1), before: Vec::new() }
        });
        let bursts = bursts.map(|spec| {
            let before = burst.child(3).uniform(0) >= share_of_bursts(spec);
            let key = burst.child(2);
            let mut bursts = Bursts { spec, key, switches: 0, until: 0, on: before };
            bursts.switch();
            bursts
        });
        let stretch = Stretch { rate: 0.0, until: 0 };
        let nanos_per_arrival = f64::INFINITY;
        let mut arrivals = Self {
            next: 0,
            request: 0,
            stretch,
            nanos_per_arrival,
            gaps: Gaps::new(key),
            noise,
            bursts,
            behind: None,
            end: u64::MAX,
        };
        arrivals.enter(curve, 0);
        arrivals
    }

    /// Draws the first arrival; nothing arrives after `end`, in nanoseconds.
    pub(super) fn until(mut self, curve: &RateCurve, end: u64) -> Self {
        self.end = end;
        self.draw(curve, 0);
        self
    }

    /// Moves on to the request after the one that has just arrived.
    pub(super) fn advance(&mut self, curve: &RateCurve) {
        let now = self.next;
        self.request += 1;
        self.draw(curve, now);
    }

    /// Time change of a unit Poisson process: walks the stretches until the exponential is used up.
    fn draw(&mut self, curve: &RateCurve, mut now: u64) {
        let mut need = self.gaps.before(self.request);
        self.behind = None;
        loop {
            let left = (self.stretch.until - now) as f64;
            let gap = need * self.nanos_per_arrival;
            if gap < left {
                self.next = now + round_u64(gap);
                return;
            }
            // without this, silence would be walked through to the end of all time
            if self.stretch.until == u64::MAX || self.stretch.until > self.end {
                self.next = u64::MAX;
                return;
            }
            if self.behind.is_none() {
                let (stretch, nanos_per_arrival) = (self.stretch, self.nanos_per_arrival);
                let bursts = self.bursts.clone();
                self.behind = Some(Box::new(Behind { stretch, nanos_per_arrival, bursts }));
            }
            need -= left / self.nanos_per_arrival;
            now = self.stretch.until;
            self.enter(curve, now);
        }
    }

    /// Draws again what comes after `now`: the next request, the end of the present burst or lull, and the
    /// noise of the windows to come. The present window's stays.
    pub(super) fn redraw(&mut self, curve: &RateCurve, now: u64, (key, burst): (Key, Key)) {
        if let Some(behind) = self.behind.take() {
            (self.stretch, self.nanos_per_arrival) = (behind.stretch, behind.nanos_per_arrival);
            self.bursts = behind.bursts;
            while self.stretch.until <= now {
                let at = self.stretch.until;
                self.enter(curve, at);
            }
        }
        if let Some(noise) = &mut self.noise {
            noise.before.push((now / RateCurve::WINDOW, noise.key));
            noise.key = burst.child(1);
        }
        if let Some(bursts) = &mut self.bursts {
            bursts.key = burst.child(2);
            bursts.until = now.saturating_add(bursts.length());
        }
        self.gaps.redraw(key, self.request);
        self.enter(curve, now);
        self.draw(curve, now);
    }

    /// Takes up the stretch that holds at `now`.
    fn enter(&mut self, curve: &RateCurve, now: u64) {
        self.stretch = curve.stretch(now);
        if let Some(noise) = &self.noise {
            self.stretch.rate *= noise.factor(now / RateCurve::WINDOW);
        }
        if let Some(bursts) = &mut self.bursts {
            while bursts.until <= now {
                bursts.switch();
            }
            if bursts.on {
                self.stretch.rate *= bursts.spec.factor.get();
            }
            self.stretch.until = self.stretch.until.min(bursts.until);
        }
        // at a rate of zero nothing ever arrives in this stretch
        self.nanos_per_arrival = 1e9 / self.stretch.rate;
    }
}

/// Part of the time that bursts take up in the long run: the chance that the trial, which begins at no
/// particular moment, begins in one.
fn share_of_bursts(spec: Burst) -> f64 {
    let (length, every) = (spec.length.nanos() as f64, spec.every.nanos() as f64);
    if length > 0.0 { length / (length + every) } else { 0.0 }
}

impl Bursts {
    fn switch(&mut self) {
        self.on = !self.on;
        let length = self.length();
        self.until = self.until.saturating_add(length);
    }

    /// How long the present state lasts, in nanoseconds.
    fn length(&mut self) -> u64 {
        let mean = if self.on { self.spec.length } else { self.spec.every };
        let length = -math::ln(self.key.uniform(self.switches)) * mean.nanos() as f64;
        self.switches += 1;
        round_u64(length).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::{Purpose, Seed, Streams},
        units::Factor,
    };

    fn count(curve: &RateCurve, bursts: Option<Burst>, end: u64) -> u64 {
        let streams = Streams::new(Seed::DEFAULT);
        let (key, burst) = (streams.key(Purpose::Arrival), streams.key(Purpose::Burst));
        let mut arrivals = Arrivals::new(curve, bursts, key, burst).until(curve, u64::MAX);
        while arrivals.next < end {
            arrivals.advance(curve);
        }
        arrivals.request
    }

    #[test]
    fn as_many_arrive_as_the_rate_says() {
        // Poisson(400000) has a standard deviation of 632
        let arrived = count(&RateCurve::constant(400.0), None, 1_000_000_000_000);
        assert!(arrived.abs_diff(400_000) < 4 * 632, "{arrived}");
    }

    #[test]
    fn silence_between_segments_is_silent() {
        let second = 1_000_000_000;
        let curve = RateCurve::trace(
            vec![(1_000 * second, 10.0), (2_000 * second, 0.0), (3_000 * second, 10.0)],
            false,
        );
        let streams = Streams::new(Seed::DEFAULT);
        let (key, burst) = (streams.key(Purpose::Arrival), streams.key(Purpose::Burst));
        let mut arrivals = Arrivals::new(&curve, None, key, burst).until(&curve, u64::MAX);
        let mut seen = 0_u64;
        while arrivals.next < u64::MAX {
            let at = arrivals.next / second;
            assert!(!(1_000..2_000).contains(&at), "{at}");
            seen += 1;
            arrivals.advance(&curve);
        }
        assert!(seen.abs_diff(20_000) < 4 * 142, "{seen}");
    }

    #[test]
    fn bursts_raise_the_rate_for_their_share_of_the_time() {
        // on for 10 of 40 seconds at five times the rate: mean rate 20 * (0.75 + 0.25 * 5) = 40
        let burst = Burst {
            factor: Factor::clamped(5.0),
            every: Span::from_secs(30),
            length: Span::from_secs(10),
        };
        let arrived = count(&RateCurve::constant(20.0), Some(burst), 40_000_000_000_000);
        assert!((arrived as f64 / 1_600_000.0 - 1.0).abs() < 0.06, "{arrived}");
    }

    #[test]
    fn bursts_are_stationary_from_the_first_second_on() {
        // 2,000 trials of a minute: each in a burst for a third of the time, whatever the minute
        let burst = Burst {
            factor: Factor::clamped(3.0),
            every: Span::from_secs(3_600),
            length: Span::from_secs(1_800),
        };
        let in_burst = |seed: u64| {
            let streams = Streams::new(Seed::new(seed));
            let (key, bursts) = (streams.key(Purpose::Arrival), streams.key(Purpose::Burst));
            let curve = RateCurve::constant(20.0);
            Arrivals::new(&curve, Some(burst), key, bursts).bursts.unwrap().on
        };
        let share = (0..2_000).filter(|&it| in_burst(it)).count() as f64 / 2_000.0;
        // four standard errors of a binomial share are 0.042
        assert!((share - 1.0 / 3.0).abs() < 0.042, "{share}");
    }
}
