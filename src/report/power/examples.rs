//! Trials to look at, in plain text.

use crate::{
    experiment::power::{Fate, Power, PowerExample},
    report::words::{hanging, harmless},
    units::{
        round_u64,
        text::{Seconds, counted, elapsed, of_file, seconds},
    },
};

/// What each example is, the command that repeats it, and what happened in it.
pub fn power_examples(power: &Power) -> String {
    let mut text = String::new();
    for example in &power.examples {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&hanging("", 2, &title(example)));
        text.extend(["  ", &harmless(&example.command), "\n"]);
        if let Some((at, look)) = &example.deciding {
            let look = format!("decided after {} by: {look}", seconds(*at));
            text.push_str(&hanging("  ", 2, &harmless(&look)));
        }
        let times = example.entries.iter().map(|it| since(it.0).chars().count());
        let width = times.max().unwrap_or(0);
        for (index, (at, topic, words, cause)) in example.entries.iter().enumerate() {
            if example.left_out > 0 && index == example.entries.len() / 2 {
                text.extend([format!("  … {}\n", counted(example.left_out, "entry"))]);
            }
            let cause = if cause.is_empty() { String::new() } else { format!(": {cause}") };
            let head = format!("  {:width$}  {topic:<9}", since(*at));
            text.push_str(&hanging(&head, width + 13, &harmless(&format!("{words}{cause}"))));
        }
    }
    text
}

/// A moment as in a timeline: `T+01:02:05`.
fn since(seconds: f64) -> String {
    elapsed(round_u64(seconds).cast_signed(), Seconds::Shown)
}

/// Such as `A caught defect: errors 0.5 %, trial 3, seed 17`.
pub(super) fn title(example: &PowerExample) -> String {
    let what = match example.fate {
        Fate::FalseRollback => "A false rollback",
        Fate::Catch => "A caught defect",
        Fate::Miss => "A miss",
        Fate::Promotion => "A correct promotion",
    };
    let cell: Vec<String> = example.cell.split(' ').map(of_file).collect();
    let cell = cell.join(" ");
    harmless(&format!("{what}: {cell}, trial {}, seed {}", example.trial, example.seed))
}
