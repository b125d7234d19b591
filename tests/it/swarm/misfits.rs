//! Faults that ask for nothing that their effects cannot do.

use rollsim::{
    fault::FaultSpec,
    scenario::{Step, steps},
};
use serde_json::{Value, json};

/// Takes out what the effect of a fault cannot honour.
pub(super) fn mend_misfits(fault: &mut Value, defect: bool) {
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
