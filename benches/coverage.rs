//! How often the intervals of a comparison hold the truth.
//!
//! A pool is a comparison with many rollouts, `rollsim compare FILE --trials 5000 --out DIR`. Studies of 60, 300 and
//! 1,500 rollouts are drawn from it again and again, with the classes of a study and with replacement, and each is
//! summarised as if it had just been simulated: what is true of the pool is known.
//!
//! `cargo bench -p rollsim-benches --bench coverage -- DIR...` prints a table in Markdown, a row for
//! each pool and size: the least coverage over the strategies, or over their pairs.

use std::{error::Error, fs, io::Write, path::Path};

use rollsim::{
    experiment::{
        ComparisonRun, Estimate, Goal, Protocol, Rollout, RowReader, Stat, Summary, summarise,
    },
    kernel::{Key, Stream},
    model::{Measure, Price},
};

/// Rollouts of a study.
const SIZES: [u64; 3] = [60, 300, 1_500];
/// Studies that are drawn of each size.
const STUDIES: u64 = 1_000;
/// What is looked at.
const QUANTITIES: [&str; 3] = ["users_hurt", "downtime", "cost"];
/// Of these, what a comparison shows differences of, in their order.
const COMPARED: [usize; 2] = [2, 0];
/// An interval that is shown in fewer studies than this is not counted.
const SHOWN_MIN: u64 = STUDIES / 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "| pool | rollouts | users hurt | downtime | cost | difference in cost | difference in users hurt \
         | worse than any seen | shown as a share | users hurt, all | downtime, all | cost, all |"
    )?;
    writeln!(out, "|:--|{}", "--:|".repeat(11))?;
    for folder in std::env::args().skip(1).filter(|it| !it.starts_with("--")) {
        let pool = Pool::read(Path::new(&folder))?;
        for size in SIZES {
            writeln!(out, "{}", pool.row(size)?)?;
            out.flush()?;
        }
    }
    Ok(())
}

/// Of each quantity.
type Values = [f64; QUANTITIES.len()];

/// Rollouts of which everything is known.
struct Pool {
    name: String,
    protocol: Protocol,
    /// By class.
    rollouts: Vec<Vec<Rollout>>,
    /// By class, rollout and strategy.
    values: Vec<Vec<Vec<Values>>>,
    /// Two strategies each.
    pairs: Vec<(usize, usize)>,
    strategies: Sorted,
    /// The second of a pair minus the first.
    differences: Sorted,
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

type Tallies = [Tally; QUANTITIES.len()];

/// What came of the studies of one size.
struct Found {
    /// By strategy: the first part of what is shown was true.
    held: Vec<Tallies>,
    /// By strategy: its interval holds the mean of all rollouts, those beyond what was seen included.
    held_all: Vec<Tallies>,
    /// By pair.
    differences: Vec<Tallies>,
    /// No more rollouts are worse than any seen than is said.
    tail: Tally,
    /// A share was shown in place of a mean.
    shares: Tally,
}

/// A study, and what it saw by strategy and by pair.
type Drawn = (Summary, [Vec<Seen>; 2]);

/// The least and the largest that were seen.
#[derive(Clone, Copy)]
struct Seen {
    low: Values,
    high: Values,
}

impl Seen {
    const NOTHING: Self = Self {
        low: [f64::INFINITY; QUANTITIES.len()],
        high: [f64::NEG_INFINITY; QUANTITIES.len()],
    };

    fn take(&mut self, values: &Values) {
        for (low, value) in self.low.iter_mut().zip(values) {
            *low = low.min(*value);
        }
        for (high, value) in self.high.iter_mut().zip(values) {
            *high = high.max(*value);
        }
    }
}

impl Found {
    fn add(&mut self, pool: &Pool, summary: &Summary, seen: &[Vec<Seen>; 2]) {
        let contestants = pool.protocol.contestants.iter();
        let of = |name: &str| summary.strategies.iter().position(|it| it.name == name);
        let places: Vec<Option<usize>> = contestants.map(|it| of(&it.name)).collect();
        for (strategy, place) in places.iter().enumerate() {
            for (quantity, name) in QUANTITIES.iter().enumerate() {
                let mean = place.and_then(|it| summary.strategies[it].estimate(name, Stat::Mean));
                let seen = seen[0][strategy].high[quantity];
                self.add_mean(pool, (strategy, quantity), (mean, summary.unseen, seen));
            }
        }
        for (pair, &(one, two)) in pool.pairs.iter().enumerate() {
            let found = summary.pairs.iter().find_map(|it| {
                let at = (Some(it.first), Some(it.second));
                let sign = match (places[one], places[two]) {
                    own if own == at => 1.0,
                    (one, two) if (two, one) == at => -1.0,
                    _ => return None,
                };
                Some((sign, it))
            });
            let Some((sign, found)) = found else { continue };
            for (difference, quantity) in found.differences.iter().zip(COMPARED) {
                let Seen { low, high } = seen[1][pair];
                let at = (pair, quantity);
                let truth = sign * pool.differences.limited(at, (low[quantity], high[quantity]));
                let held = holds((difference.low, difference.high), truth);
                self.differences[pair][quantity].count(held);
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
        let beyond = pool.strategies.mean(at, |values| part(values, |it| it > worst));
        self.tail.count(beyond <= unseen);
        self.shares.count(mean.rare.is_some());
        if let Some(rare) = mean.rare {
            let any = pool.strategies.mean(at, |values| part(values, |it| it > 0.0));
            self.held[at.0][at.1].count(holds((rare.low, rare.high), any));
            return;
        }
        let limited = pool.strategies.limited(at, (f64::NEG_INFINITY, worst));
        self.held[at.0][at.1].count(holds((mean.low, mean.high), limited));
        let all = pool.strategies.limited(at, (f64::NEG_INFINITY, f64::INFINITY));
        self.held_all[at.0][at.1].count(holds((mean.low, mean.high), all));
    }
}

/// Whether an interval holds a value, but for the last digits of sums.
fn holds((low, high): (f64, f64), value: f64) -> bool {
    let error = 1e-9 * value.abs() + 1e-12;
    low - error <= value && value <= high + error
}

/// The smallest coverage of a quantity, in words.
fn least(found: &[Tallies], quantity: usize) -> String {
    let shown = found.iter().map(|it| it[quantity]).filter(|it| it.all >= SHOWN_MIN);
    let least = shown.map(Tally::share).reduce(f64::min);
    least.map_or_else(|| "—".to_owned(), percent)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Part of the values in rising order that are so, where those that are so are the largest.
fn part(values: &[f64], is_so: impl Fn(f64) -> bool) -> f64 {
    let others = values.partition_point(|it| !is_so(*it));
    (values.len() - others) as f64 / values.len().max(1) as f64
}

/// Values in rising order, by strategy or pair, quantity and class, and the chances of the classes.
struct Sorted {
    chances: Vec<f64>,
    values: Vec<[Vec<Vec<f64>>; QUANTITIES.len()]>,
}

impl Sorted {
    fn of(chances: &[f64], count: usize, value: impl Fn(usize) -> Vec<Vec<Values>>) -> Self {
        let sorted = |quantity: usize, classes: &[Vec<Values>]| -> Vec<Vec<f64>> {
            let class = |values: &Vec<Values>| {
                let mut values: Vec<f64> = values.iter().map(|it| it[quantity]).collect();
                values.sort_by(f64::total_cmp);
                values
            };
            classes.iter().map(class).collect()
        };
        let of = |index: usize| {
            let classes = value(index);
            std::array::from_fn(|quantity| sorted(quantity, &classes))
        };
        Self { chances: chances.to_vec(), values: (0..count).map(of).collect() }
    }

    /// Over the pool, each class with its chance.
    fn mean(&self, (of, quantity): (usize, usize), mean: impl Fn(&[f64]) -> f64) -> f64 {
        let classes = self.values[of][quantity].iter().zip(&self.chances);
        classes.map(|(values, chance)| chance * mean(values)).sum()
    }

    /// The mean where what is beyond one of these counts as that.
    fn limited(&self, at: (usize, usize), (low, high): (f64, f64)) -> f64 {
        self.mean(at, |values| {
            let sum: f64 = values.iter().map(|it| it.clamp(low, high)).sum();
            sum / values.len().max(1) as f64
        })
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
        while let Some((_, mut rollout)) = rows.read().map_err(|it| it.why)? {
            for played in rollout.results.iter_mut().flatten() {
                played.figures.retain(|it| is_needed(it.0));
            }
            rollouts[rollout.class].push(rollout);
        }
        let of_class = |rollouts: &Vec<Rollout>| -> Vec<Vec<Values>> {
            rollouts.iter().map(|it| values(&protocol, it)).collect()
        };
        let values: Vec<Vec<Vec<Values>>> = rollouts.iter().map(of_class).collect();
        let (chances, count) = (protocol.chances(), protocol.contestants.len());
        let pairs: Vec<(usize, usize)> =
            (0..count).flat_map(|two| (0..two).map(move |one| (one, two))).collect();
        let each = |of: &dyn Fn(&[Values]) -> Values| -> Vec<Vec<Values>> {
            values.iter().map(|class| class.iter().map(|it| of(it)).collect()).collect()
        };
        let strategies = Sorted::of(&chances, count, |it| each(&|values| values[it]));
        let differences =
            Sorted::of(&chances, pairs.len(), |it| each(&|values| apart(values, pairs[it])));
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, protocol, rollouts, values, pairs, strategies, differences })
    }

    fn row(&self, size: u64) -> Result<String, Box<dyn Error>> {
        let strategies = vec![Tallies::default(); self.protocol.contestants.len()];
        let mut found = Found {
            held: strategies.clone(),
            held_all: strategies,
            differences: vec![Tallies::default(); self.pairs.len()],
            tail: Tally::default(),
            shares: Tally::default(),
        };
        let mut stream = Key::of_bits(size).stream(0);
        for _ in 0..STUDIES {
            let (summary, seen) = self.study(size, &mut stream)?;
            found.add(self, &summary, &seen);
        }
        let all = 0..QUANTITIES.len();
        let mut cells = vec![self.name.clone(), size.to_string()];
        cells.extend(all.clone().map(|it| least(&found.held, it)));
        cells.extend(COMPARED.map(|it| least(&found.differences, it)));
        cells.extend([percent(found.tail.share()), percent(found.shares.share())]);
        cells.extend(all.map(|it| least(&found.held_all, it)));
        Ok(format!("| {} |", cells.join(" | ")))
    }

    /// Draws a study, and says what it saw by strategy and by pair.
    fn study(&self, size: u64, stream: &mut Stream) -> Result<Drawn, Box<dyn Error>> {
        let protocol = Protocol { goal: Goal::Trials(size), ..self.protocol.clone() };
        let mut run = ComparisonRun::new(&protocol);
        let mut seen = [
            vec![Seen::NOTHING; protocol.contestants.len()],
            vec![Seen::NOTHING; self.pairs.len()],
        ];
        while let Some(round) = run.round() {
            for turn in round.turns {
                let rollouts = &self.rollouts[turn.class];
                let drawn = usize::try_from(stream.below(rollouts.len() as u64))?;
                run.take(&rollouts[drawn]);
                let values = &self.values[turn.class][drawn];
                seen[0].iter_mut().zip(values).for_each(|(seen, it)| seen.take(it));
                let pairs = seen[1].iter_mut().zip(&self.pairs);
                pairs.for_each(|(seen, pair)| seen.take(&apart(values, *pair)));
            }
        }
        Ok((summarise(&protocol, &run, Vec::new()), seen))
    }
}

/// How two strategies differ in one rollout, second minus first.
fn apart(values: &[Values], (one, two): (usize, usize)) -> Values {
    std::array::from_fn(|it| values[two][it] - values[one][it])
}

/// Whether a figure is looked at or paid for.
fn is_needed(measure: Measure) -> bool {
    let paid = || Price::ALL.iter().filter_map(|it| it.measure()).any(|it| it.0 == measure);
    [Measure::users_hurt, Measure::downtime, Measure::pages].contains(&measure) || paid()
}

/// Of each strategy in one rollout.
fn values(protocol: &Protocol, rollout: &Rollout) -> Vec<Values> {
    let good = protocol.classes[rollout.class].good;
    let played = rollout.results.iter().flatten().zip(&protocol.contestants);
    let each = played.map(|(it, by)| {
        let figure = |measure| it.figure(measure).unwrap_or(0.0);
        let cost = protocol.prices.bill(it, good, by.upkeep).cost;
        [figure(Measure::users_hurt), figure(Measure::downtime), cost]
    });
    each.collect()
}
