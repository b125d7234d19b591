//! The operator: who is paged, how soon they respond, and what they can do by hand.

use serde::{Deserialize, Serialize};

use super::{ActionSpec, Against, Distribution, Drain, MetricSpec, Mitigation};
use crate::units::{HourOfWeek, Limit, Span};

/// The person on call.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OperatorSpec {
    /// Time from a page to its acknowledgement by day.
    pub acknowledge: Distribution,
    /// Time from a page to its acknowledgement at night.
    pub acknowledge_night: Distribution,
    /// When the night begins.
    pub night_from: HourOfWeek,
    /// When the night ends.
    pub night_until: HourOfWeek,
    /// What a paged operator does, in order. Empty is what `undoes` says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(length(max = 32), extend("default" = [])))]
    pub actions: Vec<ActionSpec>,
    /// Whether a paged operator rolls the rollout back by hand: `true` is the short way of writing
    /// `actions: [{do: undo}]`. Where there are `actions`, they alone say what is done.
    pub undoes: bool,
    /// Time from the acknowledgement to the decision to act: diagnosis. For an action without `after`.
    pub diagnose: Distribution,
    /// Time from the decision until the action: finding the command, access, help. For an action without
    /// `after`.
    pub prepare: Distribution,
    /// Time from a request for approval to its answer.
    pub approve: Distribution,
    /// Whether such a request is approved.
    pub approves: bool,
}

impl Default for OperatorSpec {
    fn default() -> Self {
        let minutes = |median: u64, p90: u64| Distribution::LogNormal {
            median: Span::from_secs(median * 60),
            p99: None,
            p90: Some(Span::from_secs(p90 * 60)),
        };
        Self {
            acknowledge: minutes(5, 15),
            acknowledge_night: minutes(15, 60),
            night_from: HourOfWeek::from_minutes(22 * 60),
            night_until: HourOfWeek::from_minutes(7 * 60),
            actions: Vec::new(),
            undoes: true,
            diagnose: minutes(10, 30),
            prepare: minutes(2, 5),
            approve: minutes(15, 60),
            approves: true,
        }
    }
}

impl OperatorSpec {
    /// What is done after a page, in order, with `undoes` written out.
    pub fn policy(&self) -> Vec<ActionSpec> {
        if self.actions.is_empty() && self.undoes {
            vec![Mitigation::of_undoes()]
        } else {
            self.actions.clone()
        }
    }

    /// How far back the operator looks at single instances. None where no action needs it.
    pub fn looks_back(&self) -> Option<Span> {
        let looks = |it: &&ActionSpec| matches!(it.mitigation, Mitigation::Drain(_));
        self.actions.iter().find(looks).map(|_| Drain::LOOK)
    }

    /// Whether a minute of the day, from 0 to 1439, is in the night. A night from and until the same
    /// minute is none.
    pub const fn is_night(&self, minute_of_day: u32) -> bool {
        let (from, until) = (self.night_from.minute_of_day(), self.night_until.minute_of_day());
        if from <= until {
            from <= minute_of_day && minute_of_day < until
        } else {
            minute_of_day >= from || minute_of_day < until
        }
    }

    /// Pages by day and by night, of pages by hour of the day; an hour in which the night begins or
    /// ends counts as what it is in its middle.
    pub fn by_day_and_night(&self, pages_by_hour: &[u32; 24]) -> (u32, u32) {
        let at_night =
            pages_by_hour.iter().zip(0..).filter(|(_, hour)| self.is_night(hour * 60 + 30));
        let night = at_night.map(|(pages, _)| pages).sum();
        (pages_by_hour.iter().sum::<u32>() - night, night)
    }
}

/// An alert that pages the operator when a metric of the whole service stays beyond a limit.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AlertSpec {
    /// Name shown in the timeline.
    pub name: String,
    /// The metric that is watched.
    pub metric: MetricSpec,
    /// Fires above this.
    pub above: Limit,
    /// What the metric is taken of: the service as a whole, or the candidate against the baseline.
    #[serde(default)]
    pub against: Against,
    /// The window that one evaluation covers.
    #[serde(default = "five_minutes")]
    pub window: Span,
    /// The metric must stay above the limit for this long.
    #[serde(default, rename = "for")]
    pub hold: Span,
    /// Fewest requests in the window for the metric to count.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_samples: u64,
}

fn five_minutes() -> Span {
    Span::from_secs(300)
}
