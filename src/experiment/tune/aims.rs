//! What a tuning looks at: what is minimised, and what must hold.

use crate::{
    experiment::{Played, Prices, UNFINISHED_MAX, end::Happening},
    model::{Condition, EstimateName, Measure, Statistic, TuneSpec},
    units::LimitKind,
};

/// What is kept of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracked {
    /// What it costs, in the currency of the scenario.
    Cost,
    /// 1 when the release was rolled back.
    Back,
    /// 1 when the release serves all users in the end.
    Completed,
    /// 1 when the rollout had not ended at the end of the trial.
    Unfinished,
    Of(Measure),
}

/// Over which releases something is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Releases {
    All,
    Good,
    Bad,
}

/// How the figures of many trials become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    /// How often it happens.
    Rate,
    Mean,
    Quantile(f64),
}

/// An estimate of a candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Aim {
    /// By the name that expectations use.
    pub name: String,
    /// `count`, `seconds`, `ratio`, `times` or `currency`.
    pub unit: &'static str,
    pub releases: Releases,
    /// Index into what is kept of a trial.
    pub tracked: usize,
    pub how: How,
}

/// What must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    pub aim: Aim,
    pub condition: Condition,
}

/// Everything that a tuning looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Aims {
    pub tracked: Vec<Tracked>,
    pub objective: Aim,
    pub requirements: Vec<Requirement>,
}

/// Kept of every trial, whatever is asked for.
const ALWAYS: [Tracked; 6] = [
    Tracked::Cost,
    Tracked::Back,
    Tracked::Completed,
    Tracked::Unfinished,
    Tracked::Of(Measure::users_hurt),
    Tracked::Of(Measure::rollout_time),
];

impl Tracked {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Back => "rolled_back",
            Self::Completed => "completed",
            Self::Unfinished => "unfinished",
            Self::Of(measure) => measure.name(),
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Cost => "currency",
            Self::Back | Self::Completed | Self::Unfinished => "ratio",
            Self::Of(measure) => measure.unit(),
        }
    }

    /// Its figure in a trial; not-a-number where there was no data.
    pub fn of(self, played: &Played, (good, prices, upkeep): (bool, &Prices, f64)) -> f64 {
        let flag = |it: bool| if it { 1.0 } else { 0.0 };
        match self {
            Self::Cost => prices.bill(played, good, upkeep).cost,
            Self::Back => flag(Happening::RolledBack.happened(played, good)),
            Self::Completed => flag(Happening::Completed.happened(played, good)),
            Self::Unfinished => flag(Happening::Unfinished.happened(played, good)),
            Self::Of(measure) => played.figure(measure).unwrap_or(f64::NAN),
        }
    }
}

impl Releases {
    pub const fn has(self, good: bool) -> bool {
        match self {
            Self::All => true,
            Self::Good => good,
            Self::Bad => !good,
        }
    }
}

impl Aims {
    /// Of a section that has passed its checks: an unknown name is none.
    pub fn of(spec: &TuneSpec) -> Self {
        let mut tracked = ALWAYS.to_vec();
        let name = spec.objective().parse().unwrap_or(EstimateName::Cost(Statistic::Mean));
        let objective = aim(name, Releases::All, &mut tracked);
        let groups = [
            (Releases::All, &spec.constraints.all),
            (Releases::Good, &spec.constraints.good),
            (Releases::Bad, &spec.constraints.bad),
        ];
        let mut requirements = Vec::new();
        for (releases, conditions) in groups {
            let known = conditions.iter().filter_map(|(name, it)| Some((name.parse().ok()?, *it)));
            for (name, condition) in known {
                let aim = aim(name, releases, &mut tracked);
                requirements.push(Requirement { aim, condition });
            }
        }
        requirements.push(finished(&mut tracked));
        Self { tracked, objective, requirements }
    }

    /// The smallest limit on how often something may happen to good releases; there is always one on how many may be
    /// unfinished.
    pub(super) fn limit_on_good(&self) -> f64 {
        let limited = self
            .requirements
            .iter()
            .filter(|it| it.aim.how == How::Rate && it.aim.releases == Releases::Good);
        let limits = limited.filter_map(|it| match it.condition {
            Condition::Below(limit) | Condition::AtMost(limit) => Some(limit.value()),
            Condition::Above(_)
            | Condition::AtLeast(_)
            | Condition::Within(..)
            | Condition::Is(_) => None,
        });
        limits.fold(UNFINISHED_MAX, f64::min)
    }

    /// What is kept of a trial, in the order of `tracked`.
    pub fn figures(&self, played: &Played, about: (bool, &Prices, f64)) -> Vec<f64> {
        self.tracked.iter().map(|it| it.of(played, about)).collect()
    }

    /// An estimate that every report shows.
    pub fn usual(tracked: Tracked, releases: Releases) -> Aim {
        let how = match tracked.unit() {
            "ratio" => How::Rate,
            _ => How::Mean,
        };
        let index = ALWAYS.iter().position(|it| *it == tracked).unwrap_or(0);
        let name = tracked.name().to_owned();
        Aim { name, unit: tracked.unit(), releases, tracked: index, how }
    }
}

fn finished(tracked: &mut Vec<Tracked>) -> Requirement {
    let aim = Aim {
        name: "unfinished".to_owned(),
        unit: "ratio",
        releases: Releases::Good,
        tracked: index_of(Tracked::Unfinished, tracked),
        how: How::Rate,
    };
    let limit = crate::units::Limit::new(LimitKind::Ratio, UNFINISHED_MAX);
    Requirement { aim, condition: Condition::AtMost(limit) }
}

fn index_of(wanted: Tracked, tracked: &mut Vec<Tracked>) -> usize {
    let found = tracked.iter().position(|it| *it == wanted);
    found.unwrap_or_else(|| {
        tracked.push(wanted);
        tracked.len() - 1
    })
}

fn aim(name: EstimateName, releases: Releases, tracked: &mut Vec<Tracked>) -> Aim {
    let how = |statistic: Statistic| statistic.quantile().map_or(How::Mean, How::Quantile);
    let (what, how, releases) = match name {
        EstimateName::Of(measure, statistic) => (Tracked::Of(measure), how(statistic), releases),
        EstimateName::Cost(statistic) => (Tracked::Cost, how(statistic), releases),
        EstimateName::FalseRollback => (Tracked::Back, How::Rate, Releases::Good),
        EstimateName::Escaped => (Tracked::Completed, How::Rate, Releases::Bad),
        EstimateName::RolledBack => (Tracked::Back, How::Rate, releases),
        EstimateName::Completed => (Tracked::Completed, How::Rate, releases),
        EstimateName::Unfinished => (Tracked::Unfinished, How::Rate, releases),
    };
    let unit = what.unit();
    Aim { name: name.name(), unit, releases, tracked: index_of(what, tracked), how }
}
