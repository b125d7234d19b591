//! Requests that no one can answer in time, since what is on their way takes as long as clients wait.

use crate::{
    channel::{Deadline, Delivery},
    kernel::Sampler,
    scenario::{Line, Plan, Problem, check::held, path::below},
    units::Span,
};

pub(super) fn lints(plan: &Plan) -> Vec<Problem> {
    let overhead = plan.samplers.overhead.as_ref().map_or(Span::ZERO, least);
    let used = plan.scenario.used_channels().into_iter().map(|it| &plan.lines[it]);
    let pushed = used.filter(|it| it.delivery == Delivery::Pushed);
    let patient = pushed.max_by_key(|it| it.deadline.after);
    // what ends at the instant of the deadline is delivered too late, but answered just in time
    if let Some(line) = patient.filter(|it| overhead >= it.deadline.after) {
        let hint = format!("less than `{}`, or a longer deadline", line.deadline_path());
        return vec![late("fleet.proxy.overhead".to_owned(), "", overhead, line).hint(hint)];
    }
    let mut lints = endless_patience(plan);
    for (index, (name, path)) in places(plan).into_iter().enumerate() {
        let line = &plan.lines[plan.operations[index].line];
        let overhead = match line.delivery {
            Delivery::Pushed => overhead,
            Delivery::Pulled => Span::ZERO,
        };
        let takes = answered_after(plan, index).saturating_add(overhead);
        if takes > line.deadline.after {
            let who = name.map_or_else(String::new, |it| format!(" of `{it}`"));
            let hint = format!(
                "a longer `{}`, or less to do: service, query and calls count, and what the proxy adds",
                line.deadline_path()
            );
            lints.push(late(path, &who, takes, line).hint(hint));
        }
    }
    lints
}

/// Clients who never hang up, since their patience is as long as their deadline.
fn endless_patience(plan: &Plan) -> Vec<Problem> {
    let lint = |line: &Line| {
        let (key, _) = line.channel.kind().terms().patience?;
        let patience = line.patience.as_ref().map(least)?;
        let Deadline { after, default, .. } = line.deadline;
        let message = format!("no client hangs up: by `{patience}` its attempt has timed out");
        let hint = format!("less than {}", held(&line.deadline_path(), after, default));
        let problem = Problem::warning(message).path(format!("{}.{key}", line.path)).hint(hint);
        (line.delivery == Delivery::Pushed && patience >= after).then_some(problem)
    };
    let used = plan.scenario.used_channels().into_iter();
    used.filter_map(|it| lint(&plan.lines[it])).collect()
}

fn late(path: String, who: &str, takes: Span, line: &Line) -> Problem {
    let deadline = line.deadline;
    let by_default = if deadline.after == deadline.default { " by default" } else { "" };
    let message = format!(
        "every attempt{who} times out: this takes at least `{takes}`, and `{}` is `{}`{by_default}",
        line.deadline_path(),
        deadline.after
    );
    Problem::warning(message).path(path)
}

/// Every operation that requests are of, by name and place; the one that there is where none is written.
fn places(plan: &Plan) -> Vec<(Option<&str>, String)> {
    let operations = &plan.scenario.operations;
    if operations.is_empty() {
        return vec![(None, "fleet.service_time".to_owned())];
    }
    operations.keys().map(|name| (Some(name.as_str()), below("operations", name))).collect()
}

/// The least time that an operation takes once its request is there, without any wait.
fn answered_after(plan: &Plan, operation: usize) -> Span {
    let scenario = &plan.scenario;
    let asked_for =
        scenario.operations.values().nth(operation).is_none_or(|it| !it.share.is_zero());
    if !asked_for {
        return Span::ZERO;
    }
    let it = &plan.operations[operation];
    let calls = it.calls.iter().map(|call| least(&plan.dependencies[*call].latency));
    let query = it.database.as_ref().map_or(Span::ZERO, least);
    let parts = [least(&it.service), query.min(scenario.database.timeout)].into_iter().chain(calls);
    parts.fold(Span::ZERO, Span::saturating_add)
}

/// The shortest span that can be drawn.
fn least(sampler: &Sampler) -> Span {
    match sampler {
        Sampler::Constant(nanos) => Span::from_nanos(*nanos),
        Sampler::Pareto { minimum: low, .. } | Sampler::Uniform { low, .. } => {
            Span::from_nanos(crate::units::round_u64(*low))
        }
        Sampler::Empirical(sorted) => sorted.first().copied().map_or(Span::ZERO, Span::from_nanos),
        Sampler::Mixture(parts) => {
            let mut below = 0.0;
            let drawn = parts.iter().filter(|(up_to, _)| {
                let some = *up_to > below;
                below = *up_to;
                some
            });
            drawn.map(|(_, part)| least(part)).min().unwrap_or_default()
        }
        Sampler::Exponential { .. }
        | Sampler::LogNormal { .. }
        | Sampler::Gamma(_)
        | Sampler::Weibull { .. } => Span::ZERO,
    }
}
