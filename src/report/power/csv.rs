//! What was found as one flat table.

use crate::experiment::{
    Figure,
    power::{Found, Power},
};

const HEAD: &str = "part,name,at,world,trials,rolled_back,rolled_back_low,rolled_back_high,\
                    unfinished,by_gates,back_after_p50,back_after_p90,users_hurt_mean,\
                    users_hurt_mean_low,users_hurt_mean_high,users_hurt_p90,rollout_time";

/// A row for each kind of release in each world: times in seconds.
pub fn power_csv(power: &Power) -> String {
    let mut rows = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    let mut write = |head: [&str; 4], found: &Found| {
        let row = head.map(str::to_owned).into_iter().chain(figures(found));
        // writing into memory cannot fail
        let _ = rows.write_record(row);
    };
    write(["release", "good", "", ""], &power.good);
    for class in &power.classes {
        write(["release", &class.name, "", ""], &class.found);
    }
    for kind in &power.kinds {
        for point in &kind.points {
            write(["severity", &kind.name, &point.severity.to_string(), ""], &point.found);
        }
    }
    for curve in &power.curves {
        for point in &curve.points {
            let at = point.x.to_string();
            write(["curve", "good", &at, &curve.name], &point.good);
            write(["curve", "bad", &at, &curve.name], &point.bad);
        }
    }
    let body = rows.into_inner().unwrap_or_default();
    format!("{HEAD}\n{}", String::from_utf8_lossy(&body))
}

fn figures(found: &Found) -> Vec<String> {
    let value = |it: Option<Figure>| it.map_or_else(String::new, |it| it.value.to_string());
    let low = |it: Option<Figure>| it.map_or_else(String::new, |it| it.low.to_string());
    let high = |it: Option<Figure>| it.map_or_else(String::new, |it| it.high.to_string());
    vec![
        found.trials.to_string(),
        value(found.rolled_back),
        low(found.rolled_back),
        high(found.rolled_back),
        value(found.unfinished),
        value(found.by_gates),
        value(found.back_after_p50),
        value(found.back_after_p90),
        value(found.users_hurt_mean),
        low(found.users_hurt_mean),
        high(found.users_hurt_mean),
        value(found.users_hurt_p90),
        value(found.rollout_time),
    ]
}
