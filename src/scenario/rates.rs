//! The rate of arrivals over time, as a piecewise constant curve.

use crate::{
    kernel::math::pow,
    model::{DailyWave, Profile, Spike},
    units::{HourOfWeek, Span},
};

const MINUTE: u64 = 60_000_000_000;
const WEEK: u64 = HourOfWeek::MINUTES_PER_WEEK as u64 * MINUTE;
const DAY: u64 = HourOfWeek::MINUTES_PER_DAY as u64 * MINUTE;

/// A piecewise constant curve of rates, perhaps periodic, with planned spikes on top.
#[derive(Clone, Debug, PartialEq)]
pub struct RateCurve {
    /// End of each segment in nanoseconds of the curve's own time, and its rate per second.
    segments: Vec<(u64, f64)>,
    /// Expected arrivals from the start of the curve's own time until the end of each segment.
    arrived: Vec<f64>,
    /// Length after which the curve begins again; none when it ends in silence.
    period: Option<u64>,
    /// Where in the curve the trial begins.
    offset: u64,
    spikes: Vec<Spike>,
    /// Where in the trial other spikes begin to hold, and the product of their factors; the first is at its start.
    pieces: Vec<(u64, f64)>,
    burstiness: f64,
}

/// A stretch of constant rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Arrivals per second.
    pub rate: f64,
    /// Nanoseconds since the start of the trial at which it ends; `u64::MAX` is never.
    pub until: u64,
}

impl RateCurve {
    /// Coefficient of variation of gamma-distributed noise on five-minute windows; 0 is none.
    pub const fn burstiness(&self) -> f64 {
        self.burstiness
    }

    pub fn constant(rate: f64) -> Self {
        Self::of(vec![(u64::MAX, rate)])
    }

    fn of(segments: Vec<(u64, f64)>) -> Self {
        let (mut from, mut total) = (0, 0.0);
        let arrived = segments.iter().map(|&(end, rate)| {
            total += rate * (end - from) as f64 / 1e9;
            from = end;
            total
        });
        let arrived = arrived.collect();
        let pieces = vec![(0, 1.0)];
        Self {
            segments,
            arrived,
            period: None,
            offset: 0,
            spikes: Vec::new(),
            pieces,
            burstiness: 0.0,
        }
    }

    /// A cosine wave in steps of one minute.
    pub fn daily_wave(mean: f64, wave: DailyWave, clock: HourOfWeek) -> Self {
        let peak = f64::from(wave.peak.minute_of_day());
        let per_day = f64::from(HourOfWeek::MINUTES_PER_DAY);
        let segments = (0..HourOfWeek::MINUTES_PER_DAY)
            .map(|minute| {
                let turn = (f64::from(minute) + 0.5 - peak) / per_day;
                let height = libm::cos(turn * std::f64::consts::TAU);
                let rate = mean * (1.0 + wave.swing.get() * height);
                (u64::from(minute + 1) * MINUTE, rate)
            })
            .collect();
        let offset = u64::from(clock.minute_of_day()) * MINUTE;
        Self { period: Some(DAY), offset, ..Self::of(segments) }
    }

    /// Weights by hour and day, scaled so that the mean over a week is `mean`.
    pub fn profile(mean: f64, profile: &Profile, clock: HourOfWeek) -> Self {
        let hours: Vec<f64> = profile.hours.iter().map(|it| it.get()).collect();
        let mut days: Vec<f64> = profile.days.iter().map(|it| it.get()).collect();
        days.resize(7, 1.0);
        let total = hours.iter().sum::<f64>() * days.iter().sum::<f64>();
        let scale = if total > 0.0 { mean * 168.0 / total } else { 0.0 };
        let mut segments = Vec::with_capacity(168);
        let mut end = 0;
        for day in &days {
            for hour in &hours {
                end += 60 * MINUTE;
                segments.push((end, scale * day * hour));
            }
        }
        let offset = clock.since_monday().nanos();
        let burstiness = profile.burstiness.get();
        Self { period: Some(WEEK), offset, burstiness, ..Self::of(segments) }
    }

    /// A recorded trace: end of each segment since its start, and its rate per second.
    pub fn trace(segments: Vec<(u64, f64)>, repeat: bool) -> Self {
        let period = if repeat { segments.last().map(|&(end, _)| end) } else { None };
        Self { period, ..Self::of(segments) }
    }

    #[must_use]
    pub fn with_spikes(mut self, spikes: &[Spike]) -> Self {
        self.spikes = spikes.to_vec();
        let mut cuts: Vec<u64> = spikes.iter().flat_map(|it| bounds(it).into_iter()).collect();
        cuts.push(0);
        cuts.sort_unstable();
        cuts.dedup();
        let factor = |at: u64| {
            let hold = spikes.iter().filter(|it| (bounds(it)[0]..bounds(it)[1]).contains(&at));
            hold.fold(1.0, |product, it| product * it.factor.get())
        };
        self.pieces = cuts.into_iter().map(|at| (at, factor(at))).collect();
        self
    }

    /// The stretch of constant rate that holds at a moment of the trial.
    pub fn stretch(&self, now: u64) -> Stretch {
        let mut stretch = self.base(now);
        for spike in &self.spikes {
            let [from, until] = bounds(spike);
            if now < from {
                stretch.until = stretch.until.min(from);
            } else if now < until {
                stretch.rate *= spike.factor.get();
                stretch.until = stretch.until.min(until);
            }
        }
        if self.burstiness > 0.0 {
            stretch.until = stretch.until.min((now / Self::WINDOW + 1) * Self::WINDOW);
        }
        stretch
    }

    /// Length of the windows that burstiness is about: five minutes, as monitoring keeps them.
    pub const WINDOW: u64 = 5 * MINUTE;

    fn base(&self, now: u64) -> Stretch {
        let silence = Stretch { rate: 0.0, until: u64::MAX };
        let own = self.offset.saturating_add(now);
        let (round, within) = match self.period {
            Some(0) => return silence,
            Some(period) => (own / period * period, own % period),
            None => (0, own),
        };
        let index = self.segments.partition_point(|&(end, _)| end <= within);
        match self.segments.get(index) {
            Some(&(end, rate)) => {
                let until = round.saturating_add(end).saturating_sub(self.offset);
                Stretch { rate, until: if end == u64::MAX { u64::MAX } else { until } }
            }
            None => silence,
        }
    }

    /// The largest rate of the curve until `end`, its spikes left out.
    pub fn peak(&self, end: Span) -> f64 {
        // a period begins anywhere and has every rate of the curve
        let end = self.period.map_or(end.nanos(), |period| end.nanos().min(period));
        let (mut now, mut peak) = (0, 0.0_f64);
        while now < end {
            let stretch = self.base(now);
            peak = peak.max(stretch.rate);
            now = stretch.until;
        }
        peak
    }

    /// The largest factor that spikes come to until `end`.
    pub fn highest_spike(&self, end: Span) -> f64 {
        let before = self.pieces.iter().filter(|it| it.0 < end.nanos());
        before.fold(1.0, |highest, it| it.1.max(highest))
    }

    /// Expected arrivals from the start of the trial until `end`.
    pub fn expected(&self, end: Span) -> f64 {
        let end = end.nanos();
        let mut total = 0.0;
        for (index, &(from, factor)) in self.pieces.iter().enumerate() {
            let next = self.pieces.get(index + 1).map_or(u64::MAX, |it| it.0);
            if from < end {
                total += self.between(from, next.min(end), factor);
            }
        }
        total
    }

    /// The same without its spikes.
    pub fn expected_without_spikes(&self, end: Span) -> f64 {
        self.between(0, end.nanos(), 1.0)
    }

    /// Expected arrivals between two moments of the trial, at so many times the rate.
    fn between(&self, from: u64, until: u64, factor: f64) -> f64 {
        let stretch = self.base(from);
        if until <= stretch.until {
            return stretch.rate * factor * (until - from) as f64 / 1e9;
        }
        factor * (self.arrived_by(until) - self.arrived_by(from))
    }

    /// Expected arrivals from the start of the curve's own time until a moment of the trial, its spikes left out.
    fn arrived_by(&self, now: u64) -> f64 {
        let own = self.offset.saturating_add(now);
        let all = self.arrived.last().copied().unwrap_or(0.0);
        match self.period {
            Some(0) => 0.0,
            Some(period) => (own / period) as f64 * all + self.arrived_within(own % period),
            None => self.arrived_within(own),
        }
    }

    fn arrived_within(&self, own: u64) -> f64 {
        let index = self.segments.partition_point(|&(end, _)| end <= own);
        let before = index.checked_sub(1);
        let (from, arrived) = before.map_or((0, 0.0), |it| (self.segments[it].0, self.arrived[it]));
        let rate = self.segments.get(index).map_or(0.0, |it| it.1);
        arrived + rate * (own - from) as f64 / 1e9
    }

    /// About how many stretches of constant rate there are until `end`: who walks along the curve takes each up.
    pub fn stretches(&self, end: Span) -> f64 {
        let end = end.nanos() as f64;
        let segments = self.segments.len() as f64;
        let own = match self.period {
            Some(period) => segments * (end / period.max(1) as f64),
            None => segments,
        };
        let windows = if self.burstiness > 0.0 { end / Self::WINDOW as f64 } else { 0.0 };
        own + windows + self.pieces.len() as f64
    }

    /// The index of the last spike with which the rate is no number any more, where there is one.
    pub(super) fn overflowing_spike(&self) -> Option<usize> {
        let highest = self.segments.iter().fold(0.0_f64, |highest, it| highest.max(it.1));
        let piece = self.pieces.iter().find(|it| !(it.1 * highest * ARRIVALS_OF).is_finite())?;
        self.spikes.iter().rposition(|it| (bounds(it)[0]..bounds(it)[1]).contains(&piece.0))
    }

    /// Whether every rate without its spikes, and what arrives at it, is a number.
    pub(super) fn is_finite(&self) -> bool {
        let finite = |it: &(u64, f64)| (it.1 * ARRIVALS_OF).is_finite();
        self.segments.iter().all(finite) && self.arrived.iter().all(|it| it.is_finite())
    }
}

/// Seconds for which a rate must give a number of arrivals: more than a trial can have.
const ARRIVALS_OF: f64 = 1e10;

/// Where in the trial a spike begins and where it ends.
const fn bounds(spike: &Spike) -> [u64; 2] {
    [spike.at.nanos(), spike.at.saturating_add(spike.length).nanos()]
}

/// Shape of the gamma distribution with mean 1 and this coefficient of variation.
pub fn gamma_shape(coefficient_of_variation: f64) -> f64 {
    pow(coefficient_of_variation, -2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::units::{Factor, Ratio};

    #[test]
    fn the_wave_has_its_mean_over_a_day_and_its_peak_at_the_peak() {
        let wave = DailyWave { peak: "20:00".parse().unwrap(), swing: Ratio::clamped(0.6) };
        let curve = RateCurve::daily_wave(10.0, wave, "Mon 00:00".parse().unwrap());
        let day = curve.expected(Span::from_secs(86_400));
        assert!((day - 864_000.0).abs() < 1.0, "{day}");
        assert!((curve.stretch(20 * 60 * MINUTE).rate - 16.0).abs() < 1e-3);
        assert!((curve.stretch(8 * 60 * MINUTE).rate - 4.0).abs() < 1e-3);
        assert!((curve.peak(Span::from_secs(86_400)) - 16.0).abs() < 1e-3);
        // from midnight until 8:00, the wave falls
        let midnight = curve.stretch(0).rate;
        assert!((curve.peak(Span::from_secs(8 * 3_600)) - midnight).abs() < 1e-9);
    }

    #[test]
    fn the_curve_begins_where_the_clock_stands() {
        let mut hours = vec![Factor::clamped(0.0); 24];
        hours[9] = Factor::clamped(1.0);
        let profile = Profile { hours, days: Vec::new(), burstiness: Factor::clamped(0.0) };
        let curve = RateCurve::profile(1.0, &profile, "Tue 09:30".parse().unwrap());
        assert_eq!(curve.stretch(0).until, 30 * MINUTE);
        assert!((curve.stretch(0).rate - 24.0).abs() < 1e-9);
        assert!(curve.stretch(30 * MINUTE).rate < 1e-12);
    }

    #[test]
    fn a_trace_that_does_not_repeat_ends_in_silence() {
        let curve = RateCurve::trace(vec![(10, 1.0), (20, 2.0)], false);
        assert_eq!(curve.stretch(15), Stretch { rate: 2.0, until: 20 });
        assert_eq!(curve.stretch(20), Stretch { rate: 0.0, until: u64::MAX });
        let again = RateCurve::trace(vec![(10, 1.0), (20, 2.0)], true);
        assert_eq!(again.stretch(45), Stretch { rate: 1.0, until: 50 });
    }

    #[test]
    fn spikes_multiply_the_rate_while_they_last() {
        let spike = Spike {
            at: Span::from_nanos(100),
            length: Span::from_nanos(50),
            factor: Factor::clamped(3.0),
        };
        let curve = RateCurve::constant(2.0).with_spikes(&[spike]);
        assert_eq!(curve.stretch(0), Stretch { rate: 2.0, until: 100 });
        assert_eq!(curve.stretch(120), Stretch { rate: 6.0, until: 150 });
        assert_eq!(curve.stretch(150), Stretch { rate: 2.0, until: u64::MAX });
    }

    /// Expected arrivals and the largest rate, stretch by stretch.
    fn walked(curve: &RateCurve, end: u64) -> (f64, f64) {
        let (mut now, mut total, mut peak) = (0, 0.0, 0.0_f64);
        while now < end {
            let stretch = curve.stretch(now);
            let until = stretch.until.min(end);
            total += stretch.rate * (until - now) as f64 / 1e9;
            peak = peak.max(curve.base(now).rate);
            now = until;
        }
        (total, peak)
    }

    fn any_curve() -> impl Strategy<Value = RateCurve> {
        let rows = prop::collection::vec((0..2_000_u64, 0.0..1e4), 1..12);
        let spikes = prop::collection::vec((0..60_000_u64, 0..20_000_u64, 0.0..50.0), 0..8);
        let noisy = prop::bool::weighted(0.2);
        (rows, spikes, prop::bool::ANY, 0..5_000_u64, noisy).prop_map(
            |(rows, spikes, repeat, offset, noisy)| {
                let mut end = 0;
                let segments = rows.into_iter().map(|(length, rate)| {
                    end += length * 1_000_000;
                    (end, f64::max(rate - 1e3, 0.0))
                });
                let spikes = spikes.into_iter().map(|(at, length, factor)| Spike {
                    at: Span::from_millis(at),
                    length: Span::from_millis(length),
                    factor: Factor::clamped(factor - 5.0),
                });
                let curve = RateCurve::trace(segments.collect(), repeat);
                let burstiness = if noisy { 1.0 } else { 0.0 };
                let offset = offset * 1_000_000;
                let spikes: Vec<Spike> = spikes.collect();
                RateCurve { offset, burstiness, ..curve.with_spikes(&spikes) }
            },
        )
    }

    proptest! {
        #[test]
        fn arrivals_are_those_of_a_walk_along_the_curve(
            curve in any_curve(),
            end in 1..90_000_000_000_u64,
        ) {
            let (arrivals, peak) = walked(&curve, end);
            let expected = curve.expected(Span::from_nanos(end));
            prop_assert!((expected - arrivals).abs() <= 1e-9 * arrivals.max(1.0), "{expected} {arrivals}");
            prop_assert_eq!(curve.peak(Span::from_nanos(end)).to_bits(), peak.to_bits());
        }
    }

    #[test]
    fn a_trace_of_nanoseconds_that_repeats_costs_no_walk() {
        let rows = vec![(1, 1e9), (2, 3e9), (3, 5e9)];
        let curve = RateCurve::trace(rows, true);
        let year = Span::from_secs(365 * 86_400);
        assert!((curve.expected(year) / (3e9 * year.as_secs_f64()) - 1.0).abs() < 1e-12);
        assert!((curve.peak(year) - 5e9).abs() < 1e-3);
        assert!((curve.stretches(year) / (1e9 * year.as_secs_f64()) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_spike_with_which_a_rate_is_no_number_is_named() {
        let spike = |at: u64| Spike {
            at: Span::from_secs(at),
            length: Span::from_secs(10),
            factor: Factor::clamped(1e6),
        };
        let spikes: Vec<Spike> = (0..60).map(|it| spike(it / 50 * 20)).collect();
        let curve = RateCurve::constant(5.0).with_spikes(&spikes);
        assert_eq!(curve.overflowing_spike(), Some(49));
        assert_eq!(RateCurve::constant(5.0).with_spikes(&spikes[..40]).overflowing_spike(), None);
        assert!(curve.is_finite());
        assert!(!RateCurve::trace(vec![(1, f64::INFINITY)], true).is_finite());
    }
}
