//! Many instances: how many there are in each state, stacked over time.

use super::{
    context::{AXIS, PictureContext, Section},
    gantt::{keys, shade},
    panel::{Curve, Panel},
};
use crate::{
    model::ReleaseId,
    report::chart::{Key, linear_ticks},
    sim::{LifeState, Stretch},
    units::{Instant, narrow, round_u64, text},
};

/// Width of a column of the count, in pixels.
const COLUMN: f64 = 2.0;
/// From the bottom of the stack to its top.
const STATES: [LifeState; 5] =
    [LifeState::Ready, LifeState::Up, LifeState::Starting, LifeState::Draining, LifeState::Crashed];

pub(super) fn section<'p>(context: &'p PictureContext<'p>) -> Section<'p> {
    let columns = usize::try_from(round_u64((AXIS.1 - AXIS.0) / COLUMN)).unwrap_or(1);
    let mut sums = vec![0.0; columns];
    let mut areas = Vec::new();
    for release in context.names.ids() {
        for state in STATES {
            let counted = counts(context, (release, state), columns);
            let Some((colour, part)) = shade(context.theme, release, state) else { continue };
            if counted.iter().all(|it| *it == 0) {
                continue;
            }
            for (sum, it) in sums.iter_mut().zip(&counted) {
                *sum += *it as f64;
            }
            let column =
                |(index, sum): (usize, &f64)| (AXIS.0 + (index as f64 + 0.5) * COLUMN, Some(*sum));
            let points = sums.iter().enumerate().map(column).collect();
            let colour = if part < 0.5 { colour.over(context.theme.ink, 0.6) } else { colour };
            areas.push(Curve { points, colour, width: 0.0 });
        }
    }
    areas.reverse();
    let panel = Panel {
        name: "Instances",
        note: "instances in each state".into(),
        height: 110.0,
        keys: keys(context).into_iter().map(as_layer).collect(),
        areas,
        curves: Vec::new(),
        limits: Vec::new(),
        least_top: 1.0,
        notes: Vec::new(),
        ticks: linear_ticks,
        label: text::number,
        logarithmic: false,
    };
    panel.into_section(context)
}

/// In a crowd, draining instances are a darker layer and single restarts are not seen.
fn as_layer(mut key: Key) -> Key {
    key.words = match key.words.as_str() {
        "slim: draining" => "darker: draining".to_owned(),
        "black: crashed or restarted" => "black: crashed".to_owned(),
        words => words.to_owned(),
    };
    key
}

/// How many instances of a release are in a state, in the middle of each column.
fn counts(context: &PictureContext<'_>, of: (ReleaseId, LifeState), columns: usize) -> Vec<i64> {
    let column = |it: Instant| {
        let index = round_u64((context.x(it) - AXIS.0) / COLUMN);
        usize::try_from(index).unwrap_or(columns).min(columns)
    };
    let mut changes = vec![0_i64; columns + 1];
    for life in context.trial.outcome.lives.iter().filter(|it| it.release == of.0) {
        for (index, stretch) in life.stretches.iter().enumerate() {
            if stretch.state == of.1 {
                let until = life.stretches.get(index + 1).map(|it: &Stretch| column(it.from));
                changes[column(stretch.from)] += 1;
                changes[until.unwrap_or(columns)] -= 1;
            }
        }
    }
    let mut sum = 0;
    let mut sums = Vec::with_capacity(narrow(columns) as usize);
    for change in &changes[..columns] {
        sum += change;
        sums.push(sum);
    }
    sums
}
