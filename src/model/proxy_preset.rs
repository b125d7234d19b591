//! Proxies in common use: what they are called, and what their published defaults set of `fleet.proxy`.

use serde::{Deserialize, Serialize};

/// A proxy in common use.
///
/// Those of HTTP balance each request, so they set no `keep_alive`. Requests of a bot change something, and such
/// requests are not tried again once they were sent, so no preset has `reset` or `error` among its retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProxyPreset {
    /// A Service of Kubernetes without a proxy of HTTP: connections are balanced, not requests.
    ///
    /// `keep_alive: {idle: 1m30s, requests: null, outlives_endpoint: true, resend: false}`. Clients keep connections as Go's
    /// `http.DefaultTransport` does (`IdleConnTimeout` 90 s, any number of requests); kube-proxy leaves a
    /// connection where it is for as long as it lasts. Goes with `fleet.balancer: random`.
    KubeProxy,
    /// ingress-nginx, by the defaults of its ConfigMap.
    ///
    /// `connect_timeout: 5s` (`proxy-connect-timeout` 5);
    /// `retries: {max: 2, on: [refused, timeout], redispatch: always, wait: 0s}` (`proxy-next-upstream`
    /// "error timeout", `proxy-next-upstream-tries` 3, the first included). Goes with
    /// `fleet.balancer: round_robin` (`load-balance`).
    Nginx,
    /// Envoy with a retry policy and outlier detection, each by the defaults of its v3 API.
    ///
    /// `connect_timeout: 5s` (`connect_timeout`);
    /// `retries: {max: 1, on: [refused, timeout], redispatch: always, wait: 0s}` (`retry_on: connect-failure`,
    /// `num_retries` 1; its back-off of at most 25 ms is left out);
    /// `outlier_detection: {consecutive_failures: 5, interval: 10s, base_ejection: 30s, max_ejection: 5m, max_ejected: 10%, always_eject_one_host: false}`
    /// (`outlier_detection: {}`, which ejects none of fewer than ten endpoints since Envoy 1.31); `panic_threshold: 50%` (`healthy_panic_threshold`). Goes with
    /// `fleet.balancer: round_robin` (`lb_policy`).
    Envoy,
    /// HAProxy with `check` and `option redispatch`, as its ingress controller has them.
    ///
    /// `connect_timeout: 5s` (`timeout connect` of the controller);
    /// `retries: {max: 3, on: [refused, timeout], redispatch: last, wait: 1s}` (`retries` 3, 1 s between tries at
    /// one server);
    /// `health_checks: {interval: 2s, rise: 2, fall: 3, timeout: 2s, through: beside, begins: up, only: false}`
    /// (`inter`, `rise`, `fall`; without `timeout check` a check has the interval; without `option httpchk` it only
    /// opens a connection, which no queue delays). Goes with `fleet.balancer: round_robin` (`balance`).
    Haproxy,
    /// AWS Application Load Balancer, by the defaults of a target group.
    ///
    /// `connect_timeout: 10s` (time to connect to a target);
    /// `health_checks: {interval: 30s, rise: 5, fall: 2, timeout: 5s, through: queue, begins: down, only: false}`
    /// (`HealthCheckIntervalSeconds` 30, `HealthyThresholdCount` 5, `UnhealthyThresholdCount` 2,
    /// `HealthCheckTimeoutSeconds` 5; a new target needs one success; the interval counts from the end of a check here,
    /// there from its start); `panic_threshold: 0.01%` (it fails open
    /// when no target is healthy). Goes with `fleet.balancer: round_robin`.
    Alb,
}
