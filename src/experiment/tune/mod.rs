//! Tuning: settings of a rollout that do better, found on some seeds and judged on others.
//!
//! [`search`] and [`judge`] know nothing of rollouts: they ask for trials by candidate, class and number,
//! and get back what is kept of each. So they are tested on made-up candidates whose truth is known.

mod aims;
mod budget;
mod defaults;
mod fresh;
mod importance;
mod largest;
mod patch;
mod raw;
mod run;
mod search;
mod study;
mod summarise;
mod tally;
mod tuning;
mod vary;

pub use aims::{Aim, Aims, How, Releases, Requirement, Tracked};
pub use budget::{Budget, CONFIDENCE, confidence};
pub use fresh::{Contestant, Decision, Reason, Role, decide, judge};
pub use run::{Trial, TuningRun, run};
pub use search::{Candidate, Dropped, Job, Origin, Play, Question, Searched, Stage, Step, search};
pub use study::{Effort, Protocol, Request, Study, TRIALS_MIN};
pub use summarise::summarise;
pub use tally::{ClassOf, Judged, Standing, Tally, trials_to_certify};
pub use tuning::{
    ByClass, CandidateFound, Change, Circumstance, Constraint, ContestantFound, FORMAT, Held,
    Named, ParameterFound, Part, Progress, Setting, Spent, Tuning, UnderIt, Verdict,
};
