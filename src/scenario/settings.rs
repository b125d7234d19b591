//! The settings of a command line: a scenario with other values at some paths, and each problem at the
//! setting that brings it about.

use std::path::Path;

use serde_json::Value;

use super::{
    Bound, Location, Plan, Problem, Problems, Scenario, Sources,
    path::{steps, within},
    planning::varied,
    setting::{place_in, setting},
};

/// The plan with what these settings say, `PATH=VALUE` each, and the warnings that it had not before; or what
/// is wrong with them, a trial beyond the bound included.
pub fn with_settings(
    plan: &Plan,
    folder: &Path,
    texts: &[String],
    bound: Bound,
) -> Result<(Plan, Problems), Problems> {
    let mut sources = Sources::default();
    let (mut values, mut unread) = (Vec::new(), Vec::new());
    for text in texts {
        let file = sources.push("--set".to_owned(), text.clone());
        match setting(text) {
            Ok(it) => values.push(it),
            Err(mut problem) => {
                problem.location = problem.location.map(|at| Location { file, ..at });
                unread.push(*problem);
            }
        }
    }
    if !unread.is_empty() {
        return Err(Problems::new(sources, unread));
    }
    let settings = Settings { plan, folder, texts, values, bound };
    let placed = |problems: Vec<Problem>| {
        let placed = problems.into_iter().map(|it| settings.placed(it)).collect();
        Problems::new(sources, placed)
    };
    match settings.vary(&settings.values) {
        Ok((plan, warnings)) => Ok((plan, placed(settings.new_ones(warnings)))),
        Err(problems) => Err(placed(problems)),
    }
}

type Varied = Result<(Plan, Vec<Problem>), Vec<Problem>>;

struct Settings<'s> {
    plan: &'s Plan,
    folder: &'s Path,
    texts: &'s [String],
    values: Vec<(String, Value)>,
    bound: Bound,
}

impl Settings<'_> {
    fn vary(&self, values: &[(String, Value)]) -> Varied {
        let scenario: &Scenario = &self.plan.scenario;
        let (plan, warnings) = varied(scenario, &self.plan.name, self.folder, values)?;
        match self.bound.refusal(&plan.work()) {
            Some(problem) => Err(vec![problem]),
            None => Ok((plan, warnings)),
        }
    }

    /// The warnings that the scenario does not have without the settings.
    fn new_ones(&self, warnings: Vec<Problem>) -> Vec<Problem> {
        let before = told(self.vary(&[]));
        warnings.into_iter().filter(|it| !is_among(it, &before)).collect()
    }

    /// A problem at a setting: at the last that sets its place; else at the last that sets something inside
    /// of it; else at the last without which it would not be there.
    fn placed(&self, problem: Problem) -> Problem {
        let last = |concerned: &dyn Fn(&str) -> bool| {
            self.values.iter().rposition(|(path, _)| concerned(path))
        };
        if let Some(index) = last(&|path| within(&problem.path, path)) {
            let inner = steps(&problem.path).unwrap_or_default();
            let outer = steps(&self.values[index].0).unwrap_or_default();
            return problem.at(place_in(&self.texts[index], &inner[outer.len()..], index));
        }
        let inside = last(&|path| !problem.path.is_empty() && within(path, &problem.path));
        let index = inside.unwrap_or_else(|| self.cause(&problem));
        problem.elsewhere().at(place_in(&self.texts[index], &[], index))
    }

    fn cause(&self, problem: &Problem) -> usize {
        let last = self.values.len().saturating_sub(1);
        let without = |index: &usize| {
            let mut values = self.values.clone();
            values.remove(*index);
            !is_among(problem, &told(self.vary(&values)))
        };
        // the scenario itself is right, so that one alone must be it
        if last == 0 { 0 } else { (0..=last).rev().find(without).unwrap_or(last) }
    }
}

fn told(varied: Varied) -> Vec<Problem> {
    varied.map_or_else(|problems| problems, |(_, warnings)| warnings)
}

fn is_among(problem: &Problem, others: &[Problem]) -> bool {
    others.iter().any(|it| it.path == problem.path && it.message == problem.message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{load_text, plan_of};

    const TEXT: &str = "
title: settings
length: 1h
fleet: {instances: 3}
operations: {ask: {share: 90%}, buy: {share: 10%}}
strategy: {rolling: {}}
";

    /// What is said of settings: each message with the number of its setting and the text that it points to.
    fn said(texts: &[&str]) -> Vec<(String, usize, String)> {
        let scenario = load_text::<Scenario>("text", TEXT).unwrap().value;
        let plan = plan_of("text", scenario, Path::new(".")).0.unwrap();
        let texts: Vec<String> = texts.iter().map(|it| (*it).to_owned()).collect();
        let problems = match with_settings(&plan, Path::new("."), &texts, Bound::default()) {
            Ok((_, warnings)) => warnings,
            Err(problems) => problems,
        };
        let pointed = |it: &Problem| {
            let at = it.location.expect("each has its place");
            let text = texts[at.file].chars().skip(at.column - 1).take(at.length).collect();
            (it.message.clone(), at.file, text)
        };
        problems.iter().map(pointed).collect()
    }

    #[track_caller]
    fn check(texts: &[&str], message: &str, file: usize, pointed: &str) {
        let said = said(texts);
        let told = |it: &&(String, usize, String)| it.0.contains(message);
        let found = said.iter().find(told).unwrap_or_else(|| panic!("{message}: {said:?}"));
        assert_eq!((found.1, found.2.as_str()), (file, pointed), "{said:?}");
    }

    #[test]
    fn what_a_scenario_expects_holds_with_other_settings_too() {
        let text = format!("{TEXT}expect: {{failed: 7}}\n");
        let scenario = load_text::<Scenario>("text", &text).unwrap().value;
        let plan = plan_of("text", scenario, Path::new(".")).0.unwrap();
        let set = |text: &str| {
            let set =
                with_settings(&plan, Path::new("."), &[text.to_owned()], Bound::NONE).unwrap().0;
            let conditions = set.scenario.expect.conditions();
            conditions.iter().map(|it| it.1.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(set("fleet.instances=4"), ["7"]);
        assert_eq!(set("expect.failed=8"), ["8"]);
    }

    #[test]
    fn a_problem_stands_at_its_own_key_within_a_setting() {
        check(&["fleet.instances=0"], "`0` is out of range", 0, "fleet.instances=0");
        let fleet = "fleet= {instances: 3, workrs: 2, drain: {grace: x}}";
        check(&[fleet], "there is no key `workrs`", 0, "workrs");
        check(&[fleet], "`x` does not begin with a number", 0, "grace");
        let incidents =
            "incidents=[{effect: {crash: {}}}, {effect: {crash: {}}, scope: {zone: c}}]";
        check(&[incidents], "there is no zone `c`", 0, "zone");
        // the last that sets the place
        check(&["fleet.workers=0", "fleet.workers=-1"], "`-1`", 1, "fleet.workers=-1");
    }

    #[test]
    fn a_problem_of_another_key_stands_at_the_setting_that_makes_it_and_names_its_path() {
        let late = "`rollout_at`: the rollout starts at `5m`, after the end of the trial";
        check(&["length=2m"], late, 0, "length=2m");
        check(&["fleet.instances=4", "length=2m", "traffic.rate=1/s"], late, 1, "length=2m");
        // a rule about a section, of which one part is set
        let sum = "`operations`: the shares sum to 60 %";
        check(&["operations.ask.share=50%", "users.count=5"], sum, 0, "operations.ask.share=50%");
        let requests = "a trial would take about 2 h 30 min of CPU time";
        check(&["traffic.rate=10000000/s"], requests, 0, "traffic.rate=10000000/s");
        let workers = "`fleet.workers`: 20000 instances of 100 workers are too many";
        check(
            &["fleet.instances=20000", "fleet.workers=100"],
            &workers[17..],
            1,
            "fleet.workers=100",
        );
        check(&["fleet={instances: 20000, workers: 100}"], &workers[17..], 0, "workers");
    }

    #[test]
    fn a_warning_that_a_setting_brings_is_told_at_it_and_others_are_not_told_again() {
        let actions = "operator.actions=[{do: {restart: {}}}]";
        check(&[actions], "no alert pages the operator", 0, actions);
        assert_eq!(said(&["fleet.instances=4"]), vec![]);
    }
}
