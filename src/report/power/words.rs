//! The answer in words: what the gate does to good releases, what it misses, and whose fault that is.

use super::figures::{known_part_of, part_of, severity};
use crate::{
    experiment::Figure,
    experiment::power::{
        Found, GateFound, KindFound, LeakFound, Paired, PointFound, Power, SeverityUnit, WorldFound,
    },
    report::words::{PARTIAL, harmless},
    units::text::{self, UNKNOWN, Unit, bytes, counted, estimated, number, seconds, share, slope},
};

/// Of a list in a sentence.
const TOLD: usize = 4;

/// Sentences, the most important first.
pub(super) fn power_words(power: &Power) -> Vec<String> {
    let mut said = Vec::new();
    if !power.complete {
        said.push(PARTIAL.to_owned());
    }
    said.push(headline(power));
    said.extend(smallest(power));
    said.extend(power.leak.as_ref().map(|it| leak(it, &power.good)));
    said.extend(times(power));
    said.extend(unfinished(power));
    said.extend(gates(power));
    said.extend(worlds(power));
    said.push(rests_on(power));
    said.extend(power.notes.iter().map(|it| harmless(it)));
    said
}

/// What there is to see, and what is made of it.
fn headline(power: &Power) -> String {
    let setting = &power.setting;
    let good = known_part_of(power.good.rolled_back.as_ref());
    if !setting.judged {
        return format!(
            "`{}` has no gate: it uses no analysis. It rolls back {good} of good releases before \
             they are promoted{} `--strategy canary` measures a plain canary instead.",
            setting.strategy,
            doubling(power).map_or_else(
                || ".".to_owned(),
                |it| format!(", and {} of those with twice the errors.", part_of(&it))
            )
        );
    }
    let seen = match setting.first_step {
        Some(weight) => {
            let seen = setting.rate * weight * 60.0;
            format!(
                "At {} requests/s the {} step gets {} requests per minute: this analysis",
                number(setting.rate),
                share(weight),
                number(seen)
            )
        }
        None => format!("At {} requests/s this analysis", number(setting.rate)),
    };
    let missed = doubling(power).map_or_else(String::new, |it| {
        let missed = Figure { value: 1.0 - it.value, low: 1.0 - it.high, high: 1.0 - it.low, ..it };
        if missed.value > 0.05 {
            format!(
                " and {}misses {} of those with twice the errors",
                if power.good.rolled_back.is_some_and(|it| it.value > 0.05) {
                    "still "
                } else {
                    ""
                },
                part_of(&missed)
            )
        } else {
            format!(" and catches {} of those with twice the errors", part_of(&it))
        }
    });
    format!("{seen} rolls back {good} of good releases{missed}.")
}

/// What is rolled back with twice a normal day's errors.
fn doubling(power: &Power) -> Option<Figure> {
    let errors = power.kinds.iter().find(|it| it.unit == SeverityUnit::MoreErrors)?;
    let base = power.setting.base_errors;
    let point = errors.points.iter().find(|it| (it.severity / base - 1.0).abs() < 0.02)?;
    point.found.rolled_back
}

/// The smallest regression of each kind that is caught nine times in ten.
fn smallest(power: &Power) -> Option<String> {
    if good_as_often(power) {
        return Some(
            "Good releases are rolled back about as often as bad ones, so that no smallest regression \
             can be named."
                .to_owned(),
        );
    }
    let graded = power.kinds.iter().filter(|it| it.unit != SeverityUnit::AllOrNothing);
    let told: Vec<String> =
        graded.filter_map(|it| Some(format!("{} {}", it.name, nine_in_ten(power, it)?))).collect();
    let whole = power.kinds.iter().filter(|it| it.unit == SeverityUnit::AllOrNothing);
    let whole: Vec<String> = whole
        .filter(|it| it.points.iter().any(|it| it.found.trials > 0))
        .map(|it| {
            let caught = it.points.first().and_then(|it| it.found.rolled_back.as_ref());
            format!("`{}` {}", it.name, known_part_of(caught))
        })
        .collect();
    (!told.is_empty()).then(|| {
        let whole = if whole.is_empty() {
            String::new()
        } else {
            format!(" Of the defects without a severity, it catches: {}.", whole.join(", "))
        };
        harmless(&format!(
            "Smallest regression that is rolled back 90 % of the time: {}.{whole}",
            told.join("; ")
        ))
    })
}

/// Whether as many good releases may be rolled back as make a regression caught.
fn good_as_often(power: &Power) -> bool {
    power.good.rolled_back.is_some_and(|it| it.high >= 0.9)
}

/// `+2.9 percentage points (+2.4 to +3.6)`, or on which side of what was simulated it lies; none where nothing was, or
/// where good releases are rolled back as often.
pub(super) fn nine_in_ten(power: &Power, kind: &KindFound) -> Option<String> {
    if good_as_often(power) {
        return None;
    }
    let told = |it: f64| severity(kind.unit, it);
    let open = || UNKNOWN.to_owned();
    if let Some(it) = kind.nine_in_ten {
        // the unit in words stands once
        let end = |it: f64| match kind.unit {
            SeverityUnit::MoreErrors => format!("+{}", number(100.0 * it)),
            SeverityUnit::SlowerTimes
            | SeverityUnit::BytesAnHour
            | SeverityUnit::Strength
            | SeverityUnit::AllOrNothing => told(it),
        };
        let low = it.low.map_or_else(open, end);
        let high = it.high.map_or_else(open, end);
        return Some(text::within(&told(it.value), &low, &high));
    }
    let played = || kind.points.iter().filter(|it| it.found.rolled_back.is_some());
    let (first, last) = (played().next()?, played().next_back()?);
    let caught = |it: &Found| it.rolled_back.is_some_and(|it| it.value >= 0.9);
    Some(if caught(&first.found) {
        format!("{} or less", told(first.severity))
    } else {
        let most = known_part_of(last.found.rolled_back.as_ref());
        format!("more than {} (caught {most} there)", told(last.severity))
    })
}

fn leak(leak: &LeakFound, good: &Found) -> String {
    let fills = format!(
        "A leak below {} does not fill the {} that an instance has left within this rollout",
        slope(leak.fills),
        bytes(leak.room)
    );
    let gate = leak.gates.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let gate = match gate {
        Some((name, needed)) => {
            format!(", and gate `{name}` needs {}", slope(*needed))
        }
        None if leak.others.is_empty() => ", and no gate measures memory".to_owned(),
        None => String::new(),
    };
    if !leak.others.is_empty() {
        let names: Vec<String> = leak.others.iter().map(|it| format!("`{it}`")).collect();
        return harmless(&format!(
            "{fills}{gate}; only simulation shows what {} can see: see the leaks below.",
            names.join(", ")
        ));
    }
    let played = leak.played.as_ref().map_or_else(
        || " by that arithmetic".to_owned(),
        |(size, found)| {
            format!(
                " by that arithmetic; in simulation, one of {} is rolled back {} of the time, \
                 good releases {}",
                slope(*size),
                known_part_of(found.rolled_back.as_ref()),
                known_part_of(good.rolled_back.as_ref())
            )
        },
    );
    let never = slope(leak.never);
    harmless(&format!("{fills}{gate}: less than {never} is never seen{played}."))
}

fn times(power: &Power) -> Option<String> {
    let good = power
        .good
        .rollout_time
        .map(|it| format!("The rollout of a good release takes {} on average.", seconds(it.value)));
    let caught = defect(power).and_then(|(name, found)| {
        let after = found.back_after_p50?;
        let late = found
            .back_after_p90
            .map_or_else(String::new, |it| format!(" (one in ten after {})", seconds(it.value)));
        let hurt = found.users_hurt_mean?;
        Some(format!(
            "A release with {name} is, where caught, caught after {}{late}, and hurts {} on average \
             before its rollout is over.",
            seconds(after.value),
            estimated(hurt.value, "user")
        ))
    });
    let said: Vec<String> = [good, caught].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// The defect that the curves are about, in words, and what was found of it.
pub(super) fn defect(power: &Power) -> Option<(String, &Found)> {
    let (kind, point) = power.defect?;
    let kind = power.kinds.get(kind)?;
    let point = kind.points.get(point)?;
    let size = severity(kind.unit, point.severity);
    let name = match kind.unit {
        SeverityUnit::MoreErrors => format!("{} more errors", size.trim_start_matches('+')),
        SeverityUnit::SlowerTimes => format!("service times of {size}"),
        SeverityUnit::BytesAnHour => format!("a leak of {size}"),
        SeverityUnit::Strength => format!("`{}` at {size}", harmless(&kind.name)),
        SeverityUnit::AllOrNothing => harmless(&kind.name),
    };
    Some((name, &point.found))
}

/// What neither comes nor goes: paused, or still waiting at the end of the scenario.
fn unfinished(power: &Power) -> Option<String> {
    let classes = power.classes.iter().map(|it| (harmless(&it.name), &it.found));
    let points = power.kinds.iter().flat_map(|kind| {
        let named = |it: &PointFound| {
            let size = severity(kind.unit, it.severity);
            harmless(format!("{} {size}", kind.name).trim_end())
        };
        kind.points.iter().map(move |it| (named(it), &it.found))
    });
    let all = std::iter::once(("good".to_owned(), &power.good)).chain(classes).chain(points);
    let mut told: Vec<String> = all
        .filter_map(|(name, found)| Some((name, found.unfinished?)))
        .filter(|it| it.1.value > 0.05)
        .map(|(name, it)| format!("`{name}` {}", part_of(&it)))
        .collect();
    // a class and a kind may be the same
    told.sort();
    told.dedup();
    let more = match told.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!told.is_empty()).then(|| {
        format!(
            "Neither rolled back nor promoted by the end of the scenario: {}{more}.",
            told[..told.len().min(TOLD)].join(", ")
        )
    })
}

/// Gates that never fail, and those that only would.
fn gates(power: &Power) -> Option<String> {
    let never = |it: &&GateFound| !it.ever_failed && it.good.is_some();
    let names: Vec<String> =
        power.gates.iter().filter(never).map(|it| format!("`{}`", harmless(&it.name))).collect();
    let each = if names.len() == 1 { "Gate" } else { "Gates" };
    (!names.is_empty()).then(|| {
        format!("{each} {} never failed in any rollout, whatever the defect.", names.join(", "))
    })
}

/// What is contamination and what is the judge's own.
fn worlds(power: &Power) -> Option<String> {
    let playing: Vec<&WorldFound> =
        power.worlds.iter().filter(|it| it.why_not.is_empty() && it.good.is_some()).collect();
    let last = playing.last()?;
    let telling = |it: &&&WorldFound| it.good.is_some_and(|it| it.low > 0.0 || it.high < 0.0);
    let told: Vec<String> = playing
        .iter()
        .filter(telling)
        .filter_map(|it| {
            let pair = it.good?;
            Some(format!("{} {}", it.name, points(&pair)))
        })
        .collect();
    let left = last.good?;
    let (before, after) = (share(left.as_is), share(left.there));
    Some(if told.is_empty() {
        let names: Vec<&str> = playing.iter().map(|it| it.name.as_str()).collect();
        format!(
            "No contamination that applies here ({}) changes false rollbacks significantly in \
             these rollouts: without it they change by {}; the rest is due to the judge.",
            names.join(", "),
            points(&left)
        )
    } else {
        format!(
            "Not the judge's fault alone: false rollbacks change with {}. Without what applies \
             here, {after} of {before} remain: these are due to the judge.",
            told.join("; ")
        )
    })
}

/// `+8 percentage points (−11 to +26)`.
fn points(it: &Paired) -> String {
    let Paired { difference, low, high, .. } = *it;
    let change = Unit::Points.among(difference, low, high);
    format!("{change} percentage points ({})", Unit::Points.interval(difference, low, high))
}

fn rests_on(power: &Power) -> String {
    let partial = if power.complete {
        String::new()
    } else {
        format!(" of {} planned", text::count(power.planned))
    };
    format!(
        "{} were simulated{partial}, {} of them with a good release, all from seed {}; \
         brackets show {} intervals.",
        counted(power.trials, "rollout"),
        text::count(power.good.trials),
        power.seed,
        share(power.confidence)
    )
}
