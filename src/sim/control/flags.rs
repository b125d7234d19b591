//! The release's feature flag: versions of its rule, of which each instance has heard one.

use crate::{
    model::{FlagRule, ReleaseId, UserMatch},
    sim::{
        Topic,
        data::{Slot, compile_match, matches_any},
        ids::{BySlot, SlotId},
        world::{Event, World},
    },
    units::text,
};
/// Attribute values that a user must have all of.
type Match = Vec<(usize, usize)>;

#[derive(Clone, Debug)]
pub(in crate::sim) struct Flags {
    /// Version 0 is off for all users.
    versions: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    share: f64,
    include: Vec<Match>,
    exclude: Vec<Match>,
}

impl Flags {
    pub(in crate::sim) fn new() -> Self {
        Self { versions: vec![Rule { share: 0.0, include: Vec::new(), exclude: Vec::new() }] }
    }

    pub(in crate::sim) fn latest(&self) -> u16 {
        u16::try_from(self.versions.len() - 1).expect("a flag changes a few times in a rollout")
    }

    pub(super) fn change(&mut self, share: f64, include: Vec<Match>, exclude: Vec<Match>) -> u16 {
        self.versions.push(Rule { share, include, exclude });
        self.latest()
    }

    /// Whether its rule is on for any users.
    pub(super) fn is_on_for_some(&self) -> bool {
        self.versions.last().is_some_and(|it| it.share > 0.0 || !it.include.is_empty())
    }

    /// Whether a user has it on, by the version that the user's instance has heard of.
    #[inline]
    pub(in crate::sim) fn is_on(
        &self,
        version: u16,
        share: impl Fn() -> f64,
        attribute: impl Fn(usize) -> usize + Copy,
    ) -> bool {
        let rule = &self.versions[usize::from(version)];
        // a copy, since what is called by a reference may not become a part of this
        if matches_any(&rule.exclude, attribute) {
            return false;
        }
        (rule.share > 0.0 && share() < rule.share) || matches_any(&rule.include, attribute)
    }

    /// Whether every instance of the candidate has picked up that it is off for all users.
    pub(super) fn off_everywhere(&self, slots: &BySlot<Slot>) -> bool {
        let off = |version: u16| {
            let rule = &self.versions[usize::from(version)];
            rule.share <= 0.0 && rule.include.is_empty()
        };
        slots
            .iter()
            .filter(|it| it.release == ReleaseId::CANDIDATE && it.state.serves())
            .all(|it| off(it.flag))
    }
}

impl Flags {
    /// Whether every instance of the candidate has picked up that it is on for all users.
    pub(super) fn on_everywhere(&self, slots: &BySlot<Slot>) -> bool {
        let on = |version: u16| {
            let rule = &self.versions[usize::from(version)];
            rule.share >= 1.0 && rule.exclude.is_empty()
        };
        slots
            .iter()
            .filter(|it| it.release == ReleaseId::CANDIDATE && it.state.serves())
            .all(|it| on(it.flag))
    }
}

impl World<'_> {
    pub(super) fn set_flag(&mut self, rule: &FlagRule) {
        let compile = |it: &Vec<_>| it.iter().map(|it| compile_match(self.plan, it)).collect();
        let (include, exclude) = (compile(&rule.include), compile(&rule.exclude));
        let version = self.control.flags.change(rule.share.get(), include, exclude);
        self.note(Topic::Flag, |_| (describe(rule), ""));
        let propagation = self.plan.scenario.fleet.flag_propagation;
        for slot in self.data.slots().ids() {
            let instance = &self.data.slots()[slot];
            if !instance.state.serves() {
                continue;
            }
            // each instance asks for the flags at its own moments
            let epoch = instance.epoch;
            let key = self.keys.of_instance(instance.entity).probe;
            let luck = key.child(1).uniform(instance.entity);
            self.schedule(propagation.scale(luck), Event::Flag { slot, epoch, version });
        }
    }

    pub(in crate::sim) fn hear_of_flag(&mut self, slot: SlotId, epoch: u32, version: u16) {
        if self.is_current(slot, epoch) && self.data.hears_of_flag(slot, version) {
            self.control.traffic_moves();
        }
    }
}

/// A rule in words.
fn describe(rule: &FlagRule) -> String {
    let users = |cohorts: &[UserMatch]| {
        let one = |it: &UserMatch| {
            let parts: Vec<String> =
                it.iter().map(|(name, value)| format!("{name} {value}")).collect();
            parts.join(" and ")
        };
        cohorts.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let mut text = match (rule.share.is_zero(), rule.include.is_empty()) {
        (true, true) => "flag off for all users".to_owned(),
        (true, false) => format!("flag on for users with {}", users(&rule.include)),
        (false, true) => format!("flag on for {} of the users", text::share(rule.share.get())),
        (false, false) => {
            let share = text::share(rule.share.get());
            format!("flag on for {share} and for users with {}", users(&rule.include))
        }
    };
    if !rule.exclude.is_empty() {
        text.extend([", off for users with ", &users(&rule.exclude)]);
    }
    text
}
