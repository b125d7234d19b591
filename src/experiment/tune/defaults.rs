//! What is searched where a scenario does not say, and the settings that many start from.

use serde_json::{Value, json};

use crate::{
    judge::{GateSpec, Recommended},
    model::{ConstraintsSpec, ParameterSpec, RampSpec, TuneSpec},
    scenario::{Scenario, around},
    strategy::WrittenRamp,
    units::Span,
};

/// How far a threshold or the interval between measurements may move, either way.
const REACH: f64 = 4.0;
/// Part of what is left of a trial that a ramp may take.
const ROOM: f64 = 0.8;
const STEPS_MAX: u64 = 6;
const HOLD_MIN: Span = Span::from_secs(60);

/// The tuning of a scenario, with what it leaves out filled in, and what was taken in sentences. The
/// error says why there is nothing to tune.
pub(super) fn filled_in(scenario: &Scenario) -> Result<(TuneSpec, Vec<String>), String> {
    let mut said = Vec::new();
    let mut spec = scenario.tune.clone().unwrap_or_default();
    if spec.parameters.is_empty() {
        spec.parameters = parameters(scenario)?;
        let names: Vec<String> = spec.parameters.keys().map(|it| format!("`{it}`")).collect();
        said.push(format!(
            "The scenario names no parameters: the defaults for its strategy were searched, {}. \
             Thresholds and the interval between measurements range from a quarter to four times \
             their present values.",
            names.join(", ")
        ));
    }
    if spec.constraints == ConstraintsSpec::default() {
        spec.constraints = TuneSpec::usual().constraints;
        said.push(
            "The scenario sets no constraints: at most 1 % false rollbacks were required."
                .to_owned(),
        );
    }
    Ok((spec, said))
}

/// What suits a strategy: its ramp, and its gates.
fn parameters(
    scenario: &Scenario,
) -> Result<std::collections::BTreeMap<String, ParameterSpec>, String> {
    let mut found = std::collections::BTreeMap::new();
    let strategy = scenario.strategy.kind();
    // where there are two, the one that is walked last
    if let Some(WrittenRamp { path, .. }) = strategy.ramps().pop() {
        let path = format!("strategy.{path}");
        found.insert(path, ParameterSpec { ramp: Some(ramp(scenario)), ..none() });
    }
    if strategy.uses_analysis() {
        found.extend(gates(scenario));
    }
    if found.is_empty() {
        return Err(format!(
            "there is nothing to tune: a `{}` without gates has no steps and no thresholds\nhint: \
             name parameters under `tune: {{parameters: ...}}`",
            scenario.strategy.name()
        ));
    }
    Ok(found)
}

fn none() -> ParameterSpec {
    ParameterSpec::default()
}

fn ramp(scenario: &Scenario) -> RampSpec {
    let left = scenario.length.saturating_sub(scenario.rollout_at);
    let most = left.scale(ROOM / STEPS_MAX as f64);
    let hold =
        if most > HOLD_MIN { format!("{HOLD_MIN}..{}", minutes(most)) } else { most.to_string() };
    RampSpec {
        first: "1%..20%".to_owned(),
        last: "50%".to_owned(),
        steps: format!("2..{STEPS_MAX}").into(),
        hold,
    }
}

/// Down to whole minutes.
fn minutes(span: Span) -> Span {
    let minute = Span::from_secs(60).nanos();
    Span::from_nanos((span.nanos() / minute).max(1) * minute)
}

/// Limits and failure limit of each gate, the interval between measurements, and the judge.
fn gates(scenario: &Scenario) -> Vec<(String, ParameterSpec)> {
    let Some(analysis) = &scenario.analysis else { return Vec::new() };
    let mut found = Vec::new();
    for (index, gate) in analysis.gates.iter().enumerate() {
        let at = format!("analysis.gates[{index}]");
        for (key, limit) in gate.judge.kind().tunable() {
            let path = format!("{at}.judge.{}.{key}", gate.judge.name());
            found.extend(around(&json!(limit), REACH).map(|it| (path, range(it))));
        }
        found.push((format!("{at}.failure_limit"), range((json!(0), json!(5)))));
    }
    if let Some((from, to)) = around(&json!(analysis.interval), REACH) {
        let scrape = scenario.telemetry.interval;
        let short = analysis.interval.scale(1.0 / REACH) < scrape;
        let from = if short { json!(scrape) } else { from };
        found.push(("analysis.interval".to_owned(), range((from, to))));
    }
    found.extend(recommended_gates(&analysis.gates));
    found
}

fn range((from, to): (Value, Value)) -> ParameterSpec {
    ParameterSpec { from: Some(from), to: Some(to), ..none() }
}

/// The choice between the gates as they are and the same with the judges that rollsim recommends, and
/// the settings of those. Gates without a recommendation stay, and all keep their places. Nothing where
/// there is nothing to replace.
fn recommended_gates(gates: &[GateSpec]) -> Vec<(String, ParameterSpec)> {
    let recommended: Vec<Option<Recommended>> =
        gates.iter().map(|it| it.judge.kind().recommended()).collect();
    if recommended.iter().all(Option::is_none) {
        return Vec::new();
    }
    let replaced = |(gate, other): (&GateSpec, &Option<Recommended>)| match other {
        Some(Recommended { name, settings, .. }) => {
            let judge = json!({ *name: settings });
            json!({"name": gate.name, "judge": judge, "consecutive_error_limit": 1_000_000})
        }
        None => json!(gate),
    };
    let all: Value = gates.iter().zip(&recommended).map(replaced).collect();
    let choices = Some(vec![json!(gates), all]);
    let mut found = vec![("analysis.gates".to_owned(), ParameterSpec { choices, ..none() })];
    for Recommended { name, tuned, .. } in recommended.into_iter().flatten() {
        let path = |key| format!("analysis.gates[*].judge.{name}.{key}");
        found.extend(tuned.into_iter().map(|(key, from, to)| (path(key), range((from, to)))));
    }
    found
}

/// Settings that many start from.
#[derive(Clone, Debug)]
pub(super) struct Common {
    pub(super) name: &'static str,
    /// Where they come from, and what of them cannot be said here.
    pub(super) about: &'static str,
    pub(super) settings: Vec<(String, Value)>,
}

/// The defaults of well-known controllers, or where they have none the examples of their manuals; those
/// that make no scenario here are left out by the caller.
pub(super) fn common(scenario: &Scenario) -> Vec<Common> {
    let Some(section) = scenario.strategy.kind().says_weights() else { return Vec::new() };
    vec![argo(section), flagger(section), kayenta(section)]
}

/// Steps of weights in this section of a strategy, under an analysis.
fn canary(
    section: &str,
    (weights, hold): (&[&str], &str),
    analysis: Value,
) -> Vec<(String, Value)> {
    let steps: Vec<Value> = weights.iter().map(|it| json!({"weight": it, "hold": hold})).collect();
    vec![
        (format!("strategy.{section}.by"), json!("requests")),
        (format!("strategy.{section}.steps"), steps.into()),
        ("analysis".to_owned(), analysis),
    ]
}

fn argo(section: &str) -> Common {
    let judge = json!({"threshold": {"metric": "error_rate", "fail_above": "5%", "window": "5m"}});
    let gate = json!({"name": "success rate", "failure_limit": 3, "judge": judge});
    Common {
        name: "Argo Rollouts",
        about: "the example of its manual for an analysis in the background: 20, 40, 60 and 80 % \
                for ten minutes each, at least 95 % success every five minutes, three failures \
                allowed; drawn per request",
        settings: canary(
            section,
            (&["20%", "40%", "60%", "80%"], "10m"),
            json!({"interval": "5m", "gates": [gate]}),
        ),
    }
}

fn flagger(section: &str) -> Common {
    let gate = |name: &str, metric: Value, limit: &str| {
        let judge = json!({"threshold": {"metric": metric, "fail_above": limit, "window": "1m"}});
        json!({"name": name, "failure_limit": 4, "consecutive_error_limit": 4, "judge": judge})
    };
    let gates = [
        gate("request-success-rate", json!("error_rate"), "1%"),
        gate("request-duration", json!({"latency": "99%"}), "500ms"),
    ];
    Common {
        name: "Flagger",
        about: "its interval of a minute with the example of its manual: 10 to 50 % in steps of \
                10, at least 99 % success and a 99th percentile of at most 500 ms, rolled back at \
                the fifth failed check; drawn per request. A failed check holds the weight there, \
                but not here",
        settings: canary(
            section,
            (&["10%", "20%", "30%", "40%", "50%"], "1m"),
            json!({"interval": "1m", "gates": gates}),
        ),
    }
}

fn kayenta(section: &str) -> Common {
    let metric = |metric: Value| json!({"metric": metric, "direction": "increase"});
    let metrics = [metric(json!("error_rate")), metric(json!({"latency": "99%"}))];
    let judge = json!({"kayenta": {"metrics": metrics}});
    let gate = json!({"name": "kayenta", "consecutive_error_limit": 1_000_000, "judge": judge});
    Common {
        name: "Kayenta",
        about: "it has no default for weight and time: 10 % for 51 minutes, for the fifty \
                steps of a minute that it recommends, judged at 25 and 50 minutes on errors and \
                99th percentile with Orca's scores (pass 75, marginal 50); drawn per request",
        settings: canary(
            section,
            (&["10%"], "51m"),
            json!({"interval": "25m", "initial_delay": "25m", "gates": [gate]}),
        ),
    }
}
