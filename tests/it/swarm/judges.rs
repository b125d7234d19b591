//! Judges that are drawn at random, made such that they can work.

use serde_json::{Value, json};

/// Settings that hold together, whatever stands around them.
pub(super) fn mend_judge(judge: &mut Value) {
    for item in judge.as_array_mut().into_iter().flatten() {
        mend_judge(item);
    }
    let Some(map) = judge.as_object_mut() else { return };
    for key in ["pass", "marginal", "score_thresholds"] {
        map.remove(key);
    }
    for (key, value) in map.iter_mut() {
        if let Some(sound) = sound(key) {
            *value = sound;
        } else if key != "threshold" {
            mend_judge(value);
        }
    }
}

/// A sound value for a setting that is not sound at any.
fn sound(key: &str) -> Option<Value> {
    Some(match key {
        "level" | "alpha" | "beta" | "false_alarm" | "mean_below" => json!("1%"),
        "step" | "window" | "short" => json!("5m"),
        "long" | "lookback" => json!("10m"),
        "quantile" | "slo" | "certainty" => json!("90%"),
        "test" => json!({"two_arm": {"ratio": "2x"}}),
        "reference" => json!("baseline"),
        "find" => json!({"shift": 1.5}),
        "metric" => json!("error_rate"),
        _ => return None,
    })
}
