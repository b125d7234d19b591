//! Whether the parts of a proxy work together, and with the rest of the scenario.

use super::check::{Check, TIMEOUT_MIN, held};
use crate::{
    channel::Delivery,
    model::{
        HealthChecksSpec, OutlierDetectionSpec, ProxyRetriesSpec, ProxyRetryOn, ProxyRules,
        Redispatch,
    },
    units::Span,
};

/// Shortest time between two checks of an endpoint, or between two looks at those ejected.
const INTERVAL_MIN: Span = Span::from_millis(10);

impl Check<'_> {
    pub(super) fn proxy(&mut self) {
        let proxy = &self.scenario.fleet.proxy;
        let rules = proxy.rules();
        if proxy.keep_alive.written().is_some_and(|it| it.idle.is_zero()) {
            let message = "connections that are closed at once are not kept";
            self.refuse_allowing("fleet.proxy.keep_alive.idle", message, "more than `0s`");
        }
        if let Some(timeout) = proxy.connect_timeout.written() {
            self.at_least("fleet.proxy.connect_timeout", *timeout, TIMEOUT_MIN);
        }
        if let Some(retries) = proxy.retries.written() {
            self.proxy_retries(retries, &rules);
        }
        if let Some(checks) = proxy.health_checks.written() {
            self.health_checks(checks);
        }
        if let Some(outliers) = proxy.outlier_detection.written() {
            let path = "fleet.proxy.outlier_detection";
            self.at_least(&format!("{path}.interval"), outliers.interval, INTERVAL_MIN);
            if outliers.max_ejection < outliers.base_ejection {
                let message =
                    format!("`{}` is shorter than `base_ejection`", outliers.max_ejection);
                let default = OutlierDetectionSpec::default().base_ejection;
                let allowed =
                    format!("at least {}", held("base_ejection", outliers.base_ejection, default));
                self.refuse_allowing(format!("{path}.max_ejection"), message, allowed);
            }
        }
        let watched = rules.health_checks.is_some() || rules.outlier_detection.is_some();
        let panics = proxy.panic_threshold.written();
        if !watched && panics.is_some_and(|it| !it.is_zero()) {
            let message = "nothing finds out which endpoints are healthy";
            let allowed = "with `health_checks` or `outlier_detection`";
            self.refuse_allowing("fleet.proxy.panic_threshold", message, allowed);
        }
    }

    fn proxy_retries(&mut self, retries: &ProxyRetriesSpec, rules: &ProxyRules) {
        if retries.max == 0 {
            return;
        }
        let path = "fleet.proxy.retries";
        let only_timeouts = retries.on.iter().all(|it| *it == ProxyRetryOn::Timeout);
        if retries.on.is_empty() {
            let message = "`max` allows retries, but no failure is retried";
            self.refuse(format!("{path}.on"), message);
        } else if only_timeouts && rules.connect_timeout.is_none() {
            let message = "without `connect_timeout` no connection times out at the proxy";
            self.refuse(format!("{path}.on"), message);
        }
        // the last of several, or the only one, may go to another endpoint at once
        let waits = match retries.redispatch {
            Redispatch::Never => true,
            Redispatch::Last => retries.max > 1,
            Redispatch::Always => false,
        };
        let channels = self.scenario.channels();
        let used = self.scenario.used_channels().into_iter().map(|it| &channels[it]);
        let terms = used.map(|(path, it)| (path, it.kind().terms()));
        let deadlines = terms
            .filter(|it| it.1.delivery == Delivery::Pushed)
            .map(|(path, terms)| (path, terms.deadline));
        let longest = deadlines.max_by_key(|it| it.1.after);
        if let Some((path_of, deadline)) = longest.filter(|it| waits && retries.wait >= it.1.after)
        {
            let message = format!("after `{}` the client has given up", retries.wait);
            let key = format!("{path_of}.{}", deadline.key);
            let allowed = format!("less than {}", held(&key, deadline.after, deadline.default));
            self.refuse_allowing(format!("{path}.wait"), message, allowed);
        }
    }

    fn health_checks(&mut self, checks: &HealthChecksSpec) {
        let path = "fleet.proxy.health_checks";
        self.at_least(&format!("{path}.interval"), checks.interval, INTERVAL_MIN);
        self.at_least(&format!("{path}.timeout"), checks.timeout, TIMEOUT_MIN);
        if let Some(phase) = checks.phase.filter(|it| *it >= checks.interval) {
            let message = format!("`{phase}` is not within the interval");
            let default = HealthChecksSpec::default().interval;
            let allowed = format!("less than {}", held("interval", checks.interval, default));
            self.refuse_allowing(format!("{path}.phase"), message, allowed);
        }
    }
}
