//! Progress of the search, and the result on fresh seeds.

use super::{
    Page,
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::{Figure, tune::Progress},
    report::{
        ChartFile,
        chart::{Axis, Canvas, Frame, Lettering, Side},
    },
    units::text::{count, number},
};

const HEAD: f64 = 24.0;
const PLOT: f64 = 280.0;
const AXIS: f64 = 44.0;
const VALUES: f64 = 74.0;
/// Room for a label between two steps.
const LABEL: f64 = 46.0;
/// Right of the plot, for the figures on fresh seeds.
const BESIDE: f64 = 186.0;

pub(super) fn chart(page: &Page<'_>) -> Option<ChartFile> {
    let steps: Vec<(Progress, f64)> =
        page.tuning.progress.iter().filter_map(|it| Some((*it, it.best?))).collect();
    if steps.len() < 2 {
        return None;
    }
    let words = Words {
        name: "progress",
        title: "How the search went, and what was left of it".to_owned(),
        caption: "The best estimate of the candidates that meet the constraints, after each step, \
                  and how many candidates remained. The best of many looks better than it is: on \
                  the right the same settings on seeds that the search never used."
            .to_owned(),
    };
    Some(sheet(page, words, HEAD + PLOT + AXIS, |canvas, top| draw(canvas, page, top, &steps)))
}

fn draw(canvas: &Canvas<'_>, page: &Page<'_>, top: f64, steps: &[(Progress, f64)]) {
    let theme = page.theme;
    let unit = page.tuning.objective.unit.as_str();
    let frame = Frame {
        left: LEFT + VALUES,
        right: RIGHT - BESIDE,
        top: top + HEAD,
        bottom: top + HEAD + PLOT,
    };
    let fresh = judged(page);
    let values: Vec<f64> = steps
        .iter()
        .map(|it| it.1)
        .chain(fresh.iter().flat_map(|(_, it, _)| [it.value, it.low, it.high]))
        .collect();
    let axis = Axis::suiting(&values, &[], (frame.bottom, frame.top));
    axis.draw(canvas, frame, Side::Left, |it| page.figure(unit, it));
    let most = steps.iter().map(|it| it.0.trials as f64).fold(0.0, f64::max);
    let trials = Axis::linear([0.0, most].into_iter(), (frame.left, frame.right));
    trials.draw(canvas, frame, Side::Below, number);
    trials.title_below(canvas, frame, "trials of the search");
    canvas.text((LEFT, top + 6.0), &page.objective(), Lettering::new(11.5, theme.ink));
    let at = |it: &(Progress, f64)| (trials.at(it.0.trials as f64), axis.at(it.1));
    let line: Vec<(f64, f64)> = steps.iter().map(at).collect();
    canvas.line(&line, theme.series[5], 2.0);
    let mut labelled = f64::NEG_INFINITY;
    for (it, &(x, y)) in steps.iter().zip(&line) {
        canvas.dot((x, y), 3.4, theme.series[5]);
        // labels that would overlap are left out
        if x - labelled < LABEL {
            continue;
        }
        labelled = x;
        let label = format!("of {}", count(it.0.candidates as u64));
        canvas.text((x, y - 12.0), &label, Lettering::new(10.5, theme.mute).centred());
    }
    for (index, (name, it, colour)) in fresh.iter().enumerate() {
        let x = frame.right + 48.0 + 74.0 * index as f64;
        canvas.upright(x, (axis.at(it.low), axis.at(it.high)), *colour, 2.0);
        canvas.dot((x, axis.at(it.value)), 4.6, *colour);
        canvas.text((x, frame.bottom + 14.0), name, Lettering::new(11.0, theme.ink).centred());
        let told = page.figure(unit, it.value);
        canvas.text((x + 9.0, axis.at(it.value)), &told, Lettering::new(11.0, theme.mute));
    }
}

type Judged = (&'static str, Figure, crate::report::chart::Colour);

/// Present and recommended settings on fresh seeds; the best finalist where the present ones stay.
fn judged(page: &Page<'_>) -> Vec<Judged> {
    use crate::experiment::tune::Part;
    let all = || page.tuning.contestants.iter().enumerate();
    let is = |part: Part| {
        move |it: &(usize, &crate::experiment::tune::ContestantFound)| it.1.part == part
    };
    let present = all().find(is(Part::Present));
    let chosen =
        all().find(|it| it.0 == page.tuning.verdict.recommended && it.1.part == Part::Found);
    let first = all().find(is(Part::Found));
    let mut found = Vec::new();
    if let Some(figure) = present.and_then(|it| it.1.objective) {
        found.push(("present", figure, page.theme.series[0]));
    }
    let name = if chosen.is_some() { "recommended" } else { "found" };
    if let Some(figure) = chosen.or(first).and_then(|it| it.1.objective) {
        found.push((name, figure, page.theme.series[2]));
    }
    found
}
