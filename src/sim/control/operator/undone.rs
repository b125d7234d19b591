//! Actions that were possible and were never carried out: which, and what each lacked.

use super::state::{Lack, Prepared};
use crate::{
    model::{Mitigation, Phase},
    sim::{Topic, world::World},
    units::text,
};

impl World<'_> {
    /// Says at the end of the trial which of the written actions were never carried out, and why, where there
    /// was an occasion: a page, or a rollout that failed.
    pub(in crate::sim) fn tell_undone(&mut self) {
        let written = !self.plan.scenario.operator.actions.is_empty();
        let occasion =
            self.control.operator.pages > 0 || self.control.rollout.phase == Phase::Failed;
        if !written || !occasion {
            return;
        }
        for index in 0..self.control.operator.policy.len() {
            if self.control.operator.policy[index].done > 0 {
                continue;
            }
            self.note(Topic::Operator, |it| {
                let action = &it.control.operator.policy[index];
                let name = action.spec.mitigation.name();
                (format!("`{name}` was never done"), it.why_undone(index, action))
            });
        }
    }

    fn why_undone(&self, index: usize, action: &Prepared) -> String {
        let when = &action.spec.when;
        if self.control.operator.pages == 0 {
            return "no alert paged the operator".to_owned();
        }
        if action.under_way {
            return "the trial ended while it was being prepared".to_owned();
        }
        if action.lapsed {
            return "when its time came, its conditions no longer held".to_owned();
        }
        match action.lacked {
            None => "the trial ended before the page was acknowledged".to_owned(),
            Some(Lack::Alert) => {
                let alert = when.alert.as_deref().unwrap_or_default();
                format!("the alert `{alert}` did not fire while the operator was at work")
            }
            Some(Lack::StillFiring) => {
                let before = index.checked_sub(1).map(|it| &self.control.operator.policy[it]);
                let name = before.map_or("", |it| it.spec.mitigation.name());
                let span = text::span(when.still_firing.unwrap_or_default());
                match before.and_then(|it| it.done_at) {
                    None => format!("the `{name}` before it was not done"),
                    Some(_) => format!("no alert fired {span} after the `{name}` before it"),
                }
            }
            Some(Lack::Rollout) => {
                let phases: Vec<&str> = when.rollout.iter().map(|it| it.name()).collect();
                format!(
                    "the rollout was not {} while the operator was at work",
                    phases.join(" or ")
                )
            }
            Some(Lack::Change) => nothing_to_change(&action.spec.mitigation).to_owned(),
        }
    }
}

/// Why an action could change nothing whenever the operator looked.
const fn nothing_to_change(mitigation: &Mitigation) -> &'static str {
    match mitigation {
        Mitigation::Undo => "there was no rollout to undo",
        Mitigation::SwitchOff => "there was no feature to switch off",
        Mitigation::Freeze(_) => "there was no rollout under way to freeze",
        Mitigation::RollForward(_) => "there was no rollout to take forward",
        Mitigation::Restart(_) => "there was no instance to restart",
        Mitigation::Drain(_) => "there was no instance to drain",
        Mitigation::Scale(_) => "the fleet had that size already",
    }
}
