//! What is rolled out for judges to be compared on.

use serde_json::{Value, json};

use super::WorldOfJudges;
use crate::{
    scenario::Scenario,
    units::{Span, text},
};

/// Error rates of the bad releases, as multiples of a normal day's.
const RATIOS: [f64; 6] = [1.5, 2.0, 3.0, 5.0, 10.0, 20.0];
/// The incident: errors of the whole service are so many times as frequent, from so long after the
/// start of the rollout, for so long.
const INCIDENT: (f64, Span, Span) = (6.0, Span::from_secs(600), Span::from_secs(300));
/// Spread of the errors of uneven instances.
const SPREAD: &str = "20%";
/// A bot without errors is given this many: else a multiple of them is nothing.
const ERRORS_MIN: f64 = 0.001;

/// Settings over a scenario.
type Values = Vec<(String, Value)>;

/// Good releases on a normal day, during an incident and on uneven instances; then worse and worse
/// ones.
pub(super) fn worlds(scenario: &Scenario) -> Vec<(WorldOfJudges, Values)> {
    let errors = scenario.fleet.errors.get().max(ERRORS_MIN);
    let release = &scenario.release;
    // of the release nothing is kept but its versions
    let common = |defects: Value| -> Values {
        vec![
            ("analysis.gates[*].dry_run".to_owned(), json!(true)),
            (
                "release".to_owned(),
                json!({"from": release.from, "to": release.to, "defects": defects}),
            ),
            ("releases".to_owned(), Value::Null),
            ("fleet.errors".to_owned(), percent(errors)),
        ]
    };
    let with = |(path, value): (&str, Value)| {
        let mut values = common(json!([]));
        values.push((path.to_owned(), value));
        values
    };
    let world = |name: &str, about: String, good: bool| WorldOfJudges {
        name: name.to_owned(),
        about,
        good,
    };
    let (times, after, lasts) = INCIDENT;
    let at = scenario.rollout_at.saturating_add(after);
    let mut incidents = serde_json::to_value(&scenario.incidents).unwrap_or_default();
    let struck = json!({"name": "bad minutes", "when": {"at": at}, "lasts": lasts, "effect": more_errors(errors, times)});
    incidents.as_array_mut().into_iter().for_each(|it| it.push(struck.clone()));
    let mut worlds = vec![
        (world("healthy", "no defect".to_owned(), true), common(json!([]))),
        (
            world(
                "shock",
                format!(
                    "no defect; from {} after the start the whole service has {times} times its \
                     errors for {}",
                    text::span(after),
                    text::span(lasts)
                ),
                true,
            ),
            with(("incidents", incidents)),
        ),
        (
            world(
                "uneven",
                format!("no defect; instances differ by {} in their errors", text::of_file(SPREAD)),
                true,
            ),
            with(("fleet.errors_spread", json!(SPREAD))),
        ),
    ];
    for ratio in RATIOS {
        let defect = json!([{"name": "more errors", "effect": more_errors(errors, ratio)}]);
        let about = format!("the release fails {ratio} times as often");
        worlds.push((world(&format!("{ratio}x"), about, false), common(defect)));
    }
    worlds
}

/// Errors on top of those of a normal day, so that both together are a multiple of these.
fn more_errors(errors: f64, times: f64) -> Value {
    let more = ((times - 1.0) * errors / (1.0 - errors)).min(1.0);
    json!({"errors": {"rate": percent(more)}})
}

fn percent(share: f64) -> Value {
    json!(crate::units::Ratio::clamped(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_on_top_make_the_multiple_together() {
        // 0.5 % and 0.502512562814 % of the rest are 1 % together
        let Value::String(rate) = &more_errors(0.005, 2.0)["errors"]["rate"] else { panic!() };
        let rate: crate::units::Ratio = rate.parse().unwrap();
        assert!((0.005 + 0.995 * rate.get() - 0.01).abs() < 1e-9);
    }
}
