//! Many trials: the same rollouts under every strategy, in parallel, and what they say.
//!
//! A [`Study`] is what is to be done; a [`ComparisonRun`] takes its rollouts in their order, however they
//! were simulated, and says which come next and when it is enough; a [`Summary`] is what it found.

mod about;
#[cfg(feature = "parquet")]
mod columns;
mod comparison_run;
mod end;
mod estimate;
mod examples;
mod expect;
mod figure;
mod fold;
mod goal;
mod judges;
mod keep;
mod line_up;
mod parallel;
mod play;
pub mod power;
mod price;
mod raw;
mod replay;
mod rollout;
mod rows;
mod schedule;
mod set_up;
mod shell;
mod sound;
mod study;
mod summarise;
mod summary;
pub mod tune;

#[cfg(feature = "parquet")]
pub use columns::ColumnWriter;
pub use comparison_run::{ComparisonRun, Round};
pub use end::{End, UNFINISHED_MAX};
pub use estimate::Confidence;
pub use figure::Figure;
pub use fold::{Bill, Entered, Fold};
pub use goal::{Goal, Ranked};
pub use judges::{
    JUDGES_FORMAT, JudgeFound, Judges, JudgesAsked, JudgesRow, JudgesStudy, Stopped, WorldOfJudges,
    play_judges,
};
pub use keep::{Keep, Part, Shard, Stop};
pub use line_up::{Additions, LineUp, fill_in};
pub use play::play;
pub use price::Prices;
pub use replay::examples;
pub use rollout::{Played, ReleaseClass, Rollout};
pub use rows::{Columns, RowReader, RowWriter, Unreadable, whole_rows};
pub use schedule::{Schedule, Turn, trials_until_each_has};
pub use set_up::{CONTESTANTS_MAX, Entrant, Request, set_up};
pub use shell::{shell_word, shell_words};
pub use study::{Contestant, Expected, Protocol, Study};
pub use summarise::summarise;
pub use summary::{
    Class, CostPart, Difference, Distribution, Estimate, Example, FORMAT, Finding, FindingResult,
    Pair, Price, Rare, Sensitivity, Stat, StrategySummary, Summary, Timeline, TimelineEntry,
    TimelinePoint, Which,
};
