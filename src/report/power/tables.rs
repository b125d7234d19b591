//! Everything that was found as tables: releases, kinds, gates, curves and worlds.

use super::{
    figures::{POINTS, along, part_cell, severity_in_cell, time_of, users_cell},
    words::{defect, nine_in_ten},
};
use crate::{
    experiment::power::{Found, KindFound, Paired, Power, SeverityUnit},
    report::table::{Cell, Head, Table},
    units::text::{Unit, count, share},
};

pub(super) fn tables(power: &Power) -> Vec<Table> {
    let gates = gates(power).unless_empty();
    let worlds = worlds(power);
    std::iter::once(releases(power)).chain(gates).chain(curves(power)).chain(worlds).collect()
}

/// A row of what was found.
fn row(name: String, found: &Found) -> [Cell; 8] {
    [
        name.into(),
        count(found.trials).into(),
        part_cell(found.rolled_back.as_ref()),
        time_of(found.back_after_p50.as_ref()).into(),
        time_of(found.back_after_p90.as_ref()).into(),
        users_cell(found.users_hurt_mean.as_ref()),
        users_cell(found.users_hurt_p90.as_ref()),
        time_of(found.rollout_time.as_ref()).into(),
    ]
}

fn releases(power: &Power) -> Table {
    let heads = ["trials", "rolled back", "after", "p90", "users hurt", "p90", "takes"];
    let heads = std::iter::once(Head::name("release")).chain(heads.map(Head::figure));
    let title = format!("Releases and how their rollouts end; {POINTS}");
    let mut table = Table::new(title, heads.collect());
    table.row(row("good".to_owned(), &power.good));
    for class in &power.classes {
        let chance =
            if class.chance < 1.0 { format!(", {}", share(class.chance)) } else { String::new() };
        table.row(row(format!("{}{chance}", class.name), &class.found));
    }
    for kind in &power.kinds {
        table.heading(heading(power, kind));
        for point in &kind.points {
            let name = if kind.unit == SeverityUnit::AllOrNothing {
                kind.name.clone()
            } else {
                severity_in_cell(kind.unit, point.severity)
            };
            table.row(row(name, &point.found));
        }
    }
    table
}

/// `errors: what they are; 90 % at +0.8 pp`.
fn heading(power: &Power, kind: &KindFound) -> String {
    let found = nine_in_ten(power, kind).filter(|_| kind.unit != SeverityUnit::AllOrNothing);
    let nine = found.map_or_else(String::new, |it| format!("; 90 % at {it}"));
    format!("{}: {}{nine}", kind.name, kind.about)
}

fn gates(power: &Power) -> Table {
    let of = if power.classes.is_empty() {
        defect(power).map_or_else(|| "none".to_owned(), |it| it.0)
    } else {
        "the scenario's classes of releases".to_owned()
    };
    let heads = vec![
        Head::name("gate"),
        Head::words("judge"),
        Head::words(""),
        Head::figure("failed on good"),
        Head::figure("failed on bad"),
    ];
    let mut table = Table::new(format!("Gates; bad is {of}"), heads);
    for gate in &power.gates {
        table.row([
            gate.name.as_str().into(),
            gate.judge.as_str().into(),
            if gate.dry_run { "dry run" } else { "" }.into(),
            part_cell(gate.good.as_ref()),
            part_cell(gate.bad.as_ref()),
        ]);
    }
    table
}

fn curves(power: &Power) -> Vec<Table> {
    let Some((name, _)) = defect(power) else { return Vec::new() };
    let curves = power.curves.iter().filter(|it| !it.points.is_empty()).map(|curve| {
        let heads = ["good rolled back", "bad caught", "after", "users hurt"].map(Head::figure);
        let heads = [Head::name(&curve.name), Head::words("")].into_iter().chain(heads);
        let title = format!("Against {}: {}; bad is {name}", curve.name, curve.about);
        let mut table = Table::new(title, heads.collect());
        for point in &curve.points {
            table.row([
                along(&curve.name, point.x).into(),
                if point.as_is { "as it is" } else { "" }.into(),
                part_cell(point.good.rolled_back.as_ref()),
                part_cell(point.bad.rolled_back.as_ref()),
                time_of(point.bad.back_after_p50.as_ref()).into(),
                users_cell(point.bad.users_hurt_mean.as_ref()),
            ]);
        }
        table
    });
    curves.collect()
}

/// What could not be drawn or tried, and why.
pub(super) fn left_out(power: &Power) -> Vec<String> {
    let curves = power.curves.iter().filter(|it| !it.why_not.is_empty());
    let curves = curves.map(|it| format!("No curve by {}: {}.", it.name, it.why_not));
    let worlds = power.worlds.iter().filter(|it| !it.why_not.is_empty());
    let worlds = worlds.map(|it| format!("{} was not tried: {}.", it.name, it.why_not));
    let stopped = |it: String| it.replace("..", ".");
    let drawn = defect(power).is_some();
    curves.filter(|_| drawn).chain(worlds).map(stopped).collect()
}

/// A share as it is and in another world, and by how much it changes.
pub(super) fn pair(it: Option<&Paired>) -> [String; 2] {
    it.map_or_else(Default::default, |it| {
        let change = Unit::Points.with_interval(it.difference, it.low, it.high);
        [format!("{} → {}", share(it.as_is), share(it.there)), change]
    })
}

fn worlds(power: &Power) -> Option<Table> {
    let heads = ["false rollbacks", "change, pp", "caught", "change, pp"].map(Head::figure);
    let heads = std::iter::once(Head::name("without")).chain(heads).collect();
    let mut table = Table::new("Contamination: the same rollouts without each source", heads);
    for world in power.worlds.iter().filter(|it| it.good.is_some()) {
        let ([good, more], [bad, caught]) = (pair(world.good.as_ref()), pair(world.bad.as_ref()));
        let cells = [world.name.clone(), good, more, bad, caught];
        table.row(cells.map(Cell::from));
    }
    table.unless_empty()
}
