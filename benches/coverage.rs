//! How often the intervals of a comparison hold the truth.
//!
//! A pool is a comparison with many rollouts, `rollsim compare FILE --trials 5000 --out DIR`. Studies of 60, 300 and
//! 1,500 rollouts are drawn from it again and again, with the classes of a study and with replacement, and each is
//! summarised as if it had just been simulated: what is true of the pool is known.
//!
//! `cargo bench -p rollsim-benches --bench coverage -- DIR...` prints a table in Markdown, a row for
//! each pool and size: the least coverage over the strategies.

use std::{error::Error, fs, io::Write, path::Path};

use rollsim::{
    experiment::{
        ComparisonRun, Estimate, Goal, Protocol, Rollout, RowReader, Stat, Summary, summarise,
    },
    kernel::{Key, Stream},
    model::Measure,
};

/// Rollouts of a study.
const SIZES: [u64; 3] = [60, 300, 1_500];
/// Studies that are drawn of each size.
const STUDIES: u64 = 400;
/// What is looked at.
const QUANTITIES: [&str; 3] = ["users_hurt", "downtime", "cost"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    let heads = QUANTITIES.join(" | ").replace('_', " ");
    writeln!(out, "| pool | rollouts | {heads} | worse than any seen | shown as a share |")?;
    writeln!(out, "|:--|--:|--:|--:|--:|--:|--:|")?;
    for folder in std::env::args().skip(1).filter(|it| !it.starts_with("--")) {
        let pool = Pool::read(Path::new(&folder))?;
        for size in SIZES {
            writeln!(out, "{}", pool.row(size)?)?;
        }
    }
    Ok(())
}

/// Rollouts of which everything is known.
struct Pool {
    protocol: Protocol,
    /// By class.
    rollouts: Vec<Vec<Rollout>>,
    /// By class, rollout, strategy and quantity.
    values: Vec<Vec<Vec<[f64; QUANTITIES.len()]>>>,
}

/// What came of many studies.
#[derive(Clone, Copy, Default)]
struct Tally {
    all: u64,
    held: u64,
}

impl Tally {
    fn count(&mut self, held: bool) {
        self.all += 1;
        self.held += u64::from(held);
    }

    fn share(self) -> f64 {
        self.held as f64 / self.all.max(1) as f64
    }
}

/// What came of the studies of one size.
struct Found {
    /// By strategy and quantity: the first part of what is shown was true.
    held: Vec<[Tally; QUANTITIES.len()]>,
    /// No more rollouts are worse than any seen than is said.
    tail: Tally,
    /// A share was shown in place of a mean.
    shares: Tally,
}

impl Found {
    fn new(strategies: usize) -> Self {
        let held = vec![[Tally::default(); QUANTITIES.len()]; strategies];
        Self { held, tail: Tally::default(), shares: Tally::default() }
    }

    fn add(&mut self, pool: &Pool, summary: &Summary, worst: &[Worst]) {
        for (strategy, contestant) in pool.protocol.contestants.iter().enumerate() {
            let found = summary.strategies.iter().find(|it| it.name == contestant.name);
            for (quantity, name) in QUANTITIES.iter().enumerate() {
                let mean = found.and_then(|it| it.estimate(name, Stat::Mean));
                let at = (strategy, quantity);
                let worst = worst[strategy][quantity];
                self.add_mean(pool, at, (mean, summary.unseen, worst));
            }
        }
    }

    fn add_mean(
        &mut self,
        pool: &Pool,
        at: (usize, usize),
        (mean, unseen, worst): (Option<&Estimate>, f64, f64),
    ) {
        let Some(mean) = mean else { return };
        self.held[at.0][at.1].count(pool.holds(mean, at, worst));
        self.shares.count(mean.rare.is_some());
        self.tail.count(pool.mean(at, |it| f64::from(it > worst)) <= unseen);
    }
}

/// The worst that was seen, by quantity.
type Worst = [f64; QUANTITIES.len()];

fn raise(worst: &mut Worst, values: &Worst) {
    for (worst, value) in worst.iter_mut().zip(values) {
        *worst = f64::max(*worst, *value);
    }
}

impl Pool {
    fn read(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let study: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join("study.json"))?)?;
        let protocol: Protocol = serde_json::from_value(study["protocol"].clone())?;
        let mut rollouts = vec![Vec::new(); protocol.classes.len()];
        let trials = fs::File::open(folder.join("trials.csv"))?;
        let mut rows = RowReader::new(trials, &protocol).map_err(|it| it.why)?;
        while let Some((_, rollout)) = rows.read().map_err(|it| it.why)? {
            rollouts[rollout.class].push(rollout);
        }
        let of_class = |rollouts: &Vec<Rollout>| -> Vec<_> {
            rollouts.iter().map(|it| values(&protocol, it)).collect()
        };
        let values = rollouts.iter().map(of_class).collect();
        Ok(Self { protocol, rollouts, values })
    }

    fn row(&self, size: u64) -> Result<String, Box<dyn Error>> {
        let mut found = Found::new(self.protocol.contestants.len());
        let mut stream = Key::of_bits(size).stream(0);
        for _ in 0..STUDIES {
            let (summary, worst) = self.study(size, &mut stream)?;
            found.add(self, &summary, &worst);
        }
        let least = |quantity: usize| {
            let shares = found.held.iter().map(|it| it[quantity].share());
            format!("{:.1} %", 100.0 * shares.fold(1.0, f64::min))
        };
        let least: Vec<String> = (0..QUANTITIES.len()).map(least).collect();
        Ok(format!(
            "| {} | {size} | {} | {:.1} % | {:.0} % |",
            self.protocol.name,
            least.join(" | "),
            100.0 * found.tail.share(),
            100.0 * found.shares.share()
        ))
    }

    /// Draws a study, and says the worst that it saw by strategy and quantity.
    fn study(
        &self,
        size: u64,
        stream: &mut Stream,
    ) -> Result<(Summary, Vec<Worst>), Box<dyn Error>> {
        let protocol = Protocol { goal: Goal::Trials(size), ..self.protocol.clone() };
        let mut run = ComparisonRun::new(&protocol);
        let mut worst = vec![[0.0_f64; QUANTITIES.len()]; protocol.contestants.len()];
        while let Some(round) = run.round() {
            for turn in round.turns {
                let rollouts = &self.rollouts[turn.class];
                let drawn = usize::try_from(stream.below(rollouts.len() as u64))?;
                run.take(&rollouts[drawn]);
                let values = &self.values[turn.class][drawn];
                worst.iter_mut().zip(values).for_each(|(worst, values)| raise(worst, values));
            }
        }
        Ok((summarise(&protocol, &run, Vec::new()), worst))
    }

    /// Whether the first part of what is shown is true: the mean of the rollouts that are no worse than the worst
    /// seen, or how many have any.
    fn holds(&self, mean: &Estimate, at: (usize, usize), worst: f64) -> bool {
        if let Some(rare) = mean.rare {
            let truth = self.mean(at, |it| f64::from(it > 0.0));
            return rare.low <= truth && truth <= rare.high;
        }
        let truth = self.mean(at, |it| if it > worst { 0.0 } else { it });
        mean.low <= truth && truth <= mean.high
    }

    /// Mean over the pool, each class with its chance.
    fn mean(&self, (strategy, quantity): (usize, usize), of: impl Fn(f64) -> f64) -> f64 {
        let class = |(class, values): (usize, &Vec<Vec<[f64; QUANTITIES.len()]>>)| {
            let chance: f64 = self.protocol.classes[class].chance;
            let sum: f64 = values.iter().map(|it| of(it[strategy][quantity])).sum();
            chance * sum / values.len().max(1) as f64
        };
        self.values.iter().enumerate().map(class).sum()
    }
}

/// Of each strategy in one rollout.
fn values(protocol: &Protocol, rollout: &Rollout) -> Vec<[f64; QUANTITIES.len()]> {
    let good = protocol.classes[rollout.class].good;
    let played = rollout.results.iter().zip(&protocol.contestants);
    let each = played.map(|(it, by)| {
        let figure = |measure| it.figure(measure).unwrap_or(0.0);
        let cost = protocol.prices.bill(it, good, by.upkeep).cost;
        [figure(Measure::users_hurt), figure(Measure::downtime), cost]
    });
    each.collect()
}
