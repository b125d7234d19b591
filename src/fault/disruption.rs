//! What faults do to the world, and how several of them combine.

use crate::units::{Factor, Span};

/// What faults do, all channels together; the neutral value is [`Disruption::NONE`].
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each effect that is either on or off")]
pub struct Disruption {
    /// Chance that a request is answered with an error.
    pub error: f64,
    /// Chance that a request is answered wrongly while it counts as a success everywhere.
    pub wrong: f64,
    /// Service time as a multiple.
    pub service_factor: f64,
    /// Time added to the service, after the multiple.
    pub service_delay: Span,
    /// Chance that a request kills the instance that serves it.
    pub kill: f64,
    /// Bytes that a request leaves behind.
    pub leak_per_request: f64,
    /// Bytes an instance loses each second.
    pub leak_per_second: f64,
    /// The instance crashes at the onset.
    pub crash: bool,
    /// The instance neither answers nor dies while it lasts.
    pub hang: bool,
    /// Chance that a start ends in a crash.
    pub start_failure: f64,
    /// Start-up time as a multiple.
    pub start_factor: f64,
    /// The readiness probe says what the fault makes it say.
    pub readiness: Option<bool>,
    /// Every query waits.
    pub database_locked: bool,
    /// Query time as a multiple.
    pub database_factor: f64,
    /// At most one entry for each name, in the order of names. A call meets the entry of its
    /// dependency and the one without a name.
    pub dependencies: Vec<DependencyDisruption>,
    /// The balancer keeps endpoints that are gone.
    pub stale_endpoints: bool,
    /// What the balancer makes of the candidate's weight, as a multiple.
    pub weight_factor: f64,
    /// Scrapes are lost.
    pub scrapes_lost: bool,
}

/// What a fault does to calls of a dependency.
#[derive(Clone, Debug, PartialEq)]
pub struct DependencyDisruption {
    /// Which one; every one when none is named.
    pub name: Option<String>,
    /// Chance that a call fails.
    pub error: f64,
    /// Latency as a multiple.
    pub factor: f64,
}

impl Disruption {
    /// Nothing at all.
    pub const NONE: Self = Self {
        error: 0.0,
        wrong: 0.0,
        service_factor: 1.0,
        service_delay: Span::ZERO,
        kill: 0.0,
        leak_per_request: 0.0,
        leak_per_second: 0.0,
        crash: false,
        hang: false,
        start_failure: 0.0,
        start_factor: 1.0,
        readiness: None,
        database_locked: false,
        database_factor: 1.0,
        dependencies: Vec::new(),
        stale_endpoints: false,
        weight_factor: 1.0,
        scrapes_lost: false,
    };

    /// Adds what another fault does. Faults are independent: chances meet as `1 - (1 - a)(1 - b)`,
    /// factors multiply, delays and leaks add, and a probe that is made to fail fails. The order
    /// matters only to the last bits of the floats.
    pub fn combine(&mut self, other: &Self) {
        self.combine_all_but_calls(other);
        for theirs in &other.dependencies {
            self.combine_dependency(theirs);
        }
    }

    /// The same without what is done to calls of dependencies, which is asked call by call: no request
    /// needs a list.
    pub fn combine_all_but_calls(&mut self, other: &Self) {
        // each field by name, so that a new one has its rule here or does not compile
        let Self {
            error,
            wrong,
            service_factor,
            service_delay,
            kill,
            leak_per_request,
            leak_per_second,
            crash,
            hang,
            start_failure,
            start_factor,
            readiness,
            database_locked,
            database_factor,
            dependencies: _,
            stale_endpoints,
            weight_factor,
            scrapes_lost,
        } = other;
        self.error = either(self.error, *error);
        self.wrong = either(self.wrong, *wrong);
        self.service_factor *= service_factor;
        self.service_delay = self.service_delay.saturating_add(*service_delay);
        self.kill = either(self.kill, *kill);
        self.leak_per_request += leak_per_request;
        self.leak_per_second += leak_per_second;
        self.crash |= crash;
        self.hang |= hang;
        self.start_failure = either(self.start_failure, *start_failure);
        self.start_factor *= start_factor;
        self.readiness = match (self.readiness, *readiness) {
            (Some(mine), Some(theirs)) => Some(mine && theirs),
            (mine, theirs) => mine.or(theirs),
        };
        self.database_locked |= database_locked;
        self.database_factor *= database_factor;
        self.stale_endpoints |= stale_endpoints;
        self.weight_factor *= weight_factor;
        self.scrapes_lost |= scrapes_lost;
    }

    /// Whether any of what it does affects what all instances share.
    #[expect(clippy::float_cmp, reason = "one is the neutral value, set as such")]
    pub fn is_shared(&self) -> bool {
        // each field by name: of a new one it is said here whether all instances share it
        let Self {
            error: _,
            wrong: _,
            service_factor: _,
            service_delay: _,
            kill: _,
            leak_per_request: _,
            leak_per_second: _,
            crash: _,
            hang: _,
            start_failure: _,
            start_factor: _,
            readiness: _,
            dependencies: _,
            database_locked,
            database_factor,
            stale_endpoints,
            weight_factor,
            scrapes_lost,
        } = self;
        *database_locked
            || *database_factor != 1.0
            || *stale_endpoints
            || *weight_factor != 1.0
            || *scrapes_lost
    }

    fn combine_dependency(&mut self, theirs: &DependencyDisruption) {
        match self.dependencies.binary_search_by(|it| it.name.cmp(&theirs.name)) {
            Ok(place) => self.dependencies[place].combine(theirs),
            Err(place) => self.dependencies.insert(place, theirs.clone()),
        }
    }
}

impl DependencyDisruption {
    /// Nothing at all.
    pub const NONE: Self = Self { name: None, error: 0.0, factor: 1.0 };

    /// Whether it concerns calls of this dependency.
    pub fn concerns(&self, dependency: &str) -> bool {
        self.name.as_deref().is_none_or(|it| it == dependency)
    }

    /// Adds what another fault does to the same call, by the same rules; keeps its own name.
    pub fn combine(&mut self, other: &Self) {
        let Self { name: _, error, factor } = other;
        self.error = either(self.error, *error);
        self.factor *= factor;
    }
}

/// Chance that one or the other of two independent things happens. It leaves the other alone where one
/// is 0.
pub fn either(a: f64, b: f64) -> f64 {
    (a + b - a * b).min(1.0)
}

/// Grows from 1 at strength 0 to the factor at strength 1.
pub(super) fn grown(factor: Factor, strength: f64) -> f64 {
    1.0 + (factor.get() - 1.0) * strength
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything as one list of numbers, to compare with a tolerance.
    fn numbers(it: &Disruption) -> Vec<f64> {
        let mut numbers = vec![
            it.error,
            it.wrong,
            it.service_factor,
            it.service_delay.as_secs_f64(),
            it.kill,
            it.leak_per_request,
            it.leak_per_second,
            f64::from(it.crash),
            f64::from(it.hang),
            it.start_failure,
            it.start_factor,
            it.readiness.map_or(-1.0, f64::from),
            f64::from(it.database_locked),
            it.database_factor,
            f64::from(it.stale_endpoints),
            it.weight_factor,
            f64::from(it.scrapes_lost),
        ];
        numbers.extend(it.dependencies.iter().flat_map(|it| [it.error, it.factor]));
        numbers
    }

    fn assert_close(a: &Disruption, b: &Disruption) {
        let names = |it: &Disruption| -> Vec<Option<String>> {
            it.dependencies.iter().map(|it| it.name.clone()).collect()
        };
        assert_eq!(names(a), names(b));
        for (a, b) in numbers(a).into_iter().zip(numbers(b)) {
            assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{a} {b}");
        }
    }

    fn combined(all: &[&Disruption]) -> Disruption {
        let mut total = Disruption::NONE;
        for one in all {
            total.combine(one);
        }
        total
    }

    fn dependency(name: Option<&str>, error: f64, factor: f64) -> DependencyDisruption {
        DependencyDisruption { name: name.map(str::to_owned), error, factor }
    }

    #[test]
    fn every_channel_combines_by_its_own_rule() {
        let first = Disruption {
            error: 0.5,
            wrong: 0.2,
            service_factor: 3.0,
            service_delay: Span::from_millis(40),
            kill: 1.0,
            leak_per_request: 100.0,
            leak_per_second: 5.0,
            crash: true,
            start_failure: 0.25,
            start_factor: 2.0,
            readiness: Some(true),
            database_factor: 4.0,
            dependencies: vec![dependency(Some("mail"), 0.5, 2.0)],
            weight_factor: 0.5,
            ..Disruption::NONE
        };
        let second = Disruption {
            error: 0.5,
            wrong: 0.5,
            service_factor: 2.0,
            service_delay: Span::from_millis(60),
            kill: 0.3,
            leak_per_request: 20.0,
            leak_per_second: 1.0,
            hang: true,
            start_failure: 0.5,
            start_factor: 3.0,
            readiness: Some(false),
            database_locked: true,
            database_factor: 0.5,
            dependencies: vec![dependency(None, 0.1, 1.0), dependency(Some("mail"), 0.5, 3.0)],
            stale_endpoints: true,
            weight_factor: 3.0,
            scrapes_lost: true,
            ..Disruption::NONE
        };
        let expected = Disruption {
            error: 0.75,
            wrong: 0.6,
            service_factor: 6.0,
            service_delay: Span::from_millis(100),
            kill: 1.0,
            leak_per_request: 120.0,
            leak_per_second: 6.0,
            crash: true,
            hang: true,
            start_failure: 0.625,
            start_factor: 6.0,
            readiness: Some(false),
            database_locked: true,
            database_factor: 2.0,
            dependencies: vec![dependency(None, 0.1, 1.0), dependency(Some("mail"), 0.75, 6.0)],
            stale_endpoints: true,
            weight_factor: 1.5,
            scrapes_lost: true,
        };
        assert_close(&combined(&[&first, &second]), &expected);
        assert_close(&combined(&[&second, &first]), &expected);
    }

    fn any_dependencies() -> impl Strategy<Value = Vec<DependencyDisruption>> {
        let name = prop::sample::select(vec![None, Some("mail"), Some("search")]);
        let one = (name, 0.0..=1.0, 0.0..10.0).prop_map(|(name, e, f)| dependency(name, e, f));
        prop::collection::vec(one, 0..4)
    }

    prop_compose! {
        fn any_disruption()(
            (error, wrong, kill, start_failure) in (0.0..=1.0, 0.0..=1.0, 0.0..=1.0, 0.0..=1.0),
            (service, start, database, weight) in (0.0..10.0, 0.0..10.0, 0.0..10.0, 0.0..10.0),
            (millis, per_request, per_second) in (0_u64..100_000, 0.0..1e9, 0.0..1e9),
            (crash, hang, locked, stale, lost) in any::<(bool, bool, bool, bool, bool)>(),
            readiness in any::<Option<bool>>(),
            dependencies in any_dependencies(),
        ) -> Disruption {
            let base = Disruption {
                error,
                wrong,
                service_factor: service,
                service_delay: Span::from_millis(millis),
                kill,
                leak_per_request: per_request,
                leak_per_second: per_second,
                crash,
                hang,
                start_failure,
                start_factor: start,
                readiness,
                database_locked: locked,
                database_factor: database,
                dependencies: Vec::new(),
                stale_endpoints: stale,
                weight_factor: weight,
                scrapes_lost: lost,
            };
            dependencies.into_iter().fold(base, |mut sum, it| {
                sum.combine(&Disruption { dependencies: vec![it], ..Disruption::NONE });
                sum
            })
        }
    }

    proptest! {
        #[test]
        fn the_order_of_faults_does_not_matter(
            a in any_disruption(),
            b in any_disruption(),
            c in any_disruption(),
        ) {
            let forward = combined(&[&a, &b, &c]);
            assert_close(&forward, &combined(&[&c, &a, &b]));
            assert_close(&forward, &combined(&[&b, &c, &a]));
            for chance in [forward.error, forward.wrong, forward.kill, forward.start_failure] {
                prop_assert!((0.0..=1.0).contains(&chance));
            }
        }

        #[test]
        fn nothing_added_is_nothing_changed(a in any_disruption()) {
            prop_assert_eq!(&combined(&[&a]), &a);
            prop_assert_eq!(&combined(&[&a, &Disruption::NONE]), &a);
        }
    }
}
