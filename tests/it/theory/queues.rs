//! Queues: Erlang C, Pollaczek and Khinchine, finite places, impatience, power of two choices.

use rollsim::{kernel::Seed, model::Measure, sim};

use super::{Queue, UNIT, check};
use crate::trials::{Claim, Row, plan};

/// Requests of one replication.
const REQUESTS: f64 = 40_000.0;

#[test]
fn waits_behind_many_workers_are_those_of_erlang_c() {
    check(include_str!("../oracles/mmc_erlang_c.csv"), |row| {
        let (workers, load) = (row.number("c"), row.number("rho"));
        // many workers at a high load wait seldom and long
        let requests = REQUESTS * if load > 0.8 { 1.0 + workers / 8.0 } else { 1.0 };
        let queue = Queue::of(count(workers), workers * load, requests);
        let claims = vec![
            Claim::share(Measure::waited_share, row.number("p_wait")),
            Claim::share(Measure::utilisation, load),
            Claim::of(Measure::wait_mean, row.number("mean_wait"), UNIT),
            Claim::of(Measure::sojourn_mean, row.number("mean_sojourn"), UNIT),
            Claim::quantile(Measure::wait_p99, row.number("wait_p99"), UNIT),
            Claim::quantile(Measure::latency_p50, row.number("sojourn_p50"), UNIT),
            Claim::quantile(Measure::latency_p99, row.number("sojourn_p99"), UNIT),
        ];
        (queue.text(), claims)
    });
}

#[test]
fn an_asked_quantile_is_that_of_an_exponential_queue() {
    // M/M/1, 5 a second of 10: the sojourn is exponential with a mean of 0.2 s, and a wait longer than t has the
    // probability 0.5 exp(-5 t)
    for (asked, latency, wait) in [("97.5%", 0.737_776, 0.599_146), ("80%", 0.321_888, 0.183_258)] {
        let plan = plan(&format!(
            "format: 2\ntitle: asked\nlength: 48h\nwarm_up: 1h\ntraffic: {{rate: 5/s}}\nusers: {{count: 1000}}\n\
             fleet: {{instances: 1, workers: 1, errors: 0%, queue: 100000, \
             service_time: {{exponential: {{mean: 100ms}}}}}}\n\
             client: {{deadline: 1h, quantile: {asked}}}\nstrategy: none\n"
        ));
        let outcome = sim::run(&plan, Seed::DEFAULT);
        // about 850,000 requests whose waits are alike over seconds
        for (measure, expected) in
            [(Measure::latency_quantile, latency), (Measure::wait_quantile, wait)]
        {
            let got = outcome.figure(measure).unwrap();
            assert!((got / expected - 1.0_f64).abs() < 0.02, "{asked} {measure:?}: {got}");
        }
    }
    let plain = plan("format: 2\ntitle: none\nlength: 10m\nstrategy: none\n");
    assert_eq!(sim::run(&plain, Seed::DEFAULT).figure(Measure::latency_quantile), None);
}

#[test]
fn waits_under_any_law_of_service_are_those_of_pollaczek_and_khinchine() {
    check(include_str!("../oracles/mg1_pollaczek_khinchine.csv"), |row| {
        let load = row.number("rho");
        let queue = Queue { service: service(row), ..Queue::of(1, load, REQUESTS) };
        let claims = vec![
            Claim::share(Measure::waited_share, load),
            Claim::share(Measure::utilisation, load),
            Claim::of(Measure::wait_mean, row.number("mean_wait"), UNIT),
            Claim::of(Measure::sojourn_mean, row.number("mean_sojourn"), UNIT),
        ];
        (queue.text(), claims)
    });
}

/// The table's law of service, as a scenario writes it.
fn service(row: &Row) -> String {
    let parameters = row.text("params");
    let parameter = |name: &str| -> f64 {
        let mut pairs = parameters.split(';').filter_map(|it| it.split_once('='));
        pairs.find(|(it, _)| *it == name).unwrap().1.parse().unwrap()
    };
    let nanos = |units: f64| format!("{:.0}ns", units * UNIT * 1e9);
    match row.text("service_dist") {
        "deterministic" => "{constant: 10ms}".to_owned(),
        "exponential" => "{exponential: {mean: 10ms}}".to_owned(),
        "erlang" => format!("{{gamma: {{mean: 10ms, shape: {}}}}}", parameter("k")),
        "uniform" => "{uniform: {low: 0s, high: 20ms}}".to_owned(),
        "lognormal" => {
            // the 99th percentile of the standard normal is 2.326347874040841
            let (location, sigma) = (parameter("mu"), parameter("sigma"));
            let quantile = libm::exp(location + 2.326_347_874_040_841 * sigma);
            let (median, p99) = (nanos(libm::exp(location)), nanos(quantile));
            format!("{{lognormal: {{median: {median}, p99: {p99}}}}}")
        }
        "pareto" => {
            let minimum = nanos(parameter("xm"));
            format!("{{pareto: {{minimum: {minimum}, alpha: {}}}}}", parameter("alpha"))
        }
        "hyperexp2_balanced" => {
            let (p, one, two) = (parameter("p"), parameter("mean1"), parameter("mean2"));
            let part = |mean| format!("{{exponential: {{mean: {}}}}}", nanos(mean));
            mixture(p, &part(one), &part(two))
        }
        "bimodal" => {
            let (fast, slow) = (parameter("fast"), parameter("slow"));
            let part = |span| format!("{{constant: {}}}", nanos(span));
            mixture(1.0 - parameter("pslow"), &part(fast), &part(slow))
        }
        other => panic!("no law of service `{other}`"),
    }
}

fn mixture(share: f64, one: &str, other: &str) -> String {
    let (share, rest) = (100.0 * share, 100.0 * (1.0 - share));
    format!(
        "{{mixture: [{{share: {share:.10}%, of: {one}}}, {{share: {rest:.10}%, of: {other}}}]}}"
    )
}

#[test]
fn a_queue_with_so_many_places_rejects_as_many_as_its_stationary_law_says() {
    check(include_str!("../oracles/mmck_blocking.csv"), |row| {
        let (workers, places) = (row.number("c"), row.number("K"));
        let rate = workers * row.number("offered_rho");
        let places = count(places - workers);
        let queue = Queue { places, ..Queue::of(count(workers), rate, REQUESTS) };
        let claims = vec![
            Claim::share(Measure::rejected_share, row.number("p_block")),
            Claim::share(Measure::failed_share, row.number("p_block")),
            Claim::share(Measure::waited_share, row.number("p_wait_given_accepted")),
            Claim::share(Measure::utilisation, row.number("utilisation")),
            Claim::of(Measure::wait_mean, row.number("mean_wait_accepted"), UNIT),
            Claim::of(Measure::sojourn_mean, row.number("mean_sojourn_accepted"), UNIT),
        ];
        (queue.text(), claims)
    });
}

#[test]
fn impatient_clients_wait_and_leave_as_erlang_a_says() {
    check(include_str!("../oracles/erlang_a.csv"), |row| {
        let workers = row.number("c");
        let rate = workers * row.number("offered_rho");
        let patience = 1e3 * UNIT / row.number("theta");
        let client = format!("  patience: {{exponential: {{mean: {patience}ms}}}}\n");
        let queue = Queue { client, ..Queue::of(count(workers), rate, REQUESTS) };
        let claims = vec![
            Claim::share(Measure::waited_share, row.number("p_wait")),
            Claim::share(Measure::abandoned_share, row.number("p_abandon")),
            Claim::share(Measure::failed_share, row.number("p_abandon")),
            Claim::share(Measure::utilisation, row.number("utilisation")),
            Claim::of(Measure::wait_mean, row.number("mean_wait_all"), UNIT),
        ];
        (queue.text(), claims)
    });
}

#[test]
fn two_choices_help_a_finite_fleet_as_much_as_was_published() {
    check(include_str!("../oracles/power_of_two.csv"), |row| {
        let (servers, load) = (row.number("N_servers"), row.number("lambda"));
        // 100 to empty what is long enough for the fleet to forget how it began
        let length = (30_000.0 / servers).max(100.0);
        let queue = Queue {
            instances: count(servers),
            balancer: "power_of_two",
            length: length + 300.0,
            warm_up: 200.0,
            silence: 100.0 / (length + 300.0),
            ..Queue::of(1, servers * load, REQUESTS)
        };
        let claim = Claim::of(Measure::sojourn_mean, row.number("mean_sojourn_sim"), UNIT);
        let claim = Claim { exact_error: row.number("se") * UNIT, ..claim };
        (queue.text(), vec![claim])
    });
}

fn count(number: f64) -> u32 {
    u32::try_from(rollsim::units::round_u64(number)).unwrap()
}
