//! Words of other tools, and the keys and names of a scenario that say the same: for the hints of the
//! checker and for `rollsim explain`.

use super::path::Step;

/// A word of another tool.
#[derive(Clone, Copy, Debug)]
pub struct Foreign {
    /// As its users write it.
    pub word: &'static str,
    pub whose: &'static str,
    /// What says the same here, as `rollsim explain` knows it: where there are several, each in a section
    /// of its own. Empty where nothing does.
    pub ours: &'static [&'static str],
    /// What is different here: a clause in lower case without a full stop; empty where nothing is.
    pub note: &'static str,
}

const ARGO: &str = "Argo Rollouts";
const KUBERNETES: &str = "Kubernetes";
const FLAGGER: &str = "Flagger";
const NGINX: &str = "nginx";
const ENVOY: &str = "Envoy";
const OTHERS: &str = "other tools";

const fn same(word: &'static str, whose: &'static str, ours: &'static [&'static str]) -> Foreign {
    Foreign { word, whose, ours, note: "" }
}

const fn but(
    word: &'static str,
    whose: &'static str,
    ours: &'static [&'static str],
    note: &'static str,
) -> Foreign {
    Foreign { word, whose, ours, note }
}

const PROGRESS: &[&str] =
    &["rolling.progress_deadline", "canary.progress_deadline", "blue_green.progress_deadline"];
const MIN_READY: &[&str] = &["rolling.min_ready", "canary.min_ready", "blue_green.min_ready"];
const OF_MEMORY: &str = "it reserves memory on a node, which changes nothing here; `base` is what an \
                         instance uses after its start";
const OF_SERVICES: &str = "services and routes are not modelled; `by` says whose traffic moves";
const OF_MANIFESTS: &str = "this is no manifest; a scenario starts with its `title` and `length`";

/// Every word.
pub const FOREIGN: &[Foreign] = &[
    same("AnalysisTemplate", ARGO, &["analysis"]),
    same("metric", ARGO, &["analysis.gates"]),
    same("metrics", ARGO, &["analysis.gates"]),
    but("templates", ARGO, &["analysis.gates"], "they are written in the scenario itself"),
    but("templateName", ARGO, &["analysis.gates"], "they are written in the scenario itself"),
    but(
        "successCondition",
        ARGO,
        &["analysis.gates.judge"],
        "at least 95 % success is the judge `threshold` on `error_rate` with `fail_above: 5%`",
    ),
    same("failureCondition", ARGO, &["threshold.fail_above"]),
    same("failureLimit", ARGO, &["analysis.gates.failure_limit"]),
    same("inconclusiveLimit", ARGO, &["analysis.gates.inconclusive_limit"]),
    same("consecutiveErrorLimit", ARGO, &["analysis.gates.consecutive_error_limit"]),
    same("dryRun", ARGO, &["analysis.gates.dry_run"]),
    same("initialDelay", ARGO, &["analysis.initial_delay"]),
    but("setWeight", ARGO, &["canary.steps.weight"], "as a percentage: `weight: 10%`"),
    but("pause", ARGO, &["canary.steps.hold"], "a key of the step whose weight is kept"),
    same("duration", ARGO, &["canary.steps.hold"]),
    same("scaleDownDelaySeconds", ARGO, &["canary.scale_down_delay", "blue_green.keep_old"]),
    same(
        "abortScaleDownDelaySeconds",
        ARGO,
        &["canary.scale_down_delay", "blue_green.scale_down_delay"],
    ),
    but(
        "autoPromotionEnabled",
        ARGO,
        &["blue_green.approve"],
        "the other way round: with `approve: true` a person decides",
    ),
    same("prePromotionAnalysis", ARGO, &["blue_green.smoke"]),
    but("postPromotionAnalysis", ARGO, &["blue_green.analysis"], "it runs for the `bake` time"),
    but(
        "dynamicStableScale",
        ARGO,
        &["canary.by"],
        "`by: instances` scales both releases in proportion",
    ),
    but("trafficRouting", ARGO, &["canary.by"], "it says whose traffic moves, not by what"),
    but("canaryService", ARGO, &[], OF_SERVICES),
    but("stableService", ARGO, &[], OF_SERVICES),
    but("activeService", ARGO, &[], OF_SERVICES),
    but("previewService", ARGO, &[], OF_SERVICES),
    but("startingStep", ARGO, &[], "an analysis starts with the first step"),
    but("stepWeight", FLAGGER, &["canary.steps.weight"], "each step is written out"),
    but("maxWeight", FLAGGER, &["canary.steps.weight"], "each step is written out"),
    but("stepWeights", FLAGGER, &["canary.steps"], "each with its `hold`"),
    same("thresholdRange", FLAGGER, &["threshold.fail_above"]),
    but("skipAnalysis", FLAGGER, &["canary.analysis"], "as `analysis: none`"),
    but(
        "request-success-rate",
        FLAGGER,
        &["error_rate"],
        "at least 99 % success is `fail_above: 1%`",
    ),
    same("request-duration", FLAGGER, &["latency"]),
    but("webhooks", FLAGGER, &[], "the scenario itself is the test"),
    same("progressDeadline", FLAGGER, PROGRESS),
    same("replicas", KUBERNETES, &["fleet.instances"]),
    same("pods", KUBERNETES, &["fleet.instances"]),
    same("image", KUBERNETES, &["release.to"]),
    same("readinessProbe", KUBERNETES, &["fleet.readiness"]),
    same("livenessProbe", KUBERNETES, &["fleet.liveness"]),
    same("podReplacementPolicy", KUBERNETES, &["rolling.pod_replacement_policy"]),
    same("startupProbe", KUBERNETES, &["fleet.startup_probe"]),
    same(
        "initialDelaySeconds",
        KUBERNETES,
        &["fleet.readiness.initial_delay", "fleet.liveness.initial_delay"],
    ),
    same(
        "periodSeconds",
        KUBERNETES,
        &[
            "fleet.readiness.period",
            "fleet.liveness.period",
            "fleet.autoscaler.behavior.scale_up.policies.period",
        ],
    ),
    same("timeoutSeconds", KUBERNETES, &["fleet.readiness.timeout", "fleet.liveness.timeout"]),
    same(
        "successThreshold",
        KUBERNETES,
        &["fleet.readiness.success_threshold", "fleet.liveness.success_threshold"],
    ),
    same(
        "failureThreshold",
        KUBERNETES,
        &["fleet.readiness.failure_threshold", "fleet.liveness.failure_threshold"],
    ),
    same("terminationGracePeriodSeconds", KUBERNETES, &["fleet.drain.grace"]),
    same("preStop", KUBERNETES, &["fleet.drain.pre_stop"]),
    same("minReadySeconds", KUBERNETES, MIN_READY),
    same("progressDeadlineSeconds", KUBERNETES, PROGRESS),
    same("maxSurge", KUBERNETES, &["rolling.max_surge"]),
    same("maxUnavailable", KUBERNETES, &["rolling.max_unavailable"]),
    but("revisionHistoryLimit", KUBERNETES, &[], "earlier revisions cost nothing here"),
    same("RollingUpdate", KUBERNETES, &["rolling"]),
    but("resources", KUBERNETES, &["fleet.memory"], "of the resources, memory has a `limit`"),
    but("limits", KUBERNETES, &["fleet.memory.limit"], "as an amount: `limit: 512MiB`"),
    but("request", KUBERNETES, &[], OF_MEMORY),
    but("cpu", KUBERNETES, &["fleet.autoscaler.cpu"], "only an autoscaler looks at it"),
    same("HorizontalPodAutoscaler", KUBERNETES, &["fleet.autoscaler"]),
    same("hpa", KUBERNETES, &["fleet.autoscaler"]),
    same("averageUtilization", KUBERNETES, &["fleet.autoscaler.metrics"]),
    same("scaleUp", KUBERNETES, &["fleet.autoscaler.behavior.scale_up"]),
    same("scaleDown", KUBERNETES, &["fleet.autoscaler.behavior.scale_down"]),
    same(
        "selectPolicy",
        KUBERNETES,
        &[
            "fleet.autoscaler.behavior.scale_up.select_policy",
            "fleet.autoscaler.behavior.scale_down.select_policy",
        ],
    ),
    same(
        "stabilizationWindowSeconds",
        KUBERNETES,
        &[
            "fleet.autoscaler.behavior.scale_down.stabilization_window",
            "fleet.autoscaler.behavior.scale_up.stabilization_window",
        ],
    ),
    same("minReplicas", KUBERNETES, &["fleet.autoscaler.min"]),
    same("maxReplicas", KUBERNETES, &["fleet.autoscaler.max"]),
    same("sessionAffinity", KUBERNETES, &["sticky"]),
    but("apiVersion", KUBERNETES, &[], OF_MANIFESTS),
    but("kind", KUBERNETES, &[], OF_MANIFESTS),
    but("metadata", KUBERNETES, &[], OF_MANIFESTS),
    but("spec", KUBERNETES, &[], OF_MANIFESTS),
    same("scrape_interval", "Prometheus", &["telemetry.interval"]),
    but("expr", "Prometheus", &["alerts.metric"], "with its limit under `above`"),
    same("histogram_quantile", "Prometheus", &["latency"]),
    same("least_request", "Envoy", &["least_outstanding"]),
    same("least_conn", "nginx", &["least_outstanding"]),
    same("leastconn", "HAProxy", &["least_outstanding"]),
    same("ip_hash", "nginx", &["sticky"]),
    same("red_black", "Spinnaker", &["blue_green"]),
    same("percentage", "feature flags", &["feature_flag.steps.share"]),
    same("timeout", "HTTP clients", &["client.deadline"]),
    same("duration", OTHERS, &["incidents.lasts", "release.defects.lasts"]),
    same("requests", OTHERS, &["traffic.rate"]),
    same("rps", OTHERS, &["traffic.rate"]),
    same("qps", OTHERS, &["traffic.rate"]),
    same("concurrency", OTHERS, &["fleet.workers"]),
    same("trigger", OTHERS, &["incidents.when"]),
    same("keepalive_timeout", NGINX, &["fleet.proxy.keep_alive.idle"]),
    same("keepalive_requests", NGINX, &["fleet.proxy.keep_alive.requests"]),
    same("proxy_connect_timeout", NGINX, &["fleet.proxy.connect_timeout"]),
    same("proxy_next_upstream", NGINX, &["fleet.proxy.retries.on"]),
    same("outlierDetection", ENVOY, &["fleet.proxy.outlier_detection"]),
    same("consecutive_5xx", ENVOY, &["fleet.proxy.outlier_detection.consecutive_failures"]),
    same("base_ejection_time", ENVOY, &["fleet.proxy.outlier_detection.base_ejection"]),
    same("max_ejection_percent", ENVOY, &["fleet.proxy.outlier_detection.max_ejected"]),
    same("healthCheck", OTHERS, &["fleet.proxy.health_checks"]),
    same("probability", OTHERS, &["releases.classes.chance"]),
];

/// What to say of a word that is no key or name here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) hint: String,
    /// The name that says the same and may stand in its place.
    pub(super) here: Option<&'static str>,
    /// Whether something says the same at another place.
    pub(super) is_elsewhere: bool,
}

/// What a word of another tool is here: among the `names` that may stand at a path, or elsewhere.
pub(super) fn translated(word: &str, at: &[Step], names: &[&str]) -> Option<Translated> {
    let plain = simplified(word);
    let known: Vec<&Foreign> = FOREIGN.iter().filter(|it| simplified(it.word) == plain).collect();
    let beside = known.iter().find_map(|it| {
        let name = it.ours.iter().find_map(|ours| name_beside(ours, at, names))?;
        Some((*it, Some(name)))
    });
    let (foreign, here) = beside.or_else(|| known.first().map(|it| (*it, None)))?;
    let Foreign { word, whose, ours, note } = foreign;
    let rest = if note.is_empty() { String::new() } else { format!("; {note}") };
    let hint = match (here, ours.first()) {
        (Some(name), _) => format!("`{word}` ({whose}) is `{name}` here{rest}"),
        (None, Some(ours)) => format!("`{word}` ({whose}) is `{ours}` here{rest}"),
        (None, None) => format!("`{word}` ({whose}) has no counterpart: {note}"),
    };
    Some(Translated { hint, here, is_elsewhere: here.is_none() && !ours.is_empty() })
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
    use crate::scenario::path::steps;

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

    #[test]
    fn a_key_of_the_same_name_in_another_section_is_not_meant() {
        let at = steps("fleet.drain").unwrap();
        assert_eq!(translated("periodSeconds", &at, &["period"]).unwrap().here, None);
    }

    #[test]
    fn no_word_stands_twice_for_one_tool_and_none_of_ours_is_translated_into_itself() {
        for (index, one) in FOREIGN.iter().enumerate() {
            let again = |it: &&Foreign| it.word == one.word && it.whose == one.whose;
            assert!(!FOREIGN[..index].iter().any(|it| again(&it)), "{}", one.word);
            assert!(!one.ours.is_empty() || !one.note.is_empty(), "{}", one.word);
            assert!(!one.ours.contains(&one.word), "{}", one.word);
        }
    }
}
