//! A strategy of its own kind: no leg, no workflow and no key that another one has, and a third release in a group of
//! its own.

use serde::{Deserialize, Serialize};

use crate::{
    model::{
        Action, AnalysisId, AnalysisState, Compared, GroupId, GroupSpec, Phase, ReleaseId,
        ReleaseRole, View, Wake,
    },
    strategy::{
        Crossing, ExposureStep, Paces, RolloutWay, Routing, Strategy, StrategyKind, StrategySpec,
        Watched, WayWait, WrittenRamp,
    },
    units::{Instant, Ratio, Span, text},
};

const PHASES: &str = "by_moon.phases";
/// The release before the stable one, which a few users meet meanwhile.
const PREVIOUS: GroupSpec = GroupSpec { name: "previous", release: ReleaseId::new(2) };
const OF_PREVIOUS: GroupId = GroupId::new(2);
const A_FEW: f64 = 0.1;

/// By the moon: the more of it is lit, the more users meet the new release.
///
/// Any verdict of the analysis but a pass, and an order to undo, bring the old release back.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ByMoon {
    /// Phases of the moon; after the last one it is full.
    #[cfg_attr(test, schemars(length(min = 1, max = 100)))]
    pub phases: Vec<MoonPhase>,
}

/// A phase of the moon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MoonPhase {
    /// Share of the moon that is lit, and of the users who meet the new release.
    pub lit: Ratio,
    /// How long it lasts.
    pub hold: Span,
}

impl Default for ByMoon {
    fn default() -> Self {
        Self::held(Span::from_secs(300))
    }
}

impl ByMoon {
    fn held(hold: Span) -> Self {
        let phase = |lit| MoonPhase { lit: Ratio::clamped(lit), hold };
        Self { phases: [0.1, 0.5].map(phase).to_vec() }
    }

    fn steps(&self) -> Vec<ExposureStep> {
        let step =
            |it: &MoonPhase| ExposureStep { weight: it.lit.get(), hold: it.hold, approve: false };
        self.phases.iter().map(step).collect()
    }
}

impl StrategyKind for ByMoon {
    fn build(&self) -> Box<dyn Strategy> {
        Box::new(Moon { phases: self.phases.clone(), place: Place::New, passed: 0 })
    }

    fn uses_flag(&self) -> bool {
        false
    }

    fn uses_analysis(&self) -> bool {
        true
    }

    fn ramps(&self) -> Vec<WrittenRamp> {
        let steps = self.steps();
        vec![WrittenRamp { path: PHASES, key: "lit", steps, walked: true, last_stays: false }]
    }

    fn watched(&self) -> Vec<Watched> {
        vec![Watched { path: PHASES, steps: self.steps(), each_step: false }]
    }

    fn way(&self, paces: &dyn Paces) -> RolloutWay {
        let start = paces.start(paces.sizes().1.saturating_add(1));
        RolloutWay::default().with(WayWait::Start, start).ramp(&self.steps(), paces)
    }

    fn crossing(&self) -> Crossing {
        Crossing::Never
    }

    fn upkeep_minutes(&self) -> f64 {
        2.0
    }

    fn noun(&self) -> &'static str {
        "moon"
    }

    fn plain(hold: Span) -> Option<StrategySpec> {
        Some(Self::held(hold).into())
    }
}

#[derive(Clone)]
struct Moon {
    phases: Vec<MoonPhase>,
    place: Place,
    /// Phases that are over.
    passed: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    New,
    Rising,
    /// Until this moment.
    Lit(Instant),
    Full,
    Setting,
    Set,
}

/// The previous release gets this, of one instance or none.
fn previous_gets(share: f64) -> [Action; 2] {
    let weight = Action::Weight { group: OF_PREVIOUS, share: Ratio::clamped(share) };
    let replicas = u32::from(share > 0.0);
    [weight, Action::Scale { group: OF_PREVIOUS, replicas }]
}

impl Moon {
    /// The next phase, or the end.
    fn shine(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        let Some(phase) = self.phases.get(self.passed) else {
            self.place = Place::Full;
            actions.extend(previous_gets(0.0));
            actions.extend([
                Action::StopAnalysis(AnalysisId::ONLY),
                Action::candidate_gets(Ratio::ONE),
                Action::Scale { group: GroupId::STABLE, replicas: 0 },
                Action::Enter(Phase::Completed, "the moon is full".to_owned()),
            ]);
            return Wake::OnChange;
        };
        let until = view.clock().saturating_add(phase.hold);
        self.place = Place::Lit(until);
        actions.push(Action::candidate_gets(phase.lit));
        Wake::At(view.when(until))
    }

    fn sets(&self, view: &View) -> bool {
        let doubts = [AnalysisState::Failed, AnalysisState::Inconclusive, AnalysisState::Errored];
        let is_up = !matches!(self.place, Place::Setting | Place::Set);
        is_up
            && (view.orders.undo
                || view.analysis(AnalysisId::ONLY).is_some_and(|it| doubts.contains(&it)))
    }
}

impl Strategy for Moon {
    fn routing(&self) -> Routing {
        Routing::Users
    }

    fn groups(&self) -> Vec<GroupSpec> {
        vec![GroupSpec::STABLE, GroupSpec::CANDIDATE, PREVIOUS]
    }

    fn releases(&self) -> Vec<ReleaseRole> {
        let previous = ReleaseRole { name: "previous", version: Some("0.9.0".to_owned()) };
        vec![ReleaseRole::STABLE, ReleaseRole::CANDIDATE, previous]
    }

    fn uses_flag(&self) -> bool {
        false
    }

    fn steps(&self) -> Vec<String> {
        let step = |it: &MoonPhase| format!("a moon that is {} lit", text::share(it.lit.get()));
        self.phases.iter().map(step).collect()
    }

    fn steps_done(&self) -> usize {
        self.passed
    }

    fn reconcile(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        if self.sets(view) {
            self.place = Place::Setting;
            actions.extend(previous_gets(0.0));
            actions.extend([
                Action::Enter(Phase::RollingBack, "the moon sets".to_owned()),
                Action::StopAnalysis(AnalysisId::ONLY),
                Action::candidate_gets(Ratio::ZERO),
                Action::Scale { group: GroupId::STABLE, replicas: view.fleet },
                Action::Scale { group: GroupId::CANDIDATE, replicas: 0 },
            ]);
            return Wake::OnChange;
        }
        match self.place {
            Place::New => {
                self.place = Place::Rising;
                actions.extend([
                    Action::Enter(Phase::Progressing, "the moon rises".to_owned()),
                    Action::Scale { group: OF_PREVIOUS, replicas: 1 },
                    Action::Scale { group: GroupId::CANDIDATE, replicas: view.fleet },
                ]);
                Wake::OnChange
            }
            Place::Rising
                if view.candidate().ready() >= view.fleet
                    && view.groups[OF_PREVIOUS].ready() > 0 =>
            {
                actions.extend(previous_gets(A_FEW));
                actions.push(Action::StartAnalysis(AnalysisId::ONLY, Compared::releases()));
                self.shine(view, actions)
            }
            Place::Lit(until) if view.clock() < until => Wake::At(view.when(until)),
            Place::Lit(_) => {
                self.passed += 1;
                self.shine(view, actions)
            }
            Place::Setting
                if view.candidate().existing == 0 && view.stable().ready() >= view.fleet =>
            {
                self.place = Place::Set;
                actions.push(Action::Enter(Phase::RolledBack, "the moon has set".to_owned()));
                Wake::OnChange
            }
            Place::Rising | Place::Full | Place::Setting | Place::Set => Wake::OnChange,
        }
    }
}
