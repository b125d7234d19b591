//! Words of proxies and service meshes.

use super::word::{Foreign, OF_SERVICES, but, same};

const NGINX: &str = "nginx";
const ENVOY: &str = "Envoy";
const ISTIO: &str = "Istio";
const HAPROXY: &str = "HAProxy";
const ALB: &str = "AWS ALB";
const OF_TRIES: &str = "tries after the first: one less than all tries";
const PROXY_RETRIES: &[&str] = &["fleet.proxy.retries.max", "client.retries.max"];
const RETRIES: &[&str] = &["client.retries.max", "fleet.proxy.retries.max"];
const RETRY_ON: &[&str] = &["fleet.proxy.retries.on", "client.retries.on"];
const OF_EACH_TRY: &str = "an attempt of the client has until its `deadline`; a proxy gives up only on a \
                           connection, after its `connect_timeout`";
const EACH_TRY: &[&str] = &["client.deadline", "fleet.proxy.connect_timeout"];
const OF_SLOW_START: &str = "the balancer gives a server that joins its full share at once; \
                             `fleet.warm_up` is how slow an instance is at first";
const OF_CONNECTIONS: &str =
    "the proxy does not limit them; an instance does, by `workers` and `queue`";

pub(super) const WORDS: &[Foreign] = &[
    same("least_request", ENVOY, &["least_outstanding"]),
    same("least_conn", NGINX, &["least_outstanding"]),
    same("leastconn", HAPROXY, &["least_outstanding"]),
    same("ip_hash", NGINX, &["sticky"]),
    same("keepalive_timeout", NGINX, &["fleet.proxy.keep_alive.idle"]),
    same("keepalive_requests", NGINX, &["fleet.proxy.keep_alive.requests"]),
    same("proxy_connect_timeout", NGINX, &["fleet.proxy.connect_timeout"]),
    same("proxy_next_upstream", NGINX, &["fleet.proxy.retries.on"]),
    same("outlierDetection", ENVOY, &["fleet.proxy.outlier_detection"]),
    same("consecutive_5xx", ENVOY, &["fleet.proxy.outlier_detection.consecutive_failures"]),
    same("base_ejection_time", ENVOY, &["fleet.proxy.outlier_detection.base_ejection"]),
    same("max_ejection_percent", ENVOY, &["fleet.proxy.outlier_detection.max_ejected"]),
    but("attempts", ISTIO, RETRIES, "further attempts after the first"),
    but("perTryTimeout", ISTIO, EACH_TRY, OF_EACH_TRY),
    same("retryOn", ISTIO, RETRY_ON),
    same("consecutive5xxErrors", ISTIO, &["fleet.proxy.outlier_detection.consecutive_failures"]),
    same(
        "consecutiveGatewayErrors",
        ISTIO,
        &["fleet.proxy.outlier_detection.consecutive_failures"],
    ),
    same("minHealthPercent", ISTIO, &["fleet.proxy.panic_threshold"]),
    but("connectionPool", ISTIO, &[], OF_CONNECTIONS),
    but("maxConnections", ISTIO, &[], OF_CONNECTIONS),
    but("http1MaxPendingRequests", ISTIO, &[], OF_CONNECTIONS),
    same("maxRequestsPerConnection", ISTIO, &["fleet.proxy.keep_alive.requests"]),
    same("loadBalancer", ISTIO, &["fleet.balancer"]),
    but("consistentHash", ISTIO, &["sticky"], "by the user"),
    but("warmupDurationSecs", ISTIO, &[], OF_SLOW_START),
    same("fixedDelay", ISTIO, &["latency.delay"]),
    but("VirtualService", ISTIO, &[], OF_SERVICES),
    but("DestinationRule", ISTIO, &[], OF_SERVICES),
    but("subset", ISTIO, &[], OF_SERVICES),
    same("num_retries", ENVOY, PROXY_RETRIES),
    same("retry_on", ENVOY, RETRY_ON),
    but("per_try_timeout", ENVOY, EACH_TRY, OF_EACH_TRY),
    same("retry_policy", ENVOY, &["fleet.proxy.retries", "client.retries"]),
    same("retry_back_off", ENVOY, &["client.retries.backoff", "fleet.proxy.retries.wait"]),
    same("base_interval", ENVOY, &["client.retries.backoff.base"]),
    same("max_interval", ENVOY, &["client.retries.backoff.max"]),
    same("retry_budget", ENVOY, &["client.retries.budget"]),
    same("budget_percent", ENVOY, &["client.retries.budget"]),
    same("max_ejection_time", ENVOY, &["fleet.proxy.outlier_detection.max_ejection"]),
    same("healthy_panic_threshold", ENVOY, &["fleet.proxy.panic_threshold"]),
    same("unhealthy_threshold", ENVOY, &["fleet.proxy.health_checks.fall"]),
    same("healthy_threshold", ENVOY, &["fleet.proxy.health_checks.rise"]),
    same("max_requests_per_connection", ENVOY, &["fleet.proxy.keep_alive.requests"]),
    same("idle_timeout", ENVOY, &["fleet.proxy.keep_alive.idle"]),
    but("circuit_breakers", ENVOY, &[], OF_CONNECTIONS),
    but("slow_start_config", ENVOY, &[], OF_SLOW_START),
    same("lb_policy", ENVOY, &["fleet.balancer"]),
    but("ring_hash", ENVOY, &["sticky"], "by the user"),
    but("maglev", ENVOY, &["sticky"], "by the user"),
    same("weighted_clusters", ENVOY, &["canary.steps.weight"]),
    but(
        "max_fails",
        NGINX,
        &["fleet.proxy.outlier_detection.consecutive_failures"],
        "failures in a row, however far apart",
    ),
    but(
        "fail_timeout",
        NGINX,
        &["fleet.proxy.outlier_detection.base_ejection"],
        "how long a server then gets no request; failures are counted in a row, not within this time",
    ),
    but("slow_start", NGINX, &[], OF_SLOW_START),
    but("proxy_next_upstream_tries", NGINX, &["fleet.proxy.retries.max"], OF_TRIES),
    but("proxy_read_timeout", NGINX, EACH_TRY, OF_EACH_TRY),
    but("max_conns", NGINX, &[], OF_CONNECTIONS),
    same("upstream", NGINX, &["fleet"]),
    same("least_time", NGINX, &["least_outstanding"]),
    same("canary-weight", NGINX, &["canary.steps.weight"]),
    but("canary-by-header", NGINX, &["canary.by"], "users are chosen by `attributes`"),
    but("canary-by-cookie", NGINX, &["canary.by"], "users are chosen by `attributes`"),
    same("inter", HAPROXY, &["fleet.proxy.health_checks.interval"]),
    same("httpchk", HAPROXY, &["fleet.proxy.health_checks"]),
    same("retry-on", HAPROXY, RETRY_ON),
    but("slowstart", HAPROXY, &[], OF_SLOW_START),
    but("maxconn", HAPROXY, &["fleet.workers"], "of one server: requests that it serves at once"),
    same("maxqueue", HAPROXY, &["fleet.queue"]),
    same("error-limit", HAPROXY, &["fleet.proxy.outlier_detection.consecutive_failures"]),
    same("balance", HAPROXY, &["fleet.balancer"]),
    same("HealthCheckIntervalSeconds", ALB, &["fleet.proxy.health_checks.interval"]),
    same("HealthCheckTimeoutSeconds", ALB, &["fleet.proxy.health_checks.timeout"]),
    same("HealthyThresholdCount", ALB, &["fleet.proxy.health_checks.rise"]),
    same("UnhealthyThresholdCount", ALB, &["fleet.proxy.health_checks.fall"]),
    but(
        "maxRetries",
        "HTTP clients",
        RETRIES,
        "of one request; how many retries may be under way at once, as in Istio, cannot be limited",
    ),
];
