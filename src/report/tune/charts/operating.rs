//! Before and after, class by class of releases: how often each is rolled back, and whom it hurts.

use super::{
    Page,
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::{
        Figure,
        tune::{ByClass, ContestantFound, Part},
    },
    report::{
        ChartFile,
        chart::{Axis, Canvas, Colour, Frame, Key, Lettering, Mark, Marker, Side, fitted, header},
        words::harmless,
    },
};

const HEAD: f64 = 48.0;
const ROW: f64 = 44.0;
const AXIS: f64 = 44.0;
const NAMES: f64 = 170.0;
const GAP: f64 = 56.0;

/// Contestants that are shown, with their colours and marks.
fn shown<'t>(page: &Page<'t>) -> Vec<(&'t ContestantFound, Colour, Marker)> {
    let all = page.tuning.contestants.iter().enumerate();
    let chosen = page.tuning.verdict.recommended;
    let found = all.clone().find(|(_, it)| it.part == Part::Found).map(|it| it.0);
    let kept = page.tuning.contestants.get(chosen).is_some_and(|it| it.part == Part::Present);
    // where nothing changes, the best that was found is shown all the same
    let beside = if kept { found } else { Some(chosen) };
    let wanted = all.filter(|(index, it)| Some(*index) == beside || it.part != Part::Found);
    let mut commons = 0;
    wanted
        .map(|(_, it)| {
            let series = &page.theme.series;
            match it.part {
                Part::Present => (it, series[0], Marker::Square),
                Part::Found => (it, series[2], Marker::Dot),
                Part::Common => {
                    commons += 1;
                    let mark =
                        [Marker::Triangle, Marker::Wedge, Marker::Diamond][(commons - 1) % 3];
                    (it, [series[1], series[4], series[3]][(commons - 1) % 3], mark)
                }
            }
        })
        .collect()
}

pub(super) fn chart(page: &Page<'_>) -> Option<ChartFile> {
    let shown = shown(page);
    if shown.len() < 2 {
        return None;
    }
    let words = Words {
        name: "operating",
        title: "Before and after, by class of release".to_owned(),
        caption: "Rolled back good releases are false alarms (left is better); rolled back bad \
                  ones are caught (right is better). Figures on fresh seeds, the same for all, \
                  with 95 % intervals. Marks on the edge of a logarithmic axis are at or below \
                  it."
        .to_owned(),
    };
    let height = HEAD + ROW * page.tuning.classes.len() as f64 + AXIS;
    Some(sheet(page, words, height, |canvas, top| draw(canvas, page, top, &shown)))
}

fn draw(
    canvas: &Canvas<'_>,
    page: &Page<'_>,
    top: f64,
    shown: &[(&ContestantFound, Colour, Marker)],
) {
    let theme = page.theme;
    let classes = &page.tuning.classes;
    let bottom = top + HEAD + ROW * classes.len() as f64;
    // a panel of zeros shows nothing
    let harms = shown.iter().flat_map(|(it, ..)| &it.by_class).filter_map(|it| it.users_hurt);
    let harms = harms.into_iter().any(|it| it.high > 0.0);
    let middle = f64::midpoint(LEFT + NAMES, RIGHT);
    let end = if harms { middle - GAP / 2.0 } else { RIGHT - 10.0 };
    let left = Frame { left: LEFT + NAMES, right: end, top: top + HEAD, bottom };
    let right = Frame { left: middle + GAP / 2.0, right: RIGHT - 10.0, ..left };
    let keys: Vec<Key> = shown
        .iter()
        .map(|(it, colour, _)| {
            Key::new(Mark::Dot, *colour, fitted(&harmless(&it.name), 11.5, false, 150.0))
        })
        .collect();
    header(canvas, (LEFT, RIGHT), top + 8.0, ("", ""), &keys);
    let small = Lettering::new(12.0, theme.ink).bold();
    canvas.text((left.left, top + 34.0), "rolled back", small);
    let back = Axis::linear([0.0, 1.0].into_iter(), (left.left, left.right));
    back.draw(canvas, left, Side::Below, |it| page.figure("ratio", it));
    back.title_below(canvas, left, "share of the releases of this class");
    let hurt = harms.then(|| hurt_axis(shown, right));
    if let Some(hurt) = &hurt {
        canvas.text((right.left, top + 34.0), "users hurt by a rollout", small);
        hurt.draw(canvas, right, Side::Below, |it| page.figure("count", it));
        hurt.title_below(canvas, right, "mean users hurt");
    }
    for (index, class) in classes.iter().enumerate() {
        let y = left.top + ROW * index as f64;
        if index > 0 {
            canvas.line(&[(LEFT, y), (RIGHT, y)], theme.grid, 1.0);
        }
        let name = fitted(&harmless(&class.name), 12.5, class.good, NAMES - 14.0);
        let style = Lettering::new(12.5, theme.ink);
        let style = if class.good { style.bold() } else { style };
        canvas.text((LEFT, y + ROW / 2.0 - 7.0), &name, style);
        let part = format!("{} of releases", page.figure("ratio", class.chance));
        canvas.text((LEFT, y + ROW / 2.0 + 9.0), &part, Lettering::new(11.0, theme.mute));
        let each = ROW * 0.72 / shown.len() as f64;
        for (at, (it, colour, mark)) in shown.iter().enumerate() {
            let Some(found) = it.by_class.get(index).filter(|it| it.trials > 0) else { continue };
            let y = y + ROW * 0.14 + each * (at as f64 + 0.5);
            bar(canvas, &back, (y, *colour, *mark), &found.rolled_back);
            if let (Some(users), Some(hurt)) = (&found.users_hurt, &hurt) {
                bar(canvas, hurt, (y, *colour, *mark), users);
            }
        }
    }
}

fn bar(canvas: &Canvas<'_>, axis: &Axis, (y, colour, mark): (f64, Colour, Marker), it: &Figure) {
    canvas.line(&[(axis.at(it.low.max(0.0)), y), (axis.at(it.high), y)], colour, 2.0);
    canvas.marker((axis.at(it.value), y), mark, 3.8, colour);
}

/// From zero, or logarithmic where classes are far apart.
fn hurt_axis(shown: &[(&ContestantFound, Colour, Marker)], frame: Frame) -> Axis {
    let found = |it: &ByClass| it.users_hurt.map(|it| it.value);
    let values = shown.iter().flat_map(|(it, ..)| it.by_class.iter().filter_map(found));
    let values: Vec<f64> = values.collect();
    let largest = values.iter().copied().fold(0.0, f64::max);
    let positive = values.iter().copied().filter(|it| *it > 0.0);
    let least = positive.fold(f64::INFINITY, f64::min);
    let pixels = (frame.left, frame.right);
    if largest > 40.0 * least {
        Axis::logarithmic(values.into_iter().filter(|it| *it > 1e-3 * largest), pixels)
    } else {
        Axis::linear(values.into_iter(), pixels)
    }
}
