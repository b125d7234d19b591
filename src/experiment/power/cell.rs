//! Cells: one kind of release in one world, simulated on the same seeds as every other.

use serde_json::{Value, json};

use crate::{fault::FaultSpec, scenario::Plan};

/// One kind of release in one world.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// What it is called in `trials.csv`: the same for the same values.
    pub(super) key: String,
    /// What is set in the scenario, path and value.
    pub(super) values: Vec<(String, Value)>,
    /// Class of the scenario's releases that is shipped; its `release` without one.
    pub(super) class: Option<(String, usize)>,
    /// Trials that are planned.
    pub(super) trials: u64,
    pub(super) plan: Plan,
}

/// What a cell is meant to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) key: String,
    pub(super) values: Vec<(String, Value)>,
    pub(super) class: Option<(String, usize)>,
    /// Trials in proportion to this.
    pub(super) weight: f64,
}

/// Weights of cells: false rollbacks are rare and asked about most; where a curve crosses a level,
/// more trials narrow the answer.
pub(super) const GOOD: f64 = 4.0;
pub(super) const POINT: f64 = 1.0;
pub(super) const FINE: f64 = 2.0;

impl Wanted {
    pub(super) fn of(key: impl Into<String>, values: Vec<(String, Value)>, weight: f64) -> Self {
        Self { key: key.into(), values, class: None, weight }
    }

    /// The same release in another world.
    pub(super) fn there(&self, world: &str, values: &[(String, Value)], weight: f64) -> Self {
        let mut all = self.values.clone();
        all.extend(values.iter().cloned());
        let key = format!("{} / {world}", self.key);
        Self { key, values: all, class: self.class.clone(), weight }
    }
}

/// The release with nothing wrong.
pub(super) fn good(plan: &Plan) -> Wanted {
    let values =
        if plan.scenario.release.defects.is_empty() { Vec::new() } else { vec![with_defects(&[])] };
    Wanted::of("good", values, GOOD)
}

/// The release with these defects and no others.
pub(super) fn with_defects(defects: &[FaultSpec]) -> (String, Value) {
    let said = defects.iter().map(|it| {
        let mut said = json!(it);
        let plain = json!(FaultSpec::of(it.effect.clone()));
        if let (Value::Object(said), Value::Object(plain)) = (&mut said, plain) {
            // what a file would leave out
            said.retain(|key, value| key == "effect" || plain.get(key) != Some(value));
        }
        said
    });
    ("release.defects".to_owned(), said.collect())
}

/// The release as it is written, and the bad classes of `releases`.
pub(super) fn classes(plan: &Plan) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    if !plan.scenario.release.defects.is_empty() {
        wanted.push(Wanted::of("as written", Vec::new(), FINE));
    }
    let classes = plan.lottery.iter().flat_map(|it| &it.classes);
    for class in classes.filter(|it| !it.good && it.chance > 0.0) {
        let key = format!("class {}", class.name);
        let class = Some((class.name.clone(), class.release));
        wanted.push(Wanted { key, values: Vec::new(), class, weight: POINT });
    }
    wanted
}
