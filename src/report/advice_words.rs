//! Advice in sentences: the answer, why, what the others would cost, where it tips, what it rests on.

use super::{
    advice::{Advice, Against, BreakEven, Choice, no_matter},
    compare::tables::between,
    document::{Document, Part},
    lists::{listed, spaced},
    words::{PARTIAL, harmless},
};
use crate::{
    experiment::{Summary, UNFINISHED_MAX},
    strategy::StrategySpec,
    units::text::{Unit, counted, estimated, factor, number, seconds, share},
};

/// Advice for a terminal and for a pull request: the answer, then paragraphs.
pub fn advice(summary: &Summary, advice: &Advice) -> Document {
    let mut words = advice_words(summary, advice);
    let rest = words.split_off(words.len().min(1));
    Document {
        title: Document::titled(&summary.title, &summary.name).to_owned(),
        words,
        parts: rest.into_iter().map(Part::Paragraph).collect(),
        method: Vec::new(),
        command: summary.command.clone(),
    }
}

/// Paragraphs; names are made harmless.
fn advice_words(summary: &Summary, advice: &Advice) -> Vec<String> {
    let Some(best) = &advice.ship_by else {
        let few = counted(advice.trials, "rollout");
        return vec![if advice.complete {
            format!(
                "{few} are too few for advice: each of the {} of releases needs several. Use more \
                 `--trials`.",
                counted(summary.classes.len() as u64, "class")
            )
        } else {
            format!(
                "Interrupted after {few}, too few for advice. With `--out`, `--resume` continues it."
            )
        }];
    };
    let teller = Teller { summary, advice, best };
    let mut said = vec![teller.answer()];
    if !advice.complete {
        said.push(PARTIAL.to_owned());
    }
    said.extend(teller.question());
    said.extend(teller.open());
    said.extend(teller.why());
    said.extend(advice.others.iter().map(|it| teller.other(it)));
    // where a guess would tip is of no use
    let tips = advice.decided && !advice.others.is_empty();
    said.extend(tips.then(|| teller.tips()));
    said.push(teller.basis());
    said.push(format!("Assumptions: {}", harmless(&advice.assumptions.join(" "))));
    said
}

/// How to ship: after "Ship it".
fn way(choice: &Choice) -> String {
    let Choice { name, kind, .. } = choice;
    if name != kind {
        return format!("by `{}`", harmless(name));
    }
    let known = StrategySpec::named(kind);
    known.map_or_else(|| format!("by {}", harmless(name)), |it| it.kind().shipped_words())
}

/// The name in a sentence: plain strategies by what people call them.
fn noun(name: &str, kind: &str) -> String {
    if name != kind {
        return format!("`{}`", harmless(name));
    }
    let known = StrategySpec::named(kind);
    known.map_or_else(|| harmless(name), |it| it.kind().noun().to_owned())
}

fn called(it: &Choice) -> String {
    noun(&it.name, &it.kind)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
}

struct Teller<'a> {
    summary: &'a Summary,
    advice: &'a Advice,
    best: &'a Choice,
}

/// Parts of a difference are named from a tenth of it on.
const WORTH_TELLING: f64 = 0.1;
/// Users in a thousand rollouts below which a difference is not worth mentioning.
const FEW: f64 = 0.5;

impl Teller<'_> {
    fn money(&self, value: f64) -> String {
        harmless(&Unit::Money(&self.advice.currency).value(value))
    }

    /// `$40 ($28 to $52)`.
    fn among(&self, value: f64, low: f64, high: f64) -> String {
        harmless(&Unit::Money(&self.advice.currency).with_interval(value, low, high))
    }

    fn answer(&self) -> String {
        let Choice { cost, cost_low, cost_high, .. } = *self.best;
        let unit = Unit::Money(&self.advice.currency);
        let doubt = self.doubt();
        let told = format!(
            "{doubt}hip it {}: it costs {} per rollout ({}: {})",
            way(self.best),
            unit.among(cost, cost_low, cost_high),
            share(self.summary.confidence),
            unit.interval(cost, cost_low, cost_high)
        );
        let told = harmless(&told);
        let others: Vec<String> = self.advice.as_good.iter().map(called).collect();
        if others.is_empty() {
            let least = match (self.advice.others.is_empty(), self.advice.open.is_empty()) {
                (true, _) => "",
                (false, true) => ", less than any other",
                (false, false) => ", which seems to be the lowest",
            };
            return format!("{told}{least}.");
        }
        let are = if others.len() == 1 { "is" } else { "are" };
        if !self.advice.decided {
            return format!(
                "{told}. {} {are} about as cheap, as far as is known.",
                capital(&listed(&others))
            );
        }
        let pick = if others.len() == 1 { "either" } else { "any of them" };
        format!(
            "{told}. Within {} or within the uncertainty, {} {are} as cheap; {pick} is fine, and this is the \
             simplest.",
            share(no_matter(self.summary)),
            listed(&others)
        )
    }

    /// How the answer begins: with a doubt, where it is not decided.
    fn doubt(&self) -> String {
        let Advice { decided, cut_off, trials, .. } = *self.advice;
        if decided {
            return "S".to_owned();
        }
        let why = if cut_off > UNFINISHED_MAX {
            let part = share(cut_off);
            format!(
                "{part} of the rollouts of the strategy that seems cheapest were cut off by the end of the trial; \
                 make `length` longer"
            )
        } else {
            format!("{} are too few to tell the strategies apart", counted(trials, "rollout"))
        };
        format!("Not decided: {why}. The best guess so far: s")
    }

    /// What the scenario does not say and the answer depends on: every way but one has both releases running at once.
    fn question(&self) -> Option<String> {
        let apart = |it: &Choice| {
            StrategySpec::named(&it.kind).is_some_and(|it| !it.kind().runs_both_releases())
        };
        let other = self.advice.others.iter().find(|it| apart(&it.choice))?;
        (!apart(self.best)).then(|| {
            format!(
                "May an instance of the old release and one of the new run at once? If not, as with a single connection \
                 or lock, ship it {}: {} per rollout.",
                way(&other.choice),
                self.dearer(other)
            )
        })
    }

    /// What may still turn out to be cheaper.
    fn open(&self) -> Option<String> {
        let open: Vec<String> = self.advice.open.iter().map(called).collect();
        let more = self.advice.more_trials_range.map_or_else(String::new, |(from, to)| {
            let count = between(from, to);
            format!("; about {count} more rollouts would decide in half of the cases")
        });
        let seem = if open.len() == 1 { "seems" } else { "seem" };
        (!open.is_empty()).then(|| {
            format!(
                "{} {seem} to cost more, which is not certain yet{more}.",
                capital(&listed(&open))
            )
        })
    }

    /// Its advantage over the next best, and over the simplest.
    fn why(&self) -> Vec<String> {
        // what follows the best is known only where the best is
        let mut others = self.advice.others.iter().filter(|_| self.advice.decided);
        let next = others.find(|it| it.decided && it.more > 0.0);
        let simplest = self.advice.simplest().filter(|it| it.decided);
        let same = next.zip(simplest).is_some_and(|(a, b)| a.choice.name == b.choice.name);
        let mut said = Vec::new();
        if let Some(it) = simplest {
            said.push(self.advantage(it, "The simplest way"));
        }
        if let Some(it) = next.filter(|_| !same) {
            said.push(self.advantage(it, "The next best"));
        }
        said
    }

    fn advantage(&self, it: &Against, role: &str) -> String {
        let most = self.parts(it, 1.0, "more");
        let mut told = format!(
            "{role}, {}, costs {} more{}.",
            called(&it.choice),
            self.among(it.more, it.more_low, it.more_high),
            if most.is_empty() { String::new() } else { format!(": {most}") }
        );
        if let (Some(here), Some(there)) =
            (self.best.users_hurt_by_bad, it.choice.users_hurt_by_bad)
            && (here - there).abs() > WORTH_TELLING * there
        {
            told.extend([format!(
                " A bad release hurts {} with it, {} with {}.",
                estimated(there, "user"),
                estimated(here, "user"),
                called(self.best)
            )]);
        }
        told
    }

    /// `$12 ($9 to $15) more`, than the one to ship by.
    fn dearer(&self, it: &Against) -> String {
        if it.more > 0.0 {
            format!("{} more", self.among(it.more, it.more_low, it.more_high))
        } else {
            format!("{} less", self.among(-it.more, -it.more_high, -it.more_low))
        }
    }

    /// The parts of the cost with this sign that make a difference.
    fn parts(&self, it: &Against, sign: f64, word: &str) -> String {
        let scale: f64 = it.parts.iter().map(|it| it.1.abs()).sum();
        let large = it.parts.iter().filter(|it| sign * it.1 > WORTH_TELLING * scale);
        let told = large
            .map(|(name, cost)| format!("{} {word} for {}", self.money(cost.abs()), spaced(name)));
        listed(&told.collect::<Vec<_>>())
    }

    /// What another would cost, need, hurt and take.
    fn other(&self, it: &Against) -> String {
        let choice = &it.choice;
        let mut facts = Vec::new();
        if (choice.capacity - self.best.capacity).abs() > 0.05 {
            let own = self.best.capacity;
            let (needed, own) = (factor(choice.capacity), factor(own));
            facts.push(format!("needs {needed} the instances, not {own}"));
        }
        let thousand = 1_000.0 * (choice.users_hurt - self.best.users_hurt);
        if thousand.abs() > FEW {
            let way = if thousand > 0.0 { "more" } else { "fewer" };
            facts.push(format!("hurts {} {way} users in 1,000 rollouts", number(thousand.abs())));
        }
        if let (Some(here), Some(there)) = (self.best.promotion_time, choice.promotion_time)
            && (here - there).abs() > WORTH_TELLING * here.max(there)
        {
            facts.push(format!("takes {} (not {})", seconds(there), seconds(here)));
        }
        facts.extend(rates(self.best.false_rollback, choice.false_rollback, "rolls back", "good"));
        facts.extend(rates(self.best.escaped, choice.escaped, "lets through", "bad"));
        let told = self.dearer(it);
        let cost = if it.decided { told } else { format!("{told}, which is not certain yet") };
        let facts = if facts.is_empty() { String::new() } else { format!("; {}", listed(&facts)) };
        format!("{}: {cost}{facts}.", capital(&called(choice)))
    }

    fn tips(&self) -> String {
        let simplest = self.advice.simplest();
        match (&self.advice.break_even, simplest) {
            (Some(BreakEven { strategy, kind, hurt_user, price }), Some(_)) => format!(
                "{} is as cheap if a hurt user costs less than {} (here {}), with badly hurt \
                 users in proportion.",
                capital(&noun(strategy, kind)),
                self.money(*hurt_user),
                self.money(*price)
            ),
            (Some(BreakEven { strategy, kind, hurt_user, price }), None) if hurt_user <= price => {
                format!(
                    "The answer depends on the cost of a hurt user: from about {} (here {}), with \
                     badly hurt users in proportion, {} is cheaper, at first only slightly.",
                    self.money(*hurt_user),
                    self.money(*price),
                    noun(strategy, kind)
                )
            }
            (Some(BreakEven { strategy, kind, hurt_user, price }), None) => format!(
                "This holds until a hurt user costs more than {} (here {}), with badly hurt users \
                 in proportion; above that {} is cheaper.",
                self.money(*hurt_user),
                self.money(*price),
                noun(strategy, kind)
            ),
            (None, Some(it)) => {
                format!("No price of a hurt user makes {} cheaper.", called(&it.choice))
            }
            (None, None) => "No other strategy is cheaper at any price of a hurt user.".to_owned(),
        }
    }

    fn basis(&self) -> String {
        format!(
            "Based on {}, each simulated under {}, with seed {} and the prices of profile {}. \
             Intervals of differences hold for all pairs at once. To repeat: {}",
            counted(self.advice.trials, "simulated rollout"),
            counted(self.advice.others.len() as u64 + 1, "strategy"),
            self.advice.seed,
            harmless(&self.advice.profile),
            harmless(&self.advice.command)
        )
    }
}

/// A rate that differs by a percentage point or more.
fn rates(here: Option<f64>, there: Option<f64>, does: &str, which: &str) -> Option<String> {
    const POINT: f64 = 0.01;
    let (here, there) = here.zip(there)?;
    ((here - there).abs() >= POINT)
        .then(|| format!("{does} {} of the {which} releases (not {})", share(there), share(here)))
}
