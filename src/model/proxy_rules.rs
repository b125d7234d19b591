//! What holds of a proxy: what is written, else what its preset sets.

use super::{
    Begins, HealthChecksSpec, KeepAliveSpec, OutlierDetectionSpec, Part, ProbePath, ProxyPreset,
    ProxyRetriesSpec, ProxyRetryOn, ProxySpec, Redispatch,
};
use crate::units::{Ratio, Span};

impl ProxyPreset {
    pub const ALL: [Self; 5] =
        [Self::KubeProxy, Self::Nginx, Self::Envoy, Self::Haproxy, Self::Alb];

    /// What it sets.
    pub fn parts(self) -> ProxySpec {
        let none = ProxySpec::default();
        let retries = |max, redispatch, wait| {
            let on = vec![ProxyRetryOn::Refused, ProxyRetryOn::Timeout];
            Part::Is(ProxyRetriesSpec { max, on, redispatch, wait })
        };
        match self {
            Self::KubeProxy => ProxySpec {
                keep_alive: Part::Is(KeepAliveSpec {
                    idle: Span::from_secs(90),
                    requests: None,
                    outlives_endpoint: true,
                    resend: false,
                }),
                ..none
            },
            Self::Nginx => ProxySpec {
                connect_timeout: Part::Is(Span::from_secs(5)),
                retries: retries(2, Redispatch::Always, Span::ZERO),
                ..none
            },
            Self::Envoy => ProxySpec {
                connect_timeout: Part::Is(Span::from_secs(5)),
                retries: retries(1, Redispatch::Always, Span::ZERO),
                outlier_detection: Part::Is(OutlierDetectionSpec::default()),
                panic_threshold: Part::Is(Ratio::clamped(0.5)),
                ..none
            },
            Self::Haproxy => ProxySpec {
                connect_timeout: Part::Is(Span::from_secs(5)),
                retries: retries(3, Redispatch::Last, Span::from_secs(1)),
                health_checks: Part::Is(HealthChecksSpec {
                    through: ProbePath::Beside,
                    ..HealthChecksSpec::default()
                }),
                ..none
            },
            Self::Alb => ProxySpec {
                connect_timeout: Part::Is(Span::from_secs(10)),
                health_checks: Part::Is(HealthChecksSpec {
                    interval: Span::from_secs(30),
                    rise: 5,
                    fall: 2,
                    timeout: Span::from_secs(5),
                    through: ProbePath::Queue,
                    begins: Begins::Down,
                    only: false,
                    phase: None,
                }),
                panic_threshold: Part::Is(Ratio::clamped(0.0001)),
                ..none
            },
        }
    }
}

/// What holds of a proxy: what is written, else what its preset sets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProxyRules {
    pub keep_alive: Option<KeepAliveSpec>,
    pub connect_timeout: Option<Span>,
    pub retries: Option<ProxyRetriesSpec>,
    pub health_checks: Option<HealthChecksSpec>,
    pub outlier_detection: Option<OutlierDetectionSpec>,
    pub panic_threshold: Ratio,
}

impl ProxySpec {
    pub fn rules(&self) -> ProxyRules {
        let preset = self.preset.map(ProxyPreset::parts).unwrap_or_default();
        let threshold = of(&self.panic_threshold, preset.panic_threshold);
        ProxyRules {
            keep_alive: of(&self.keep_alive, preset.keep_alive),
            connect_timeout: of(&self.connect_timeout, preset.connect_timeout),
            retries: of(&self.retries, preset.retries),
            health_checks: of(&self.health_checks, preset.health_checks),
            outlier_detection: of(&self.outlier_detection, preset.outlier_detection),
            panic_threshold: threshold.unwrap_or(Ratio::ZERO),
        }
    }
}

fn of<T: Clone>(written: &Part<T>, preset: Part<T>) -> Option<T> {
    let part = if written.is_unset() { preset } else { written.clone() };
    part.written().cloned()
}
