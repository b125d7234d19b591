//! Clients of random scenarios: not too many retries, and now and then an operation comes on a channel of its own.

use rollsim::kernel::Stream;
use serde_json::{Value, json};

/// Most retries of a request: with no wait between them, each may have as many in one instant.
const RETRIES_MAX: u64 = 15;

pub(super) fn add_channel(root: &mut Value, stream: &mut Stream) {
    mend_retries(root);
    if stream.chance(0.8) {
        return;
    }
    let mut one_of = |texts: &[&'static str]| {
        let place = usize::try_from(stream.below(texts.len() as u64)).unwrap_or(0);
        texts[place]
    };
    let (deadline, slow_after) = (one_of(&["1s", "5s", "1m"]), one_of(&["1s", "15s"]));
    let budget = one_of(&["0%", "3%", "50%"]);
    let retries = match one_of(&["list", "law"]) {
        "list" => json!({"max": 3, "waits": ["0s", one_of(&["1s", "15s"])], "budget": budget}),
        _ => json!({"max": 2, "on": ["timeout", "refused"]}),
    };
    let patience = json!({"exponential": {"mean": one_of(&["300ms", "7s"])}});
    root["channels"] = json!({"own": {"http": {
        "deadline": deadline, "slow_after": slow_after, "patience": patience, "retries": retries,
    }}});
    root["operations"]["talk"]["channel"] = json!("own");
}

fn mend_retries(root: &mut Value) {
    if let Some(max) = root.pointer_mut("/client/retries/max")
        && max.as_u64().is_some_and(|it| it > RETRIES_MAX)
    {
        *max = json!(RETRIES_MAX);
    }
}
