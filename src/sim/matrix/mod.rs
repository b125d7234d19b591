//! Every effect with every scope and trigger that it is allowed, as a defect and as an incident: it is
//! there inside the scope from the trigger on, and nowhere else. Told from the books, request by request and
//! instance by instance, in a bot in which nothing else ever goes wrong.

mod bot;
mod case;
mod onsets;
mod pairs;
mod repeated;
mod signs;

use rayon::prelude::*;
use serde_json::{Value, json};

use case::Case;
use signs::variants;

fn triggers() -> [Value; 9] {
    [
        json!("start"),
        json!({"at": "12s"}),
        json!({"age": "4s"}),
        json!({"age_between": {"from": "3s", "to": "5s"}}),
        json!({"requests": 10}),
        json!({"load": "0.1%"}),
        json!({"load_over": {"above": "0.1%", "over": "3s"}}),
        json!({"weight": "40%"}),
        json!({"random": "2s"}),
    ]
}

fn scopes() -> [Value; 8] {
    [
        json!({}),
        json!({"operation": "buy"}),
        json!({"users": {"tier": "gold"}}),
        json!({"feature": true}),
        json!({"zone": "b"}),
        json!({"instances": "50%"}),
        json!({"instances": 2}),
        json!({"zone": "b", "operation": "buy"}),
    ]
}

/// Every combination that is allowed.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for effect in variants() {
        let whens = triggers().into_iter();
        let places = whens.flat_map(|when| scopes().into_iter().map(move |it| (when.clone(), it)));
        for (when, scope) in places {
            let mut fault = json!({"effect": effect, "when": when, "scope": scope});
            if when.get("random").is_some() && effect.get("crash").is_none() {
                fault["lasts"] = json!("15s");
            }
            cases.extend([true, false].into_iter().filter_map(|defect| Case::new(&fault, defect)));
        }
    }
    cases
}

#[test]
fn every_effect_is_inside_its_scope_from_its_trigger_on_and_nowhere_else() {
    let cases = cases();
    let wrong: Vec<String> = cases.par_iter().filter_map(Case::wrong).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    // what is refused is not proved: a larger number is welcome, a smaller one has a reason
    assert_eq!(cases.len(), 1_349);
}
