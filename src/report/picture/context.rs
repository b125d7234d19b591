//! What all panels of the picture share: the axis of time, the names and colours, and what of the trial
//! is shown.

use crate::{
    model::{ByRelease, MetId, ReleaseId},
    report::{
        Trial,
        chart::{Canvas, Colour, LIGHT, Scale, Theme, fitted},
        timeline::Clock,
        words::harmless,
    },
    units::Instant,
};

pub(super) const WIDTH: u32 = 1_200;
pub(super) const MARGIN: f64 = 28.0;
/// Where the common axis of time begins and ends.
pub(super) const AXIS: (f64, f64) = (138.0, WIDTH as f64 - MARGIN);
/// Between two panels.
pub(super) const GAP: f64 = 18.0;
/// Height of the header of a panel.
pub(super) const HEADER: f64 = 28.0;

/// Draws something below a given line.
pub(super) type Draw<'p> = Box<dyn Fn(&Canvas<'_>, f64) + 'p>;

/// A part of the picture: its height, and how it is drawn below a given line.
pub(super) struct Section<'p> {
    pub(super) height: f64,
    /// How much of the height is a header, which lines of time do not cross.
    pub(super) header: f64,
    pub(super) draw: Draw<'p>,
}

impl<'p> Section<'p> {
    /// With a header.
    pub(super) fn new(height: f64, draw: impl Fn(&Canvas<'_>, f64) + 'p) -> Self {
        Self { height, header: HEADER, draw: Box::new(draw) }
    }
}

/// What all panels share.
pub(super) struct PictureContext<'p> {
    pub(super) trial: Trial<'p>,
    pub(super) clock: Clock,
    pub(super) time: Scale,
    /// What is shown of the trial, in seconds since its start.
    pub(super) window: (f64, f64),
    /// Releases as users of the picture call them: old, new, further ones.
    pub(super) names: ByRelease<String>,
    pub(super) theme: &'static Theme,
    /// There is a rollout.
    pub(super) ships: bool,
}

impl<'p> PictureContext<'p> {
    pub(super) fn new(trial: Trial<'p>) -> Self {
        let scenario = &trial.plan.scenario;
        let window = window(trial);
        let ships = scenario.strategy.kind().ships();
        let release = &scenario.release;
        let name = |version: &str, role: &str| {
            let version = fitted(&harmless(version), 11.5, false, 90.0);
            if ships { format!("{version} ({role})") } else { version }
        };
        let both = [name(&release.from, "old"), name(&release.to, "new")];
        let further = trial.outcome.further.iter().map(|it| name(&it.version, it.name));
        let names = both.into_iter().chain(further);
        Self {
            trial,
            clock: Clock::of(scenario),
            time: Scale::linear(window, AXIS),
            window,
            names: names.collect(),
            theme: &LIGHT,
            ships,
        }
    }

    pub(super) fn x(&self, at: Instant) -> f64 {
        self.time.at(at.as_secs_f64())
    }

    pub(super) fn shows(&self, at: Instant) -> bool {
        (self.window.0..=self.window.1).contains(&at.as_secs_f64())
    }

    /// What requests met, with its name and colour.
    pub(super) fn met(&self) -> Vec<(MetId, String, Colour)> {
        let points = &self.trial.outcome.series.points;
        let seen = |met: MetId| points.iter().any(|it| it.attempts[met] > 0);
        let (old, new) = (&self.names[ReleaseId::STABLE], &self.names[ReleaseId::CANDIDATE]);
        let flagged = seen(MetId::DARK);
        let exposed = if flagged { format!("{new}, feature on") } else { new.clone() };
        let all = [
            (MetId::STABLE, old.clone(), self.theme.stable),
            (MetId::DARK, format!("{new}, feature off"), self.theme.dark),
            (MetId::EXPOSED, exposed, self.theme.candidate),
        ];
        let further = self.names.entries().skip(all.len() - 1).map(|(release, name)| {
            (MetId::further(release), name.clone(), self.theme.of_release(release))
        });
        all.into_iter().chain(further).filter(|(met, ..)| seen(*met)).collect()
    }
}

/// Everything, or what happened and a while before and after, where that is a small part.
fn window(trial: Trial<'_>) -> (f64, f64) {
    /// Of what happened, shown before it and after it.
    const AROUND: f64 = 0.4;
    /// Steps of the series at least before and after.
    const STEPS: f64 = 10.0;
    let outcome = trial.outcome;
    let length = trial.plan.scenario.length.as_secs_f64();
    let Some(began) = outcome.rollout_began else { return (0.0, length) };
    let began = outcome.faults.first().map_or(began, |it| it.at.min(began)).as_secs_f64();
    let last = outcome.timeline.last().map(|it| it.at).max(outcome.rested);
    let ended = last.map_or(length, Instant::as_secs_f64);
    let around = (AROUND * (ended - began)).max(STEPS * outcome.series.step.as_secs_f64());
    let (from, to) = ((began - around).max(0.0), (ended + around).min(length));
    if to - from > 0.6 * length { (0.0, length) } else { (from, to) }
}
