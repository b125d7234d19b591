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
    /// Length after which the curve begins again; none when it ends in silence.
    period: Option<u64>,
    /// Where in the curve the trial begins.
    offset: u64,
    spikes: Vec<Spike>,
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
        Self {
            segments: vec![(u64::MAX, rate)],
            period: None,
            offset: 0,
            spikes: Vec::new(),
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
        Self { segments, period: Some(DAY), offset, ..Self::constant(0.0) }
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
        Self { segments, period: Some(WEEK), offset, burstiness, ..Self::constant(0.0) }
    }

    /// A recorded trace: end of each segment since its start, and its rate per second.
    pub fn trace(segments: Vec<(u64, f64)>, repeat: bool) -> Self {
        let period = if repeat { segments.last().map(|&(end, _)| end) } else { None };
        Self { segments, period, ..Self::constant(0.0) }
    }

    #[must_use]
    pub fn with_spikes(mut self, spikes: &[Spike]) -> Self {
        self.spikes = spikes.to_vec();
        self
    }

    /// The stretch of constant rate that holds at a moment of the trial.
    pub fn stretch(&self, now: u64) -> Stretch {
        let mut stretch = self.base(now);
        for spike in &self.spikes {
            let (from, until) = (spike.at.nanos(), spike.at.saturating_add(spike.length).nanos());
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
        let (mut now, mut peak) = (0, 0.0_f64);
        while now < end.nanos() {
            let stretch = self.base(now);
            peak = peak.max(stretch.rate);
            now = stretch.until;
        }
        peak
    }

    /// Expected arrivals from the start of the trial until `end`.
    pub fn expected(&self, end: Span) -> f64 {
        let (mut now, mut total) = (0, 0.0);
        while now < end.nanos() {
            let stretch = self.stretch(now);
            let until = stretch.until.min(end.nanos());
            total += stretch.rate * (until - now) as f64 / 1e9;
            now = until;
        }
        total
    }
}

/// Shape of the gamma distribution with mean 1 and this coefficient of variation.
pub fn gamma_shape(coefficient_of_variation: f64) -> f64 {
    pow(coefficient_of_variation, -2.0)
}

#[cfg(test)]
mod tests {
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
}
