//! Every chart of every comparison is a sound drawing: over generated summaries, and to the byte on one.

mod recipe;

use proptest::prelude::*;

use super::{ChartFile, Tone, charts};
use crate::report::chart::width_of;
use recipe::Recipe;

/// Something of a drawing, in its own coordinates.
#[derive(Debug)]
struct Span {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    text: String,
}

fn number(tag: &str, name: &str) -> f64 {
    attribute(tag, name).parse().unwrap_or_else(|_| panic!("{name} of {tag}"))
}

fn attribute<'t>(tag: &'t str, name: &str) -> &'t str {
    let (_, rest) = tag.split_once(&format!(" {name}=\"")).unwrap_or_default();
    rest.split('"').next().unwrap_or_default()
}

/// What each element covers.
fn spans(svg: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    for tag in svg.split('<').skip(1) {
        let mut text = String::new();
        let (left, right, top, bottom) = match tag.split(' ').next().unwrap_or_default() {
            "rect" => {
                let (x, y) = (number(tag, "x"), number(tag, "y"));
                (x, x + number(tag, "width"), y, y + number(tag, "height"))
            }
            "circle" => {
                let (x, y, r) = (number(tag, "cx"), number(tag, "cy"), number(tag, "r"));
                (x - r, x + r, y - r, y + r)
            }
            "polyline" | "polygon" => {
                let points = attribute(tag, "points").split_whitespace();
                let points = points.map(|it| it.split_once(',').unwrap());
                let xy =
                    points.map(|it| (it.0.parse::<f64>().unwrap(), it.1.parse::<f64>().unwrap()));
                xy.fold((f64::MAX, f64::MIN, f64::MAX, f64::MIN), |it, (x, y)| {
                    (it.0.min(x), it.1.max(x), it.2.min(y), it.3.max(y))
                })
            }
            "text" => {
                let told = tag.split_once('>').unwrap().1.trim();
                let plain = told.replace("&lt;", "<").replace("&gt;", ">").replace("&apos;", "'");
                text = plain.replace("&quot;", "\"").replace("&amp;", "&");
                extent(tag, &text)
            }
            _ => continue,
        };
        spans.push(Span { left, right, top, bottom, text });
    }
    spans
}

fn extent(tag: &str, text: &str) -> (f64, f64, f64, f64) {
    let (x, y, size) = (number(tag, "x"), number(tag, "y"), number(tag, "font-size"));
    let width = width_of(text, size, tag.contains("font-weight"));
    let left = match attribute(tag, "text-anchor") {
        "end" => x - width,
        "middle" => x - width / 2.0,
        _ => x,
    };
    if tag.contains("rotate(270") {
        return (x - 0.35 * size, x + 0.35 * size, y - width, y);
    }
    (left, left + width, y - 0.35 * size, y + 0.35 * size)
}

fn overlap(one: &Span, two: &Span) -> bool {
    let apart = 5.0;
    one.left < two.right - apart
        && two.left < one.right - apart
        && one.top < two.bottom - apart
        && two.top < one.bottom - apart
}

/// What is wrong with a chart.
fn flaws(chart: &ChartFile) -> Vec<String> {
    let svg = &chart.svg;
    let head = svg.split('>').next().unwrap();
    let view: Vec<f64> =
        attribute(head, "viewBox").split(' ').map(|it| it.parse().unwrap()).collect();
    let mut flaws = Vec::new();
    if svg.contains("NaN") || svg.contains("inf") {
        flaws.push("no number".to_owned());
    }
    if svg.contains("<i>") || svg.contains("<script") {
        flaws.push("markup of a name".to_owned());
    }
    let spans = spans(svg);
    let outside = |it: &&Span| {
        it.left < 0.0 || it.top < 0.0 || it.right > view[2] + 1.0 || it.bottom > view[3] + 1.0
    };
    flaws.extend(spans.iter().filter(outside).map(|it| format!("outside: {it:?}")));
    let texts: Vec<&Span> = spans.iter().filter(|it| !it.text.is_empty()).collect();
    for (index, one) in texts.iter().enumerate() {
        let over = texts[..index].iter().find(|two| overlap(one, two));
        flaws.extend(over.map(|two| format!("{:?} lies over {:?}", one.text, two.text)));
    }
    flaws
}

fn check(recipe: &Recipe) {
    for tone in [Tone::Light, Tone::Dark] {
        for chart in charts(&recipe.summary(), tone) {
            assert_eq!(flaws(&chart), Vec::<String>::new(), "{} of {recipe:?}", chart.name);
        }
    }
}

const NAMES: [&str; 4] = [
    "canary",
    "a strategy with <i>a name</i> & \"more\" than a table has room for",
    "é\u{202e}漢字",
    "x",
];

fn values() -> impl Strategy<Value = Vec<f64>> {
    let kinds = prop_oneof![Just(0.0), Just(1.0), 0.000_1..1.0_f64, 1.0..1e4_f64, 1e6..1e12_f64,];
    prop_oneof![
        prop::collection::vec(kinds, 1..40),
        Just(vec![0.0]),
        Just(vec![1e12]),
        prop::collection::vec(20.0..900.0_f64, 30),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn every_chart_of_every_comparison_is_sound(
        strategies in 1_usize..=16,
        classes in 1_usize..=33,
        values in values(),
        missing in prop::sample::select(vec![0_usize, 2, 3, 7, 1]),
        name in prop::sample::select(NAMES.to_vec()),
        complete: bool,
    ) {
        check(&Recipe { strategies, classes, values, missing, name, complete });
    }
}

fn plain() -> Recipe {
    let values = vec![30.0, 42.0, 7.5, 600.0, 90.0];
    Recipe { strategies: 3, classes: 2, values, missing: 0, name: "canary", complete: true }
}

#[test]
fn every_chart_of_the_contract_is_there_in_the_order_of_the_story() {
    let names: Vec<&str> =
        charts(&plain().summary(), Tone::Light).iter().map(|it| it.name).collect();
    let expected = [
        "ranking-cost",
        "ranking-harm",
        "differences-cost",
        "differences-harm",
        "harm-by-class",
        "harm-tail",
        "speed-cost",
        "speed-harm",
        "times",
        "harm-origins",
        "cost-parts",
        "sensitivity",
        "trials-1",
        "trials-2",
        "trials-3",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_summary_of_nothing_has_no_charts() {
    let mut summary = plain().summary();
    summary.strategies.clear();
    assert!(charts(&summary, Tone::Light).is_empty());
}

#[test]
fn an_interrupted_comparison_says_so_on_every_chart() {
    let partial = Recipe { complete: false, ..plain() };
    for chart in charts(&partial.summary(), Tone::Dark) {
        assert!(chart.svg.contains("interrupted: partial"), "{}", chart.name);
    }
    for chart in charts(&plain().summary(), Tone::Dark) {
        assert!(!chart.svg.contains("interrupted: partial"), "{}", chart.name);
    }
}

#[test]
fn every_chart_tells_its_trials_confidence_seed_and_command() {
    for chart in charts(&plain().summary(), Tone::Light) {
        let told = ["2,400 trials", "95 % intervals", "seed 9", "rollsim compare canary"];
        for words in told {
            assert!(chart.svg.contains(words), "{} without {words}", chart.name);
        }
    }
}

/// FNV-1a over 64 bits.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn a_pinned_summary_is_drawn_to_the_byte() {
    let of =
        |tone| charts(&plain().summary(), tone).iter().map(|it| it.svg.clone()).collect::<String>();
    let digests = [Tone::Light, Tone::Dark].map(|it| format!("{:016x}", digest(&of(it))));
    assert_eq!(digests, ["a61a922b0db7901d", "2dfbb19f5f468628"]);
}
