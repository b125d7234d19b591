//! The page in a real browser: it does what it promises, and nothing from a file does anything.
//!
//! Without Chromium these tests say so and pass; CI installs it.

mod browser;

use rollsim::report;
use serde_json::Value;

use crate::documents::{hostile, summary};
use browser::{Browser, pdf, probe};

const BEHAVIOUR: &str = include_str!("behaviour.js");
const CONTRAST: &str = include_str!("contrast.js");
const HARM: &str = include_str!("harm.js");
const PHONE: &str = include_str!("phone.js");

#[expect(clippy::print_stderr, reason = "that a test was skipped must be seen")]
fn browser_or_skipped() -> Option<Browser> {
    let browser = Browser::find();
    if browser.is_none() {
        eprintln!("skipped: no chromium");
    }
    browser
}

/// What the probe found in a page, or nothing where there is no browser.
fn found(name: &str, html: &str, script: &str) -> Option<Value> {
    let browser = browser_or_skipped()?;
    let value = probe(&browser, name, html, script);
    assert_eq!(value["errors"], Value::Array(Vec::new()), "{value}");
    assert_eq!(value["requests"], 0, "{value}");
    Some(value)
}

#[test]
fn the_page_is_one_file_that_asks_for_nothing() {
    let html = report::page(&summary());
    assert!(html.starts_with("<!doctype html>"));
    for outside in ["src=\"http", "href=\"http", "url(", "@import", "<link rel=\"stylesheet"] {
        let charts_apart = html.split("<svg").map(|it| it.rsplit("</svg>").next().unwrap());
        assert!(charts_apart.into_iter().all(|it| !it.contains(outside)), "{outside}");
    }
    assert!(html.contains("default-src 'none'; style-src 'unsafe-inline'; script-src"));
    assert!(html.len() < 2_000_000, "{} bytes", html.len());
    assert_eq!(html, report::page(&summary()), "the same summary gives the same bytes");
}

#[test]
fn no_hostile_text_is_markup_in_the_page() {
    let html = report::page(&hostile());
    let own = report::page(&summary());
    for tag in ["<script", "</script", "<img", "onerror=", "onload=", "javascript:"] {
        let count = |it: &str| it.matches(tag).count();
        let texts = ["onerror=", "onload=", "javascript:"];
        if !texts.contains(&tag) {
            assert_eq!(count(&html), count(&own), "{tag}");
        }
    }
    assert!(!html.contains(['\u{2028}', '\u{202e}', '\u{1b}', '\0']));
    let block = html.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    assert!(!block.contains('<'));
    assert!(serde_json::from_str::<Value>(block).is_ok());
}

#[test]
fn tables_sort_choices_filter_and_trials_open() {
    let html = report::page(&summary());
    let Some(found) = found("behaviour", &html, BEHAVIOUR) else { return };
    assert_eq!(
        found["headings"],
        "strategies,charts,releases,pairs,trials,expectations,prices,method"
    );
    // by cost, down: the dearest first; by name, up
    assert_eq!(found["sorted_down"], "all at once,feature flag,canary");
    assert_eq!(found["aria_sort"], "descending");
    assert_eq!(found["sorted_names"], "all at once,canary,feature flag");
    // without the second strategy and the second kind of release
    assert_eq!(found["filtered"], "ranking 2, harm 2 of 2, differences 1, trials 4, dots 2");
    assert_eq!(found["reset"], "ranking 3, harm 3 of 3, differences 3, trials 9, dots 3");
    assert_eq!(found["trial"], "open true, focus true, course true");
    assert_eq!(found["cursor"], "moved");
    assert_eq!(found["dot_tip"], "shown");
    assert_eq!(found["theme"], "dark true light false");
    assert_eq!(found["unnamed"], "");
}

#[test]
fn text_can_be_read_in_both_themes() {
    let html = report::page(&summary());
    let Some(found) = found("contrast", &html, CONTRAST) else { return };
    assert!(found["texts"].as_u64().unwrap() > 200, "{found}");
    assert_eq!(found["faint"], Value::Array(Vec::new()));
}

#[test]
fn hostile_texts_do_not_run() {
    let html = report::page(&hostile());
    let Some(found) = found("hostile", &html, HARM) else { return };
    assert_eq!(found["hacked"], "no", "{found}");
    assert_eq!(found["strangers"], "", "elements or attributes that are not ours");
    assert_eq!(found["shown"], true, "the text is there to be read");
}

#[test]
fn on_a_phone_nothing_goes_beyond_the_screen() {
    for (name, summary) in [("phone", summary()), ("phone-hostile", hostile())] {
        let html = browser::framed(&report::page(&summary), 360);
        let Some(found) = found(name, &html, PHONE) else { return };
        assert_eq!(found["width"], 360, "{found}");
        assert_eq!(found["overflow"], 0, "{found}");
    }
}

#[test]
fn it_prints() {
    let Some(browser) = browser_or_skipped() else { return };
    let bytes = pdf(&browser, "print", &report::page(&summary()));
    assert!(bytes.starts_with(b"%PDF-"));
}
