//! The sheet around every chart: title and caption above it; below it how much it rests on, and the
//! command that makes it again.

use super::context::ChartContext;
use crate::{
    report::{
        chart::{Canvas, Lettering, Theme, drawn, fitted, laid_out, width_of},
        words::harmless,
    },
    units::{
        round_u64,
        text::{counted, share},
    },
};

pub(in crate::report) const WIDTH: u32 = 960;
const MARGIN: f64 = 28.0;
pub(in crate::report) const LEFT: f64 = MARGIN;
pub(in crate::report) const RIGHT: f64 = WIDTH as f64 - MARGIN;
const TITLE: f64 = 19.0;
const CAPTION: f64 = 13.0;
const CAPTION_LINE: f64 = 18.0;
const CAPTION_LINES_MAX: usize = 3;
const FOOT: f64 = 11.0;
const FOOT_HEIGHT: f64 = 58.0;
pub(in crate::report) const PARTIAL: &str = "interrupted: partial";

/// A chart, ready to be written or embedded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartFile {
    /// Stem of its file, such as `ranking-cost`.
    pub name: &'static str,
    pub title: String,
    /// What it shows and how to read it, in a sentence or two.
    pub caption: String,
    /// The drawing with title and caption in it. The same summary gives the same bytes.
    pub svg: String,
}

/// What a chart is called and says about itself.
pub(in crate::report) struct Words {
    pub(in crate::report) name: &'static str,
    pub(in crate::report) title: String,
    pub(in crate::report) caption: String,
}

/// What every sheet of one report says below its drawing.
pub(in crate::report) struct Foot<'s> {
    pub(in crate::report) theme: &'static Theme,
    pub(in crate::report) complete: bool,
    /// How much it rests on.
    pub(in crate::report) rests_on: String,
    pub(in crate::report) title: &'s str,
    pub(in crate::report) command: &'s str,
}

/// A chart whose own part is so many pixels high and drawn below a given line.
pub(super) fn sheet(
    context: &ChartContext<'_>,
    words: Words,
    height: f64,
    draw: impl FnOnce(&Canvas<'_>, f64),
) -> ChartFile {
    let ChartContext { summary, theme, .. } = context;
    let foot = Foot {
        theme,
        complete: summary.complete,
        rests_on: rests_on(context),
        title: &summary.title,
        command: &summary.command,
    };
    sheet_of(&foot, words, height, draw)
}

/// The same for any report.
pub(in crate::report) fn sheet_of(
    foot: &Foot<'_>,
    words: Words,
    height: f64,
    draw: impl FnOnce(&Canvas<'_>, f64),
) -> ChartFile {
    let room = RIGHT - LEFT;
    let lines = laid_out(&words.caption, (CAPTION, false), room, CAPTION_LINES_MAX);
    let top = 46.0 + CAPTION_LINE * lines.len() as f64 + 12.0;
    let full = top + height + FOOT_HEIGHT;
    let size = (WIDTH, u32::try_from(round_u64(full.ceil())).unwrap_or(WIDTH));
    let theme = foot.theme;
    let svg = drawn(size, &format!("{}. {}", words.title, words.caption), theme, |canvas| {
        let partial = if foot.complete { 0.0 } else { width_of(PARTIAL, 12.0, true) };
        let style = Lettering::new(TITLE, theme.ink).bold();
        let title = fitted(&words.title, TITLE, true, room - partial - 16.0);
        canvas.text((LEFT, 28.0), &title, style);
        if partial > 0.0 {
            let style = Lettering::new(12.0, theme.bad).bold().flush_right();
            canvas.text((RIGHT, 28.0), PARTIAL, style);
        }
        for (index, line) in lines.iter().enumerate() {
            let y = 52.0 + CAPTION_LINE * index as f64;
            canvas.text((LEFT, y), line, Lettering::new(CAPTION, theme.mute));
        }
        draw(canvas, top);
        foot.draw(canvas, full);
    });
    ChartFile { name: words.name, title: words.title, caption: words.caption, svg }
}

impl Foot<'_> {
    fn draw(&self, canvas: &Canvas<'_>, bottom: f64) {
        let theme = self.theme;
        let room = RIGHT - LEFT;
        canvas.line(&[(LEFT, bottom - 43.0), (RIGHT, bottom - 43.0)], theme.grid, 1.0);
        let style = Lettering::new(FOOT, theme.mute);
        let left = room - style.width_of(&self.rests_on) - 16.0;
        let title = fitted(&harmless(self.title), FOOT, false, left.max(0.0));
        let first = if left < 40.0 || title.is_empty() {
            self.rests_on.clone()
        } else {
            format!("{}  ·  {title}", self.rests_on)
        };
        canvas.text((LEFT, bottom - 29.0), &fitted(&first, FOOT, false, room), style);
        let again = fitted(&harmless(self.command), FOOT, false, room);
        canvas.text((LEFT, bottom - 13.0), &again, style);
    }
}

/// `2,400 trials of each strategy, 95 % intervals that hold at all 7 looks  ·  seed 1`.
fn rests_on(context: &ChartContext<'_>) -> String {
    let summary = context.summary;
    let trials = counted(summary.trials, "trial");
    let at_most = if summary.left_out().is_empty() { "" } else { "at most " };
    let partial = if summary.complete { String::new() } else { format!("{PARTIAL}, ") };
    let level = share(summary.confidence);
    let looks = match summary.looks {
        0 | 1 => String::new(),
        looks => format!(" that hold at all {looks} looks together"),
    };
    format!(
        "{partial}{at_most}{trials} of each strategy, {level} intervals{looks}  ·  seed {}",
        summary.seed
    )
}
