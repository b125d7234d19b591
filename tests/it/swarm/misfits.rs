//! Faults that ask for nothing that their effects cannot do.

use rollsim::{
    fault::FaultSpec,
    scenario::{Step, steps},
};
use serde_json::{Value, json};

/// A rolling update that may neither have one instance more nor one fewer gets one more.
pub(super) fn mend_rolls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let zero = |key: &str| map.get(key).is_some_and(|it| it == "0");
            if zero("max_surge") && zero("max_unavailable") {
                map.insert("max_surge".to_owned(), json!("1"));
            }
            map.values_mut().for_each(mend_rolls);
        }
        Value::Array(items) => items.iter_mut().for_each(mend_rolls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Takes out what the effect of a fault cannot honour, and averaging times that are too short.
pub(super) fn mend_misfits(fault: &mut Value, defect: bool) {
    let load = fault.get_mut("when").and_then(|it| it.get_mut("load_over"));
    if let Some(over) = load.and_then(|it| it.get_mut("over"))
        && ["0s", "1ms", "90ms"].iter().any(|it| over == it)
    {
        *over = json!("1s");
    }
    let Ok(spec) = serde_json::from_value::<FaultSpec>(fault.clone()) else { return };
    for misfit in spec.misfits(defect) {
        let mut section = &mut *fault;
        let steps = steps(&misfit.field).unwrap_or_default();
        let Some((Step::Key(last), above)) = steps.split_last() else { continue };
        for step in above {
            section = match step {
                Step::Key(key) => &mut section[key],
                Step::Index(index) => &mut section[*index],
                Step::Every => continue,
            };
        }
        if last == "when" {
            section[last] = json!({"at": "40s"});
        } else if let Some(keys) = section.as_object_mut() {
            keys.remove(last);
        }
    }
}
