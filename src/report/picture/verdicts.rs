//! The measurements of the judge, a row for each gate.

use super::context::{AXIS, HEADER, MARGIN, PictureContext, Section};
use crate::{
    judge::Verdict,
    report::{
        chart::{Canvas, Colour, Key, Lettering, Mark, Theme, fitted, header},
        words::harmless,
    },
};

const ROW: f64 = 18.0;
/// Gates with a row of their own.
const ROWS_MAX: usize = 8;
/// Marks of a row are at least this far apart; between them only worse ones are drawn.
const APART: f64 = 7.0;

const fn mark(verdict: Verdict, theme: &Theme) -> (Mark, Colour) {
    match verdict {
        Verdict::Pass | Verdict::Accept => (Mark::Dot, theme.good),
        Verdict::Fail => (Mark::Cross, theme.bad),
        Verdict::Inconclusive => (Mark::Diamond, theme.unsure),
        Verdict::TooFew | Verdict::Error => (Mark::Slim, theme.mute),
    }
}

/// None without a measurement.
pub(super) fn section<'p>(context: &'p PictureContext<'p>) -> Option<Section<'p>> {
    let mut gates: Vec<&str> = Vec::new();
    for look in &context.trial.outcome.measurements {
        if !gates.contains(&look.gate.as_str()) && gates.len() < ROWS_MAX {
            gates.push(&look.gate);
        }
    }
    let height = HEADER + ROW * gates.len() as f64;
    let some = !gates.is_empty();
    some.then(|| Section::new(height, move |canvas, top| draw(canvas, context, top, &gates)))
}

fn draw(canvas: &Canvas<'_>, context: &PictureContext<'_>, top: f64, gates: &[&str]) {
    let theme = context.theme;
    let key = |verdict, words: &str| {
        let (mark, colour) = mark(verdict, theme);
        Key::new(mark, colour, words)
    };
    let keys = [
        key(Verdict::Pass, "pass"),
        key(Verdict::Inconclusive, "inconclusive"),
        key(Verdict::Fail, "fail"),
        key(Verdict::TooFew, "no verdict"),
    ];
    let name = ("Verdicts", "each measurement of each gate of the analysis");
    header(canvas, (MARGIN, AXIS.1), top + 9.0, name, &keys);
    for (row, gate) in gates.iter().enumerate() {
        let y = top + HEADER + ROW * (row as f64 + 0.5);
        let label = fitted(&harmless(gate), 11.5, false, AXIS.0 - MARGIN - 12.0);
        canvas.text((AXIS.0 - 12.0, y), &label, Lettering::new(11.5, theme.mute).flush_right());
        let looks = context.trial.outcome.measurements.iter();
        let looks = looks.filter(|it| it.gate == *gate && context.shows(it.at));
        let mut drawn: Option<(f64, Verdict)> = None;
        for it in looks {
            let (x, verdict) = (context.x(it.at), it.assessment.verdict);
            if drawn.is_some_and(|(before, last)| x - before < APART && last == verdict) {
                continue;
            }
            drawn = Some((x, verdict));
            let (mark, colour) = mark(verdict, theme);
            canvas.mark((x, y), mark, colour);
        }
    }
}
