//! Random scenarios of what the naive engine covers, as a user would write them.

use rollsim::kernel::{Key, Stream};

/// Draws one scenario.
pub(super) struct Generator {
    draw: Stream,
}

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        Self { draw: Key::of_bits(seed).stream(0) }
    }

    fn pick<'t>(&mut self, among: &[&'t str]) -> &'t str {
        among[super::place(self.draw.below(among.len() as u64))]
    }

    fn number(&mut self, from: u64, to: u64) -> u64 {
        from + self.draw.below(to - from + 1)
    }

    fn chance(&mut self, part: f64) -> bool {
        self.draw.uniform() < part
    }

    /// A line with one of these, or with none of them half of the time.
    fn perhaps(&mut self, part: f64, line: &str, among: &[&str]) -> String {
        let value = self.pick(among);
        if self.chance(part) { format!("{line}{value}\n") } else { String::new() }
    }

    /// The text of a scenario.
    pub(super) fn text(mut self) -> String {
        let memory = self.chance(0.4);
        let database = self.chance(0.4);
        let instances = self.number(1, 5);
        let workers = self.number(1, 4);
        let length = self.number(40, 90);
        // which changes nothing
        let interval = self.pick(&["5s", "7s", "15s"]);
        let strategy = self.pick(&["all_at_once: {}", "recreate: {}"]);
        let rollout_at = if self.chance(0.6) { self.number(5, 30) } else { length };
        let warm_up = self.pick(&["0s", "0s", "10s"]);
        // from half of what the workers can do to half as much again
        let load = self.number(50, 150) as f64 / 100.0;
        let service = self.pick(&["20ms", "50ms", "120ms"]);
        let mean = service.trim_end_matches("ms").parse::<f64>().unwrap() / 1e3;
        let rate = (load * (instances * workers) as f64 / mean).min(80.0);
        let fleet = self.fleet(instances, workers, service, memory);
        let (users, client) = (self.users(), self.client());
        let (operations, faults) = (self.operations(database), self.faults(database));
        // drawn last, so that the other draws stay as they are
        let probe = self.perhaps(0.3, "  startup_probe: ", &["{period: 1s, failure_threshold: 4}"]);
        format!(
            "title: random\nlength: {length}s\nwarm_up: {warm_up}\nrollout_at: {rollout_at}s\n\
             telemetry: {{interval: {interval}}}\nstrategy: {{{strategy}}}\n\
             traffic: {{rate: {rate:.2}/s}}\n{fleet}{probe}{users}{client}{operations}{faults}",
        )
    }

    fn fleet(&mut self, instances: u64, workers: u64, service: &str, memory: bool) -> String {
        let law = match self.number(0, 3) {
            0 => format!("{{exponential: {{mean: {service}}}}}"),
            1 => format!("{{gamma: {{mean: {service}, shape: 0.7}}}}"),
            2 => format!("{{constant: {service}}}"),
            _ => format!("{{lognormal: {{median: {service}, p99: 900ms}}}}"),
        };
        let queue = self.pick(&["0", "2", "10", "40"]);
        let balancer =
            self.pick(&["least_outstanding", "round_robin", "random", "power_of_two", "sticky"]);
        let startup = self.pick(&[
            "{constant: 0s}",
            "{constant: 2s}",
            "{constant: 6s}",
            "{lognormal: {median: 3s, p99: 12s}}",
            "{uniform: {low: 1s, high: 8s}}",
        ]);
        let mut text = format!(
            "fleet:\n  instances: {instances}\n  workers: {workers}\n  queue: {queue}\n  \
             service_time: {law}\n  balancer: {balancer}\n  startup: {startup}\n  propagation: {}\n",
            self.pick(&["0s", "200ms", "1s", "4s"]),
        );
        text += &self.perhaps(0.5, "  zones: ", &["[a, b]"]);
        text += &self.perhaps(0.8, "  errors: ", &["0%", "2%", "20%"]);
        text += &self.perhaps(0.3, "  errors_spread: ", &["30%", "100%"]);
        text += &self.perhaps(0.4, "  warm_up: ", &["{duration: 10s, slowdown: 3x}"]);
        if memory {
            text += &self.memory();
        }
        text += &self.probes();
        let drains = ["{pre_stop: 0s, grace: 200ms}", "{pre_stop: 3s, grace: 3s}", "{grace: 30s}"];
        text += &self.perhaps(0.7, "  drain: ", &drains);
        let restarts = [
            "{backoff: 1s, backoff_max: 4s}",
            "{backoff: 500ms, backoff_max: 3s, reset_after: 12s}",
            "{backoff: 2s, backoff_max: 1m, at_once: 1}",
        ];
        text + &self.perhaps(0.7, "  restart: ", &restarts)
    }

    fn memory(&mut self) -> String {
        let per_request = self.pick(&["0B", "4MiB", "16MiB"]);
        let per_waiting = self.pick(&["0B", "0B", "1MiB", "20MiB"]);
        let per_hour = self.pick(&["0B", "0B", "5GiB"]);
        let collecting = self.pick(&["{}", "{from: 50%, slowdown: 2x}", "{from: 100%}"]);
        format!(
            "  memory: {{base: 60MiB, limit: {}, per_request: {per_request}, \
             per_waiting: {per_waiting}, per_hour: {per_hour}, garbage_collection: {collecting}}}\n",
            self.pick(&["80MiB", "100MiB", "200MiB"]),
        )
    }

    fn probes(&mut self) -> String {
        let readiness = self.pick(&[
            "{timeout: 1h}",
            "{period: 2s, timeout: 1h, initial_delay: 1s}",
            "{period: 1s, timeout: 200ms, failure_threshold: 2}",
            "{period: 3s, timeout: 1h, success_threshold: 2}",
            "{period: 1s, timeout: 1500ms, success_threshold: 2}",
            "{period: 2s, through: beside}",
            "null",
        ]);
        let liveness = self.pick(&[
            "null",
            "{timeout: 1h}",
            "{period: 2s, timeout: 400ms, failure_threshold: 3, initial_delay: 3s}",
            "{period: 1s, timeout: 1s, failure_threshold: 2, initial_delay: 9s}",
            "{period: 2s, through: beside}",
        ]);
        format!("  readiness: {readiness}\n  liveness: {liveness}\n")
    }

    fn users(&mut self) -> String {
        format!(
            "users: {{count: {}, activity: {}, complain: 50%, complain_after: {{constant: 9s}}, \
             attributes: {{tier: {{gold: 20%, tin: 80%}}}}}}\n",
            self.pick(&["40", "700"]),
            self.pick(&["equal", "in_turn", "{zipf: 1.1}"]),
        )
    }

    fn client(&mut self) -> String {
        let mut text = format!(
            "client:\n  deadline: {}\n  slow_after: 150ms\n",
            self.pick(&["120ms", "400ms", "2s"]),
        );
        let patience = ["{exponential: {mean: 100ms}}", "{constant: 90ms}"];
        text += &self.perhaps(0.3, "  patience: ", &patience);
        if self.chance(0.7) {
            text += &self.retries();
        }
        text
    }

    fn retries(&mut self) -> String {
        format!(
            "  retries: {{max: {}, backoff: {}, on: {}{}}}\n",
            self.pick(&["1", "3", "15"]),
            self.pick(&[
                "{base: 20ms, jitter: none}",
                "{base: 50ms, factor: 3x, max: 300ms, jitter: equal}",
                "{base: 100ms}",
                "{base: 0s}",
            ]),
            self.pick(&[
                "[error, timeout, refused]",
                "[refused]",
                "[timeout]",
                "[error]",
                "[timeout, refused]",
            ]),
            self.pick(&["", ", budget: 5%", ", budget: 20%"]),
        )
    }

    fn operations(&mut self, database: bool) -> String {
        if !database {
            return String::new();
        }
        let calls = self.pick(&["[]", "[mail]", "[mail, bank]"]);
        format!(
            "operations:\n  ask: {{share: 70%, database: {{exponential: {{mean: 30ms}}}}}}\n  \
             buy: {{share: 30%, service_time: {{exponential: {{mean: 20ms}}}}, calls: {calls}}}\n\
             database: {{capacity: {}, timeout: {}}}\n\
             dependencies:\n  mail: {{latency: {{exponential: {{mean: 20ms}}}}, errors: 3%}}\n  \
             bank: {{latency: {{constant: 15ms}}}}\n",
            self.pick(&["1", "3", "20"]),
            self.pick(&["50ms", "300ms", "30s"]),
        )
    }

    fn faults(&mut self, database: bool) -> String {
        let mut incidents = String::new();
        for _ in 0..self.number(0, 3) {
            let at = format!("{{at: {}s}}", self.number(2, 50));
            let when = self.pick(&[&at, &at, &at, "{age: 7s}", "{requests: 90}"]);
            incidents += &self.fault(when, "", database);
        }
        let mut defects = String::new();
        for _ in 0..self.number(0, 2) {
            let when = self.pick(&["start", "{age: 4s}", "{requests: 60}"]);
            defects += &self.fault(when, "  ", false);
        }
        let mut text = String::new();
        if !incidents.is_empty() {
            text = text + "incidents:\n" + &incidents;
        }
        if !defects.is_empty() {
            text = text + "release:\n  defects:\n" + &defects;
        }
        text
    }

    fn fault(&mut self, when: &str, indent: &str, database: bool) -> String {
        let effect = match self.number(0, if database { 12 } else { 9 }) {
            0..=2 => "{crash: {}}",
            3 => "{errors: {rate: 40%}}",
            4 => "{wrong_answers: {rate: 10%}}",
            5 => "{latency: {factor: 2x, delay: 30ms}}",
            6 if self.chance(0.6) => "{leak: {per_request: 500KiB, per_hour: 6GiB}}",
            6 => "{leak: {per_request: 1MiB}}",
            7 => "{poison: {rate: 1%}}",
            8 => "{startup_failure: {rate: 50%}}",
            9 => "{slow_start: {factor: 2x}}",
            10 => "{database_lock: {}}",
            11 => "{database_slow: {factor: 4x}}",
            _ => "{dependency: {name: mail, errors: 30%, factor: 3x}}",
        };
        let shared = effect.contains("database");
        let starts = effect.contains("start");
        let crash = effect.contains("crash");
        // what starts and what is shared has no age
        let when = match when {
            "{age: 7s}" | "{requests: 90}" if shared || starts => "{at: 21s}",
            "{age: 4s}" | "{requests: 60}" if starts => "start",
            other => other,
        };
        let shape = match self.number(0, 3) {
            0 if when != "start" => ", lasts: 3s, repeat: 11s",
            1 => ", lasts: 8s",
            2 => ", ramp: 5s",
            _ if shared => ", lasts: 2s, repeat: 15s",
            _ => "",
        };
        // a crash is over at once and strikes again by itself only where it has a time; a start has no shape
        let shape = match shape {
            _ if starts && when == "start" => "",
            ", lasts: 3s, repeat: 11s" if crash && when.starts_with("{at") => shape,
            _ if crash => "",
            other => other,
        };
        let scope = match self.number(0, 4) {
            0 if !shared => ", scope: {instances: 50%}",
            1 if !shared && !starts && effect.contains("rate") => ", scope: {users: {tier: gold}}",
            2 if !shared && !starts && when.starts_with("{at") => ", scope: {instances: 1}",
            _ => "",
        };
        format!("{indent}  - {{when: {when}, effect: {effect}{shape}{scope}}}\n")
    }
}
