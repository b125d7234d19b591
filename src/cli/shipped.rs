//! The scenarios that come with rollsim, so that `list` and `explain` know them wherever it runs.

/// Name and text of each.
pub(super) const SHIPPED: &[(&str, &str)] = &[
    ("blue-green-api-break", include_str!("../../scenarios/blue-green-api-break.yaml")),
    ("busy-bot", include_str!("../../scenarios/busy-bot.yaml")),
    ("canary-memory-leak", include_str!("../../scenarios/canary-memory-leak.yaml")),
    ("chat-and-webhook", include_str!("../../scenarios/chat-and-webhook.yaml")),
    ("critical-bot", include_str!("../../scenarios/critical-bot.yaml")),
    ("five-instances", include_str!("../../scenarios/five-instances.yaml")),
    ("flag-nlp-beta", include_str!("../../scenarios/flag-nlp-beta.yaml")),
    ("flag-nlp-region", include_str!("../../scenarios/flag-nlp-region.yaml")),
    ("judges", include_str!("../../scenarios/judges.yaml")),
    ("leak-vs-bake", include_str!("../../scenarios/leak-vs-bake.yaml")),
    ("midnight-big-bang", include_str!("../../scenarios/midnight-big-bang.yaml")),
    ("quiet-bot", include_str!("../../scenarios/quiet-bot.yaml")),
    ("real-traffic", include_str!("../../scenarios/real-traffic.yaml")),
    ("regions-bot", include_str!("../../scenarios/regions-bot.yaml")),
    ("rolling-five", include_str!("../../scenarios/rolling-five.yaml")),
    ("simple-bot", include_str!("../../scenarios/simple-bot.yaml")),
];

/// The line that says what a scenario is about.
pub(super) fn title(text: &str) -> &str {
    text.lines().find_map(|line| line.strip_prefix("title: ")).unwrap_or_default()
}

/// The comment with a scenario's story, without the `#`.
pub(super) fn story(text: &str) -> String {
    let comment = text.lines().take_while(|line| line.starts_with('#'));
    let words = comment.filter(|line| !line.starts_with("# yaml-language-server"));
    let lines: Vec<&str> = words.map(|line| line.trim_start_matches('#').trim_start()).collect();
    lines.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn every_shipped_scenario_is_known() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|it| it.unwrap().path())
            .filter(|it| it.extension().is_some_and(|it| it == "yaml"))
            .map(|it| it.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let known: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, known);
    }

    #[test]
    fn every_shipped_scenario_has_a_title_and_tells_its_story() {
        for (name, text) in SHIPPED {
            assert!(!title(text).is_empty(), "{name}");
            assert!(story(text).starts_with("The story: "), "{name}");
            assert!(story(text).contains("To explore: "), "{name}");
        }
    }
}
