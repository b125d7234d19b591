//! The sheet around every chart: title and caption above it, what it rests on and the command below.

use super::Page;
use crate::{
    report::{
        ChartFile,
        chart::{Canvas, Lettering, drawn, fitted, laid_out},
        words::harmless,
    },
    units::{
        round_u64,
        text::{count, counted},
    },
};

const WIDTH: u32 = 960;
pub(super) const LEFT: f64 = 28.0;
pub(super) const RIGHT: f64 = WIDTH as f64 - 28.0;
const TITLE: f64 = 19.0;
const CAPTION: f64 = 13.0;
const CAPTION_LINE: f64 = 18.0;
const CAPTION_LINES_MAX: usize = 4;
const FOOT: f64 = 11.0;
const FOOT_HEIGHT: f64 = 58.0;

/// What a chart is called and says about itself.
pub(super) struct Words {
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) caption: String,
}

/// A chart whose own part is so many pixels high and drawn below a given line.
pub(super) fn sheet(
    page: &Page<'_>,
    words: Words,
    height: f64,
    draw: impl FnOnce(&Canvas<'_>, f64),
) -> ChartFile {
    let room = RIGHT - LEFT;
    let lines = laid_out(&words.caption, (CAPTION, false), room, CAPTION_LINES_MAX);
    let top = 46.0 + CAPTION_LINE * lines.len() as f64 + 12.0;
    let full = top + height + FOOT_HEIGHT;
    let size = (WIDTH, u32::try_from(round_u64(full.ceil())).unwrap_or(WIDTH));
    let theme = page.theme;
    let svg = drawn(size, &format!("{}. {}", words.title, words.caption), theme, |canvas| {
        let title = fitted(&words.title, TITLE, true, room);
        canvas.text((LEFT, 28.0), &title, Lettering::new(TITLE, theme.ink).bold());
        for (index, line) in lines.iter().enumerate() {
            let y = 52.0 + CAPTION_LINE * index as f64;
            canvas.text((LEFT, y), line, Lettering::new(CAPTION, theme.mute));
        }
        draw(canvas, top);
        foot(canvas, page, full);
    });
    ChartFile { name: words.name, title: words.title, caption: words.caption, svg }
}

fn foot(canvas: &Canvas<'_>, page: &Page<'_>, bottom: f64) {
    let (theme, tuning) = (page.theme, page.tuning);
    let room = RIGHT - LEFT;
    canvas.line(&[(LEFT, bottom - 43.0), (RIGHT, bottom - 43.0)], theme.grid, 1.0);
    let style = Lettering::new(FOOT, theme.mute);
    let spent = tuning.trials;
    let rests = format!(
        "{} of {} in the search, {} on fresh seeds  ·  seed {}  ·  {}",
        counted(spent.search, "trial"),
        counted(tuning.candidates.len() as u64, "candidate"),
        count(spent.fresh),
        tuning.seed,
        harmless(&tuning.title)
    );
    canvas.text((LEFT, bottom - 29.0), &fitted(&rests, FOOT, false, room), style);
    let again = fitted(&harmless(&tuning.command), FOOT, false, room);
    canvas.text((LEFT, bottom - 13.0), &again, style);
}
