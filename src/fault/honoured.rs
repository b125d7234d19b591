//! What a fault can be narrowed to, started by and shaped by: one table, of which each effect answers its
//! own line. What an effect cannot honour is refused, never ignored.

use super::{Course, FaultSpec, Target, TriggerSpec};
use crate::model::{Amount, ScopeSpec};

/// A key of a fault that its effect cannot honour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Path within the fault.
    pub field: String,
    pub message: String,
    pub hint: String,
    /// The fault is as meant without the key too.
    pub harmless: bool,
}

impl Target {
    /// What it acts on, in words.
    const fn words(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Instances => "instances as a whole",
            Self::Starts => "instances while they start",
            Self::Shared => "what all instances share",
        }
    }
}

impl FaultSpec {
    /// What the timeline calls it.
    pub fn shown_name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.effect.name())
    }

    /// Every key that the effect cannot honour, in a fault of a release (`defect`) or of the environment.
    pub fn misfits(&self, defect: bool) -> Vec<Misfit> {
        let effect = self.effect.kind();
        let fault = Fault {
            spec: self,
            name: self.effect.name(),
            target: effect.target(),
            course: effect.course(),
            defect,
        };
        let mut misfits = fault.scope("scope", &self.scope);
        for (scope, index) in self.scope_one_of.iter().zip(0_u32..) {
            misfits.extend(fault.scope(&format!("scope_one_of[{index}]"), scope));
        }
        misfits.extend(fault.trigger());
        misfits.extend(fault.strength());
        misfits.extend(fault.duration());
        misfits
    }

    /// Whether a random fault occurs separately for each instance, rather than for all at once.
    pub fn strikes_each(&self) -> bool {
        let effect = self.effect.kind();
        match self.scope.instances {
            // so many of all, drawn when it starts
            Some(Amount::Count(_)) => false,
            Some(Amount::Part(_)) => effect.target() != Target::Starts,
            None => effect.of_each_instance(),
        }
    }
}

impl TriggerSpec {
    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::At(_) => "at",
            Self::Age(_) => "age",
            Self::AgeBetween { .. } => "age_between",
            Self::Requests(_) => "requests",
            Self::Load(_) => "load",
            Self::LoadOver { .. } => "load_over",
            Self::Weight(_) => "weight",
            Self::Random(_) => "random",
        }
    }

    /// Whether it belongs to an instance that runs: its age, its requests, its load.
    const fn is_of_an_instance(self) -> bool {
        match self {
            Self::Age(_)
            | Self::AgeBetween { .. }
            | Self::Requests(_)
            | Self::Load(_)
            | Self::LoadOver { .. } => true,
            Self::Start | Self::At(_) | Self::Weight(_) | Self::Random(_) => false,
        }
    }
}

/// A fault, with the answers of its effect.
struct Fault<'f> {
    spec: &'f FaultSpec,
    name: &'static str,
    target: Target,
    course: Course,
    defect: bool,
}

impl Fault<'_> {
    fn scope(&self, path: &str, scope: &ScopeSpec) -> Vec<Misfit> {
        let of_requests = [
            ("operation", scope.operation.is_some()),
            ("users", !scope.users.is_empty()),
            ("feature", scope.feature),
        ];
        let of_instances =
            [("instances", scope.instances.is_some()), ("zone", scope.zone.is_some())];
        let refused: Vec<&str> = match self.target {
            Target::Requests => Vec::new(),
            Target::Instances | Target::Starts => given(&of_requests),
            Target::Shared => [given(&of_instances), given(&of_requests)].concat(),
        };
        let misfit = |key: &str| Misfit {
            field: format!("{path}.{key}"),
            message: format!(
                "`{}` affects {}, whatever the `{key}`",
                self.name,
                self.target.words()
            ),
            hint: self.narrower(key),
            harmless: false,
        };
        let amount = self.amount(path, scope).filter(|_| self.target != Target::Shared);
        refused.into_iter().map(misfit).chain(amount).collect()
    }

    /// No instance at all, or a number of them, which can only be drawn among those that run when the fault
    /// starts everywhere.
    fn amount(&self, path: &str, scope: &ScopeSpec) -> Option<Misfit> {
        let amount = scope.instances?;
        let by_itself = self.spec.when.is_of_an_instance() || self.is_of_each_start();
        let why = if amount.rounded_up(1) == 0 {
            format!("`{amount}` is no instance: the fault affects none")
        } else if matches!(amount, Amount::Part(_)) {
            return None;
        } else if self.target == Target::Starts {
            format!("`{}` affects {}, of which none can be counted", self.name, self.target.words())
        } else if by_itself {
            let when = self.spec.when.name();
            format!(
                "`{when}` starts the fault at each instance by itself, so that none can be counted"
            )
        } else {
            return None;
        };
        let hint = if amount.rounded_up(1) == 0 {
            "a share such as `25%`; without `instances`, all are affected"
        } else if self.is_of_each_start() || self.target == Target::Starts {
            "a share such as `25%`"
        } else {
            "a share such as `25%`, or a fault that starts `at` a time"
        };
        Some(Misfit {
            field: format!("{path}.instances"),
            message: why,
            hint: hint.to_owned(),
            harmless: false,
        })
    }

    /// What to do instead of narrowing it by a key.
    fn narrower(&self, key: &str) -> String {
        if let Some(instead) = self.spec.effect.kind().instead(key) {
            return instead;
        }
        match self.target {
            Target::Shared => format!("leave `{key}` out: no scope narrows this effect"),
            Target::Requests | Target::Instances | Target::Starts => {
                format!("leave `{key}` out: it can be narrowed to `instances` and to a `zone`")
            }
        }
    }

    fn trigger(&self) -> Option<Misfit> {
        let when = self.spec.when;
        let (fits, why) = match self.target {
            Target::Requests | Target::Instances => (true, ""),
            Target::Starts => (!when.is_of_an_instance(), "is of an instance that runs already"),
            // a defect of what is shared is at the instances that carry it
            Target::Shared => (self.defect || !when.is_of_an_instance(), "is of one instance"),
        };
        (!fits).then(|| Misfit {
            field: "when".to_owned(),
            message: format!(
                "`{}` {why}, and `{}` affects {}",
                when.name(),
                self.name,
                self.target.words()
            ),
            hint: "use `start`, `at`, `weight` or `random`".to_owned(),
            harmless: false,
        })
    }

    /// Whether each process that starts has an onset of its own, at its start.
    fn is_of_each_start(&self) -> bool {
        self.defect && matches!(self.spec.when, TriggerSpec::Start)
    }

    fn strength(&self) -> Vec<Misfit> {
        let given = given(&[
            ("severity", self.spec.severity.is_some()),
            ("ramp", !self.spec.ramp.is_zero()),
        ]);
        let why = match (self.course, self.target) {
            (Course::Switched | Course::Momentary, _) => "is on or off, without degrees",
            (Course::Graded, Target::Starts) if self.is_of_each_start() => {
                "would be at the foot of its `ramp` at each start"
            }
            (Course::Graded, _) => return Vec::new(),
        };
        let refused = given.into_iter().filter(|it| self.course != Course::Graded || *it == "ramp");
        let misfit = |key: &str| Misfit {
            field: key.to_owned(),
            message: format!("`{key}` has no effect: `{}` {why}", self.name),
            hint: format!("leave `{key}` out"),
            harmless: false,
        };
        refused.map(misfit).collect()
    }

    fn duration(&self) -> Vec<Misfit> {
        let when = self.spec.when;
        let (lasts, repeats) = (self.spec.lasts.is_some(), self.spec.repeat.is_some());
        let random = matches!(when, TriggerSpec::Random(_));
        let by_itself = when.is_of_an_instance() || random || self.is_of_each_start();
        let momentary = self.course == Course::Momentary;
        let (refused, why) = if momentary && by_itself {
            let why =
                "the process that crashes takes the fault with it, and the next one starts without";
            (given(&[("lasts", lasts), ("repeat", repeats)]), why)
        } else if momentary && !repeats {
            (given(&[("lasts", lasts)]), "a crash is over at once, and does not `repeat`")
        } else if self.target == Target::Starts && self.is_of_each_start() {
            let why = "each start has an onset of its own, which is never over";
            (given(&[("lasts", lasts), ("repeat", repeats)]), why)
        } else if random {
            (given(&[("repeat", repeats)]), "`random` starts it again and again by itself")
        } else {
            return Vec::new();
        };
        let misfit = |key: &str| Misfit {
            field: key.to_owned(),
            message: format!("`{key}` has no effect: {why}"),
            hint: format!("leave `{key}` out"),
            // what is over at once has lasted as long as it can
            harmless: momentary && key == "lasts",
        };
        refused.into_iter().map(misfit).collect()
    }
}

/// The keys that are given.
fn given<'k>(keys: &[(&'k str, bool)]) -> Vec<&'k str> {
    keys.iter().filter(|it| it.1).map(|it| it.0).collect()
}
