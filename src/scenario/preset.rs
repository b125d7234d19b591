//! The mixes of releases that come with rollsim, in the language of `releases.classes` and fitted to
//! the bot of the scenario.
//!
//! How often a release is bad comes from surveys ([`Preset`]). What is wrong with a bad one, and how
//! much of it, is judgement guided by published post-mortems, not data: at Google 70 % of the outages
//! came from changes (SRE Workbook, appendix C); at Microsoft Teams the causes of 152 incidents were
//! code 27 %, dependencies 16 %, infrastructure 16 %, deployment 13 %, configuration 13 % (Ghosh et al.,
//! `SoCC` 2022); of 123 upgrade failures 67 % were catastrophic, most from data that two versions
//! disagreed on (Zhang et al., SOSP 2021). So the split is printed as an assumption and open to change.

use std::collections::BTreeMap;

use super::{LotterySpec, Preset, ReleaseClassSpec, Scenario};
use crate::{
    fault::{
        Crash, EffectSpec, Errors, FaultSpec, Latency, Leak, SeveritySpec, StartupFailure,
        TriggerSpec,
    },
    model::{MigrationEnd, MigrationSpec, ScopeSpec},
    units::{Bytes, Factor, Ratio, Span},
};

/// Classes by name with their chances, and the assumptions.
#[derive(Debug, Default)]
pub(super) struct Mix {
    pub(super) classes: BTreeMap<String, (f64, ReleaseClassSpec)>,
    pub(super) assumptions: Vec<String>,
}

/// Smallest rate of errors that a bot is taken to have, for "so many times the errors of a normal day".
const BASE_ERRORS_MIN: f64 = 0.001;
/// Largest amount of memory that a scenario may name.
const BYTES_MAX: u64 = 1 << 50;

const SOURCES: &str = "The split of bad releases into classes and the severities are rollsim's judgement, \
                       guided by published post-mortems (SRE Workbook, appendix C; Ghosh et al., SoCC \
                       2022; Zhang et al., SOSP 2021), not data; severities are log-uniform in their \
                       ranges.";

/// A preset fitted to a bot. Parts of the bad releases that cannot happen to it go to the others.
pub(super) fn mix(scenario: &Scenario, spec: &LotterySpec, preset: Preset) -> Mix {
    let feature = spec.behind_flag && scenario.any_flag();
    let candidates = [
        ("crash loop", 0.10, Some(crash_loop())),
        ("does not start", 0.10, Some(does_not_start())),
        ("hard errors", 0.20, Some(hard_errors(feature))),
        ("subtle errors", 0.20, Some(subtle_errors(scenario, feature))),
        ("slow answers", 0.15, Some(slow_answers(feature))),
        ("errors in one part", 0.10, Some(errors_in_one_part(scenario, feature))),
        ("slow leak", 0.07, slow_leak(scenario)),
        ("bad migration", 0.05 * 2.0 / 3.0, bad_migration(scenario)),
        ("mixed versions", 0.05 / 3.0, mixed_versions(scenario)),
        ("breaks under load", 0.03, Some(breaks_under_load())),
    ];
    let possible: f64 = candidates.iter().filter(|it| it.2.is_some()).map(|it| it.1).sum();
    let bad = bad(preset);
    let classes = candidates.into_iter().filter_map(|(name, share, made)| {
        let (defects, migration) = made?;
        let class = ReleaseClassSpec { chance: Ratio::ZERO, defects, migration };
        Some((name.to_owned(), (bad * share / possible, class)))
    });
    Mix { classes: classes.collect(), assumptions: assumptions(scenario, spec, preset) }
}

const fn bad(preset: Preset) -> f64 {
    match preset {
        Preset::Elite => 0.05,
        Preset::Typical => 0.10,
        Preset::Struggling => 0.20,
    }
}

/// What is wrong with a release, and its migration where it has its own.
type Made = (Vec<FaultSpec>, Option<MigrationSpec>);

fn fault(name: &str, effect: impl Into<EffectSpec>) -> FaultSpec {
    FaultSpec { name: Some(name.to_owned()), ..FaultSpec::of(effect) }
}

/// A defect of code, in the feature behind the flag where there is one.
fn code(
    name: &str,
    effect: impl Into<EffectSpec>,
    (from, to): (f64, f64),
    feature: bool,
) -> FaultSpec {
    let scope = ScopeSpec { feature, ..ScopeSpec::default() };
    let severity = Some(severity(from, to));
    FaultSpec { when: late_onset(), scope, severity, ..fault(name, effect) }
}

fn severity(from: f64, to: f64) -> SeveritySpec {
    let (from, to) = (Ratio::clamped(from), Ratio::clamped(to));
    if from < to { SeveritySpec::LogUniform { from, to } } else { SeveritySpec::Is(to) }
}

fn errors(rate: f64) -> Errors {
    Errors { rate: Ratio::clamped(rate) }
}

/// Log-uniform from 3 ms to 12 h: 60 % show in the first minute of an instance, 25 % within its first
/// hour, 15 % later. That is `ln(60 s / 3 ms)`, `ln(1 h / 1 min)` and `ln(12 h / 1 h)` over
/// `ln(12 h / 3 ms)`.
fn late_onset() -> TriggerSpec {
    TriggerSpec::AgeBetween { from: Span::from_millis(3), to: Span::from_secs(12 * 3_600) }
}

/// Half of the crashes: each instance starts, serves for a while and crashes, again and again.
fn crash_loop() -> Made {
    let when = TriggerSpec::AgeBetween { from: Span::from_secs(5), to: Span::from_secs(600) };
    (vec![FaultSpec { when, ..fault("crash loop", Crash {}) }], None)
}

/// The other half: it never starts.
fn does_not_start() -> Made {
    (vec![fault("does not start", StartupFailure { rate: Ratio::ONE })], None)
}

fn hard_errors(feature: bool) -> Made {
    (vec![code("hard errors", errors(1.0), (0.05, 1.0), feature)], None)
}

/// 1.3 to 5 times the errors of a normal day: 0.3 to 4 times come on top.
fn subtle_errors(scenario: &Scenario, feature: bool) -> Made {
    let base = scenario.fleet.errors.get().max(BASE_ERRORS_MIN);
    (vec![code("subtle errors", errors(4.0 * base), (0.3 / 4.0, 1.0), feature)], None)
}

/// 1.2 to 3 times the service time: 0.2 to 2 times come on top.
fn slow_answers(feature: bool) -> Made {
    let effect = Latency { factor: Factor::clamped(3.0), delay: Span::ZERO };
    (vec![code("slow answers", effect, (0.1, 1.0), feature)], None)
}

/// Errors on 1 to 10 % of the traffic, all in one operation, one group of users or one zone where
/// the bot has any: of a part with the mean share, as much fails as makes that.
fn errors_in_one_part(scenario: &Scenario, feature: bool) -> Made {
    let parts = parts(scenario);
    let mean = parts.iter().map(|it| it.0).sum::<f64>() / parts.len() as f64;
    let range = if parts.is_empty() { (0.01, 0.1) } else { (0.01 / mean, 0.1 / mean) };
    let mut defect = code("errors in one part", errors(1.0), range, feature);
    if !parts.is_empty() {
        let in_part = |(_, scope): (f64, ScopeSpec)| ScopeSpec { feature, ..scope };
        defect.scope_one_of = parts.into_iter().map(in_part).collect();
        defect.scope = ScopeSpec::default();
    }
    (vec![defect], None)
}

/// What the bot has parts of, with their shares of the traffic.
fn parts(scenario: &Scenario) -> Vec<(f64, ScopeSpec)> {
    let mut parts = Vec::new();
    for (name, operation) in &scenario.operations {
        let scope = ScopeSpec { operation: Some(name.clone()), ..ScopeSpec::default() };
        parts.push((operation.share.get(), scope));
    }
    for (attribute, values) in &scenario.users.attributes {
        for (value, share) in values {
            let users = [(attribute.clone(), value.clone())].into();
            parts.push((share.get(), ScopeSpec { users, ..ScopeSpec::default() }));
        }
    }
    let zones = &scenario.fleet.zones;
    for zone in zones {
        let scope = ScopeSpec { zone: Some(zone.clone()), ..ScopeSpec::default() };
        parts.push((1.0 / zones.len() as f64, scope));
    }
    // what is all of the traffic is no part of it
    parts.retain(|it| it.0 > 0.0 && it.0 < 1.0);
    parts.truncate(SCOPES_MAX);
    parts
}

/// As many as a scenario may draw one of.
const SCOPES_MAX: usize = 256;

/// Reaches the memory limit within half an hour to 24 hours, log-uniform, if nothing else grows.
fn slow_leak(scenario: &Scenario) -> Option<Made> {
    let memory = scenario.fleet.memory?;
    let room = memory.limit.get().saturating_sub(memory.base.get());
    let per_hour = Bytes::new(room.saturating_mul(2).min(BYTES_MAX));
    let effect = Leak { per_hour, ..Leak::default() };
    let severity = Some(severity(0.5 / 24.0, 1.0));
    Some((vec![FaultSpec { severity, ..fault("slow leak", effect) }], None))
}

/// A migration that comes with the release, if operations use a database.
fn migration(scenario: &Scenario) -> Option<MigrationSpec> {
    let own = scenario.release.migration.unwrap_or_default();
    scenario.queries_database().then_some(MigrationSpec { end: MigrationEnd::Finishes, ..own })
}

/// Two thirds of the bad migrations: the new release fails on the changed data now and then, the
/// old one cannot read it at all, and it cannot be undone.
fn bad_migration(scenario: &Scenario) -> Option<Made> {
    let own = migration(scenario)?;
    let migration = MigrationSpec { breaks_old: Ratio::ONE, reversible: false, ..own };
    let defect = FaultSpec {
        severity: Some(severity(0.05, 1.0)),
        ..fault("cannot read the changed data", errors(1.0))
    };
    Some((vec![defect], Some(migration)))
}

/// The rest: the old release fails on the new schema now and then, while both run.
fn mixed_versions(scenario: &Scenario) -> Option<Made> {
    let own = migration(scenario)?;
    let migration = MigrationSpec { breaks_old: Ratio::clamped(0.3), reversible: true, ..own };
    Some((Vec::new(), Some(migration)))
}

/// Errors while an instance is busier than 70 %: the defect shows only under load.
fn breaks_under_load() -> Made {
    let when = TriggerSpec::Load(Ratio::clamped(0.7));
    let severity = Some(severity(0.05, 1.0));
    (vec![FaultSpec { when, severity, ..fault("breaks under load", errors(1.0)) }], None)
}

fn assumptions(scenario: &Scenario, spec: &LotterySpec, preset: Preset) -> Vec<String> {
    let (name, percent) = match preset {
        Preset::Elite => ("elite", "5 %"),
        Preset::Typical => ("typical", "10 %"),
        Preset::Struggling => ("struggling", "20 %"),
    };
    let mut told = vec![format!(
        "Preset `{name}`: {percent} of the releases are bad, in the range of the change failure rates of \
         the DORA reports 2018-2024 and of DORA's Quick Check benchmarks (self-reported; mean 17-19 %)."
    )];
    if let Some(bad) = spec.bad {
        told.push(format!("The scenario sets the share of bad releases to {bad} instead."));
    }
    told.push(SOURCES.to_owned());
    told.push(
        "Of errors and slow answers 60 % show in the first minute of an instance, 25 % within an \
         hour, 15 % later (judgement)."
            .to_owned(),
    );
    told.push(flag_assumption(scenario, spec).to_owned());
    if scenario.fleet.memory.is_none() {
        told.push(
            "The scenario has no `fleet.memory`, so no release leaks; the share of leaks goes to \
             the other classes."
                .to_owned(),
        );
    }
    if migration(scenario).is_none() {
        told.push(
            "No operation uses the database, so no migration can fail; the share of bad \
             migrations goes to the other classes."
                .to_owned(),
        );
    }
    told
}

fn flag_assumption(scenario: &Scenario, spec: &LotterySpec) -> &'static str {
    match (scenario.any_flag(), spec.behind_flag) {
        (false, _) => {
            "No strategy has a feature flag: every defect is on for every user of the release."
        }
        (true, true) => {
            "Errors and slow answers are in the feature, so that a strategy with a flag can \
             switch them off; crashes, leaks, migrations and failures under load come with the \
             release (judgement: it decides what a flag is worth; `behind_flag: false` assumes \
             the opposite)."
        }
        (true, false) => "Flags guard nothing: every defect is on for every user of the release.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shares of 60, 25 and 15 % by the closed form of the log-uniform distribution.
    #[test]
    fn onsets_are_immediate_within_the_hour_and_later_as_the_reference_has_it() {
        let TriggerSpec::AgeBetween { from, to } = late_onset() else { panic!("an age") };
        let (from, to) = (from.as_secs_f64(), to.as_secs_f64());
        let below = |secs: f64| libm::log(secs / from) / libm::log(to / from);
        assert!((below(60.0) - 0.60).abs() < 0.005, "{}", below(60.0));
        assert!((below(3_600.0) - below(60.0) - 0.25).abs() < 0.005);
        assert!((1.0 - below(3_600.0) - 0.15).abs() < 0.005);
    }
}
