//! The instances: a bar for each, from its start to its end, by release and state.

use super::context::{AXIS, HEADER, MARGIN, PictureContext, Section};
use crate::{
    model::ReleaseId,
    report::chart::{Canvas, Colour, Frame, Key, Lettering, Mark, Theme, header},
    sim::{Life, LifeState},
    units::Instant,
};

/// More instances than this are counted instead.
pub(super) const ROWS_MAX: usize = 40;
/// Between two releases.
const BETWEEN: f64 = 8.0;

/// Restarts are seen even where they take no time.
const RESTART_WIDTH: f64 = 2.0;

fn is_restart(index: usize, state: LifeState) -> bool {
    state == LifeState::Crashed || index > 0 && state == LifeState::Starting
}

/// Colour of a state, and how much of a row's height it fills; none when there is nothing to see.
pub(super) fn shade(theme: &Theme, release: ReleaseId, state: LifeState) -> Option<(Colour, f64)> {
    let full = theme.of_release(release);
    match state {
        LifeState::Ready => Some((full, 0.8)),
        LifeState::Starting | LifeState::Up => Some((full.over(theme.paper, 0.35), 0.8)),
        LifeState::Draining => Some((full, 0.22)),
        LifeState::Crashed => Some((theme.ink, 0.8)),
        LifeState::Gone => None,
    }
}

pub(super) fn keys(context: &PictureContext<'_>) -> Vec<Key> {
    let theme = context.theme;
    let tint = |colour: Colour| colour.over(theme.paper, 0.35);
    let lives = &context.trial.outcome.lives;
    let drains =
        lives.iter().flat_map(|it| &it.stretches).any(|it| it.state == LifeState::Draining);
    let restarts = lives
        .iter()
        .any(|it| it.stretches.iter().enumerate().any(|(index, it)| is_restart(index, it.state)));
    let shipped = if context.ships { context.names.len() } else { 1 };
    let named = context.names.entries().take(shipped);
    let key = |(release, name): (ReleaseId, &String)| {
        Key::new(Mark::Box, theme.of_release(release), name.as_str())
    };
    let mut keys: Vec<Key> = named.map(key).collect();
    keys.push(Key::new(Mark::Box, tint(theme.mute), "pale: starting or not ready"));
    if drains {
        keys.push(Key::new(Mark::Slim, theme.mute, "slim: draining"));
    }
    if restarts {
        keys.push(Key::new(Mark::Box, theme.ink, "black: crashed or restarted"));
    }
    keys
}

pub(super) fn section<'p>(context: &'p PictureContext<'p>) -> Section<'p> {
    let lives = &context.trial.outcome.lives;
    let mut rows: Vec<&Life> = lives.iter().collect();
    rows.sort_by_key(|it| (it.release, it.pod));
    let row = if rows.len() > 20 { 9.0 } else { 14.0 };
    let between = BETWEEN * (context.names.len() - 1) as f64;
    let height = HEADER + row * rows.len() as f64 + between;
    Section::new(height, move |canvas, top| draw(canvas, context, (top, row), &rows))
}

fn draw(canvas: &Canvas<'_>, context: &PictureContext<'_>, (top, row): (f64, f64), rows: &[&Life]) {
    let name = ("Instances", "one bar each");
    header(canvas, (MARGIN, AXIS.1), top + 9.0, name, &keys(context));
    let mut before = None;
    let mut y = top + HEADER;
    for life in rows {
        let first = before != Some(life.release);
        if first && before.is_some() {
            y += BETWEEN;
        }
        before = Some(life.release);
        let middle = y + row / 2.0;
        if first {
            let style = Lettering::new(11.5, context.theme.ink).flush_right();
            canvas.text((AXIS.0 - 12.0, middle), &context.names[life.release], style);
        }
        bar(canvas, context, life, (middle, row));
        y += row;
    }
}

fn bar(canvas: &Canvas<'_>, context: &PictureContext<'_>, life: &Life, (middle, row): (f64, f64)) {
    let end = Instant::ZERO + context.trial.plan.scenario.length;
    for (index, stretch) in life.stretches.iter().enumerate() {
        let until = life.stretches.get(index + 1).map_or(end, |it| it.from);
        let Some((colour, part)) = shade(context.theme, life.release, stretch.state) else {
            continue;
        };
        let half = row * part / 2.0;
        let left = context.x(stretch.from);
        // what lasts shorter than a pixel is seen all the same
        let right = context.x(until).max(left + 0.8).min(AXIS.1);
        let visible = context.window.0 <= until.as_secs_f64() && left < right;
        let (top, bottom) = (middle - half, middle + half);
        if visible {
            canvas.fill(Frame { left, top, right, bottom }, colour);
        }
        if visible && is_restart(index, stretch.state) && context.shows(stretch.from) {
            let right = left + RESTART_WIDTH;
            canvas.fill(Frame { left, top, right, bottom }, context.theme.ink);
        }
    }
}
