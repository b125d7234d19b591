//! Compiles a scenario that has passed its checks into a plan; reads the files it names.

use std::{collections::BTreeMap, fs, io::Read, path::Path};

use super::{
    ActionSamplers, Attribute, Dependency, Line, Operation, Plan, Problem, RateCurve, Samplers,
    Scenario, lottery, path::below, path_inside, trace,
};
use crate::{
    channel::Terms,
    kernel::{Categories, Sampler, math, zipf_weights},
    model::{
        ActionSpec, Activity, Condition, Distribution, EstimateName, Mitigation, OperationSpec,
        PatternSpec,
    },
    units::{Span, text},
};

/// Largest data file that a scenario may name.
const DATA_BYTES_MAX: u64 = 64 << 20;
/// The 99th and 90th percentiles of the standard normal distribution.
const Z99: f64 = 2.326_347_874_040_841;
const Z90: f64 = 1.281_551_565_544_600_5;

/// Collects problems while it compiles.
pub(super) struct Compiler<'f> {
    /// The scenario's folder; files outside it are not read.
    pub(super) folder: &'f Path,
    pub(super) problems: Vec<Problem>,
}

impl Compiler<'_> {
    fn problem(&mut self, path: &str, message: impl Into<String>) {
        self.problems.push(Problem::error(message).path(path));
    }

    pub(super) fn plan(&mut self, name: &str, scenario: Scenario) -> Option<Plan> {
        let operations = self.operations(&scenario);
        let shares: Vec<f64> = if scenario.operations.is_empty() {
            vec![1.0]
        } else {
            scenario.operations.values().map(|it| it.share.get()).collect()
        };
        let dependencies = self.dependencies(&scenario);
        let lines = self.lines(&scenario);
        let samplers = self.samplers(&scenario);
        let rates = self.rates(&scenario);
        let users = &scenario.users;
        let user_choice = match users.activity {
            Activity::Zipf(exponent) => {
                Categories::new(&zipf_weights(users.count as usize, exponent))
            }
            Activity::Equal | Activity::InTurn => None,
        };
        let attributes = users
            .attributes
            .iter()
            .map(|(name, values)| {
                let mut sum = 0.0;
                let cumulative = values
                    .values()
                    .map(|share| {
                        sum += share.get();
                        sum
                    })
                    .collect();
                let values = values.keys().cloned().collect();
                Attribute { name: name.clone(), values, cumulative }
            })
            .collect();
        if !self.problems.is_empty() {
            return None;
        }
        let mut releases = vec![scenario.release.clone()];
        let lottery = lottery::compiled(&scenario, releases.len()).map(|(lottery, drawn)| {
            releases.extend(drawn);
            lottery
        });
        let operation_choice = (shares.len() > 1).then(|| Categories::new(&shares)).flatten();
        Some(Plan {
            name: name.to_owned(),
            samplers: samplers?,
            operations: operations?,
            lines: lines?,
            operation_choice,
            dependencies: dependencies?,
            user_choice,
            attributes,
            rates: rates?,
            releases,
            lottery,
            estimates: estimates(&scenario),
            scenario,
        })
    }

    fn operations(&mut self, scenario: &Scenario) -> Option<Vec<Operation>> {
        let fleet = self.sampler("fleet.service_time", &scenario.fleet.service_time);
        if scenario.operations.is_empty() {
            return Some(vec![Operation {
                name: "request".to_owned(),
                service: fleet?,
                service_per: scenario.fleet.service_time_per,
                database: None,
                calls: Vec::new(),
                line: 0,
                deadline: scenario.client.deadline,
            }]);
        }
        let channels = scenario.channels().into_iter();
        let deadlines: Vec<Span> = channels.map(|it| it.1.kind().terms().deadline.after).collect();
        let operations = scenario.operations.iter().map(|(name, spec)| {
            let path = below("operations", name);
            let service = match &spec.service_time {
                Some(it) => self.sampler(&format!("{path}.service_time"), it),
                None => fleet.clone(),
            };
            let database = match &spec.database {
                Some(it) => Some(self.sampler(&format!("{path}.database"), it)?),
                None => None,
            };
            Some(Operation {
                name: name.clone(),
                service: service?,
                service_per: spec.service_time_per.unwrap_or(scenario.fleet.service_time_per),
                database,
                calls: calls(scenario, spec),
                line: scenario.channel_of(spec),
                deadline: deadlines[scenario.channel_of(spec)],
            })
        });
        operations.collect()
    }

    /// Every channel, the default one first.
    fn lines(&mut self, scenario: &Scenario) -> Option<Vec<Line>> {
        let lines = scenario.channels().into_iter().map(|(path, channel)| {
            let kind = channel.kind();
            let Terms { deadline, slow_after, patience, budget, delivery, order } = kind.terms();
            let patience = match patience {
                Some((key, it)) => Some(self.sampler(&format!("{path}.{key}"), it)?),
                None => None,
            };
            Some(Line { path, channel, deadline, slow_after, patience, budget, delivery, order })
        });
        lines.collect()
    }

    fn dependencies(&mut self, scenario: &Scenario) -> Option<Vec<Dependency>> {
        let dependencies = scenario.dependencies.iter().map(|(name, spec)| {
            let path = below("dependencies", name);
            let latency = self.sampler(&format!("{path}.latency"), &spec.latency)?;
            Some(Dependency { name: name.clone(), latency, errors: spec.errors })
        });
        dependencies.collect()
    }

    fn samplers(&mut self, scenario: &Scenario) -> Option<Samplers> {
        let operator = &scenario.operator;
        let startup = self.sampler("fleet.startup", &scenario.fleet.startup);
        let fleet = &scenario.fleet;
        let joining =
            self.optional("fleet.propagation_joining", fleet.propagation_joining.as_ref());
        let leaving =
            self.optional("fleet.propagation_leaving", fleet.propagation_leaving.as_ref());
        let provision = fleet.machines.as_ref().map(|it| &it.provision);
        let provision = self.optional("fleet.machines.provision", provision);
        let overhead = self.optional("fleet.proxy.overhead", fleet.proxy.overhead.as_ref());
        let complain_after = self.sampler("users.complain_after", &scenario.users.complain_after);
        let acknowledge = self.sampler("operator.acknowledge", &operator.acknowledge);
        let acknowledge_night =
            self.sampler("operator.acknowledge_night", &operator.acknowledge_night);
        let diagnose = self.sampler("operator.diagnose", &operator.diagnose);
        let prepare = self.sampler("operator.prepare", &operator.prepare);
        let approve = self.sampler("operator.approve", &operator.approve);
        let actions = self.actions(&operator.actions);
        Some(Samplers {
            startup: startup?,
            joining: joining?,
            leaving: leaving?,
            provision: provision?,
            overhead: overhead?,
            complain_after: complain_after?,
            acknowledge: acknowledge?,
            acknowledge_night: acknowledge_night?,
            diagnose: diagnose?,
            prepare: prepare?,
            approve: approve?,
            actions: actions?,
        })
    }

    fn actions(&mut self, actions: &[ActionSpec]) -> Option<Vec<ActionSamplers>> {
        let mut samplers = Vec::new();
        for (index, action) in actions.iter().enumerate() {
            let path = format!("operator.actions[{index}]");
            let build = match &action.mitigation {
                Mitigation::RollForward(it) => it.build.as_ref(),
                Mitigation::Undo
                | Mitigation::Restart(_)
                | Mitigation::Drain(_)
                | Mitigation::Scale(_)
                | Mitigation::Freeze(_)
                | Mitigation::SwitchOff => None,
            };
            let after = self.optional(&format!("{path}.after"), action.after.as_ref());
            let build = self.optional(&format!("{path}.do.roll_forward.build"), build);
            let both = after.zip(build);
            samplers.push(both.map(|(after, build)| ActionSamplers { after, build }));
        }
        samplers.into_iter().collect()
    }

    fn rates(&mut self, scenario: &Scenario) -> Option<RateCurve> {
        let traffic = &scenario.traffic;
        let mean = traffic.rate.as_per_second();
        let curve = match &traffic.pattern {
            PatternSpec::Constant => RateCurve::constant(mean),
            PatternSpec::DailyWave(wave) => RateCurve::daily_wave(mean, *wave, scenario.clock),
            PatternSpec::Profile(profile) => RateCurve::profile(mean, profile, scenario.clock),
            PatternSpec::Trace(spec) => {
                let path = "traffic.pattern.trace";
                let text = self.read(&format!("{path}.file"), &spec.file)?;
                match trace::read(&text, spec) {
                    Ok(segments) => RateCurve::trace(segments, spec.repeat),
                    Err(message) => {
                        self.problem(
                            &format!("{path}.file"),
                            format!("`{}`: {message}", spec.file),
                        );
                        return None;
                    }
                }
            }
        };
        let curve = curve.with_spikes(&traffic.spikes);
        if !curve.is_finite() {
            self.problem("traffic.pattern", "its rates are too large to be numbers");
            return None;
        }
        if let Some(index) = curve.overflowing_spike() {
            let message = "with the spikes that hold at once, the rate is too large to be a number";
            let problem = Problem::error(message).path(format!("traffic.spikes[{index}].factor"));
            self.problems.push(problem.hint("fewer spikes at one time, or smaller factors"));
            return None;
        }
        Some(curve)
    }

    /// The sampler of a distribution that need not be there.
    #[expect(
        clippy::option_option,
        reason = "a distribution that is wrong is not one that is absent"
    )]
    fn optional(&mut self, path: &str, it: Option<&Distribution>) -> Option<Option<Sampler>> {
        match it {
            Some(it) => self.sampler(path, it).map(Some),
            None => Some(None),
        }
    }

    /// The sampler of a distribution; problems where its parameters do not make one.
    pub(super) fn sampler(&mut self, path: &str, it: &Distribution) -> Option<Sampler> {
        match it {
            Distribution::Constant(span) => Some(Sampler::constant(*span)),
            Distribution::Exponential { mean } => {
                self.positive(&format!("{path}.exponential.mean"), *mean)?;
                Some(Sampler::exponential(*mean))
            }
            Distribution::LogNormal { median, p99, p90 } => {
                self.log_normal(&format!("{path}.lognormal"), *median, *p99, *p90)
            }
            Distribution::Gamma { mean, shape } => {
                self.positive(&format!("{path}.gamma.mean"), *mean)?;
                Some(Sampler::gamma(*mean, *shape))
            }
            Distribution::Weibull { scale, shape } => {
                self.positive(&format!("{path}.weibull.scale"), *scale)?;
                Some(Sampler::weibull(*scale, *shape))
            }
            Distribution::Pareto { minimum, alpha } => {
                self.positive(&format!("{path}.pareto.minimum"), *minimum)?;
                Some(Sampler::pareto(*minimum, *alpha))
            }
            Distribution::Uniform { low, high } => {
                if low > high {
                    let message = format!("`{low}` is longer than `high`, `{high}`");
                    self.problem(&format!("{path}.uniform.low"), message);
                    return None;
                }
                Some(Sampler::uniform(*low, *high))
            }
            Distribution::Empirical { file, column, unit } => {
                let path = format!("{path}.empirical.file");
                let text = self.read(&path, file)?;
                match trace::column(&text, column, *unit) {
                    Ok(nanos) => Some(Sampler::empirical(nanos)),
                    Err(message) => {
                        self.problem(&path, format!("`{file}`: {message}"));
                        None
                    }
                }
            }
            Distribution::Mixture(parts) => {
                let total: f64 = parts.iter().map(|it| it.share.get()).sum();
                if (total - 1.0).abs() > 1e-9 {
                    let message = format!("shares sum to {}, not to 100 %", text::share(total));
                    self.problem(&format!("{path}.mixture"), message);
                    return None;
                }
                let parts = parts.iter().enumerate().map(|(index, part)| {
                    let path = format!("{path}.mixture[{index}].of");
                    Some((part.share.get(), self.sampler(&path, &part.of)?))
                });
                parts.collect::<Option<Vec<_>>>().map(Sampler::mixture)
            }
        }
    }

    fn log_normal(
        &mut self,
        path: &str,
        median: Span,
        p99: Option<Span>,
        p90: Option<Span>,
    ) -> Option<Sampler> {
        let (quantile, z, name) = match (p99, p90) {
            (Some(it), None) => (it, Z99, "p99"),
            (None, Some(it)) => (it, Z90, "p90"),
            (None, None) => {
                self.problem(path, "a lognormal needs a second quantile: `p99` or `p90`");
                return None;
            }
            (Some(_), Some(_)) => {
                self.problem(path, "a lognormal takes `p99` or `p90`, not both");
                return None;
            }
        };
        self.positive(&format!("{path}.median"), median)?;
        if quantile < median {
            let message = format!("`{quantile}` is shorter than the median, `{median}`");
            self.problem(&format!("{path}.{name}"), message);
            return None;
        }
        let sigma = math::ln(quantile.as_secs_f64() / median.as_secs_f64()) / z;
        Some(Sampler::log_normal(median, sigma))
    }

    fn positive(&mut self, path: &str, span: Span) -> Option<()> {
        if span.is_zero() {
            self.problem(path, "`0s` is too short: it must be above zero");
            return None;
        }
        Some(())
    }

    /// Reads a data file of the scenario's folder.
    fn read(&mut self, path: &str, file: &str) -> Option<String> {
        match read_inside(self.folder, file) {
            Ok(text) => Some(text),
            Err(message) => {
                self.problem(path, message);
                None
            }
        }
    }
}

/// Text of a regular file inside a folder, not larger than the bound.
fn read_inside(folder: &Path, file: &str) -> Result<String, String> {
    let path = path_inside(folder, &folder.join("scenario"), file)?;
    let cannot = |error: std::io::Error| format!("`{file}` cannot be read: {error}");
    let metadata = fs::metadata(&path).map_err(cannot)?;
    if !metadata.is_file() {
        return Err(format!("`{file}` is not a regular file"));
    }
    if metadata.len() > DATA_BYTES_MAX {
        return Err(format!("`{file}` is larger than {} MiB", DATA_BYTES_MAX >> 20));
    }
    let mut text = String::new();
    let opened = fs::File::open(&path).map_err(cannot)?;
    opened.take(DATA_BYTES_MAX).read_to_string(&mut text).map_err(cannot)?;
    Ok(text)
}

/// Expectations on estimates; names that are none have been told as problems.
fn estimates(scenario: &Scenario) -> BTreeMap<String, BTreeMap<EstimateName, Condition>> {
    let of = |conditions: &BTreeMap<String, Condition>| {
        let known = conditions.iter().filter_map(|(name, it)| Some((name.parse().ok()?, *it)));
        known.collect()
    };
    scenario.expect.strategies.iter().map(|(name, it)| (name.clone(), of(it))).collect()
}

fn calls(scenario: &Scenario, spec: &OperationSpec) -> Vec<usize> {
    let index = |name: &String| scenario.dependencies.keys().position(|it| it == name);
    spec.calls.iter().filter_map(index).collect()
}
