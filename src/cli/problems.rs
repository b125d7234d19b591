//! Problems as people read them: the line, what is wrong with it, what would be right.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::{
    scenario::{Location, Problem, Problems, Severity, Sources},
    units::text::{escaped, harmless, is_harmful},
};

/// Problems of one scenario that are shown in full; the rest is counted.
const SHOWN_MAX: usize = 50;
/// Longer lines are cut before they are rendered, which takes time in proportion to them.
const LINE_BYTES_MAX: usize = 2_000;
/// What is shown of such a line on either side of where its problem begins.
const LEAD_CHARS: usize = 50;

/// Writes problems to the standard error, in colour where that is a terminal that wants it.
pub(super) fn tell(problems: &Problems) -> io::Result<()> {
    let text = in_order(&rendered(problems, &Renderer::styled()));
    anstream::stderr().lock().write_all(text.as_bytes())
}

fn rendered(problems: &Problems, renderer: &Renderer) -> String {
    let mut text = String::new();
    for problem in problems.iter().take(SHOWN_MAX) {
        text.push_str(&renderer.render(&[report(problem, problems.sources())]));
        text.push_str("\n\n");
    }
    let total = problems.len();
    if total > SHOWN_MAX {
        let more = total - SHOWN_MAX;
        let note = format!("{more} more problems are not shown; `--format json` lists all {total}");
        text.extend([&note, "\n"]);
    }
    text
}

/// The rendered text without characters that reorder it; those that steer are its own.
fn in_order(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for letter in text.chars() {
        escaped(letter, is_harmful(letter) && !letter.is_control(), &mut clean);
    }
    clean
}

fn report<'p>(problem: &'p Problem, sources: &'p Sources) -> Group<'p> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group =
        level.primary_title(problem.message.as_str()).elements(Vec::<Origin<'_>>::new());
    if let Some(location) = problem.location {
        group = placed(group, location, sources);
    }
    if let Some(allowed) = &problem.allowed {
        group = group.element(Level::NOTE.with_name("allowed").message(allowed.as_str()));
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
    }
    group
}

fn placed<'p>(group: Group<'p>, location: Location, sources: &'p Sources) -> Group<'p> {
    let Some(source) = sources.get(location.file) else {
        return group;
    };
    let Some(line) = source.line(location.line).filter(|_| location.line > 0) else {
        return group.element(Origin::path(harmless(&source.name)));
    };
    let before = location.column - 1;
    if line.len() > LINE_BYTES_MAX {
        return cut(group, line, location, harmless(&source.name));
    }
    let span = chars_to_bytes(line, before, location.length);
    group.element(
        Snippet::source(line)
            .line_start(location.line)
            .path(harmless(&source.name))
            .annotation(AnnotationKind::Primary.span(span)),
    )
}

/// A part of a line that is too long for the renderer, which cannot know the column of a part.
fn cut<'p>(group: Group<'p>, line: &str, location: Location, name: String) -> Group<'p> {
    let before = location.column - 1;
    let from = before.saturating_sub(LEAD_CHARS);
    let part: String = line.chars().skip(from).take(2 * LEAD_CHARS).collect();
    let span = chars_to_bytes(&part, before - from, location.length);
    let place = Origin::path(name).line(location.line).char_column(location.column);
    let snippet = Snippet::source(part).line_start(location.line);
    group.element(place).element(snippet.annotation(AnnotationKind::Primary.span(span)))
}

/// The bytes of `length` characters after the first `before`, within the text.
fn chars_to_bytes(text: &str, before: usize, length: usize) -> std::ops::Range<usize> {
    let at = |count: usize| text.char_indices().nth(count).map_or(text.len(), |(byte, _)| byte);
    at(before)..at(before.saturating_add(length))
}
