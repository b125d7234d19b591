//! Candidates and contestants as CSV. An empty field says that there is nothing.

use crate::experiment::{
    Figure,
    tune::{ContestantFound, Setting, Tuning},
};

/// Rows as text.
fn text(rows: Vec<Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // a record in memory cannot fail
        let _ = writer.write_record(row);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn paths(tuning: &Tuning) -> Vec<String> {
    let mut paths: Vec<String> =
        tuning.candidates.iter().flat_map(|it| &it.settings).map(|it| it.path.clone()).collect();
    paths.sort();
    paths.dedup();
    paths
}

fn values(settings: &[Setting], paths: &[String]) -> Vec<String> {
    let value = |path: &String| {
        let found = settings.iter().find(|it| it.path == *path);
        found.map_or_else(String::new, |it| crate::scenario::to_yaml_line(&it.value))
    };
    paths.iter().map(value).collect()
}

fn number(it: Option<f64>) -> String {
    it.filter(|it| it.is_finite()).map_or_else(String::new, |it| it.to_string())
}

/// A row for each candidate of the search, with the search's own figures.
pub fn candidates(tuning: &Tuning) -> String {
    let paths = paths(tuning);
    let columns = [
        "candidate",
        "origin",
        "parent",
        "trials",
        "objective",
        "false_rollback",
        "users_hurt",
        "rollout_time",
        "dropped",
    ];
    let mut rows = vec![columns.map(str::to_owned).into_iter().chain(paths.clone()).collect()];
    for (index, it) in tuning.candidates.iter().enumerate() {
        let dropped = it.dropped.map(|it| serde_json::to_value(it).unwrap_or_default());
        let mut row = vec![
            index.to_string(),
            it.origin.clone(),
            it.parent.map_or_else(String::new, |it| it.to_string()),
            it.trials.to_string(),
            number(it.objective),
            number(it.false_rollback),
            number(it.users_hurt),
            number(it.rollout_time),
            dropped.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default(),
        ];
        row.extend(values(&it.settings, &paths));
        rows.push(row);
    }
    text(rows)
}

/// A row for each contestant, with its figures on fresh seeds and their intervals.
pub fn contestants(tuning: &Tuning) -> String {
    type Of = fn(&ContestantFound) -> Option<Figure>;
    let figures: [(&str, Of); 7] = [
        ("objective", |it| it.objective),
        ("cost", |it| it.cost),
        ("users_hurt", |it| it.users_hurt),
        ("false_rollback", |it| it.false_rollback),
        ("escaped", |it| it.escaped),
        ("rollout_time", |it| it.rollout_time),
        ("versus_present", |it| it.versus_present),
    ];
    let mut head: Vec<String> =
        ["contestant", "name", "candidate", "trials", "standing", "searched", "best", "on_front"]
            .map(str::to_owned)
            .to_vec();
    for (name, _) in figures {
        head.extend([name.to_owned(), format!("{name}_low"), format!("{name}_high")]);
    }
    let mut rows = vec![head];
    for (index, it) in tuning.contestants.iter().enumerate() {
        let standing = serde_json::to_value(it.standing).unwrap_or_default();
        let mut row = vec![
            index.to_string(),
            it.name.clone(),
            it.candidate.map_or_else(String::new, |it| it.to_string()),
            it.trials.to_string(),
            standing.as_str().unwrap_or_default().to_owned(),
            number(it.searched),
            number(Some(it.best)),
            number(Some(it.on_front)),
        ];
        for (_, of) in figures {
            let found = of(it);
            row.extend([
                number(found.map(|it| it.value)),
                number(found.map(|it| it.low)),
                number(found.map(|it| it.high)),
            ]);
        }
        rows.push(row);
    }
    text(rows)
}
