//! The work of a trial, estimated before it is begun, against what a trial counts.

use std::{fmt::Write as _, fs, path::Path};

use rollsim::{
    kernel::Seed,
    model::Measure,
    scenario::{Bound, Plan, Problem, Scenario, Work, load_text, plan_of},
    sim::{self, Trial},
    units::Span,
};

use crate::{
    digests, scenarios,
    scratch::{folder, rollsim, text as text_of},
};

/// How much more or less there may be than is estimated.
const FACTOR: f64 = 3.0;
/// Fewer are not estimated: chance decides them.
const FEW: f64 = 300.0;

/// Requests and events of a trial.
fn counted(plan: &Plan) -> (f64, f64) {
    let seed = Seed::new(plan.scenario.seed);
    let mut running = Trial::new(plan, seed).start();
    let mut events = 0.0;
    while running.step() {
        events += 1.0;
    }
    let requests = sim::run(plan, seed).figure(Measure::requests).unwrap_or(0.0);
    // those of the warm-up are in no figure
    let share = 1.0 - plan.scenario.warm_up.as_secs_f64() / plan.scenario.length.as_secs_f64();
    (requests / share, events)
}

/// Estimates that are not within the factor of what was counted, a line each.
fn astray(name: &str, plan: &Plan) -> String {
    let Work { requests, events, .. } = plan.work();
    let (seen_requests, seen_events) = counted(plan);
    let mut lines = String::new();
    for (what, estimated, seen) in
        [("requests", requests, seen_requests), ("events", events, seen_events)]
    {
        let near = estimated <= FACTOR * seen.max(FEW) && seen <= FACTOR * estimated.max(FEW);
        if !near {
            writeln!(lines, "{name}: {estimated:.0} {what} estimated, {seen:.0} counted").unwrap();
        }
    }
    lines
}

#[test]
fn shipped_scenarios_are_as_much_work_as_is_estimated() {
    let lines: String = scenarios::plans().iter().map(|plan| astray(&plan.name, plan)).collect();
    assert!(lines.is_empty(), "{lines}");
}

#[test]
fn random_scenarios_are_as_much_work_as_is_estimated() {
    let plans = digests::plans();
    assert!(plans.len() > 300, "{} scenarios are pinned", plans.len());
    let lines: Vec<String> =
        plans.iter().map(|(number, plan)| astray(&format!("{number:03}"), plan)).collect();
    let astray = lines.iter().filter(|it| !it.is_empty()).count();
    assert!(astray * 50 <= lines.len(), "{astray} of {}:\n{}", lines.len(), lines.concat());
}

/// A scenario of few lines, and these.
fn scenario(lines: &str) -> String {
    let own = |key: &str| lines.lines().any(|line| line.starts_with(key));
    let defaults = [
        ("title:", "title: t"),
        ("length:", "length: 1h"),
        ("strategy:", "strategy: {all_at_once: {}}"),
    ];
    let missing: Vec<&str> = defaults.iter().filter(|it| !own(it.0)).map(|it| it.1).collect();
    format!("{}\n{lines}\n", missing.join("\n"))
}

/// What is wrong with a scenario, with its path; a trial beyond the default bound included.
fn wrong(lines: &str) -> String {
    let loaded = match load_text::<Scenario>("hostile.yaml", &scenario(lines)) {
        Ok(loaded) => loaded,
        Err(problems) => return problems.to_string(),
    };
    let (plan, problems) = plan_of("hostile", loaded.value, Path::new("."));
    let refused = plan.and_then(|it| Bound::default().refusal(&it.most_work()));
    let errors = problems.into_iter().filter(Problem::is_error).chain(refused);
    let lines: Vec<String> = errors.map(|it| format!("{}: {}", it.path, it.message)).collect();
    lines.join("\n")
}

#[track_caller]
fn check(lines: &str, path: &str, message: &str) {
    let wrong = wrong(lines);
    assert!(wrong.contains(path) && wrong.contains(message), "{lines}\n{wrong}");
}

#[test]
fn a_trial_without_end_is_refused_where_it_is_asked_for() {
    let requests = "requests";
    check("traffic: {rate: 10000000/s}", "traffic.rate: a trial would take", requests);
    check("length: 92d\ntraffic: {rate: 250/s}", "traffic.rate: a trial would take", requests);
    let bursts = "{rate: 200/s, bursts: {factor: 1000000x, every: 1s, length: 92d}}";
    check(&format!("length: 92d\ntraffic: {bursts}"), "traffic.bursts: ", requests);
    let spike = "{rate: 9/s, spikes: [{at: 1s, length: 50m, factor: 1000000x}]}";
    check(&format!("traffic: {spike}"), "traffic.spikes: ", requests);
    let switches = "{rate: 0.001/s, bursts: {factor: 1x, every: 1s, length: 1s}, spikes: [";
    let spikes = "{at: 1s, length: 1s, factor: 1x}, ".repeat(990);
    let many = format!("length: 92d\ntraffic: {switches}{spikes}]}}");
    let more = Bound { cpu: Span::from_secs(10), ..Bound::default() };
    let loaded = load_text::<Scenario>("hostile.yaml", &scenario(&many)).unwrap();
    let plan = plan_of("hostile", loaded.value, Path::new(".")).0.unwrap();
    assert!(more.refusal(&plan.work()).unwrap().message.contains("burst edges"));
}

#[test]
fn attempts_without_end_are_refused_at_their_channel() {
    let again = "client: {retries: {max: 8191, waits: [1ns]}}\ntraffic: {rate: 100/s}\nlength: 1d";
    check(&format!("{again}\nfleet: {{errors: 100%}}"), "client: ", "further attempts");
    let down = "incidents: [{effect: {crash: {}}, repeat: 1s, lasts: 1ms}]";
    check(&format!("{again}\n{down}"), "client: ", "further attempts");
    check(&format!("{again}\nincidents: [{{effect: {{hang: {{}}}}}}]"), "client: ", "attempts");
    let full = "fleet: {instances: 1, workers: 1, service_time: {constant: 1h}}";
    check(&format!("{again}\n{full}"), "client: ", "further attempts");
}

#[test]
fn memory_without_end_is_refused() {
    let queue = "{instances: 4000, workers: 16, queue: 1000000, service_time: {constant: 3653d}}";
    let client =
        "client: {deadline: 3653d}\ntraffic: {rate: 10000000/s}\nlength: 60s\nrollout_at: 5s";
    check(&format!("fleet: {queue}\n{client}"), "fleet.queue: a trial would need", "of memory");
    let kept =
        "telemetry: {interval: 1s, delay: 92d}\nlength: 92d\nfleet: {instances: 200, workers: 1}";
    check(kept, "telemetry.interval: ", "");
}

#[test]
fn watching_without_end_is_refused_where_it_is_asked_for() {
    let day = "length: 92d\ntelemetry: {interval: 1s}\ntraffic: {rate: 1/s}";
    let alert = "{name: a, metric: error_rate, above: 50%, window: 92d}";
    check(&format!("{day}\nalerts: [{alert}]"), "alerts[0].window: ", "scrapes");
    let slope = "{name: a, metric: memory_slope, above: 9GiB/h, window: 1d}";
    let memory =
        "fleet: {memory: {base: 1MiB, limit: 1GiB}}\nlength: 2d\ntelemetry: {interval: 1s}";
    check(&format!("{memory}\nalerts: [{slope}]"), "alerts[0].window: ", "scrapes");
    let judge = "{threshold: {metric: {latency: 99%}, fail_above: 5s, window: 92d}}";
    let gate = format!("{{name: g, consecutive_error_limit: 4000000000, judge: {judge}}}");
    let steps = "strategy: {canary: {steps: [{weight: 50%, hold: 91d}]}}";
    let analysis = format!("analysis: {{interval: 1s, gates: [{gate}]}}");
    let path = "analysis.gates[0].judge.threshold: a trial would take";
    check(&format!("{day}\n{steps}\n{analysis}"), path, "looks");
    let probes = "fleet: {instances: 400, workers: 1, readiness: {period: 1s}}";
    check(&format!("length: 92d\n{probes}"), "fleet.readiness.period: ", "probes");
    let checks = "fleet: {instances: 100, proxy: {health_checks: {interval: 10ms, timeout: 5ms}}}";
    check(&format!("length: 92d\n{checks}"), "fleet.proxy.health_checks.interval: ", "checks");
    let scaler =
        "autoscaler: {min: 1, max: 500, target: 60%, sync_period: 1s, metrics_resolution: 1s}";
    check(&format!("length: 92d\nfleet: {{workers: 1, {scaler}}}"), "fleet.", "a trial would take");
}

#[test]
fn faults_without_end_are_refused() {
    let often = "{when: {random: 1s}, effect: {errors: {rate: 1%}}, lasts: 1ms}";
    let many = vec![often; 64].join(", ");
    check(&format!("length: 92d\nincidents: [{many}]"), "incidents[", "a fault that starts");
    let each = "{when: {random: 1s}, effect: {hang: {}}, lasts: 1ms}";
    let fleet = "fleet: {instances: 400, workers: 1}";
    check(&format!("length: 92d\n{fleet}\nincidents: [{each}]"), "incidents[0]: ", "starts");
}

#[test]
fn numbers_beyond_what_is_meant_are_refused_where_they_stand() {
    for rate in ["NaN/s", "inf/s", "1e400/s", "99999999999/s", "-1/s"] {
        let wrong = wrong(&format!("traffic: {{rate: \"{rate}\"}}"));
        assert!(wrong.contains("hostile.yaml:4:"), "{rate}: {wrong}");
    }
    for span in ["18446744073709551615ns", "1000000d", "NaNs", "infs", "1e30s", "-1s"] {
        let wrong = wrong(&format!("rollout_at: \"{span}\""));
        assert!(wrong.contains("hostile.yaml:4:"), "{span}: {wrong}");
    }
    check("length: 3653d", "length: ", "is too long");
    check("telemetry: {interval: 1ns}", "telemetry.interval: ", "is too short");
    check("fleet: {readiness: {period: 1ns}}", "fleet.readiness.period: ", "is too short");
    check("fleet: {instances: 4000000000}", "hostile.yaml:4:", "is out of range");
    check("fleet: {queue: 18446744073709551615}", "hostile.yaml:4:", "is out of range");
    check("users: {count: 99999999999}", "hostile.yaml:4:", "is out of range");
    let spikes = "{at: 6s, length: 4s, factor: 1000000x}, ".repeat(60);
    let path = "traffic.spikes[59].factor: ";
    check(&format!("traffic: {{spikes: [{spikes}]}}"), path, "too large to be a number");
}

/// What a trace of these rows, used like this, is refused for.
fn of_trace(rows: &str, uses: &str) -> String {
    let folder = folder("work-trace");
    fs::write(folder.join("t.csv"), format!("time,n\n{rows}")).unwrap();
    let trace = format!("{{file: t.csv, time: time, {uses}}}");
    let text = scenario(&format!("traffic: {{pattern: {{trace: {trace}}}}}"));
    let scenario = load_text::<Scenario>("hostile.yaml", &text).unwrap().value;
    let (plan, problems) = plan_of("hostile", scenario, &folder);
    let refused = plan.and_then(|it| Bound::default().refusal(&it.work()));
    let all: Vec<String> = problems
        .into_iter()
        .chain(refused)
        .map(|it| format!("{}: {}", it.path, it.message))
        .collect();
    all.join("\n")
}

#[test]
fn a_trace_of_nanoseconds_is_refused_and_costs_nothing_to_check() {
    let told = of_trace("0,5\n1e-9,5\n2e-9,5\n", "rate: n, repeat: true");
    assert!(told.contains("traffic.pattern: a trial would take"), "{told}");
    assert!(told.contains("rate changes"), "{told}");
    let told = of_trace("0,1e308\n1e-9,1e308\n", "count: n");
    assert!(told.contains("row 2: its rate is too large to be a number"), "{told}");
    let told = of_trace("0,1e308\n1,1e308\n", "rate: n, repeat: true");
    assert!(told.contains("too large to be numbers"), "{told}");
    let told = of_trace("0,1\n1e-12,1\n", "rate: n, repeat: true");
    assert!(told.contains("it lasts less than a nanosecond"), "{told}");
}

#[test]
fn every_command_refuses_what_has_no_end_before_it_simulates_anything() {
    let folder = folder("work-refused");
    let bursts = "traffic: {rate: 200/s, bursts: {factor: 1000000x, every: 1s, length: 92d}}";
    let gate = "analysis: {gates: [{name: g, judge: {e_process: {}}}]}";
    let text = scenario(&format!("length: 92d\nstrategy: {{canary: {{}}}}\n{bursts}\n{gate}"));
    fs::write(folder.join("bursts.yaml"), text).unwrap();
    let commands: [&[&str]; 7] = [
        &["check"],
        &["run"],
        &["compare", "--trials", "2"],
        &["advise", "--trials", "2"],
        &["power", "--trials", "2"],
        &["judges", "--trials", "1"],
        &["tune"],
    ];
    for command in commands {
        let mut words = command.to_vec();
        words.push("bursts.yaml");
        let output = rollsim(&folder, &words);
        let said = text_of(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{command:?}: {said}");
        assert!(said.contains("a trial would take more than a year of CPU time"), "{said}");
        assert!(said.contains("bursts.yaml:4:"), "{command:?}: {said}");
        words.extend(["--max-work", "5"]);
        let output = rollsim(&folder, &words);
        assert!(text_of(&output.stderr).contains("`5` has no unit"), "{command:?}");
    }
}

#[test]
fn the_bound_of_a_trial_is_that_of_its_settings() {
    let folder = folder("work-bounded");
    let file = |traffic: &str| scenario(&format!("rollout_at: 5m\ntraffic: {{rate: {traffic}}}"));
    fs::write(folder.join("bot.yaml"), file("1/s")).unwrap();
    let run = |words: &[&str]| {
        let output = rollsim(&folder, &[&["run", "bot.yaml"], words].concat());
        (output.status.code(), text_of(&output.stderr))
    };
    let (code, said) = run(&["--max-work", "1us"]);
    assert!(code == Some(2) && said.contains("a trial would take"), "{said}");
    let (code, said) = run(&["--max-work", "5m,1MiB"]);
    assert!(code == Some(2) && said.contains("a trial would need"), "{said}");
    // a setting that makes it large, or small enough, is what counts
    let (code, said) = run(&["--set", "traffic.rate=10000000/s"]);
    assert!(code == Some(2) && said.contains("--set:1:1"), "{said}");
    fs::write(folder.join("bot.yaml"), file("10000000/s")).unwrap();
    let (code, said) = run(&["--set", "traffic.rate=1/s"]);
    assert!(code == Some(0) && !said.contains("a trial"), "{said}");
}

#[test]
fn a_tuning_is_bounded_in_the_worst_corner_of_its_space() {
    let folder = folder("work-corner");
    let tune = "tune: {parameters: {analysis.interval: {from: 1s, to: 1m}, \
                \"strategy.canary.steps[0].hold\": {from: 10m, to: 20m}}}";
    let judge = "{threshold: {metric: {latency: 99%}, fail_above: 5s, window: 6h}}";
    let text = scenario(&format!(
        "length: 6h\ntraffic: {{rate: 1/s}}\nstrategy: {{canary: {{steps: [{{weight: 5%, hold: 15m}}]}}}}\n\
         telemetry: {{interval: 1s}}\n\
         analysis: {{interval: 1m, gates: [{{name: g, judge: {judge}}}]}}\n{tune}"
    ));
    fs::write(folder.join("corner.yaml"), text).unwrap();
    let checked = rollsim(&folder, &["check", "corner.yaml", "--max-work", "5s"]);
    assert_eq!(checked.status.code(), Some(0), "{}", text_of(&checked.stderr));
    let output = rollsim(&folder, &["tune", "corner.yaml", "--max-work", "5s"]);
    let said = text_of(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("`tune.parameters`: with analysis.interval=1s"), "{said}");
}

#[test]
fn check_says_what_one_trial_takes() {
    let folder = folder("work-check");
    rollsim(&folder, &["init", "bot.yaml"]);
    let output = rollsim(&folder, &["check", "bot.yaml"]);
    let said = text_of(&output.stdout);
    assert!(said.starts_with("bot.yaml: ok\none trial: about "), "{said}");
    assert!(said.contains(" requests, ") && said.ends_with(" of memory\n"), "{said}");
    let output = rollsim(&folder, &["check", "--work", "--format", "json", "bot.yaml"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["problems"], serde_json::json!([]));
    let work = &json["work"][0];
    assert_eq!(work["file"], "bot.yaml");
    for key in ["requests", "events", "cpu_seconds", "memory_bytes"] {
        assert!(work[key].as_f64().unwrap() > 0.0, "{key}: {json}");
    }
}
