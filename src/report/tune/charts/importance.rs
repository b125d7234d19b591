//! Which parameters matter: what each explains by itself among the starting points of the search.

use super::{
    Page,
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::tune::ParameterFound,
    report::{
        ChartFile,
        chart::{Axis, Canvas, Frame, Key, Lettering, Mark, Side, fitted, header, width_of},
        words::harmless,
    },
};

const HEAD: f64 = 30.0;
const ROW: f64 = 34.0;
const AXIS: f64 = 44.0;
/// Shares below it are shown as 0 %.
const NOTHING: f64 = 0.005;

pub(super) fn chart(page: &Page<'_>) -> Option<ChartFile> {
    let mut parameters: Vec<&ParameterFound> = page.tuning.parameters.iter().collect();
    if parameters.is_empty() {
        return None;
    }
    let most = |it: &ParameterFound| it.matters.max(it.matters_for_false_rollbacks);
    if parameters.iter().all(|it| most(it) < NOTHING) {
        return None;
    }
    parameters.sort_by(|a, b| most(b).total_cmp(&most(a)));
    let words = Words {
        name: "importance",
        title: "Which parameters matter".to_owned(),
        caption: "Share of the variance of the objective's ranks that a parameter explains alone \
                  (means of five bins, adjusted for chance), over the evenly spread starting \
                  points of the search. The arrow shows the direction in which the objective \
                  falls: up is larger values. Interactions are not shown."
            .to_owned(),
    };
    let height = HEAD + ROW * parameters.len() as f64 + AXIS;
    Some(sheet(page, words, height, |canvas, top| draw(canvas, page, top, &parameters)))
}

/// The end of a path, by which paths differ.
fn short(name: &str) -> String {
    let name = harmless(name).replace("judge.threshold.", "").replace("judge.", "");
    let name = name.replace("strategy.", "").replace("analysis.", "");
    name.replace('_', " ")
}

fn draw(canvas: &Canvas<'_>, page: &Page<'_>, top: f64, parameters: &[&ParameterFound]) {
    let theme = page.theme;
    let widest = parameters.iter().map(|it| width_of(&short(&it.name), 12.5, false));
    let names = (widest.fold(0.0, f64::max) + 44.0).min(360.0);
    let bottom = top + HEAD + ROW * parameters.len() as f64;
    let frame = Frame { left: LEFT + names, right: RIGHT - 60.0, top: top + HEAD, bottom };
    let values = parameters.iter().flat_map(|it| [it.matters, it.matters_for_false_rollbacks]);
    let axis = Axis::linear(values.chain([0.1]), (frame.left, frame.right));
    axis.draw(canvas, frame, Side::Below, |it| page.figure("ratio", it));
    axis.title_below(canvas, frame, "share of the variance of the ranks explained");
    let (one, two) = (theme.series[0], theme.series[1]);
    let keys =
        [Key::new(Mark::Slim, one, page.objective()), Key::new(Mark::Slim, two, "false rollbacks")];
    header(canvas, (LEFT, RIGHT), top + 8.0, ("", ""), &keys);
    for (index, it) in parameters.iter().enumerate() {
        let y = frame.top + ROW * (index as f64 + 0.5);
        let name = fitted(&short(&it.name), 12.5, false, names - 40.0);
        canvas.text((LEFT, y), &name, Lettering::new(12.5, theme.ink));
        if let Some(way) = it.correlation.filter(|it| it.abs() > 0.1) {
            arrow(canvas, (frame.left - 14.0, y), way < 0.0);
        }
        for (value, colour, shift) in
            [(it.matters, one, -5.0), (it.matters_for_false_rollbacks, two, 5.0)]
        {
            let (top, bottom) = (y + shift - 4.0, y + shift + 4.0);
            let right = axis.at(value).max(frame.left + 1.0);
            canvas.fill(Frame { left: frame.left, right, top, bottom }, colour);
            let label = page.figure("ratio", value);
            canvas.text((right + 6.0, y + shift), &label, Lettering::new(10.5, theme.mute));
        }
    }
}

/// Up where larger values are better.
fn arrow(canvas: &Canvas<'_>, (x, y): (f64, f64), up: bool) {
    let tip = if up { -6.0 } else { 6.0 };
    let colour = canvas.theme.mute;
    canvas.line(&[(x, y - tip), (x, y + tip)], colour, 1.4);
    canvas.line(&[(x - 3.5, y + 0.4 * tip), (x, y + tip), (x + 3.5, y + 0.4 * tip)], colour, 1.4);
}
