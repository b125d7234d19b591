//! Words of other tools, and the keys and names of a scenario that say the same: for the hints of the
//! checker and for `rollsim explain`.

mod platforms;
mod proxies;
mod word;

pub use word::Foreign;

use super::path::{Step, below};

const CLIENT: &str = "client";
const CHANNELS: &str = "channels";
/// The kind of channel that the client is.
const HTTP: &str = "http";

/// Every word.
pub fn foreign() -> impl Iterator<Item = &'static Foreign> {
    platforms::WORDS.iter().chain(proxies::WORDS)
}

/// What to say of a word that is no key or name here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) hint: String,
    /// The name that says the same and may stand in its place.
    pub(super) here: Option<&'static str>,
    /// The path of what says the same at another place.
    pub(super) elsewhere: Option<String>,
}

/// What a word of another tool is here: among the `names` that may stand at a path, or elsewhere.
pub(super) fn translated(word: &str, at: &[Step], names: &[&str]) -> Option<Translated> {
    let place = Place::of(at);
    let at = &place.at[..];
    let plain = simplified(word);
    let known: Vec<&Foreign> = foreign().filter(|it| simplified(it.word) == plain).collect();
    let beside = known.iter().find_map(|it| {
        let name = it.ours.iter().find_map(|ours| name_beside(ours, at, names))?;
        Some((*it, Some(name)))
    });
    let (foreign, here) = beside.or_else(|| nearest(&known, at).map(|it| (it, None)))?;
    let Foreign { word, whose, ours, note } = foreign;
    let rest = if note.is_empty() { String::new() } else { format!("; {note}") };
    let near = ours.iter().rev().max_by_key(|it| shared(it, at));
    let hint = match (here, near) {
        (Some(name), _) => format!("`{word}` ({whose}) is `{name}` here{rest}"),
        (None, Some(ours)) => format!("`{word}` ({whose}) is `{}` here{rest}", place.path(ours)),
        (None, None) => format!("`{word}` ({whose}) has no counterpart: {note}"),
    };
    let elsewhere = near.filter(|_| here.is_none()).map(|it| place.path(it));
    Some(Translated { hint, here, elsewhere })
}

/// Where a word is written. A channel of a name of its own has the keys of the client.
struct Place {
    at: Vec<Step>,
    /// What stands for `client` there.
    channel: Option<String>,
}

impl Place {
    fn of(at: &[Step]) -> Self {
        let key = |it: Option<&Step>| match it {
            Some(Step::Key(key)) => Some(key.clone()),
            Some(Step::Index(_) | Step::Every) | None => None,
        };
        let name = key(at.get(1)).filter(|_| key(at.first()).is_some_and(|it| it == CHANNELS));
        let Some(name) = name else { return Self { at: at.to_vec(), channel: None } };
        let kind = key(at.get(2)).unwrap_or_else(|| HTTP.to_owned());
        if kind != HTTP {
            return Self { at: at.to_vec(), channel: None };
        }
        let rest = at.iter().skip(3).cloned();
        let at = std::iter::once(Step::Key(CLIENT.to_owned())).chain(rest).collect();
        let channel = below(&below(CHANNELS, &name), HTTP);
        Self { at, channel: Some(channel) }
    }

    /// One of our paths, as it is for who writes here.
    fn path(&self, ours: &str) -> String {
        match (&self.channel, ours.strip_prefix(CLIENT)) {
            (Some(channel), Some(rest)) if rest.is_empty() || rest.starts_with('.') => {
                format!("{channel}{rest}")
            }
            _ => ours.to_owned(),
        }
    }
}

/// Of several tools that have a word, the one whose counterpart is nearest to a place; the first where none is
/// nearer.
fn nearest<'f>(known: &[&'f Foreign], at: &[Step]) -> Option<&'f Foreign> {
    let near = |it: &&&Foreign| it.ours.iter().map(|ours| shared(ours, at)).max();
    known.iter().rev().max_by_key(near).copied()
}

/// How many sections one of our paths has in common with a place, from the top.
fn shared(ours: &str, at: &[Step]) -> usize {
    let is = |(ours, step): &(&str, &Step)| matches!(step, Step::Key(key) if key == ours);
    ours.split('.').zip(at).take_while(is).count()
}

/// The last key of one of our paths, if it may stand where the word stands: in a section of the same name.
fn name_beside<'n>(ours: &'n str, at: &[Step], names: &[&str]) -> Option<&'n str> {
    let Some((sections, name)) = ours.rsplit_once('.') else {
        return Some(ours).filter(|it| names.contains(it));
    };
    let key = |it: &Step| match it {
        Step::Key(key) => Some(key.clone()),
        Step::Index(_) | Step::Every => None,
    };
    let there = at.iter().rev().find_map(key);
    let section = sections.rsplit('.').next();
    Some(name).filter(|it| names.contains(it) && there.as_deref() == section)
}

/// Without case and signs between words.
fn simplified(word: &str) -> String {
    let letters = word.chars().filter(|it| it.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Scenario, load_text, path::steps};

    fn hint(word: &str, at: &str, names: &[&str]) -> String {
        translated(word, &steps(at).unwrap_or_default(), names).unwrap().hint
    }

    #[test]
    fn a_word_is_translated_beside_it_or_with_its_whole_path() {
        let said = hint("periodSeconds", "fleet.liveness", &["period", "timeout"]);
        assert_eq!(said, "`periodSeconds` (Kubernetes) is `period` here");
        let said = hint("period_seconds", "fleet", &["readiness"]);
        assert_eq!(said, "`periodSeconds` (Kubernetes) is `fleet.readiness.period` here");
        let said = hint("setWeight", "strategies.x.canary.steps[3]", &["weight", "hold"]);
        assert_eq!(
            said,
            "`setWeight` (Argo Rollouts) is `weight` here; as a percentage: `weight: 10%`"
        );
        let said = hint("RollingUpdate", "strategy", &["rolling", "canary"]);
        assert_eq!(said, "`RollingUpdate` (Kubernetes) is `rolling` here");
        let said = hint("apiVersion", "", &["title"]);
        assert!(
            said.starts_with("`apiVersion` (Kubernetes) has no counterpart: this is"),
            "{said}"
        );
        assert_eq!(translated("colour", &[], &[]), None);
    }

    /// Where a word is written, the word, and what its hint says.
    const LEADS: &[(&str, &str, &str)] = &[
        (
            "fleet.autoscaler",
            "targetCPUUtilizationPercentage",
            "is `metrics` here; as `metrics: [{cpu",
        ),
        ("fleet.autoscaler", "averageUtilization", "is `metrics` here"),
        ("fleet.proxy.retries", "attempts", "is `max` here; further attempts"),
        ("client.retries", "attempts", "is `max` here; further attempts"),
        ("fleet.proxy", "attempts", "is `fleet.proxy.retries.max` here"),
        ("client", "attempts", "is `client.retries.max` here"),
        ("fleet.proxy.retries", "perTryTimeout", "is `fleet.proxy.connect_timeout` here"),
        ("fleet.proxy.retries", "per_try_timeout", "is `fleet.proxy.connect_timeout` here"),
        ("fleet.proxy", "perTryTimeout", "is `connect_timeout` here; an attempt of the client"),
        ("client.retries", "perTryTimeout", "is `client.deadline` here"),
        ("client", "proxy_read_timeout", "is `deadline` here"),
        ("fleet.proxy.retries", "num_retries", "is `max` here"),
        ("fleet.proxy", "num_retries", "is `fleet.proxy.retries.max` here"),
        ("fleet", "num_retries", "is `fleet.proxy.retries.max` here"),
        ("client", "num_retries", "is `client.retries.max` here"),
        ("client", "maxRetries", "is `client.retries.max` here; of one request"),
        ("fleet.proxy", "max_retries", "is `fleet.proxy.retries.max` here"),
        ("fleet.proxy.retries", "maxRetries", "is `max` here"),
        ("fleet.proxy", "keepalive_timeout", "is `fleet.proxy.keep_alive.idle` here"),
        ("fleet.proxy.keep_alive", "keepalive_timeout", "is `idle` here"),
        ("fleet.proxy.health_checks", "HealthCheckIntervalSeconds", "is `interval` here"),
        ("fleet.proxy.health_checks", "HealthCheckTimeoutSeconds", "is `timeout` here"),
        ("fleet.proxy.health_checks", "UnhealthyThresholdCount", "is `fall` here"),
        ("fleet.proxy.health_checks", "healthy_threshold_count", "is `rise` here"),
        ("fleet.proxy", "UnhealthyThresholdCount", "is `fleet.proxy.health_checks.fall` here"),
        ("fleet.readiness", "HealthCheckIntervalSeconds", "health_checks.interval` here"),
        ("analysis", "count", "(Argo Rollouts) is `analysis.gates.count` here"),
        ("fleet", "count", "(Nomad) is `instances` here"),
        ("analysis", "failureLimit", "is `analysis.gates.failure_limit` here"),
        ("analysis", "inconclusiveLimit", "is `analysis.gates.inconclusive_limit` here"),
        ("analysis", "consecutiveErrorLimit", "is `analysis.gates.consecutive_error_limit` here"),
        ("client.retries", "retry_on", "is `on` here"),
        ("channels.own.http", "attempts", "is `channels.own.http.retries.max` here"),
        ("channels.own.http", "maxRetries", "is `channels.own.http.retries.max` here; of one"),
        ("channels.own.http", "timeout", "(HTTP clients) is `deadline` here"),
        ("channels.own.http", "proxy_read_timeout", "is `deadline` here"),
        ("channels.own.http.retries", "perTryTimeout", "is `channels.own.http.deadline` here"),
        ("channels.own.http.retries", "attempts", "is `max` here; further attempts"),
        ("channels.own.http.retries", "retry_on", "is `on` here"),
        ("channels.own", "num_retries", "is `channels.own.http.retries.max` here"),
        ("channels.own.http", "maxconn", "is `fleet.workers` here"),
        ("fleet.proxy", "retryOn", "is `fleet.proxy.retries.on` here"),
        ("fleet.proxy.outlier_detection", "max_fails", "is `consecutive_failures` here"),
        ("fleet.proxy", "fail_timeout", "is `fleet.proxy.outlier_detection.base_ejection` here"),
        ("fleet.proxy", "slow_start", "has no counterpart: the balancer gives"),
        ("fleet", "slowstart", "has no counterpart: the balancer gives"),
        ("fleet.proxy.health_checks", "inter", "is `interval` here"),
        ("fleet.proxy.health_checks", "unhealthy_threshold", "is `fall` here"),
        ("fleet.proxy", "http1MaxPendingRequests", "has no counterpart: the proxy does not limit"),
        ("fleet", "maxconn", "is `workers` here; of one server"),
        ("fleet.readiness", "httpGet", "has no counterpart: whatever a probe asks"),
        ("fleet", "topologySpreadConstraints", "is `zones` here; instances are spread"),
        ("strategy.canary", "setCanaryScale", "is `match_replicas` here"),
        ("strategy.canary", "mirror", "has no counterpart: no copies"),
        ("strategy.blue_green", "autoPromotionSeconds", "is `smoke` here; the switch follows"),
        ("analysis", "templateRef", "is `gates` here"),
    ];

    #[test]
    fn a_word_of_another_tool_leads_on_wherever_it_is_written() {
        let hints = |section: &str, word: &str| -> Vec<String> {
            let inner = format!("{{{word}: 5}}");
            let nested =
                section.rsplit('.').fold(inner, |inner, key| format!("{{{key}: {inner}}}"));
            let lines = nested[1..nested.len() - 1].to_owned();
            let text = format!("title: x\nlength: 1h\nstrategy: {{canary: {{}}}}\n{lines}\n");
            let problems = load_text::<Scenario>("text", &text).unwrap_err();
            problems.iter().filter_map(|it| it.hint.clone()).collect()
        };
        for (section, word, hint) in LEADS.iter().copied() {
            let text = section.strip_prefix("strategy.");
            let told = match text {
                // the scenario has one strategy
                Some(name) => hints(&format!("strategies.x.{name}"), word),
                None => hints(section, word),
            };
            assert!(told.iter().any(|it| it.contains(hint)), "{section}.{word}: {told:?}");
        }
    }

    #[test]
    fn a_key_of_the_same_name_in_another_section_is_not_meant() {
        let at = steps("fleet.drain").unwrap();
        assert_eq!(translated("periodSeconds", &at, &["period"]).unwrap().here, None);
    }

    #[test]
    fn no_word_stands_twice_for_one_tool_and_none_of_ours_is_translated_into_itself() {
        let all: Vec<&Foreign> = foreign().collect();
        for (index, one) in all.iter().enumerate() {
            let again = |it: &&&Foreign| it.word == one.word && it.whose == one.whose;
            assert!(!all[..index].iter().any(|it| again(&it)), "{}", one.word);
            assert!(!one.ours.is_empty() || !one.note.is_empty(), "{}", one.word);
            assert!(!one.ours.contains(&one.word), "{}", one.word);
        }
    }
}
