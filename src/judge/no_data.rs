//! What a measurement without data means for its gate.

use super::{AnalysisSpec, Assessment, GateSpec, NoData, Subject, Verdict, run::ERROR_RETRY};
use crate::{
    model::{Population, Telemetry},
    units::{Instant, Span},
};

impl NoData {
    const fn verdict(self) -> Verdict {
        match self {
            Self::Pass => Verdict::Pass,
            Self::Fail => Verdict::Fail,
            Self::Skip => Verdict::TooFew,
            Self::Inconclusive => Verdict::Inconclusive,
            Self::Error => Verdict::Error,
        }
    }
}

impl Assessment {
    /// Whether there was nothing to judge: not even too few samples.
    const fn is_without_data(&self) -> bool {
        match self.verdict {
            Verdict::Error => true,
            Verdict::TooFew => self.evidence.samples == 0,
            Verdict::Pass | Verdict::Accept | Verdict::Fail | Verdict::Inconclusive => false,
        }
    }
}

impl GateSpec {
    /// What a measurement is for the gate.
    pub(super) fn verdict(&self, assessment: &Assessment) -> Verdict {
        let meant = self.no_data.filter(|_| assessment.is_without_data());
        meant.map_or(assessment.verdict, NoData::verdict)
    }

    /// The limit that measurements without data exceed first, counted from the start of a run; none where they never end
    /// it badly.
    pub fn without_data(&self, analysis: &AnalysisSpec) -> Option<EndWithoutData> {
        let telemetry = Telemetry::new(Span::ZERO, Span::ZERO);
        let subject = Subject {
            candidate: Population::CANDIDATE,
            baseline: Population::STABLE,
            since: Instant::ZERO,
        };
        let first = Instant::ZERO.saturating_add(analysis.initial_delay);
        let assessment = self.judge.build().assess(&telemetry.observed(first), subject);
        let (key, limit, between) = match self.verdict(&assessment) {
            Verdict::Error => {
                ("consecutive_error_limit", self.consecutive_error_limit, ERROR_RETRY)
            }
            Verdict::Fail => ("failure_limit", self.failure_limit, analysis.interval),
            Verdict::Inconclusive => {
                ("inconclusive_limit", self.inconclusive_limit, analysis.interval)
            }
            Verdict::Pass | Verdict::Accept | Verdict::TooFew => return None,
        };
        let looks = u64::from(limit) + 1;
        // a gate with a count that is reached before has passed
        let counted = key != "consecutive_error_limit";
        if counted && self.count.is_some_and(|it| u64::from(it) < looks) {
            return None;
        }
        let waits = Span::from_nanos(between.nanos().saturating_mul(u64::from(limit)));
        Some(EndWithoutData { key, looks, last: analysis.initial_delay.saturating_add(waits) })
    }
}

/// How a run ends for which there is no data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndWithoutData {
    /// The key of the limit that is exceeded.
    pub key: &'static str,
    /// Measurements that it takes.
    pub looks: u64,
    /// When the last of them comes, from the start of the run.
    pub last: Span,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        judge::{AnalysisRun, JudgeSpec},
        model::AnalysisState,
    };

    const ALL: [NoData; 5] =
        [NoData::Pass, NoData::Fail, NoData::Skip, NoData::Inconclusive, NoData::Error];

    /// An analysis of one gate with this judge.
    fn analysis(judge: &JudgeSpec, no_data: Option<NoData>) -> AnalysisSpec {
        let name = judge.name();
        let text =
            serde_json::json!({"gates": [{"name": name, "judge": judge, "no_data": no_data}]});
        serde_json::from_value(text).unwrap()
    }

    const SUBJECT: Subject = Subject {
        candidate: Population::CANDIDATE,
        baseline: Population::STABLE,
        since: Instant::ZERO,
    };

    /// A run for which there is never any data: its state after so many looks, and when they come.
    fn followed(spec: &AnalysisSpec, looks: usize) -> (AnalysisState, Vec<u64>) {
        let telemetry = Telemetry::new(Span::ZERO, Span::ZERO);
        let mut run = AnalysisRun::start(spec, &[], SUBJECT, Instant::ZERO);
        let mut out = Vec::new();
        while run.state() == AnalysisState::Running && out.len() < looks {
            run.tick(&telemetry.observed(run.due()), &mut out);
        }
        (run.state(), out.iter().map(|it| it.at.nanos() / 1_000_000_000).collect())
    }

    #[test]
    fn every_judge_has_each_meaning_of_no_data() {
        let mut judges = 0;
        for judge in crate::judge::tests::each() {
            judges += 1;
            let name = judge.name();
            let check = |no_data, looks, state: AnalysisState, seconds: &[u64]| {
                let spec = analysis(&judge, Some(no_data));
                let expected = (state, seconds.to_vec());
                assert_eq!(followed(&spec, looks), expected, "{name} {no_data:?}");
            };
            check(NoData::Pass, 3, AnalysisState::Running, &[0, 60, 120]);
            check(NoData::Fail, 3, AnalysisState::Failed, &[0]);
            check(NoData::Skip, 3, AnalysisState::Running, &[0, 60, 120]);
            check(NoData::Inconclusive, 3, AnalysisState::Inconclusive, &[0]);
            check(NoData::Error, 9, AnalysisState::Errored, &[0, 10, 20, 30, 40]);
        }
        assert!(judges >= JudgeSpec::SHIPPED.len(), "{judges} judges");
    }

    #[test]
    fn a_pass_counts_and_a_skip_does_not() {
        for judge in crate::judge::tests::each() {
            let state = |no_data| {
                let mut spec = analysis(&judge, Some(no_data));
                spec.gates[0].count = Some(2);
                followed(&spec, 5).0
            };
            assert_eq!(state(NoData::Pass), AnalysisState::Passed, "{}", judge.name());
            assert_eq!(state(NoData::Skip), AnalysisState::Running, "{}", judge.name());
        }
    }

    #[test]
    fn the_end_without_data_is_where_a_run_without_data_ends() {
        let mut ends = 0;
        for judge in crate::judge::tests::each() {
            for no_data in ALL.map(Some).into_iter().chain([None]) {
                let mut spec = analysis(&judge, no_data);
                spec.initial_delay = Span::from_secs(7);
                let gate = &mut spec.gates[0];
                (gate.failure_limit, gate.inconclusive_limit) = (2, 1);
                let said = spec.gates[0].without_data(&spec);
                let (state, looks) = followed(&spec, 20);
                let last = looks.last().map(|it| Span::from_secs(*it));
                let seen = (state > AnalysisState::Running).then_some((looks.len(), last.unwrap()));
                let said = said.map(|it| (usize::try_from(it.looks).unwrap(), it.last));
                assert_eq!(said, seen, "{} {no_data:?}", judge.name());
                ends += usize::from(said.is_some());
            }
        }
        assert!(ends > 3 * JudgeSpec::SHIPPED.len(), "{ends} ends");
    }
}
