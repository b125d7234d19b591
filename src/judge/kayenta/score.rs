//! From classified metrics to one score, as Kayenta's weighted sum has it.

use std::collections::BTreeMap;

use super::classify::{Classified, Label};

/// A classified metric and where it counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scored<'a> {
    pub(super) classified: Classified,
    pub(super) muted: bool,
    /// Every group that it counts in.
    pub(super) groups: &'a [String],
}

/// The score of a judgement, 0 to 100, to two decimals.
///
/// A group's score is the part of its metrics that pass, those without data aside. The sum of the
/// groups is weighted in percent: groups without a weight share what the others leave; a weight for a
/// group that has no metric is lost; a group in which nothing counts gives its weight in full. Zero if
/// a critical metric does not pass, if half of the metrics have no data, or if there are none.
pub(super) fn score(metrics: &[Scored<'_>], weights: &BTreeMap<String, f64>) -> f64 {
    let heard: Vec<&Scored<'_>> = metrics.iter().filter(|it| !it.muted).collect();
    let nodata = heard.iter().filter(|it| it.classified.label == Label::Nodata).count();
    let fatal = |it: &&Scored<'_>| it.classified.critical && it.classified.label != Label::Pass;
    if heard.iter().any(fatal) || 2 * nodata >= heard.len() {
        return 0.0;
    }
    let mut groups: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for metric in &heard {
        for group in metric.groups {
            let (passed, counted) = groups.entry(group).or_default();
            *passed += u32::from(metric.classified.label == Label::Pass);
            *counted += u32::from(metric.classified.label != Label::Nodata);
        }
    }
    let all: f64 = weights.values().sum();
    let without = groups.len() - groups.keys().filter(|it| weights.contains_key(**it)).count();
    let shared = (100.0 - all) / (without.max(1)) as f64;
    let sum: f64 = groups
        .iter()
        .map(|(group, (passed, counted))| {
            let weight = weights.get(*group).copied().unwrap_or(shared);
            let share = if *counted == 0 { 1.0 } else { f64::from(*passed) / f64::from(*counted) };
            share * weight
        })
        .sum();
    (sum * 100.0).round() / 100.0
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    fn scored(label: Label, groups: &[String]) -> Scored<'_> {
        let classified = Classified { label, critical: false, effect: 1.0, shift: None };
        Scored { classified, muted: false, groups }
    }

    fn weights(of: &[(&str, f64)]) -> BTreeMap<String, f64> {
        of.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect()
    }

    #[test]
    fn groups_share_what_the_weights_leave() {
        let (a, b, c) = (["a".to_owned()], ["b".to_owned()], ["c".to_owned()]);
        let metrics = [
            scored(Label::Pass, &a),
            scored(Label::High, &a),
            scored(Label::Pass, &a),
            scored(Label::Low, &b),
            scored(Label::Pass, &c),
        ];
        assert_eq!(score(&metrics, &weights(&[])), 55.56);
        assert_eq!(score(&metrics, &weights(&[("a", 40.0)])), 56.67);
        // what is said of a group that is not there is lost
        assert_eq!(score(&metrics, &weights(&[("a", 30.0), ("x", 50.0)])), 30.0);
    }

    #[test]
    fn metrics_without_data_do_not_count_until_they_are_half_of_all() {
        let (a, b) = (["a".to_owned()], ["b".to_owned()]);
        let of = |labels: &[Label]| {
            let metrics: Vec<Scored<'_>> = labels.iter().map(|it| scored(*it, &a)).collect();
            score(&metrics, &weights(&[]))
        };
        assert_eq!(of(&[Label::Pass, Label::Pass, Label::Nodata]), 100.0);
        assert_eq!(of(&[Label::Pass, Label::NodataFail, Label::Nodata]), 50.0);
        assert_eq!(of(&[Label::Pass, Label::Nodata]), 0.0);
        assert_eq!(of(&[]), 0.0);
        // a group in which nothing counts is worth its weight
        let metrics = [scored(Label::High, &a), scored(Label::High, &a), scored(Label::Nodata, &b)];
        assert_eq!(score(&metrics, &weights(&[])), 50.0);
    }

    #[test]
    fn a_critical_metric_that_is_not_as_good_costs_everything_and_a_muted_one_nothing() {
        let a = ["a".to_owned()];
        let mut metrics = [scored(Label::Pass, &a), scored(Label::High, &a)];
        metrics[1].muted = true;
        assert_eq!(score(&metrics, &weights(&[])), 100.0);
        metrics[1].muted = false;
        assert_eq!(score(&metrics, &weights(&[])), 50.0);
        metrics[1].classified.critical = true;
        assert_eq!(score(&metrics, &weights(&[])), 0.0);
    }
}
