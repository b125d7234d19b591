//! Everything that was found as plain tables, at most [`COLUMNS`] wide.

use super::{
    figures::{POINTS, along, count_of, part_in_cell, severity_in_cell, time_of},
    words::{defect, nine_in_ten},
};
use crate::{
    experiment::power::{Found, Paired, Power, SeverityUnit},
    report::{
        COLUMNS,
        ranking::aligned,
        words::{cut, cut_apart, hanging, harmless},
    },
    units::text::{Unit, count, share},
};

const NAME: usize = 26;

/// Releases, kinds, gates, curves and worlds.
pub fn power_table(power: &Power) -> String {
    let mut text = releases(power);
    text.push_str(&gates(power));
    text.push_str(&curves(power));
    text.push_str(&worlds(power));
    text
}

pub(super) const HEAD: [&str; 8] =
    ["", "trials", "rolled back", "after", "p90", "users hurt", "p90", "takes"];

/// One line of what was found.
pub(super) fn cells(name: String, found: &Found) -> Vec<String> {
    vec![
        name,
        count(found.trials),
        part_in_cell(found.rolled_back.as_ref()),
        time_of(found.back_after_p50.as_ref()),
        time_of(found.back_after_p90.as_ref()),
        count_of(found.users_hurt_mean.as_ref()),
        count_of(found.users_hurt_p90.as_ref()),
        time_of(found.rollout_time.as_ref()),
    ]
}

/// Rows of every release that was simulated, under headings.
pub(super) fn release_rows(power: &Power) -> Vec<(String, Vec<Vec<String>>)> {
    let mut groups = vec![(String::new(), vec![cells("good".to_owned(), &power.good)])];
    let names = cut_apart(power.classes.iter().map(|it| it.name.as_str()), NAME - 8);
    for (class, name) in power.classes.iter().zip(names) {
        let chance =
            if class.chance < 1.0 { format!(", {}", share(class.chance)) } else { String::new() };
        let name = format!("{name}{chance}");
        groups[0].1.push(cells(name, &class.found));
    }
    for kind in &power.kinds {
        let mut rows = Vec::new();
        for point in &kind.points {
            let name = if kind.unit == SeverityUnit::AllOrNothing {
                cut(&harmless(&kind.name), NAME)
            } else {
                severity_in_cell(kind.unit, point.severity)
            };
            rows.push(cells(name, &point.found));
        }
        let found = nine_in_ten(power, kind).filter(|_| kind.unit != SeverityUnit::AllOrNothing);
        let nine = found.map_or_else(String::new, |it| format!("; 90 % at {it}"));
        groups.push((harmless(&format!("{}: {}{nine}", kind.name, kind.about)), rows));
    }
    groups
}

fn releases(power: &Power) -> String {
    let mut text = format!("Releases and how their rollouts end; {POINTS}\n");
    let groups = release_rows(power);
    let head = HEAD.map(str::to_owned).to_vec();
    let all: Vec<Vec<String>> =
        std::iter::once(head).chain(groups.iter().flat_map(|it| it.1.clone())).collect();
    let table = aligned(&all);
    let mut lines = table.lines();
    text.extend([lines.next().unwrap_or_default(), "\n"]);
    for (name, rows) in groups {
        if !name.is_empty() {
            text.push_str(&hanging("", 2, &name));
        }
        for line in lines.by_ref().take(rows.len()) {
            text.extend([line, "\n"]);
        }
    }
    text
}

fn gates(power: &Power) -> String {
    if power.gates.is_empty() {
        return String::new();
    }
    let mut rows =
        vec![["gate", "judge", "", "failed on good", "failed on bad"].map(str::to_owned).to_vec()];
    let names = cut_apart(power.gates.iter().map(|it| it.name.as_str()), NAME);
    for (gate, name) in power.gates.iter().zip(names) {
        rows.push(vec![
            name,
            gate.judge.clone(),
            if gate.dry_run { "dry run".to_owned() } else { String::new() },
            part_in_cell(gate.good.as_ref()),
            part_in_cell(gate.bad.as_ref()),
        ]);
    }
    let of = if power.classes.is_empty() {
        defect(power).map_or_else(|| "none".to_owned(), |it| it.0)
    } else {
        "the scenario's classes of releases".to_owned()
    };
    format!("\nGates; bad is {of}\n{}", aligned(&rows))
}

fn curves(power: &Power) -> String {
    let mut text = String::new();
    let Some((name, _)) = defect(power) else { return text };
    for curve in &power.curves {
        if curve.points.is_empty() {
            continue;
        }
        let head =
            [curve.name.as_str(), "", "good rolled back", "bad caught", "after", "users hurt"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        for point in &curve.points {
            rows.push(vec![
                along(&curve.name, point.x),
                if point.as_is { "as it is".to_owned() } else { String::new() },
                part_in_cell(point.good.rolled_back.as_ref()),
                part_in_cell(point.bad.rolled_back.as_ref()),
                time_of(point.bad.back_after_p50.as_ref()),
                count_of(point.bad.users_hurt_mean.as_ref()),
            ]);
        }
        let title = format!("Against {}: {}; bad is {name}", curve.name, curve.about);
        text.push('\n');
        text.push_str(&hanging("", 0, &title));
        text.push_str(&aligned(&rows));
    }
    for curve in power.curves.iter().filter(|it| !it.why_not.is_empty()) {
        text.push_str(&hanging("", 2, &format!("No curve by {}: {}", curve.name, curve.why_not)));
    }
    text
}

pub(super) fn pair(it: Option<&Paired>) -> [String; 2] {
    it.map_or_else(Default::default, |it| {
        let change = Unit::Points.with_interval(it.difference, it.low, it.high);
        [format!("{} → {}", share(it.as_is), share(it.there)), change]
    })
}

fn worlds(power: &Power) -> String {
    let playing = power.worlds.iter().filter(|it| it.good.is_some());
    let head = ["", "false rollbacks", "change, pp", "caught", "change, pp"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for world in playing {
        let ([good, more], [bad, caught]) = (pair(world.good.as_ref()), pair(world.bad.as_ref()));
        rows.push(vec![world.name.clone(), good, more, bad, caught]);
    }
    let mut text = String::new();
    if rows.len() > 1 {
        text.push_str("\nContamination: the same rollouts without each source\n");
        text.push_str(&aligned(&rows));
    } else if !power.worlds.is_empty() {
        text.push('\n');
    }
    for world in power.worlds.iter().filter(|it| !it.why_not.is_empty()) {
        let line = format!("{} was not tried: {}", world.name, world.why_not);
        text.push_str(&hanging("", 2, &cut(&line, COLUMNS)));
    }
    text
}
