//! Problems as people read them: the line, what is wrong with it, what would be right.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::scenario::{Location, Problem, Problems, Severity, Sources};

/// Problems of one scenario that are shown in full; the rest is counted.
const SHOWN_MAX: usize = 50;
/// Widest part of a line that is shown, in characters.
const LINE_CHARS_MAX: usize = 120;
/// What is shown of a cut line before its problem.
const LEAD_CHARS: usize = 40;

/// Writes problems to the standard error, in colour where that is a terminal that wants it.
pub(super) fn tell(problems: &Problems) -> io::Result<()> {
    let text = rendered(problems, &Renderer::styled());
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
        text.push_str(&format!(
            "{} more problems are not shown; `--format json` lists all {total}\n",
            total - SHOWN_MAX
        ));
    }
    text
}

fn report<'p>(problem: &'p Problem, sources: &'p Sources) -> Group<'p> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level.primary_title(problem.message.as_str()).elements(Vec::<Origin<'_>>::new());
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
        return group.element(Origin::path(source.name.as_str()));
    };
    let before = location.column - 1;
    let count = line.chars().count();
    if count <= LINE_CHARS_MAX {
        let span = chars_to_bytes(line, before, location.length);
        return group.element(
            Snippet::source(line)
                .line_start(location.line)
                .path(source.name.as_str())
                .annotation(AnnotationKind::Primary.span(span)),
        );
    }
    // the column stays that of the file, which the renderer could not know from a part of the line
    let from = before.saturating_sub(LEAD_CHARS);
    let part: String = line.chars().skip(from).take(LINE_CHARS_MAX).collect();
    let head = if from > 0 { "…" } else { "" };
    let tail = if from + LINE_CHARS_MAX < count { "…" } else { "" };
    let part = format!("{head}{part}{tail}");
    let span = chars_to_bytes(&part, before - from + head.chars().count(), location.length);
    let place = Origin::path(source.name.as_str()).line(location.line);
    group.element(place.char_column(location.column)).element(
        Snippet::source(part)
            .line_start(location.line)
            .annotation(AnnotationKind::Primary.span(span)),
    )
}

/// The bytes of `length` characters after the first `before`, within the text.
fn chars_to_bytes(text: &str, before: usize, length: usize) -> std::ops::Range<usize> {
    let at = |count: usize| text.char_indices().nth(count).map_or(text.len(), |(byte, _)| byte);
    at(before)..at(before.saturating_add(length))
}
