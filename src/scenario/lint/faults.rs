//! Faults that affect nothing in most trials, by chance, or less than they say.

use crate::{
    fault::{FaultSpec, TriggerSpec},
    kernel::math,
    model::{ActionSpec, Amount, Mitigation, ScopeSpec},
    scenario::{
        Plan, Problem,
        faults::scopes,
        path::below,
        size::{in_zone, most_instances},
    },
    units::{Ratio, text},
};

/// From this chance on that a fault affects nothing, there is a warning.
const MOSTLY: f64 = 0.5;

/// Faults by their places.
type Placed<'f> = Vec<(String, &'f FaultSpec)>;

pub(super) fn lints(plan: &Plan) -> Vec<Problem> {
    let scenario = &plan.scenario;
    let classes = scenario.releases.iter().flat_map(|it| &it.classes);
    let of_classes = classes.flat_map(|(name, class)| {
        let path = below("releases.classes", name);
        numbered(format!("{path}.defects"), &class.defects)
    });
    let own = numbered("release.defects".to_owned(), &scenario.release.defects);
    let defects: Placed<'_> = own.chain(of_classes).collect();
    let incidents = numbered("incidents".to_owned(), &scenario.incidents);
    let all = defects.iter().cloned().chain(incidents);
    let mut lints: Vec<Problem> =
        all.flat_map(|(path, fault)| of_fault(plan, &path, fault)).collect();
    for (path, fault) in defects {
        lints.extend(
            scopes(&path, fault)
                .iter()
                .filter_map(|(scope, path)| fewer_there(plan, path, (fault, scope))),
        );
    }
    lints
}

/// More instances than the candidate has when the fault starts.
fn fewer_there(
    plan: &Plan,
    path: &str,
    (fault, scope): (&FaultSpec, &ScopeSpec),
) -> Option<Problem> {
    let Some(Amount::Count(count)) = scope.instances else { return None };
    let there = candidates_at(plan, fault.when)?;
    // more than the fleet has is reported anyway
    if count <= there || count > most_instances(&plan.scenario) {
        return None;
    }
    let message = format!(
        "`{count}` is more than the candidate has when the fault starts: its steps have given it {} by \
         then, and no more are affected",
        text::counted(u64::from(there), "instance")
    );
    let hint = format!("at most `{there}`, or a start at a later step");
    Some(Problem::warning(message).path(format!("{path}.instances")).hint(hint))
}

/// Most instances that the steps of a canary have given the candidate when a trigger starts a fault; none
/// where that does not follow from the file, or where the candidate may be promoted by then.
fn candidates_at(plan: &Plan, when: TriggerSpec) -> Option<u32> {
    let scenario = &plan.scenario;
    let (ramp, sizing) = scenario.strategy.kind().sized()?;
    let fleet = most_instances(scenario);
    let forward = |it: &ActionSpec| matches!(it.mitigation, Mitigation::RollForward(_));
    if scenario.operator.actions.iter().any(forward) {
        return None;
    }
    let weights = ramp.steps.iter().map(|it| Ratio::clamped(it.weight));
    let mut sizes = weights.clone().map(|it| sizing.replicas(it, fleet).0);
    match when {
        TriggerSpec::Weight(part) => {
            let reaches = |it: Ratio| sizing.share(it, fleet) + 1e-12 >= part.get();
            sizes.nth(weights.into_iter().position(|it| !it.is_zero() && reaches(it))?)
        }
        TriggerSpec::At(at) => {
            // a step is taken at the earliest when those before it have been held
            let mut earliest = scenario.rollout_at;
            let mut taken = 0;
            for step in &ramp.steps {
                if earliest > at {
                    break;
                }
                taken += 1;
                earliest = earliest.saturating_add(step.hold);
            }
            if earliest > at { sizes.take(taken).max() } else { None }
        }
        TriggerSpec::Start
        | TriggerSpec::Age(_)
        | TriggerSpec::AgeBetween { .. }
        | TriggerSpec::Requests(_)
        | TriggerSpec::Load(_)
        | TriggerSpec::LoadOver { .. }
        | TriggerSpec::Random(_) => None,
    }
}

fn numbered(path: String, faults: &[FaultSpec]) -> impl Iterator<Item = (String, &FaultSpec)> {
    faults.iter().enumerate().map(move |(index, fault)| (format!("{path}[{index}]"), fault))
}

fn of_fault(plan: &Plan, path: &str, fault: &FaultSpec) -> Vec<Problem> {
    let mut lints: Vec<Problem> = served_too_few(plan, path, fault).into_iter().collect();
    for (scope, path) in scopes(path, fault) {
        lints.extend(no_instance(plan, &path, scope));
        lints.extend(no_user(plan, &path, scope));
    }
    lints
}

/// More requests than there are.
fn served_too_few(plan: &Plan, path: &str, fault: &FaultSpec) -> Option<Problem> {
    let TriggerSpec::Requests(count) = fault.when else { return None };
    let most = super::expect::requests_max(plan) * super::expect::tries_max(plan);
    if (count as f64) <= most {
        return None;
    }
    let expected = plan.rates.expected(plan.scenario.length);
    let message = format!(
        "the fault never starts: no instance serves {} requests, as all get about {}",
        text::count(count),
        text::number(expected)
    );
    let hint = "fewer requests, or more `traffic`";
    Some(Problem::warning(message).path(format!("{path}.when.requests")).hint(hint))
}

/// A share of the instances of which chance may draw none.
fn no_instance(plan: &Plan, path: &str, scope: &ScopeSpec) -> Option<Problem> {
    let Some(Amount::Part(part)) = scope.instances else { return None };
    let fleet = &plan.scenario.fleet;
    let zone = scope.zone.as_ref().and_then(|name| fleet.zones.iter().position(|it| it == name));
    let there = zone.map_or(fleet.instances, |it| in_zone(fleet.instances, it, fleet.zones.len()));
    let none = none_of(part.get(), there);
    if there == 0 || none < MOSTLY {
        return None;
    }
    let message = format!(
        "in {} of the trials the fault affects none of {}: `{part}` is the chance of each",
        text::share(none),
        text::counted(u64::from(there), "instance")
    );
    let hint = "a larger share; a number such as `1` is exact";
    Some(Problem::warning(message).path(format!("{path}.instances")).hint(hint))
}

/// Attribute values that chance may give to no user.
fn no_user(plan: &Plan, path: &str, scope: &ScopeSpec) -> Option<Problem> {
    let users = &plan.scenario.users;
    let share = |(name, value): (&String, &String)| users.attributes.get(name)?.get(value);
    let shares = scope.users.iter().filter_map(share);
    let part: f64 = shares.map(|it| it.get()).product();
    let none = none_of(part, users.count);
    if scope.users.is_empty() || none < MOSTLY {
        return None;
    }
    let message = format!(
        "in {} of the trials none of {} has these attributes, which {} of all have",
        text::share(none),
        text::counted(u64::from(users.count), "user"),
        text::share(part)
    );
    let hint = "more users, or an attribute that more of them have";
    Some(Problem::warning(message).path(format!("{path}.users")).hint(hint))
}

/// Chance that none of so many is drawn, each by itself.
fn none_of(part: f64, count: u32) -> f64 {
    if part >= 1.0 { 0.0 } else { math::exp(f64::from(count) * math::ln(1.0 - part)) }
}
