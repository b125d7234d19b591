//! Judges on real incidents that nobody here simulated: the `PetShop` data (Hardt et al. 2023, CC-BY-4.0).
//!
//! Windows of five minutes of a small shop: mean latency, requests and availability of its entry
//! service. 589 windows each of two levels of traffic are quiet; 68 short series hold an injected
//! regression from their third window on. The control is the two windows before, as a release would
//! have them; or, for judges that need more of it, 24 quiet windows of another day, scaled to the mean of
//! these two. What is judged are the two windows after. False alarms are counted over all quiet
//! windows, in just the same way.

use std::{env, fmt::Write as _, fs, path::Path};

use rollsim::{
    judge::{JudgeSpec, Subject, Verdict},
    model::{Cohort, Gauges, GroupId, Population, Scrape, Telemetry},
    units::{Instant, Span, round_u64},
};
use serde::Deserialize;

use super::{rows, shared, unpacked};

const WINDOW: Span = Span::from_secs(300);
/// Quiet windows of another day.
const HISTORY: usize = 24;
/// Windows of a pair of sides.
const SIDE: usize = 2;

#[derive(Clone, Deserialize)]
struct Window {
    scenario: String,
    case: String,
    #[serde(rename = "latency_Average")]
    latency: Option<f64>,
    #[serde(rename = "requests_Sum")]
    requests: Option<f64>,
    #[serde(rename = "availability_Average")]
    availability: Option<f64>,
}

#[derive(Deserialize)]
struct Issue {
    scenario: String,
    case: String,
    target_metric: String,
}

/// A judge, what it is shown, and its settings. Latency goes by the gauge, since the data have no
/// histograms; its mean is in seconds.
struct Entry {
    name: &'static str,
    history: bool,
    spec: &'static str,
}

const fn pair(name: &'static str, spec: &'static str) -> Entry {
    Entry { name, history: false, spec }
}

const fn long(name: &'static str, spec: &'static str) -> Entry {
    Entry { name, history: true, spec }
}

const ENTRIES: [Entry; 16] = [
    pair(
        "latency: threshold 1.1x",
        r#"{"threshold": {"metric": "saturation", "against": "ratio", "fail_above": "1.1x", "window": "5m"}}"#,
    ),
    pair(
        "latency: threshold 1.25x",
        r#"{"threshold": {"metric": "saturation", "against": "ratio", "fail_above": "1.25x", "window": "5m"}}"#,
    ),
    pair(
        "latency: welch 1 %",
        r#"{"welch": {"metric": "saturation", "min_points": 2, "step": "5m"}}"#,
    ),
    pair(
        "latency: kayenta",
        r#"{"kayenta": {"metrics": [{"metric": "saturation", "direction": "increase", "unit_scale": 1000}], "step": "5m"}}"#,
    ),
    long(
        "latency: welch 1 %",
        r#"{"welch": {"metric": "saturation", "min_points": 2, "step": "5m"}}"#,
    ),
    long(
        "latency: kayenta",
        r#"{"kayenta": {"metrics": [{"metric": "saturation", "direction": "increase", "unit_scale": 1000}], "step": "5m"}}"#,
    ),
    long(
        "latency: kayenta, allowed 1.25x",
        r#"{"kayenta": {"metrics": [{"metric": "saturation", "direction": "increase", "unit_scale": 1000, "effect_size": {"allowed_increase": 1.25}}], "step": "5m"}}"#,
    ),
    long(
        "latency: cusum, shift 2, 1 in 1000",
        r#"{"cusum": {"metric": "saturation", "find": {"shift": 2}, "learn": 24, "step": "5m"}}"#,
    ),
    long(
        "latency: ewma 0.2, 2.962",
        r#"{"ewma": {"metric": "saturation", "learn": 24, "step": "5m"}}"#,
    ),
    pair(
        "errors: threshold, 1 % more",
        r#"{"threshold": {"metric": "error_rate", "against": "difference", "fail_above": "1%", "window": "5m"}}"#,
    ),
    pair("errors: two_proportion", r#"{"two_proportion": {"counts": "errors"}}"#),
    pair("errors: fisher", r#"{"fisher": {"counts": "errors"}}"#),
    pair("errors: bayes", r#"{"bayes": {"counts": "errors"}}"#),
    pair("errors: e_process", r#"{"e_process": {}}"#),
    pair("errors: kill", r#"{"kill": {"counts": "errors"}}"#),
    long(
        "errors: cusum, ratio 3, 1 in 1000",
        r#"{"cusum": {"metric": "error_rate", "find": {"ratio": 3}, "learn": 24, "step": "5m"}}"#,
    ),
];

/// What is shown of each side, scrape by scrape.
type Shown<'a> = [Option<&'a Window>; 2];

fn scrape(index: u64, shown: Shown<'_>) -> Scrape {
    let at = Instant::ZERO + Span::from_nanos(WINDOW.nanos() * (index + 1));
    let mut scrape = Scrape { at, ..Scrape::default() };
    for ((group, cohort), window) in
        [(GroupId::STABLE, Cohort::STABLE), (GroupId::CANDIDATE, Cohort::EXPOSED)]
            .into_iter()
            .zip(shown)
    {
        let Some(window) = window else {
            continue;
        };
        let attempts = round_u64(window.requests.unwrap_or(0.0));
        let failed = 1.0 - window.availability.unwrap_or(100.0) / 100.0;
        let counters = &mut scrape.counters[cohort.index()];
        (counters.attempts, counters.failures) = (attempts, round_u64(failed * attempts as f64));
        let busy = window.latency.unwrap_or(f64::NAN);
        scrape.gauges.push(Gauges { group, busy, workers: 1, ..Gauges::default() });
    }
    scrape
}

/// Whether a judge stops the two windows after, looking at each of them.
fn stops(entry: &Entry, history: &[Window], before: &[Window], after: &[Window]) -> bool {
    let spec: JudgeSpec = serde_json::from_str(entry.spec).unwrap();
    let mut judge = spec.build();
    let mut telemetry = Telemetry::new(Span::ZERO, Span::from_secs(24 * 3_600));
    let subject = Subject {
        candidate: Population::CANDIDATE,
        baseline: Population::STABLE,
        since: Instant::ZERO,
    };
    let mut index = 0;
    if entry.history {
        let mean =
            |it: &[Window]| it.iter().filter_map(|it| it.latency).sum::<f64>() / it.len() as f64;
        let scale = mean(before) / mean(history);
        for window in history {
            let scaled = Window { latency: window.latency.map(|it| scale * it), ..window.clone() };
            telemetry.push(scrape(index, [Some(&scaled), None]));
            index += 1;
        }
    }
    let mut stopped = false;
    for (pair, candidate) in after.iter().enumerate() {
        let baseline = if entry.history { None } else { before.get(pair) };
        let scrape = scrape(index, [baseline, Some(candidate)]);
        let now = scrape.at;
        telemetry.push(scrape);
        index += 1;
        stopped |= judge.assess(&telemetry.observed(now), subject).verdict == Verdict::Fail;
    }
    stopped
}

/// False alarms of a judge among quiet windows, and how many there were.
fn false_alarms(entry: &Entry, quiet: &[Window]) -> (u32, u32) {
    let (mut alarms, mut looks) = (0, 0);
    for at in SIDE..=quiet.len() - SIDE {
        // a day away, and never near the windows that are judged
        let far = (at + 288) % (quiet.len() - HISTORY);
        let history = &quiet[far..far + HISTORY];
        let (before, after) = (&quiet[at - SIDE..at], &quiet[at..at + SIDE]);
        alarms += u32::from(stops(entry, history, before, after));
        looks += 1;
    }
    (alarms, looks)
}

fn table(windows: &[Window], issues: &[Issue]) -> String {
    let of = |scenario: &str, case: &str| -> Vec<Window> {
        let ours = |it: &&Window| it.scenario == scenario && it.case == case;
        windows.iter().filter(ours).cloned().collect()
    };
    let (high, low) = (of("high_traffic", "noissue"), of("low_traffic", "noissue"));
    assert_eq!((high.len(), low.len(), issues.len()), (589, 589, 68));
    let mut text = "judge,control,quiet,false_alarms,latency_regressions,detected,\
                    availability_regressions,detected_availability\n"
        .to_owned();
    for entry in &ENTRIES {
        let (first, second) = (false_alarms(entry, &high), false_alarms(entry, &low));
        let mut detected = [(0_u32, 0_u32); 2];
        for issue in issues {
            let series = of(&issue.scenario, &issue.case);
            let history = if issue.scenario == "low_traffic" { &low } else { &high };
            let (before, after) = series.split_at(SIDE);
            let found = stops(entry, &history[..HISTORY], before, &after[..SIDE]);
            let kind = &mut detected[usize::from(issue.target_metric == "availability")];
            kind.0 += 1;
            kind.1 += u32::from(found);
        }
        let control = if entry.history { "24 quiet windows" } else { "2 windows before" };
        let [latency, availability] = detected;
        let (alarms, quiet) = (first.0 + second.0, first.1 + second.1);
        writeln!(
            text,
            "\"{}\",{control},{quiet},{alarms},{},{},{},{}",
            entry.name, latency.0, latency.1, availability.0, availability.1
        )
        .unwrap();
    }
    text
}

/// `INSTA_UPDATE=always cargo test petshop` writes it anew.
#[test]
fn the_table_of_real_incidents_is_made_again_to_the_byte() {
    let folder = "data/petshop_microservice_incidents";
    let (Some(windows), Some(issues)) = (
        unpacked(&format!("{folder}/petsite_tidy.csv.gz")),
        shared(&format!("{folder}/issues_index.csv")),
    ) else {
        return;
    };
    let made = table(&rows(&windows), &rows(&issues));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/judges/petshop.csv");
    if env::var("INSTA_UPDATE").is_ok_and(|it| it == "always") {
        fs::write(&file, &made).unwrap();
    }
    let published = fs::read_to_string(&file).unwrap();
    assert!(made == published, "reports/judges/petshop.csv is not what is made today:\n{made}");
}
