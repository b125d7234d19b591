//! One fault, and whether what is seen of it is where it ought to be.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    bot::{BUY, Extra, Played, ZONE_B, played},
    onsets::{Onset, onset, shared_onset},
    signs::Sign,
};
use crate::{
    fault::{FaultSpec, Target},
    model::{Amount, ReleaseId},
    sim::witness::Booked,
};

/// Where something was seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) pod: Option<u32>,
    /// Operation, user, and whether the feature was on.
    pub(super) request: Option<(usize, u32, bool)>,
}

/// A place at an instant at which an effect could have been seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    pub(super) place: Place,
    pub(super) at: u64,
    /// What began then ended.
    pub(super) until: u64,
    /// It need not show sooner after its onset.
    pub(super) lag: u64,
    /// The effect shows.
    pub(super) shows: bool,
    /// Nothing at all is wrong.
    pub(super) clean: bool,
}

impl Sight {
    pub(super) fn of_all(at: u64, shows: bool) -> Self {
        Self { place: Place::default(), at, until: at, lag: 0, shows, clean: !shows }
    }

    pub(super) fn of_instance(pod: u32, at: u64, shows: bool) -> Self {
        let place = Place { pod: Some(pod), request: None };
        Self { place, ..Self::of_all(at, shows) }
    }

    pub(super) fn of_request(it: &Booked, shows: bool) -> Self {
        let request = Some((it.operation.index(), it.user, it.cohort.is_exposed()));
        let place = Place { pod: it.pod, request };
        Self { place, until: it.ended, ..Self::of_all(it.arrived, shows) }
    }

    /// Something that no request or instance in scope accounts for.
    pub(super) fn unexplained(pod: u32, at: u64) -> Self {
        Self {
            place: Place { pod: Some(pod), request: Some((usize::MAX, 0, false)) },
            ..Self::of_all(at, true)
        }
    }
}

/// What a scope draws by chance, of which only the number is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Drawn {
    Pods,
    Users,
}

pub(super) struct Case {
    fault: FaultSpec,
    spec: Value,
    defect: bool,
    target: Target,
}

impl Case {
    /// None where `check` refuses it.
    pub(super) fn new(spec: &Value, defect: bool) -> Option<Self> {
        let fault: FaultSpec = serde_json::from_value(spec.clone()).unwrap();
        let target = fault.effect.kind().target();
        let refused = !fault.misfits(defect).is_empty();
        (!refused).then(|| Self { fault, spec: spec.clone(), defect, target })
    }

    pub(super) fn onset(&self, pod: Option<u32>, played: &Played) -> Onset {
        match pod.filter(|_| self.target != Target::Shared) {
            Some(pod) => onset(&self.fault, self.defect, pod, played),
            None => shared_onset(&self.fault, self.defect, played),
        }
    }

    /// What its scope leaves to chance.
    pub(super) fn groups(&self) -> Option<Drawn> {
        let scope = &self.fault.scope;
        if scope.instances.is_some() {
            Some(Drawn::Pods)
        } else {
            (!scope.users.is_empty()).then_some(Drawn::Users)
        }
    }

    /// Whether a place is inside as far as that is known: release, zone, operation, feature.
    pub(super) fn knows(&self, place: Place, played: &Played) -> bool {
        if self.target == Target::Shared {
            return true;
        }
        let Some(pod) = place.pod else { return false };
        let (life, scope) = (played.life(pod), &self.fault.scope);
        let (operation, exposed) =
            place.request.map_or((None, None), |it| (Some(it.0), Some(it.2)));
        (!self.defect || life.release == ReleaseId::CANDIDATE)
            && (scope.zone.is_none() || life.zone == ZONE_B)
            && operation.is_none_or(|it| it != usize::MAX)
            && (scope.operation.is_none() || operation == Some(BUY))
            && (!scope.feature || exposed == Some(true))
    }

    fn played(&self, sign: &Sign) -> Played {
        let fault = [self.spec.clone()];
        let mut incidents = sign.beside.clone();
        if !self.defect {
            incidents.extend(fault.clone());
        }
        let memory = json!({
            "base": "100MiB", "limit": "113152KiB", "garbage_collection": {"from": "100%", "slowdown": "1x"}
        });
        played(&Extra {
            defects: if self.defect { &fault } else { &[] },
            incidents: &incidents,
            memory: sign.memory.then_some(memory),
            held: false,
        })
    }

    /// What is wrong with it, if anything is.
    pub(super) fn wrong(&self) -> Option<String> {
        let sign = Sign::of(&self.fault.effect);
        let played = self.played(&sign);
        let sights = (sign.sights)(self, &played);
        let why = self.misplaced(&sign, &sights, &played)?;
        let kind = if self.defect { "defect" } else { "incident" };
        Some(format!("{kind} {}: {why}", self.spec))
    }

    fn misplaced(&self, sign: &Sign, sights: &[Sight], played: &Played) -> Option<String> {
        // by what chance draws: whether it shows, and whether it does not though it should
        let mut groups: BTreeMap<u32, (bool, bool)> = BTreeMap::new();
        for sight in sights {
            let onset = self.onset(sight.place.pod, played);
            if sight.at < onset.from && sight.until > onset.from {
                // under way when it set in
                continue;
            }
            let inside = self.knows(sight.place, played) && sight.at >= onset.from;
            if !inside && !sight.clean {
                return Some(format!("outside, or before {}: {sight:?}", onset.from));
            }
            let due = sign.everywhere && onset.by.is_some_and(|by| sight.at >= by + sight.lag);
            let key = match self.groups() {
                None => 0,
                Some(Drawn::Pods) => sight.place.pod.unwrap(),
                Some(Drawn::Users) => sight.place.request.unwrap().1,
            };
            if inside {
                let group = groups.entry(key).or_default();
                group.0 |= sight.shows;
                group.1 |= due && !sight.shows;
            }
        }
        self.misdrawn(&groups, sign.everywhere, played)
    }

    /// Whether it shows where chance has drawn it, there always, and nowhere else.
    fn misdrawn(
        &self,
        groups: &BTreeMap<u32, (bool, bool)>,
        everywhere: bool,
        played: &Played,
    ) -> Option<String> {
        let showing = groups.values().filter(|it| it.0).count();
        let torn = groups.iter().find(|(_, it)| it.0 && it.1).map(|it| it.0);
        if showing == 0 {
            return Some(format!("it shows nowhere, of {}", groups.len()));
        }
        if let Some(torn) = torn {
            return Some(format!("it shows only sometimes at {torn}"));
        }
        let fixed = self.onset(played.pods(ReleaseId::CANDIDATE).last(), played).since.is_some();
        let right = match (self.groups(), self.fault.scope.instances) {
            (None, _) => true,
            // a fifth of the users are gold
            (Some(Drawn::Users), _) => showing <= 60 && (showing >= 20 || !everywhere || !fixed),
            (Some(Drawn::Pods), Some(Amount::Count(count))) => {
                !fixed || showing == count as usize || !everywhere && showing < count as usize
            }
            (Some(Drawn::Pods), _) => {
                let concerned =
                    played.outcome.lives.iter().filter(|it| {
                        self.knows(Place { pod: Some(it.pod), request: None }, played)
                    });
                showing < concerned.count()
            }
        };
        (!right).then(|| format!("it shows at {showing} of {}", groups.len()))
    }
}
