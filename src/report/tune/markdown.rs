//! A tuning in GitHub's Markdown.

use super::{
    table::{cells, heads, value},
    words::words,
};
use crate::{
    experiment::tune::{Part, Tuning},
    report::{
        markdown::{escape, fence},
        words::harmless,
    },
    units::text::{Unit, counted, share},
};

/// The answer first, then what changes, the contestants and the patch; assumptions are folded.
pub fn markdown(tuning: &Tuning) -> String {
    let mut said = words(tuning).into_iter();
    let answer = said.next().unwrap_or_default();
    let title = if tuning.title.is_empty() { &tuning.name } else { &tuning.title };
    let mut text = format!("### {}\n\n**{}**\n\n", escape(title), escape(&answer));
    for sentence in said {
        text.extend([format!("- {}\n", escape(&sentence))]);
    }
    text.push('\n');
    text.push_str(&changes(tuning));
    text.push_str(&contestants(tuning));
    text.push_str(&parameters(tuning));
    text.push_str(&method(tuning));
    text
}

fn changes(tuning: &Tuning) -> String {
    if tuning.changes.is_empty() {
        return String::new();
    }
    let mut text = "| setting | now | recommended |\n|:--|:--|:--|\n".to_owned();
    for it in &tuning.changes {
        let (now, then) = (value(&it.now), value(&it.recommended));
        text.extend([format!("| {} | {} | {} |\n", escape(&it.path), escape(&now), escape(&then))]);
    }
    let fence = fence(&tuning.patch);
    text.extend([format!("\n{fence}yaml\n{}{fence}\n\n", harmless_lines(&tuning.patch))]);
    text
}

/// Lines of a file, each made harmless.
fn harmless_lines(text: &str) -> String {
    text.lines().map(|it| harmless(it) + "\n").collect()
}

fn contestants(tuning: &Tuning) -> String {
    let heads = heads(tuning).map(|it| it.replace('\n', " "));
    let mut text = format!("| on fresh seeds | {} |\n|:--|", heads.join(" | "));
    text.push_str(&"--:|".repeat(heads.len()));
    text.push('\n');
    for (index, it) in tuning.contestants.iter().enumerate() {
        let name = escape(&it.name);
        let name = if index == tuning.verdict.recommended { format!("**{name}**") } else { name };
        let cells: Vec<String> = cells(tuning, it).iter().map(|it| escape(it)).collect();
        text.extend([format!("| {name} | {} |\n", cells.join(" | "))]);
    }
    text.push('\n');
    for it in tuning.contestants.iter().filter(|it| it.part == Part::Common) {
        let about = it.about.clone().unwrap_or_default();
        text.extend([format!("- {}: {}.\n", escape(&it.name), escape(&about))]);
    }
    text + "\n"
}

fn parameters(tuning: &Tuning) -> String {
    let mut text =
        "| parameter | explains of the objective | of false rollbacks | rank correlation \
         |\n|:--|--:|--:|--:|\n"
            .to_owned();
    for it in &tuning.parameters {
        let correlation =
            it.correlation.map_or_else(String::new, |it| Unit::Count.change(it, it, it));
        text.extend([format!(
            "| {} | {} | {} | {correlation} |\n",
            escape(&it.name),
            share(it.matters),
            share(it.matters_for_false_rollbacks)
        )]);
    }
    text + "\nShare of the variance of the ranks that a parameter explains alone, over the \
            starting points of the search.\n\n"
}

fn method(tuning: &Tuning) -> String {
    let mut text = "<details><summary>Assumptions and method</summary>\n\n".to_owned();
    for it in &tuning.assumptions {
        text.extend([format!("- {}\n", escape(it))]);
    }
    let classes = tuning.classes.iter().map(|it| {
        let trials = counted(it.trials, "trial");
        escape(&format!("{} {} ({trials})", it.name, share(it.chance)))
    });
    text.extend([format!("- Releases: {}.\n", classes.collect::<Vec<_>>().join("; "))]);
    text.push_str(
        "- Search: evenly spread (Sobol) starting points, of which successive halving keeps a \
         third each time and drops candidates that almost certainly violate a constraint; then \
         two rounds of small random steps around the best. All candidates are simulated on the \
         same releases and random draws; half of the trials have good releases. No estimate of \
         the search is reported as a result: the finalists were judged on seeds that it never \
         used.\n\n</details>\n\n",
    );
    let fence = fence(&tuning.command);
    text.extend([format!("{fence}sh\n{}\n{fence}\n", harmless(&tuning.command))]);
    text
}
