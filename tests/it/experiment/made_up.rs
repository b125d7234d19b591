//! Comparisons that no simulation makes, so that all is known of them: harm comes with a chance, and is exponential.

use rollsim::{
    experiment::{
        ComparisonRun, Contestant, Goal, Played, Prices, Protocol, ReleaseClass, Rollout, Summary,
        Turn, summarise,
    },
    kernel::{Key, Seed},
    model::{CostSpec, Measure, Phase},
};

/// A cost of one unit for each user hurt, and nothing else.
fn prices() -> Prices {
    let nothing = [
        "badly_hurt_user",
        "failed",
        "slow",
        "wrong",
        "lost",
        "duplicated",
        "downtime_minute",
        "page",
        "page_at_night",
        "instance_hour",
        "delay_hour",
        "upkeep_minute",
        "false_rollback",
        "escaped_defect",
        "complaint",
    ];
    let mut spec = serde_json::json!({"hurt_user": 1.0});
    for price in nothing {
        spec[price] = 0.0.into();
    }
    Prices::of(&serde_json::from_value::<CostSpec>(spec).unwrap())
}

/// A comparison of so many strategies of classes with these chances, the first of them good.
pub(super) fn protocol(strategies: usize, chances: &[f64], goal: Goal) -> Protocol {
    let contestant = |index: usize| Contestant {
        name: format!("strategy {index}"),
        kind: "canary".to_owned(),
        command: String::new(),
        upkeep: 0.0,
        scenario: serde_json::Value::Null,
    };
    let class = |(index, &chance): (usize, &f64)| ReleaseClass {
        name: format!("class {index}"),
        chance,
        good: index == 0,
        release: index,
        about: String::new(),
    };
    Protocol {
        format: 1,
        rollsim: "test".to_owned(),
        name: "synthetic".to_owned(),
        title: "synthetic".to_owned(),
        command: String::new(),
        files: Vec::new(),
        seed: 1,
        goal,
        preset: None,
        set: Vec::new(),
        strategies: Vec::new(),
        contestants: (0..strategies).map(contestant).collect(),
        classes: chances.iter().enumerate().map(class).collect(),
        prices: prices(),
        expected: Vec::new(),
        assumptions: Vec::new(),
    }
}

/// One made-up rollout: what it hurts under each strategy that is playing.
pub(super) fn rollout(turn: Turn, hurt: &[f64], playing: &[bool]) -> Rollout {
    let played = |&hurt: &f64| Played {
        phase: if hurt > 0.0 { Phase::RolledBack } else { Phase::Completed },
        detected: hurt > 0.0,
        pages_at_night: 0,
        figures: vec![(Measure::users_hurt, hurt)],
    };
    Rollout {
        class: turn.class,
        seed: Seed::new(turn.number),
        results: hurt.iter().zip(playing).map(|(it, plays)| plays.then(|| played(it))).collect(),
    }
}

/// Plays a study of made-up rollouts to its end.
pub(super) fn played(protocol: &Protocol, mut hurt: impl FnMut(Turn) -> Vec<f64>) -> Summary {
    let mut run = ComparisonRun::new(protocol);
    while let Some(round) = run.round() {
        for turn in round.turns {
            run.take(&rollout(turn, &hurt(turn), &round.playing));
        }
    }
    summarise(protocol, &run, Vec::new())
}

/// What a rollout of a class comes to under a strategy: nothing, or with this chance an exponential harm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Harm {
    pub(super) chance: f64,
    pub(super) mean: f64,
}

/// Strategies and classes of which everything is known.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) chances: Vec<f64>,
    /// By strategy and class.
    pub(super) harms: Vec<Vec<Harm>>,
    /// The same luck under every strategy; else each has its own.
    pub(super) paired: bool,
    key: Key,
}

impl World {
    /// One to three classes and two to four strategies: some exactly as good as the first, others up to four times
    /// as good or bad for a class; what happens always, often, or in one rollout of ten.
    pub(super) fn of(number: u64) -> Self {
        let key = Key::of_bits(0xA110_CA7E).child(number);
        let mut draws = key.stream(0);
        let mut one_of = |options: &[f64]| {
            let at = draws.below(options.len() as u64);
            options[usize::try_from(at).unwrap_or(0)]
        };
        let classes: &[f64] = match number % 3 {
            0 => &[1.0],
            1 => &[0.9, 0.1],
            _ => &[0.85, 0.1, 0.05],
        };
        let paired = one_of(&[0.0, 1.0]) > 0.5;
        let common = [0.0, 1.0, 2.0].map(|_| one_of(&[1.0, 0.5, 0.1]));
        let scales = [1.0, 20.0, 60.0];
        let strategies = 2 + number / 3 % 3;
        let mut harms: Vec<Vec<Harm>> = Vec::new();
        for strategy in 0..strategies {
            let as_the_first = strategy > 0 && one_of(&[0.0, 0.0, 1.0]) > 0.5;
            let harm = |class: usize| {
                let own = own_of(paired, &mut one_of);
                let factor = one_of(&[0.5, 0.8, 0.9, 1.0, 1.05, 1.1, 1.5, 2.0]);
                Harm { chance: common[class] * own, mean: scales[class] * factor }
            };
            let own: Vec<Harm> = (0..classes.len()).map(harm).collect();
            harms.push(if as_the_first { harms[0].clone() } else { own });
        }
        Self { chances: classes.to_vec(), harms, paired, key }
    }

    /// What a rollout comes to under each strategy.
    pub(super) fn hurt(&self, turn: Turn) -> Vec<f64> {
        let one = |(strategy, harms): (usize, &Vec<Harm>)| {
            let Harm { chance, mean } = harms[turn.class];
            let luck = if self.paired { 0 } else { strategy as u64 };
            let entity = ((turn.class as u64) << 48) | (turn.number << 4) | luck;
            let happens = self.key.child(1).uniform(entity) < chance;
            if happens { -libm::log(self.key.child(2).uniform(entity)) * mean } else { 0.0 }
        };
        self.harms.iter().enumerate().map(one).collect()
    }

    /// The sum over the classes, each with its chance.
    fn over(&self, of: impl Fn(usize) -> f64) -> f64 {
        self.chances.iter().enumerate().map(|(class, chance)| chance * of(class)).sum()
    }

    /// The mean of a strategy.
    pub(super) fn mean(&self, strategy: usize) -> f64 {
        self.limited(strategy, f64::INFINITY)
    }

    /// The same where what is larger than this counts as this.
    pub(super) fn limited(&self, strategy: usize, most: f64) -> f64 {
        self.over(|class| {
            let Harm { chance, mean } = self.harms[strategy][class];
            -chance * mean * libm::expm1(-most / mean)
        })
    }

    /// How many rollouts have any harm, of the classes from one to before another.
    pub(super) fn harmed(&self, strategy: usize, classes: std::ops::Range<usize>) -> f64 {
        let all: f64 = self.chances[classes.clone()].iter().sum();
        let some = |class: usize| {
            if classes.contains(&class) { self.harms[strategy][class].chance } else { 0.0 }
        };
        self.over(some) / all
    }

    /// How many rollouts come to no more than this.
    pub(super) fn at_most(&self, strategy: usize, value: f64) -> f64 {
        1.0 - self.over(|class| {
            let Harm { chance, mean } = self.harms[strategy][class];
            chance * libm::exp(-value / mean)
        })
    }

    /// The mean of how much more the second comes to than the first, where what is beyond what was seen counts as
    /// the end of that.
    pub(super) fn difference(&self, (one, two): (usize, usize), (low, high): (f64, f64)) -> f64 {
        // the chance of more than x is that of the first times exp(-x / scale), and of less on the other side
        let sides = |class: usize| -> [(f64, f64); 2] {
            let (one, two) = (self.harms[one][class], self.harms[two][class]);
            if self.paired {
                let by = two.mean - one.mean;
                return [by, -by].map(|scale| side_of(one.chance, scale));
            }
            let side = |more: Harm, less: Harm| {
                let past = more.mean / (more.mean + less.mean);
                (more.chance * (1.0 - less.chance + less.chance * past), more.mean)
            };
            [side(two, one), side(one, two)]
        };
        let between = |(chance, scale): (f64, f64), near: f64, far: f64| {
            chance * scale * (libm::exp(-near / scale) - libm::exp(-far / scale))
        };
        self.over(|class| {
            let [more, less] = sides(class);
            let above = between(more, low.max(0.0), high.max(0.0));
            let (near, far) = ((-high).max(0.0), (-low).max(0.0));
            low + above + (far - near) - between(less, near, far)
        })
    }
}

/// How much of the harm of all a strategy does by its own draws.
fn own_of(paired: bool, one_of: &mut impl FnMut(&[f64]) -> f64) -> f64 {
    if paired { 1.0 } else { one_of(&[1.0, 0.6]) }
}

/// A side of a difference that is exponential with this scale, or is not there.
fn side_of(chance: f64, scale: f64) -> (f64, f64) {
    if scale > 0.0 { (chance, scale) } else { (0.0, 1.0) }
}
