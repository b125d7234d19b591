//! From a survey to its summary.

use super::{
    ClassFound, CurveFound, CurvePoint, Found, GateFound, KindFound, LeakFound, POWER_FORMAT,
    PointFound, Power, PowerExample, PowerRow, Survey, WorldFound,
    estimates::{CONFIDENCE, estimates, paired, share, weighted_share},
    minimum_detectable::minimum_detectable,
    setting::{leak, setting},
    survey::{NINE_IN_TEN, Pair},
};
use crate::{
    experiment::{Figure, about::about},
    fault::SeverityUnit,
};

/// What was found so far.
pub fn summarise_power(survey: &Survey, complete: bool, examples: Vec<PowerExample>) -> Power {
    let base = &survey.base;
    let kinds: Vec<KindFound> = (0..survey.points.len()).map(|it| kind(survey, it)).collect();
    let defect = survey.defect.and_then(|(kind, severity)| {
        let points = kinds[kind].points.iter();
        let point = points.map(|it| it.severity).position(|it| it.total_cmp(&severity).is_eq())?;
        Some((kind, point))
    });
    Power {
        format: POWER_FORMAT,
        rollsim: env!("CARGO_PKG_VERSION").to_owned(),
        name: base.name.clone(),
        title: base.scenario.title.clone(),
        seed: survey.asked.seed,
        command: survey.asked.command.clone(),
        trials: survey.rows.iter().map(|it| it.len() as u64).sum(),
        planned: survey.planned(),
        complete,
        confidence: CONFIDENCE,
        setting: setting(base, survey.bake),
        good: of_cell(survey, survey.good),
        gates: gates(survey),
        classes: survey.classes.iter().map(|it| class(survey, *it)).collect(),
        leak: leak(base, survey.bake).map(|it| played_leak(it, &kinds)),
        kinds,
        defect,
        curves: curves(survey),
        worlds: worlds(survey),
        examples,
        notes: survey.notes.clone(),
    }
}

fn of_cell(survey: &Survey, cell: usize) -> Found {
    estimates(&survey.rows[cell], survey.cells[cell].trials)
}

fn kind(survey: &Survey, index: usize) -> KindFound {
    let kind = &survey.kinds[index];
    let point =
        |&(severity, cell): &(f64, usize)| PointFound { severity, found: of_cell(survey, cell) };
    let crosses = minimum_detectable(&survey.curve(index), NINE_IN_TEN).map(|it| super::Smallest {
        value: kind.unit.severity_at(it.value),
        low: it.low.map(|it| kind.unit.severity_at(it)),
        high: it.high.map(|it| kind.unit.severity_at(it)),
    });
    KindFound {
        name: kind.name.clone(),
        about: kind.about.clone(),
        unit: kind.unit,
        points: survey.points[index].iter().map(point).collect(),
        nine_in_ten: crosses,
    }
}

fn class(survey: &Survey, cell: usize) -> ClassFound {
    let plan = &survey.base;
    let (name, release) =
        survey.cells[cell].class.clone().unwrap_or_else(|| ("as written".to_owned(), 0));
    let lottery = plan.lottery.as_ref().and_then(|it| it.class(&name));
    ClassFound {
        chance: lottery.map_or(1.0, |it| it.chance),
        about: about(&plan.releases[release]),
        name,
        found: of_cell(survey, cell),
    }
}

/// Gates of the analysis, where the strategy has one.
fn gates(survey: &Survey) -> Vec<GateFound> {
    let scenario = &survey.base.scenario;
    let judged = scenario.strategy.kind().uses_analysis();
    let gates = scenario.analysis.iter().filter(|_| judged).flat_map(|it| &it.gates);
    let gate = |(index, gate): (usize, &crate::judge::GateSpec)| {
        let failed = |it: &PowerRow| it.gates_failed.contains(&index);
        GateFound {
            name: gate.name.clone(),
            judge: gate.judge.name().to_owned(),
            dry_run: gate.dry_run,
            ever_failed: survey.rows.iter().flatten().any(failed),
            good: share(&survey.rows[survey.good], failed),
            bad: bad(survey, failed),
        }
    };
    gates.enumerate().map(gate).collect()
}

/// Share of the bad releases, as the scenario has them.
fn bad(survey: &Survey, holds: impl Fn(&PowerRow) -> bool) -> Option<Figure> {
    let chance = |cell: usize| {
        let class = survey.cells[cell].class.as_ref();
        let lottery = survey.base.lottery.as_ref();
        class.and_then(|it| lottery?.class(&it.0)).map(|it| it.chance)
    };
    let classes: Vec<(f64, &[PowerRow])> = survey
        .classes
        .iter()
        .filter_map(|&it| Some((chance(it)?, survey.rows[it].as_slice())))
        .collect();
    if !classes.is_empty() {
        return weighted_share(&classes, holds);
    }
    if let Some(&cell) = survey.classes.first() {
        return share(&survey.rows[cell], holds);
    }
    let (kind, severity) = survey.defect?;
    let points = &survey.points[kind];
    let (_, cell) = points.iter().find(|it| it.0.total_cmp(&severity).is_eq())?;
    share(&survey.rows[*cell], holds)
}

fn curves(survey: &Survey) -> Vec<CurveFound> {
    let curve = |(curve, cells): &(super::worlds::Curve, Vec<Pair>)| {
        let points = curve.points.iter().zip(cells).filter_map(|(place, cells)| {
            let (good, bad) = (*cells)?;
            Some(CurvePoint {
                x: place.x,
                as_is: place.values.is_empty(),
                good: of_cell(survey, good),
                bad: of_cell(survey, bad),
            })
        });
        CurveFound {
            name: curve.name.to_owned(),
            about: curve.about.to_owned(),
            why_not: curve.why_not.clone(),
            points: points.collect(),
        }
    };
    survey.curves.iter().map(curve).collect()
}

fn worlds(survey: &Survey) -> Vec<WorldFound> {
    let bad_as_is = survey.defect.and_then(|(kind, severity)| {
        survey.points[kind].iter().find(|it| it.0.total_cmp(&severity).is_eq()).map(|it| it.1)
    });
    let versus = |as_is: Option<usize>, there: Option<usize>| {
        paired(&survey.rows[as_is?], &survey.rows[there?])
    };
    let world = |(world, cells): &(super::worlds::World, Pair)| WorldFound {
        name: world.name.to_owned(),
        about: world.about.to_owned(),
        why_not: world.why_not.clone(),
        good: versus(Some(survey.good), cells.map(|it| it.0)),
        bad: versus(bad_as_is, cells.map(|it| it.1)),
    };
    survey.worlds.iter().map(world).collect()
}

/// With the largest leak that was simulated of those that should not be seen.
fn played_leak(leak: LeakFound, kinds: &[KindFound]) -> LeakFound {
    let points =
        kinds.iter().find(|it| it.unit == SeverityUnit::BytesAnHour).map(|it| it.points.as_slice());
    let below = points.unwrap_or_default().iter().rfind(|it| it.severity <= leak.never);
    LeakFound { played: below.map(|it| (it.severity, it.found.clone())), ..leak }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_is_called_leak_is_no_leak() {
        let kind = |unit, severity| KindFound {
            name: "leak".to_owned(),
            about: String::new(),
            unit,
            points: vec![PointFound { severity, found: Found::default() }],
            nine_in_ten: None,
        };
        let kinds = [kind(SeverityUnit::Strength, 0.5), kind(SeverityUnit::BytesAnHour, 4096.0)];
        let leak = LeakFound {
            room: 1e9,
            fills: 1e8,
            gates: Vec::new(),
            others: Vec::new(),
            never: 1e8,
            played: None,
        };
        assert_eq!(played_leak(leak, &kinds).played.map(|it| it.0), Some(4096.0));
    }
}
