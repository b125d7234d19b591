//! Random proxies before random fleets: no trial panics, each is the same twice, and its books are balanced.

use std::path::Path;

use rollsim::{
    kernel::{Purpose, Seed, Stream, Streams},
    model::Measure,
    scenario::{Plan, Scenario, load_text, plan_of},
    sim,
};

/// Scenarios that are tried; `ROLLSIM_SWARM` asks for more.
const SCENARIOS: u64 = 150;

fn pick(stream: &mut Stream, choices: &[&'static str]) -> &'static str {
    choices[usize::try_from(stream.below(choices.len() as u64)).unwrap()]
}

/// A proxy of random parts.
fn proxy(stream: &mut Stream) -> String {
    let parts = [
        ["preset: kube_proxy", "preset: nginx", "preset: envoy", "preset: haproxy", "preset: alb"],
        [
            "keep_alive: {}",
            "keep_alive: {idle: 2s, requests: 3}",
            "keep_alive: {resend: true}",
            "keep_alive: {outlives_endpoint: true, resend: true}",
            "keep_alive: {idle: 100ms, resend: true}",
        ],
        [
            "connect_timeout: 1ms",
            "connect_timeout: 100ms",
            "connect_timeout: 1s",
            "connect_timeout: null",
            "connect_timeout: 1m",
        ],
        [
            "retries: null",
            "retries: {wait: 100ms}",
            "retries: {on: [refused, timeout, reset, error], redispatch: always}",
            "retries: {max: 10, on: [reset, error], redispatch: never, wait: 0s}",
            "retries: {max: 2, on: [refused, reset], wait: 1ms}",
        ],
        [
            "health_checks: null",
            "health_checks: {}",
            "health_checks: {interval: 1s, fall: 1, through: beside}",
            "health_checks: {interval: 1s, only: true}",
            "health_checks: {interval: 3s, timeout: 10s, begins: down, phase: 1s}",
        ],
        [
            "outlier_detection: {}",
            "outlier_detection: null",
            "outlier_detection: {consecutive_failures: 1, max_ejected: 100%}",
            "outlier_detection: {consecutive_failures: 2, interval: 1s, base_ejection: 1s}",
            "outlier_detection: {base_ejection: 0s}",
        ],
        [
            "dead_host: refuses",
            "dead_host: silent",
            "dead_host: silent",
            "dead_host: refuses",
            "dead_host: silent",
        ],
        [
            "overhead: {constant: 0s}",
            "overhead: {constant: 1ms}",
            "overhead: {exponential: {mean: 50ms}}",
            "overhead: {exponential: {mean: 2s}}",
            "overhead: {constant: 1h}",
        ],
    ];
    let chosen = parts.iter().fold(Vec::new(), |mut chosen, it| {
        if stream.chance(0.5) {
            chosen.push(pick(stream, it));
        }
        chosen
    });
    format!("{{{}}}", chosen.join(", "))
}

fn text(seed: u64) -> String {
    let mut stream = Streams::new(Seed::new(seed)).key(Purpose::Cohort).stream(1);
    let stream = &mut stream;
    let proxy = proxy(stream);
    let strategy = pick(
        stream,
        &[
            "{rolling: {}}",
            "{rolling: {batch: 1, max_surge: 0}}",
            "{recreate: {}}",
            "{blue_green: {bake: 10s, keep_old: 10s, analysis: false}}",
            "{canary: {steps: [{weight: 30%, hold: 30s}], analysis: none}}",
            "{feature_flag: {steps: [{share: 30%, hold: 30s}]}}",
        ],
    );
    let effect = pick(
        stream,
        &[
            "crash: {}",
            "hang: {}",
            "errors: {rate: 70%}",
            "unready: {}",
            "latency: {factor: 30x}",
            "poison: {rate: 2%}",
        ],
    );
    let (at, lasts) = (pick(stream, &["20s", "70s", "2m"]), pick(stream, &["1s", "20s", "2m"]));
    let lasts =
        if effect.starts_with("crash") { String::new() } else { format!("lasts: {lasts},") };
    let scope = pick(stream, &["1", "50%", "100%"]);
    let scope = if effect.starts_with("poison") {
        String::new()
    } else {
        format!("scope: {{instances: {scope}}},")
    };
    let (workers, queue) = (1 + stream.below(4), pick(stream, &["0", "3", "200"]));
    let balancer =
        pick(stream, &["random", "round_robin", "least_outstanding", "power_of_two", "sticky"]);
    let readiness = pick(stream, &["null", "{period: 1s}", "{period: 3s, through: beside}"]);
    let liveness = pick(stream, &["null", "{period: 2s, failure_threshold: 2}"]);
    let drain = pick(stream, &["{pre_stop: 0s, grace: 0s}", "{pre_stop: 5s, grace: 30s}"]);
    let propagation = pick(stream, &["0s", "1s", "20s"]);
    let patience = pick(stream, &["", "patience: {exponential: {mean: 1s}},"]);
    let retries = pick(stream, &["0", "2"]);
    format!(
        "title: swarm of proxies
length: 5m
rollout_at: 1m
fleet:
  instances: {instances}
  workers: {workers}
  queue: {queue}
  service_time: {{exponential: {{mean: 80ms}}}}
  startup: {{exponential: {{mean: 4s}}}}
  balancer: {balancer}
  readiness: {readiness}
  liveness: {liveness}
  drain: {drain}
  propagation: {propagation}
  proxy: {proxy}
traffic: {{rate: 20/s}}
users: {{count: 60}}
client: {{deadline: 2s, {patience} retries: {{max: {retries}}}}}
incidents: [{{when: {{at: {at}}}, {lasts} {scope} effect: {{{effect}}}}}]
strategy: {strategy}
",
        instances = 1 + stream.below(5),
    )
}

fn planned(text: &str) -> Option<Plan> {
    let loaded =
        load_text::<Scenario>("swarm.yaml", text).unwrap_or_else(|it| panic!("{it:?}\n{text}"));
    plan_of("swarm", loaded.value, Path::new(".")).0
}

#[test]
fn random_proxies_lose_no_request_and_leave_the_same_bytes_twice() {
    let count = crate::swarm::setting("ROLLSIM_SWARM", SCENARIOS);
    let mut refused = 0;
    for seed in 0..count {
        let text = text(seed);
        let Some(plan) = planned(&text) else {
            refused += 1;
            continue;
        };
        let tried = std::panic::catch_unwind(|| {
            let outcome = sim::run(&plan, Seed::DEFAULT);
            let of = |it| outcome.figure(it).unwrap_or(0.0);
            assert!(of(Measure::attempts_mean) <= 3.0, "the client tries three times at most");
            assert!(of(Measure::rejected_share) <= 1.0);
            assert!(of(Measure::utilisation) <= 1.0);
            let kinds = of(Measure::failed_errors) + of(Measure::failed_timeouts);
            let kinds = kinds + of(Measure::failed_refused) + of(Measure::failed_abandoned);
            assert!((kinds - of(Measure::failed)).abs() < 0.5);
            let bytes = |it| serde_json::to_vec(it).unwrap();
            assert_eq!(bytes(&outcome), bytes(&sim::run(&plan, Seed::DEFAULT)));
        });
        assert!(tried.is_ok(), "seed {seed}:\n{text}");
    }
    assert!(refused * 4 < count, "{refused} of {count} are refused");
}
