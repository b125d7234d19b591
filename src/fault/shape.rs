//! The shape of a fault over time: ramp, duration, repetition.

use super::FaultSpec;
use crate::units::Span;

impl FaultSpec {
    /// Strength this long after the onset, from 0 to 1. Above 0 exactly while the fault is on: from
    /// its onset until before its end, and again in each repetition. A ramp therefore begins at the
    /// smallest positive number, so that effects that are either on or off act at once.
    pub fn strength(&self, since_onset: Span) -> f64 {
        let position = self.position(since_onset);
        if self.lasts.is_some_and(|lasts| position >= lasts) {
            return 0.0;
        }
        if position >= self.ramp {
            return 1.0;
        }
        (position.nanos() as f64 / self.ramp.nanos() as f64).max(f64::MIN_POSITIVE)
    }

    /// Seconds at full strength that come to as much as what the fault did in this long after its
    /// onset: its strength, integrated.
    pub fn exposure(&self, since_onset: Span) -> f64 {
        let ramp = self.ramp.as_secs_f64();
        let of_one = |position: Span| {
            let on = self.lasts.map_or(position, |lasts| position.min(lasts)).as_secs_f64();
            if on < ramp { on * on / (2.0 * ramp) } else { on - 0.5 * ramp }
        };
        let repeat = self.lasts.and(self.repeat).unwrap_or(Span::ZERO);
        match since_onset.nanos().checked_div(repeat.nanos()) {
            Some(times) => times as f64 * of_one(repeat) + of_one(self.position(since_onset)),
            None => of_one(since_onset),
        }
    }

    /// When the fault next goes off or on again, as time since its onset and later than
    /// `since_onset`; none when it stays as it is. A ramp changes nothing here.
    pub fn next_change(&self, since_onset: Span) -> Option<Span> {
        let lasts = self.lasts.filter(|lasts| !lasts.is_zero())?;
        let repeat = self.repeat.filter(|repeat| !repeat.is_zero());
        if repeat.is_some_and(|repeat| repeat <= lasts) {
            return None;
        }
        let position = self.position(since_onset);
        let begin = since_onset.saturating_sub(position);
        if position < lasts {
            Some(begin.saturating_add(lasts))
        } else {
            repeat.map(|repeat| begin.saturating_add(repeat))
        }
    }

    /// Time since the onset or the last repetition.
    fn position(&self, since_onset: Span) -> Span {
        let repeat = self.lasts.and(self.repeat).unwrap_or(Span::ZERO);
        let position = since_onset.nanos().checked_rem(repeat.nanos());
        position.map_or(since_onset, Span::from_nanos)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fault::Crash;

    fn shaped(ramp: u64, lasts: Option<u64>, repeat: Option<u64>) -> FaultSpec {
        FaultSpec {
            ramp: Span::from_secs(ramp),
            lasts: lasts.map(Span::from_secs),
            repeat: repeat.map(Span::from_secs),
            ..FaultSpec::of(Crash {})
        }
    }

    fn check_strength(fault: &FaultSpec, expected: &[(u64, f64)]) {
        for &(second, strength) in expected {
            let got = fault.strength(Span::from_secs(second));
            assert!((got - strength).abs() < 1e-15, "{second} s: {got}, not {strength}");
        }
    }

    #[test]
    fn a_fault_without_a_shape_is_there_for_good() {
        check_strength(&shaped(0, None, None), &[(0, 1.0), (1, 1.0), (1_000_000, 1.0)]);
    }

    #[test]
    fn a_ramp_grows_in_a_straight_line() {
        let fault = shaped(10, None, None);
        check_strength(&fault, &[(0, 0.0), (1, 0.1), (5, 0.5), (10, 1.0), (99, 1.0)]);
    }

    #[test]
    fn a_ramp_longer_than_the_fault_never_reaches_full_strength() {
        check_strength(&shaped(10, Some(4), None), &[(3, 0.3), (4, 0.0), (10, 0.0)]);
    }

    #[test]
    fn a_fault_ends_when_it_has_lasted_its_time_and_comes_again() {
        let fault = shaped(2, Some(5), Some(20));
        let first = [(0, 0.0), (1, 0.5), (2, 1.0), (4, 1.0), (5, 0.0), (19, 0.0)];
        check_strength(&fault, &first);
        check_strength(&fault, &first.map(|(second, strength)| (second + 60, strength)));
    }

    #[test]
    fn a_ramp_has_begun_at_the_onset() {
        assert!(shaped(10, None, None).strength(Span::ZERO) > 0.0);
    }

    #[test]
    fn the_next_change_is_the_end_or_the_next_repetition() {
        let check = |fault: FaultSpec, expected: &[(u64, Option<u64>)]| {
            for &(second, change) in expected {
                let got = fault.next_change(Span::from_secs(second));
                assert_eq!(got, change.map(Span::from_secs), "{second} s");
            }
        };
        check(shaped(10, None, None), &[(0, None), (50, None)]);
        check(shaped(10, None, Some(5)), &[(0, None), (50, None)]);
        check(shaped(0, Some(5), None), &[(0, Some(5)), (4, Some(5)), (5, None)]);
        check(
            shaped(3, Some(5), Some(20)),
            &[(0, Some(5)), (5, Some(20)), (19, Some(20)), (20, Some(25)), (67, Some(80))],
        );
        check(shaped(0, Some(5), Some(5)), &[(0, None), (7, None)]);
        check(shaped(0, Some(0), Some(5)), &[(0, None), (7, None)]);
    }

    #[test]
    fn exposure_is_the_area_under_the_strength() {
        let check = |fault: FaultSpec, expected: &[(u64, f64)]| {
            for &(second, area) in expected {
                let got = fault.exposure(Span::from_secs(second));
                assert!((got - area).abs() < 1e-9, "{second} s: {got}, not {area}");
            }
        };
        check(shaped(0, None, None), &[(0, 0.0), (7, 7.0)]);
        check(shaped(10, None, None), &[(5, 1.25), (10, 5.0), (30, 25.0)]);
        check(shaped(0, Some(5), None), &[(3, 3.0), (5, 5.0), (50, 5.0)]);
        check(shaped(10, Some(4), None), &[(4, 0.8), (9, 0.8)]);
        check(shaped(2, Some(5), Some(20)), &[(5, 4.0), (20, 4.0), (22, 5.0), (100, 20.0)]);
    }

    proptest! {
        #[test]
        fn strength_stays_within_its_range_and_changes_only_when_said(
            ramp in 0_u64..50,
            lasts in prop::option::of(0_u64..40),
            repeat in prop::option::of(0_u64..80),
            second in 0_u64..500,
        ) {
            let fault = shaped(ramp, lasts, repeat);
            let now = Span::from_secs(second);
            let on = |at: Span| {
                let strength = fault.strength(at);
                assert!((0.0..=1.0).contains(&strength), "{strength}");
                strength > 0.0
            };
            let before = on(now);
            let change = fault.next_change(now);
            let until = change.map_or(second + 200, |it| it.nanos() / 1_000_000_000);
            prop_assert!(until > second);
            prop_assert!((second..until).all(|it| on(Span::from_secs(it)) == before));
            if let Some(change) = change {
                prop_assert!(on(change) != before);
            }
        }
    }
}
