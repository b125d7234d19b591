//! From a scenario to its plan, as it is written or with some of its settings changed.

use std::path::Path;

use serde_json::Value;

use super::{
    FromFile, Node, Plan, Problem, Scenario,
    check::problems_of,
    compile::Compiler,
    place::{leave_out_replaced, places},
    shape, tuning_problems,
};
use crate::model::ExpectSpec;

/// Checks a scenario and compiles its plan. `folder` is where its data files are.
///
/// The plan is there exactly when no problem is an error.
pub fn plan_of(name: &str, scenario: Scenario, folder: &Path) -> (Option<Plan>, Vec<Problem>) {
    let mut problems = problems_of(&scenario);
    if !problems.iter().any(Problem::is_error) {
        problems
            .extend(tuning_problems(&scenario, &|base, values| vary(base, name, folder, values)));
    }
    let mut compiler = Compiler { folder, problems: Vec::new() };
    let plan = compiler.plan(name, scenario);
    let mut all = problems;
    all.append(&mut compiler.problems);
    let refused = all.iter().any(Problem::is_error);
    (plan.filter(|_| !refused), all)
}

/// The plan of a scenario, whatever its checks would say of it.
#[cfg(test)]
pub(crate) fn unchecked(scenario: Scenario) -> Plan {
    let mut compiler = Compiler { folder: Path::new("."), problems: Vec::new() };
    compiler.plan("unchecked", scenario).expect("what can be compiled")
}

/// The plan of a scenario with other values at some paths, such as `strategy.canary.steps[0].weight`;
/// `[*]` stands for every entry of a list. The values are as a file has them, so most are texts:
/// `"2%"`, and null is null. Where one of two keys stands in place of the other, the one that is set does.
///
/// What the scenario expects of a trial was written for its own settings and is left out. Checked as
/// any file is, shape and sense; problems carry their path, not a line. `folder` is where the data files
/// of the scenario are.
pub fn vary(
    scenario: &Scenario,
    name: &str,
    folder: &Path,
    values: &[(String, Value)],
) -> Result<Plan, Vec<Problem>> {
    let expect = ExpectSpec::default();
    varied(&Scenario { expect, ..scenario.clone() }, name, folder, values).map(|it| it.0)
}

/// As `vary`, with the warnings.
pub(super) fn varied(
    scenario: &Scenario,
    name: &str,
    folder: &Path,
    values: &[(String, Value)],
) -> Result<(Plan, Vec<Problem>), Vec<Problem>> {
    let mut root = serde_json::to_value(scenario).unwrap_or_default();
    let mut problems = Vec::new();
    for (path, value) in values {
        match places(&mut root, path, Scenario::schemas()) {
            Ok(places) => places.into_iter().for_each(|place| place.clone_from(value)),
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() {
        leave_out_replaced(&mut root, values, Scenario::schemas());
        shape::check(&Node::from_json(&root), Scenario::schemas(), &mut problems);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let scenario = match serde_json::from_value(root) {
        Ok(scenario) => scenario,
        Err(error) => return Err(vec![Problem::error(error.to_string())]),
    };
    let (plan, problems) = plan_of(name, scenario, folder);
    match plan {
        Some(plan) => Ok((plan, problems)),
        None => Err(problems.into_iter().filter(Problem::is_error).collect()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scenario::load_text;

    const TEXT: &str = "
title: varied
length: 1h
strategy:
  canary:
    steps:
      - {weight: 1%, hold: 5m}
      - {weight: 10%, hold: 5m}
expect:
  users_hurt: 0
";

    fn varied(values: &[(&str, Value)]) -> Result<Plan, String> {
        let scenario = load_text::<Scenario>("text", TEXT).unwrap().value;
        let values: Vec<(String, Value)> =
            values.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
        vary(&scenario, "varied", Path::new("."), &values)
            .map_err(|problems| problems[0].message.clone())
    }

    fn shown(plan: &Plan) -> Value {
        serde_json::to_value(&plan.scenario).unwrap()
    }

    #[test]
    fn values_are_set_at_their_paths_and_expectations_left_out() {
        let plan = varied(&[
            ("strategy.canary.steps[1].weight", json!("20%")),
            ("strategy.canary.steps[*].hold", json!("10m")),
            ("fleet.memory", json!({"base": "100MiB", "limit": "1GiB"})),
            ("traffic.rate", json!("7/s")),
        ]);
        let shown = shown(&plan.unwrap());
        let steps = &shown["strategy"]["canary"]["steps"];
        assert_eq!(steps[0]["weight"], "1%");
        assert_eq!(steps[1]["weight"], "20%");
        assert_eq!((&steps[0]["hold"], &steps[1]["hold"]), (&json!("10m"), &json!("10m")));
        assert_eq!(shown["traffic"]["rate"], "7/s");
        assert_eq!(shown["fleet"]["memory"]["base"], "100MiB");
        assert_eq!(shown["expect"], json!({}));
    }

    #[test]
    fn null_is_null_as_in_a_file() {
        let plan = varied(&[("fleet.liveness", json!(null))]).unwrap();
        assert_eq!(plan.scenario.fleet.liveness, None);
        let file = load_text::<Scenario>("text", &format!("{TEXT}fleet: {{liveness: null}}\n"));
        assert_eq!(file.unwrap().value.fleet, plan.scenario.fleet);
        // also where nothing but a default stands, and in a list
        let plan = varied(&[("analysis", json!(null)), ("fleet.memory", json!(null))]).unwrap();
        assert_eq!((plan.scenario.analysis, plan.scenario.fleet.memory), (None, None));
        let gate = json!({"name": "a", "count": 3, "judge": {"e_process": {}}});
        let gates = ("analysis", json!({ "gates": [gate] }));
        let plan = varied(&[gates, ("analysis.gates[*].count", json!(null))]).unwrap();
        assert_eq!(plan.scenario.analysis.unwrap().gates[0].count, None);
        for path in ["fleet", "fleet.instances", "strategy.canary.steps[0].hold", "users"] {
            let last = path.rsplit('.').next().unwrap();
            assert_eq!(varied(&[(path, json!(null))]).unwrap_err(), format!("`{last}` is empty"));
        }
    }

    #[test]
    fn waits_that_are_set_stand_in_place_of_the_law_of_a_file_and_the_law_in_place_of_theirs() {
        let set = |retries: &str, values: &[(&str, Value)]| {
            let text = format!("{TEXT}client: {{retries: {{max: 2, {retries}}}}}\n");
            let scenario = load_text::<Scenario>("text", &text).unwrap().value;
            let path = |it: &(&str, Value)| (format!("client.retries.{}", it.0), it.1.clone());
            let values: Vec<(String, Value)> = values.iter().map(path).collect();
            let plan = vary(&scenario, "varied", Path::new("."), &values);
            plan.map(|it| shown(&it)["client"]["retries"].clone())
                .map_err(|it| it[0].message.clone())
        };
        let (law, waits) = ("backoff: {base: 7s}", "waits: [3s]");
        let two = ("waits", json!(["1s", "2s"]));
        let after = set(law, std::slice::from_ref(&two)).unwrap();
        assert_eq!((&after["waits"], &after["backoff"]["base"]), (&two.1, &json!("1s")));
        for value in [("backoff.base", json!("9s")), ("backoff", json!({"base": "9s"}))] {
            let after = set(waits, &[value]).unwrap();
            assert_eq!((&after["waits"], &after["backoff"]["base"]), (&Value::Null, &json!("9s")));
        }
        // an empty list ends nothing
        let after = set(law, &[("waits", json!([])), ("max", json!(1))]).unwrap();
        assert_eq!(after["backoff"]["base"], "7s");
        let both = set(law, &[two, ("backoff.factor", json!("3x"))]);
        assert_eq!(both.unwrap_err(), "the waits are either `backoff` or `waits`, not both");
    }

    #[test]
    fn a_name_is_no_key_that_another_one_stands_in_place_of() {
        let text =
            format!("{TEXT}operations: {{waits: {{share: 40%}}, backoff: {{share: 60%}}}}\n");
        let scenario = load_text::<Scenario>("text", &text).unwrap().value;
        let values = [("operations.waits.service_time".to_owned(), json!({"constant": "1s"}))];
        let plan = vary(&scenario, "varied", Path::new("."), &values).unwrap();
        assert_eq!(plan.scenario.operations.len(), 2);
    }

    #[test]
    fn a_scenario_that_is_not_varied_stays_as_it_is() {
        let plan = varied(&[]).unwrap();
        let again = varied(&[("strategy.canary.steps[0].weight", json!("1%"))]).unwrap();
        assert_eq!(plan.scenario, again.scenario);
    }

    #[test]
    fn what_no_file_may_say_is_refused() {
        let problem = |path: &str, value: Value| varied(&[(path, value)]).unwrap_err();
        let check = |path: &str, value: Value, expected: &str| {
            assert_eq!(problem(path, value), expected, "{path}");
        };
        let nowhere = "`strategy.rolling.surge` leads nowhere: `strategy` is `canary` here";
        check("strategy.rolling.surge", json!(1), nowhere);
        let nowhere =
            "`strategy.canary.wait` leads nowhere: there is no `wait` in `strategy.canary`";
        check("strategy.canary.wait", json!(1), nowhere);
        check("strategy.canary.steps[0].weight", json!("200%"), "`200%` is more than the whole");
        check("warm_up", json!("2h"), "the warm-up, `2h`, covers the whole trial");
    }
}
