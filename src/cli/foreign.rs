//! Keys of other tools, and the keys of a scenario that say the same.

/// Key, whose it is, and our path.
pub(super) const FOREIGN: &[(&str, &str, &str)] = &[
    ("AnalysisTemplate", ARGO, "analysis"),
    ("metric", ARGO, "analysis.gates"),
    ("metrics", ARGO, "analysis.gates"),
    ("successCondition", ARGO, "analysis.gates.judge"),
    ("failureCondition", ARGO, "threshold.fail_above"),
    ("failureLimit", ARGO, "analysis.gates.failure_limit"),
    ("inconclusiveLimit", ARGO, "analysis.gates.inconclusive_limit"),
    ("consecutiveErrorLimit", ARGO, "analysis.gates.consecutive_error_limit"),
    ("dryRun", ARGO, "analysis.gates.dry_run"),
    ("initialDelay", ARGO, "analysis.initial_delay"),
    ("setWeight", ARGO, "canary.steps.weight"),
    ("pause", ARGO, "canary.steps.hold"),
    ("scaleDownDelaySeconds", ARGO, "canary.scale_down_delay"),
    ("stepWeight", "Flagger", "canary.steps.weight"),
    ("replicas", KUBERNETES, "fleet.instances"),
    ("readinessProbe", KUBERNETES, "fleet.readiness"),
    ("livenessProbe", KUBERNETES, "fleet.liveness"),
    ("initialDelaySeconds", KUBERNETES, "fleet.readiness.initial_delay"),
    ("periodSeconds", KUBERNETES, "fleet.readiness.period"),
    ("timeoutSeconds", KUBERNETES, "fleet.readiness.timeout"),
    ("successThreshold", KUBERNETES, "fleet.readiness.success_threshold"),
    ("failureThreshold", KUBERNETES, "fleet.readiness.failure_threshold"),
    ("terminationGracePeriodSeconds", KUBERNETES, "fleet.drain.grace"),
    ("preStop", KUBERNETES, "fleet.drain.pre_stop"),
    ("minReadySeconds", KUBERNETES, "rolling.min_ready"),
    ("progressDeadlineSeconds", KUBERNETES, "rolling.progress_deadline"),
    ("maxSurge", KUBERNETES, "rolling.max_surge"),
    ("maxUnavailable", KUBERNETES, "rolling.max_unavailable"),
    ("HorizontalPodAutoscaler", KUBERNETES, "fleet.autoscaler"),
    ("minReplicas", KUBERNETES, "fleet.autoscaler.min"),
    ("maxReplicas", KUBERNETES, "fleet.autoscaler.max"),
    ("averageUtilization", KUBERNETES, "fleet.autoscaler.metrics"),
    ("scaleUp", KUBERNETES, "fleet.autoscaler.behavior.scale_up"),
    ("scaleDown", KUBERNETES, "fleet.autoscaler.behavior.scale_down"),
    ("selectPolicy", KUBERNETES, "fleet.autoscaler.behavior.scale_up.select_policy"),
    (
        "stabilizationWindowSeconds",
        KUBERNETES,
        "fleet.autoscaler.behavior.scale_down.stabilization_window",
    ),
    ("scrape_interval", "Prometheus", "telemetry.interval"),
];

const ARGO: &str = "Argo Rollouts";
const KUBERNETES: &str = "Kubernetes";
