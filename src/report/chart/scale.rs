//! Scales from values to pixels, and ticks at round values.

/// Where values lie on a line of pixels.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Scale {
    values: (f64, f64),
    pixels: (f64, f64),
    logarithmic: bool,
}

impl Scale {
    /// On a linear scale. The values must differ.
    pub(in crate::report) const fn linear(values: (f64, f64), pixels: (f64, f64)) -> Self {
        Self { values, pixels, logarithmic: false }
    }

    /// Equal steps for equal quotients. The values must differ and be above zero.
    pub(in crate::report) fn logarithmic(values: (f64, f64), pixels: (f64, f64)) -> Self {
        Self { values: (libm::log10(values.0), libm::log10(values.1)), pixels, logarithmic: true }
    }

    /// The pixels of both ends.
    pub(in crate::report) const fn pixels(self) -> (f64, f64) {
        self.pixels
    }

    /// The pixel of a value, clamped to the ends.
    pub(in crate::report) fn at(self, value: f64) -> f64 {
        let value = if self.logarithmic { libm::log10(value.max(1e-12)) } else { value };
        let part = (value - self.values.0) / (self.values.1 - self.values.0);
        self.pixels.0 + (self.pixels.1 - self.pixels.0) * part.clamp(0.0, 1.0)
    }
}

/// The smallest of 1, 2, 5, 10, 20 … times a power of ten that is no smaller.
fn round_step(least: f64) -> f64 {
    let power = libm::exp10(libm::floor(libm::log10(least)));
    let choice = [1.0, 2.0, 5.0, 10.0].into_iter().find(|it| it * power >= least * (1.0 - 1e-9));
    choice.unwrap_or(10.0) * power
}

/// Ticks from zero up to the first that is no smaller than the largest value: at most `count` steps.
pub(in crate::report) fn linear_ticks(largest: f64, count: u32) -> Vec<f64> {
    let step = round_step(largest / f64::from(count));
    let mut ticks = vec![0.0];
    let mut index = 1;
    while ticks[ticks.len() - 1] < largest * (1.0 - 1e-9) {
        ticks.push(step * f64::from(index));
        index += 1;
    }
    ticks
}

/// Ticks that enclose the values, zero among them where it lies between: about `count` steps. The
/// values must differ.
pub(in crate::report) fn ticks_around((least, largest): (f64, f64), count: u32) -> Vec<f64> {
    let step = round_step((largest - least) / f64::from(count));
    let first = libm::floor(least / step * (1.0 - 1e-9));
    let at = |index: u32| (first + f64::from(index)) * step;
    let mut ticks: Vec<f64> = vec![at(0)];
    for index in 1..=count + 2 {
        if ticks[ticks.len() - 1] < largest - 1e-9 * (largest - least) {
            ticks.push(at(index));
        }
    }
    ticks
}

/// The same for bytes, which people count in powers of two.
pub(in crate::report) fn byte_ticks(largest: f64, count: u32) -> Vec<f64> {
    let mut step = 1.0;
    while step * f64::from(count) < largest * (1.0 - 1e-9) {
        step *= 2.0;
    }
    let steps = (1..=count).map(f64::from).take_while(|it| (it - 1.0) * step < largest);
    std::iter::once(0.0).chain(steps.map(|it| it * step)).collect()
}

/// Ticks at 1, 2, 5 times powers of ten, or powers of ten alone where those are many, that enclose
/// the values.
pub(in crate::report) fn log_ticks((least, largest): (f64, f64)) -> Vec<f64> {
    let decades = libm::log10(largest / least);
    let factors: &[f64] = if decades > 2.2 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let mut ticks = Vec::new();
    let mut power = libm::exp10(libm::floor(libm::log10(least)));
    while ticks.last().is_none_or(|it| *it < largest) {
        ticks.extend(factors.iter().map(|it| it * power));
        power *= 10.0;
    }
    let first = ticks.iter().rposition(|it| *it <= least * (1.0 + 1e-9)).unwrap_or(0);
    let last = ticks.iter().position(|it| *it >= largest * (1.0 - 1e-9)).unwrap_or(ticks.len() - 1);
    ticks[first..=last].to_vec()
}

/// Steps of time that people count in, in seconds, up to four weeks.
const TIME_STEPS: [f64; 24] = [
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    900.0,
    1_800.0,
    3_600.0,
    7_200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    604_800.0,
    1_209_600.0,
    2_419_200.0,
    9_676_800.0,
    31_449_600.0,
];

/// The step of time for at most so many ticks over a length in seconds.
pub(in crate::report) fn time_step(seconds: f64, count: f64) -> f64 {
    let fits = |it: &&f64| seconds / **it <= count;
    TIME_STEPS.iter().find(fits).copied().unwrap_or(TIME_STEPS[TIME_STEPS.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(ticks: &[f64]) -> String {
        let texts: Vec<String> = ticks.iter().map(|it| format!("{it:.6}")).collect();
        let short = texts.iter().map(|it| it.trim_end_matches('0').trim_end_matches('.'));
        short.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_and_enclose_the_values() {
        assert_eq!(shown(&linear_ticks(0.013, 4)), "0 0.005 0.01 0.015");
        assert_eq!(shown(&linear_ticks(20.0, 4)), "0 5 10 15 20");
        assert_eq!(shown(&log_ticks((0.03, 1.4))), "0.02 0.05 0.1 0.2 0.5 1 2");
        assert_eq!(shown(&log_ticks((0.003, 14.0))), "0.001 0.01 0.1 1 10 100");
    }

    #[test]
    fn steps_of_time_are_those_of_clocks_and_calendars() {
        assert_eq!(shown(&[time_step(5_400.0, 10.0), time_step(1_209_600.0, 10.0)]), "600 172800");
    }

    #[test]
    fn values_outside_a_scale_stay_at_its_ends() {
        let scale = Scale::logarithmic((0.01, 1.0), (100.0, 0.0));
        assert_eq!(shown(&[scale.at(0.1), scale.at(5.0), scale.at(0.0)]), "50 0 100");
    }
}
