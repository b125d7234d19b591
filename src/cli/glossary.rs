//! The words that outputs, manuals and documents use, each for one thing only.

/// A term of the tool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    /// As texts write it: lower case, singular, and without a space where it is also a key.
    pub(super) word: &'static str,
    /// The same in the words of others, or in keys of scenario files: word, and whose it is.
    pub(super) also: &'static [(&'static str, &'static str)],
    /// What it means, in one or two sentences.
    pub(super) meaning: &'static str,
}

/// Every term, grouped by subject: rollout, fleet, analysis, users, faults, studies.
pub(super) const GLOSSARY: &[Term] = &[
    Term {
        word: "rollout",
        also: &[("rollout", "Kubernetes, Argo Rollouts")],
        meaning: "Replacing the stable release by the candidate, from the first action until it is \
                  completed, rolled back or failed. In a comparison also one release on one day, \
                  which is simulated under every strategy.",
    },
    Term {
        word: "strategy",
        also: &[("strategy", "Argo Rollouts")],
        meaning: "The way in which a release is shipped, such as `canary` or `blue_green`.",
    },
    Term {
        word: "plain strategy",
        also: &[],
        meaning: "A strategy of a kind that the scenario does not have, with common settings, which \
                  `compare` and `advise` add.",
    },
    Term {
        word: "phase",
        also: &[("phase", "Argo Rollouts")],
        meaning: "Where a rollout is: pending, progressing, paused, rolling back, or at its end: \
                  completed, rolled back or failed.",
    },
    Term {
        word: "candidate",
        also: &[
            ("new release", "texts"),
            ("canary", "Argo Rollouts"),
            ("green", "blue-green"),
            ("experiment", "Kayenta"),
        ],
        meaning: "The release that is being rolled out.",
    },
    Term {
        word: "stable",
        also: &[
            ("old release", "texts"),
            ("stable", "Argo Rollouts"),
            ("primary", "Flagger"),
            ("blue", "blue-green"),
        ],
        meaning: "The release that ran before the rollout and takes over again after a rollback.",
    },
    Term {
        word: "baseline",
        also: &[("control", "statistics")],
        meaning: "What an analysis compares the candidate with: the stable instances that serve at the \
                  same time. Kayenta starts fresh instances of the stable release for it.",
    },
    Term {
        word: "step",
        also: &[("step", "Argo Rollouts")],
        meaning: "One stage of a canary or of a flag's ramp: a weight, and how long it is kept.",
    },
    Term {
        word: "weight",
        also: &[("setWeight", "Argo Rollouts")],
        meaning: "The share of the traffic, of the users or of the instances that a step gives to \
                  the candidate.",
    },
    Term {
        word: "pause",
        also: &[("pause", "Argo Rollouts"), ("hold", "key of a step"), ("bake time", "others")],
        meaning: "The time for which a step is kept before the next one. A rollout whose phase is \
                  `paused` waits for approval.",
    },
    Term {
        word: "promotion",
        also: &[("promote", "Argo Rollouts")],
        meaning: "Giving all traffic to the candidate, after the last step.",
    },
    Term {
        word: "rollback",
        also: &[("abort", "Argo Rollouts"), ("rollout undo", "kubectl")],
        meaning: "Returning all traffic to the stable release, because an analysis or the platform \
                  decided so or a person ordered it. A release was rolled back when this happened \
                  before its rollout was over.",
    },
    Term {
        word: "false rollback",
        also: &[("false positive", "statistics"), ("false_rollback", "key of `expect`")],
        meaning: "A good release that was rolled back.",
    },
    Term {
        word: "escaped",
        also: &[("false negative", "statistics"), ("escaped", "key of `expect`")],
        meaning: "A bad release whose rollout completed: its defect is in production.",
    },
    Term {
        word: "unfinished",
        also: &[("unfinished", "key of `expect`")],
        meaning: "A rollout that the end of the trial cuts off, under way or waiting for a person. It is \
                  neither caught nor escaped.",
    },
    Term {
        word: "caught",
        also: &[("true positive", "statistics")],
        meaning: "A bad release that was rolled back before its rollout was over.",
    },
    Term {
        word: "bot",
        also: &[("service", "Kubernetes"), ("workload", "Kubernetes")],
        meaning: "What is rolled out: the program that answers the requests of the users.",
    },
    Term {
        word: "instance",
        also: &[("pod", "Kubernetes"), ("replica", "Kubernetes")],
        meaning: "One running copy of the bot.",
    },
    Term {
        word: "fleet",
        also: &[("Deployment, ReplicaSet", "Kubernetes")],
        meaning: "All instances of the bot.",
    },
    Term {
        word: "attempt",
        also: &[("try", "Envoy")],
        meaning: "One sending of a request. A request that is retried has several attempts; \
                  balancers and metrics count attempts, users count requests.",
    },
    Term {
        word: "operation",
        also: &[("endpoint", "others")],
        meaning: "A kind of request with its own service time and its share of all requests.",
    },
    Term {
        word: "drain",
        also: &[("termination grace period", "Kubernetes")],
        meaning: "Finishing the requests in hand before an instance stops.",
    },
    Term {
        word: "smoke test",
        also: &[("smoke test", "others")],
        meaning: "A few requests to the candidate before users reach it; if one fails, the rollout is \
                  rolled back.",
    },
    Term {
        word: "analysis",
        also: &[("AnalysisRun", "Argo Rollouts"), ("canary analysis", "Flagger, Kayenta")],
        meaning: "Measuring the candidate during the rollout and deciding whether it continues: \
                  a list of gates.",
    },
    Term {
        word: "gate",
        also: &[("metric of an analysis", "Argo Rollouts")],
        meaning: "One metric of an analysis, with the judge that reads it and its limits on \
                  failures. `rollsim list judge` shows the judges, and `rollsim explain threshold` \
                  explains one of them.",
    },
    Term {
        word: "judge",
        also: &[("successCondition", "Argo Rollouts"), ("judge", "Kayenta")],
        meaning: "The rule by which a gate decides, such as `threshold` or `e_process`.",
    },
    Term {
        word: "measurement",
        also: &[("measurement", "Argo Rollouts"), ("look", "sequential tests")],
        meaning: "One reading of a gate: its judge reads the telemetry and gives a verdict. In a \
                  sequential test or a comparison each time that the results are read and could end \
                  it is a look.",
    },
    Term {
        word: "verdict",
        also: &[("phase of a measurement", "Argo Rollouts")],
        meaning: "What a judge says at a measurement: pass, fail or inconclusive, with its evidence.",
    },
    Term {
        word: "dry run",
        also: &[("dryRun", "Argo Rollouts"), ("dry_run", "key of a gate")],
        meaning: "A gate that is measured and reported but decides nothing.",
    },
    Term {
        word: "scrape",
        also: &[("scrape", "Prometheus")],
        meaning: "One collection of the instances' counters and gauges. Judges and alerts see \
                  nothing but scrapes; figures about users do not depend on them.",
    },
    Term {
        word: "alert",
        also: &[("alert", "Prometheus")],
        meaning: "A condition on telemetry that pages the operator.",
    },
    Term {
        word: "operator",
        also: &[("on-call engineer", "others")],
        meaning: "The person who is paged, approves steps and can order a rollback.",
    },
    Term {
        word: "normal day",
        also: &[],
        meaning: "The same traffic without a rollout, defects and incidents. Its own errors \
                  (`fleet.errors` and the like) hurt no user in the figures.",
    },
    Term {
        word: "user hurt",
        also: &[("users_hurt", "measure")],
        meaning: "A user with at least one failed or wrong answer that a normal day would not have \
                  given. Overload and incidents count, base errors do not.",
    },
    Term {
        word: "user met",
        also: &[("users_met", "measure"), ("exposed user", "others")],
        meaning: "A user who was served by the candidate, with its feature on where it has a flag.",
    },
    Term {
        word: "fault",
        also: &[("fault injection", "chaos engineering")],
        meaning: "Something that makes requests fail or slow: a defect of the release or an incident \
                  of the environment, with a trigger, a scope and an effect.",
    },
    Term {
        word: "defect",
        also: &[("bug", "others")],
        meaning: "A fault that is part of a release and present wherever that release runs.",
    },
    Term {
        word: "incident",
        also: &[("incident", "others")],
        meaning: "A fault of the environment, which happens whatever is shipped.",
    },
    Term {
        word: "severity",
        also: &[("severity", "key of a fault")],
        meaning: "How strong a fault is, as a share of its full strength: its rates, delays and leaks \
                  in proportion.",
    },
    Term {
        word: "symptom",
        also: &[],
        meaning: "The first request since the rollout started that failed, was answered wrongly or was slow, and \
                  would not have been on a normal day; monitoring sees it later, or never.",
    },
    Term {
        word: "detected",
        also: &[],
        meaning: "Of a release: a measurement of a gate failed or an alert fired after its rollout started. The first of \
                  them is the detection, also where later measurements pass.",
    },
    Term {
        word: "class",
        also: &[("releases", "section of a scenario")],
        meaning: "A kind of release that may be shipped, with its chance and its defects. A good \
                  class has none; every other class is bad.",
    },
    Term {
        word: "preset",
        also: &[("preset", "key of `releases`")],
        meaning: "A ready mix of classes with their chances: `elite`, `typical` or `struggling`.",
    },
    Term {
        word: "trial",
        also: &[("replication", "simulation"), ("run", "others")],
        meaning: "One simulated rollout: one strategy, one class and one seed. `rollsim run` repeats \
                  any of them byte for byte.",
    },
    Term {
        word: "seed",
        also: &[("random seed", "simulation")],
        meaning: "The number that all random draws of a trial come from. Trials with one seed have \
                  the same users, traffic and defects under every strategy.",
    },
    Term {
        word: "fork",
        also: &[("branching, splitting", "simulation")],
        meaning: "A trial that goes on from a moment of another one with other random draws: what has \
                  happened by then is the same. `rollsim run --fork` makes it.",
    },
    Term {
        word: "shard",
        also: &[("shard", "others")],
        meaning: "A part of a comparison that another machine simulates; `rollsim merge` puts the \
                  parts together.",
    },
    Term {
        word: "measure",
        also: &[],
        meaning: "A figure of one trial, such as `users_hurt` or `rollout_time`; `rollsim list \
                  measure` shows all.",
    },
    Term {
        word: "estimate",
        also: &[("estimator", "statistics")],
        meaning: "A mean, quantile or share over many trials, with its interval, such as \
                  `users_hurt_p95` or `escaped`.",
    },
    Term {
        word: "paired difference",
        also: &[("common random numbers", "simulation")],
        meaning: "The difference between two strategies over the same rollouts, which is more \
                  precise than the difference of two independent means.",
    },
    Term {
        word: "cost",
        also: &[("cost", "section of a scenario")],
        meaning: "Harm, delay and effort of a rollout in one currency, at the prices of the scenario.",
    },
    Term {
        word: "power",
        also: &[("power of a test", "statistics"), ("sensitivity", "statistics")],
        meaning: "The share of the releases with a given defect that an analysis catches.",
    },
    Term {
        word: "contamination",
        also: &[("confounding", "statistics")],
        meaning: "What makes a gate fail or pass although the candidate is not the reason: old \
                  samples in a window, a shared database, cold caches, changing traffic, incidents.",
    },
    Term {
        word: "certified",
        also: &[("confirmed on held-out data", "statistics")],
        meaning: "Of tuned settings: their constraints hold with 95 % confidence on seeds that the \
                  search never used.",
    },
];
