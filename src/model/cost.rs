//! What an outcome costs in one currency: prices by the kind of bot, each open to the user's own.
//!
//! All prices are judgement, not data: no published figure fits every bot. Their proportions matter
//! more than their values, which is why reports show them and how the ranking changes when each is
//! halved or doubled.

use serde::{Deserialize, Serialize};

use super::Measure;

/// What kind of bot the prices are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CostProfile {
    /// A bot for friends or a club: it earns nothing, an hour offline costs next to nothing, one
    /// more machine and a page at night count.
    Hobby,
    /// A bot that customers use: each hurt customer is a small loss of goodwill, an hour offline is
    /// lost business, engineers' time is the largest regular item.
    #[default]
    Business,
    /// A bot that people depend on (payments, health, operations): a hurt user and a minute of
    /// downtime are expensive; machines and engineers' time are cheap in comparison.
    Critical,
}

impl CostProfile {
    /// Name in scenario files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hobby => "hobby",
            Self::Business => "business",
            Self::Critical => "critical",
        }
    }
}

macro_rules! prices {
    ($(
        $(#[doc = $text:literal])+
        $name:ident: $unit:literal [$hobby:literal, $business:literal, $critical:literal]
            $(from $measure:ident / $scale:literal)?
    ),+ $(,)?) => {
        /// What things cost, so that speed, harm and effort can be added up. A price that is left
        /// out is the profile's; the profiles are rollsim's judgement, and reports say so.
        #[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields, default)]
        pub struct CostSpec {
            /// What kind of bot it is.
            pub profile: CostProfile,
            /// Sign of the currency.
            #[cfg_attr(test, schemars(length(min = 1, max = 8)))]
            pub currency: String,
            $(
                $(#[doc = $text])+
                #[serde(skip_serializing_if = "Option::is_none")]
                #[cfg_attr(test, schemars(range(min = 0.0, max = 1_000_000_000.0)))]
                pub $name: Option<f64>,
            )+
        }

        impl Default for CostSpec {
            fn default() -> Self {
                Self {
                    profile: CostProfile::default(),
                    currency: "$".to_owned(),
                    $( $name: None, )+
                }
            }
        }

        impl CostSpec {
            /// All prices: the scenario's own, or else those of its profile.
            pub fn prices(&self) -> Prices {
                Prices { $( $name: self.$name.unwrap_or(Price::$name.by(self.profile)), )+ }
            }

            /// The prices that the scenario sets itself.
            pub fn own(&self) -> Vec<Price> {
                let mut own = Vec::new();
                $( own.extend(self.$name.map(|_| Price::$name)); )+
                own
            }
        }

        /// One thing that costs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[expect(non_camel_case_types, reason = "the names are those of the scenario file")]
        pub enum Price {
            $( $name, )+
        }

        impl Price {
            /// Every price, in the order in which tables show them.
            pub const ALL: &'static [Self] = &[$( Self::$name, )+];

            /// Name in scenario files, tables and data.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$name => stringify!($name), )+ }
            }

            /// What one unit is, in words.
            pub const fn unit(self) -> &'static str {
                match self { $( Self::$name => $unit, )+ }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $( Self::$name => concat!($($text),+).trim(), )+ }
            }

            /// Its price in a profile.
            pub const fn by(self, profile: CostProfile) -> f64 {
                let [hobby, business, critical] = match self {
                    $( Self::$name => [$hobby, $business, $critical], )+
                };
                match profile {
                    CostProfile::Hobby => hobby,
                    CostProfile::Business => business,
                    CostProfile::Critical => critical,
                }
            }

            /// The measure that counts it, and how many of the measure's units make one; none where
            /// no measure alone says it.
            pub const fn measure(self) -> Option<(Measure, f64)> {
                match self { $( Self::$name => prices!(@ $($measure $scale)?), )+ }
            }
        }

        /// What one of each thing costs.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize)]
        pub struct Prices {
            $( pub $name: f64, )+
        }

        impl Prices {
            pub const fn get(&self, price: Price) -> f64 {
                match price { $( Price::$name => self.$name, )+ }
            }

            /// One price times a factor, the others as they are: for "what if it were doubled".
            #[must_use]
            pub fn scaled(mut self, price: Price, factor: f64) -> Self {
                match price { $( Price::$name => self.$name *= factor, )+ }
                self
            }
        }

        /// How much of each thing there was in one trial, in the units of the prices.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
        pub struct Quantities {
            $( pub $name: f64, )+
        }

        impl Quantities {
            pub const fn get(&self, price: Price) -> f64 {
                match price { $( Price::$name => self.$name, )+ }
            }

            /// What measures alone say, by a look-up of figures; a measure without a figure is none.
            /// Pages, false rollbacks, escaped defects and upkeep are the caller's to fill in, and everything
            /// else that has no [`Price::measure`].
            pub fn of(figure: impl Fn(Measure) -> Option<f64>) -> Self {
                let count = |price: Price| {
                    let (measure, scale) = price.measure()?;
                    Some(figure(measure)? / scale)
                };
                Self { $( $name: count(Price::$name).unwrap_or(0.0), )+ }
            }
        }
    };
    (@) => { None };
    (@ $measure:ident $scale:literal) => { Some((Measure::$measure, $scale)) };
}

prices! {
    /// A user with at least one bad answer that a normal day would not have given (`users_hurt`).
    /// Of a business, one in a hundred leaves and was worth 100.
    hurt_user: "user" [0.05, 1.0, 25.0] from users_hurt / 1.0,
    /// A user with at least ten such answers, on top of `hurt_user` (`users_hurt_badly`): ten times
    /// as likely to leave.
    badly_hurt_user: "user" [0.5, 10.0, 250.0] from users_hurt_badly / 1.0,
    /// A request without a good answer, beyond those of a normal day (`failed_beyond_normal`). Most of
    /// its harm is the user's, priced above; what is left is the order or message itself.
    failed: "request" [0.001, 0.01, 0.25] from failed_beyond_normal / 1.0,
    /// A late answer (`slow`): a tenth of a failed one.
    slow: "request" [0.0001, 0.001, 0.025] from slow / 1.0,
    /// A wrong answer that looks right (`wrong`): it costs more than no answer, because users act
    /// on it.
    wrong: "request" [0.01, 0.1, 5.0] from wrong / 1.0,
    /// A message or update that was never answered and will not be sent again.
    lost: "update" [0.005, 0.1, 5.0] from lost / 1.0,
    /// A message or update that was processed twice: two replies, two orders, two payments.
    duplicated: "update" [0.002, 0.05, 5.0] from duplicated / 1.0,
    /// A minute in which at least half of the requests failed (`downtime`). Of a hobby, an hour offline
    /// is nearly free; of a business it costs 1,200; a critical service has contracts with penalties.
    downtime_minute: "minute" [0.01, 20.0, 1000.0] from downtime / 60.0,
    /// A page by day: about a quarter of an hour of an engineer's work.
    page: "page" [2.0, 25.0, 50.0],
    /// A page at night (`operator` says when night is): lost sleep, and a slower next day.
    page_at_night: "page" [10.0, 150.0, 300.0],
    /// An instance-hour beyond those of the fleet's normal size: what surge, a second environment or a
    /// long overlap adds. A small, a medium and a large cloud machine.
    instance_hour: "hour" [0.02, 0.1, 0.4] from instance_hours_extra / 1.0,
    /// An hour of the rollout, until all users are on the new release (`promotion_time`): the new version is not fully
    /// available, and no other release can ship.
    delay_hour: "hour" [0.0, 5.0, 10.0] from promotion_time / 3600.0,
    /// A good release that was rolled back: an engineer searches for a defect that does not exist,
    /// then ships again. Hobby: half an hour; business: half a day; critical: a day.
    false_rollback: "rollout" [5.0, 300.0, 800.0],
    /// A bad release whose rollout completed: the harm that it does after the trial, until it is
    /// found and fixed.
    escaped_defect: "rollout" [5.0, 1000.0, 20000.0],
    /// A minute of work to set up and maintain this strategy: traffic splitting, gates, a second
    /// environment, flags to remove later. Minutes of a rollout by kind of strategy (judgement): 0
    /// for `all_at_once` and `recreate`, 1 for `rolling`, 5 for `blue_green`, 10 for `canary` and
    /// `feature_flag`, 20 for `canary_flag`. Business 60 an hour, critical 120 an hour.
    upkeep_minute: "minute" [0.1, 1.0, 2.0],
    /// A complaint that arrived (`complaints`): reading it, answering it, compensating the user.
    complaint: "complaint" [1.0, 15.0, 50.0] from complaints / 1.0,
}

/// One line of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CostLine {
    pub price: Price,
    pub quantity: f64,
    /// What one costs.
    pub each: f64,
}

impl CostLine {
    pub fn cost(&self) -> f64 {
        self.quantity * self.each
    }
}

impl Prices {
    /// What everything costs together: the sum of the lines in their order.
    pub fn cost(&self, quantities: &Quantities) -> f64 {
        self.lines(quantities).map(|it| it.cost()).sum()
    }

    /// The bill, one line for each price.
    pub fn lines(&self, quantities: &Quantities) -> impl Iterator<Item = CostLine> {
        let line = |price: Price| CostLine {
            price,
            quantity: quantities.get(price),
            each: self.get(price),
        };
        Price::ALL.iter().copied().map(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_of_the_scenario_goes_before_that_of_its_profile() {
        let text = r#"{"profile": "hobby", "hurt_user": 2.5}"#;
        let spec: CostSpec = serde_json::from_str(text).unwrap();
        let prices = spec.prices();
        assert_eq!(prices.get(Price::hurt_user).to_bits(), 2.5_f64.to_bits());
        assert_eq!(prices.get(Price::delay_hour).to_bits(), 0.0_f64.to_bits());
        assert_eq!(spec.own(), [Price::hurt_user]);
        assert_eq!(CostSpec::default().profile, CostProfile::Business);
    }

    #[test]
    fn a_bill_adds_up() {
        let prices = CostSpec { currency: "EUR".to_owned(), ..CostSpec::default() }.prices();
        let quantities =
            Quantities { hurt_user: 3.0, page: 1.0, page_at_night: 2.0, ..Quantities::default() };
        assert!((prices.cost(&quantities) - 328.0).abs() < 1e-9);
        let doubled = prices.scaled(Price::page_at_night, 2.0);
        assert!((doubled.cost(&quantities) - 628.0).abs() < 1e-9);
        assert_eq!(prices.lines(&quantities).count(), Price::ALL.len());
    }

    #[test]
    fn quantities_come_from_figures_in_the_unit_of_the_price() {
        let figures = |it: Measure| match it.name() {
            "downtime" => Some(90.0),
            "promotion_time" => Some(1_800.0),
            "users_hurt" => Some(7.0),
            _ => None,
        };
        let expected = Quantities {
            downtime_minute: 1.5,
            delay_hour: 0.5,
            hurt_user: 7.0,
            ..Quantities::default()
        };
        assert_eq!(Quantities::of(figures), expected);
    }

    /// A critical bot's harm is more expensive than a business bot's, and that than a hobby bot's.
    #[test]
    fn no_price_falls_as_the_bot_matters_more() {
        for price in Price::ALL {
            let by = |it| price.by(it);
            let (hobby, business) = (by(CostProfile::Hobby), by(CostProfile::Business));
            assert!(hobby <= business, "{}", price.name());
            assert!(business <= by(CostProfile::Critical), "{}", price.name());
            assert!(!price.unit().is_empty() && price.meaning().len() > 20, "{}", price.name());
        }
    }
}
