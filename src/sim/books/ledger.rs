//! The ledger: what really happened, booked from the truth. Strategies and judges never see it.

use super::{
    course::{Course, FaultMark},
    downtime::Downtime,
    lives::{Life, LifeState, Lives},
    release_books::ReleaseBooks,
    symptom::{Sign, Symptom, Symptoms},
    user_counts::{User, UserCounts},
};
use crate::{
    model::{ByRelease, Cohort, Phase, ReleaseId},
    scenario::Plan,
    sim::{
        data::{Attempt, Failure, Slot},
        ids::SlotId,
        user_pages::UserPages,
    },
    units::{Instant, Span},
};

/// Requests that ended since the last scrape, by their fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) good: u64,
    pub(super) failed: u64,
    pub(super) slow: u64,
    pub(super) wrong: u64,
}

/// How an answer came about that looks good.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Served {
    pub(in crate::sim) wrong: bool,
    /// Work on it where nothing is wrong, and the work that it was, in nanoseconds. What it waited in line behind
    /// other requests or queries is none.
    pub(in crate::sim) ordinary: u64,
    pub(in crate::sim) took: u64,
}

#[derive(Clone)]
pub(in crate::sim) struct Ledger {
    /// Nanoseconds at which counting begins.
    counts_from: u64,
    /// Of each operation.
    slow_after: Vec<u64>,
    pub(super) arrived_all: u64,
    pub(super) ended_all: u64,
    pub(super) requests: u64,
    pub(super) attempts: u64,
    pub(super) total: Ended,
    pub(super) failed_by_stopping: u64,
    pub(super) failed_normally: u64,
    /// Failed without an answer to any attempt.
    pub(super) lost: u64,
    /// Served well more than once.
    pub(super) duplicated: u64,
    pub(super) slice: Ended,
    /// Requests that failed, by what became of their last attempt.
    pub(super) failed_as: [u64; Failure::COUNT],
    /// Of each release.
    pub(super) releases: ByRelease<ReleaseBooks>,
    pub(super) served: u64,
    pub(super) sojourn: u128,
    pub(super) rejected: u64,
    pub(super) abandoned: u64,
    users: UserPages<User>,
    pub(super) complaints: u64,
    pub(super) restarts: u64,
    pub(super) oom_kills: u64,
    pub(super) downtime: Downtime,
    /// Work done by workers since counting began.
    pub(super) busy_nanos: u128,

    pub(super) course: Course,
    pub(super) symptoms: Symptoms,
    /// The code of a feature that was off has hurt a user.
    pub(super) hurt_in_the_dark: bool,
    pub(super) lives: Lives,
    pub(super) faults: Vec<FaultMark>,
}

impl Ledger {
    /// Of so many releases; `whole` keeps phases and lives too.
    pub(in crate::sim) fn new(plan: &Plan, whole: bool, releases: usize) -> Self {
        let slow = plan.operations.iter().map(|it| plan.lines[it.line].slow_after);
        Self {
            counts_from: plan.scenario.warm_up.nanos(),
            slow_after: slow.map(Span::nanos).collect(),
            arrived_all: 0,
            ended_all: 0,
            requests: 0,
            attempts: 0,
            total: Ended::default(),
            failed_by_stopping: 0,
            failed_normally: 0,
            lost: 0,
            duplicated: 0,
            slice: Ended::default(),
            failed_as: [0; Failure::COUNT],
            releases: ByRelease::of(releases),
            served: 0,
            sojourn: 0,
            rejected: 0,
            abandoned: 0,
            users: UserPages::new(plan.scenario.users.count),
            complaints: 0,
            restarts: 0,
            oom_kills: 0,
            downtime: Downtime::new(plan.scenario.warm_up.nanos()),
            busy_nanos: 0,
            course: Course::new(whole),
            symptoms: Symptoms::default(),
            hurt_in_the_dark: false,
            lives: Lives::new(whole),
            faults: Vec::new(),
        }
    }

    /// Books an arrival; says whether the request counts.
    pub(in crate::sim) fn request_arrives(&mut self, now: u64) -> bool {
        self.arrived_all += 1;
        let counts = now >= self.counts_from;
        self.requests += u64::from(counts);
        counts
    }

    /// Books an answer that looks good; says whether its user is hurt for the first time.
    #[inline]
    pub(in crate::sim) fn request_succeeds(
        &mut self,
        attempt: &Attempt,
        served: Served,
        now: u64,
    ) -> bool {
        self.ended_all += 1;
        self.downtime.request_ends(false, now);
        let took = now - attempt.first;
        let slow_after = self.slow_after[attempt.operation.index()];
        let slow = took > slow_after;
        self.slice.good += 1;
        self.slice.slow += u64::from(slow);
        self.slice.wrong += u64::from(served.wrong);
        if attempt.has(Attempt::COUNTED) {
            self.total.good += 1;
            self.total.slow += u64::from(slow);
            self.total.wrong += u64::from(served.wrong);
            self.releases[attempt.cohort.release()].latency.record(took);
        }
        if slow && served.ordinary <= slow_after {
            let only_waited = attempt.tries() == 0 && served.took <= slow_after;
            let counts = self.counts_symptoms();
            let sign = self.symptoms.slow(only_waited, counts, self.ended_all);
            if let Some(sign) = sign {
                self.symptom(attempt, sign, now);
            }
        }
        served.wrong && self.user_is_hurt(attempt, Sign::Wrong, now)
    }

    /// Books a request that ended without a good answer, or without any; says whether its user is hurt for the
    /// first time.
    pub(in crate::sim) fn request_fails(
        &mut self,
        attempt: &Attempt,
        failure: Failure,
        answered: bool,
        now: u64,
    ) -> bool {
        self.ended_all += 1;
        self.downtime.request_ends(!attempt.has(Attempt::NORMAL), now);
        self.slice.failed += 1;
        if attempt.has(Attempt::COUNTED) {
            self.total.failed += 1;
            self.failed_as[failure as usize] += 1;
            self.releases[attempt.cohort.release()].failed += 1;
            self.lost += u64::from(!answered);
            self.failed_by_stopping += u64::from(attempt.has(Attempt::STOPPED));
            self.failed_normally += u64::from(attempt.has(Attempt::NORMAL));
        }
        self.user_is_hurt(attempt, Sign::Failed(failure), now)
    }

    fn user_is_hurt(&mut self, attempt: &Attempt, sign: Sign, now: u64) -> bool {
        if !attempt.has(Attempt::COUNTED) || attempt.has(Attempt::NORMAL) {
            return false;
        }
        self.symptom(attempt, sign, now);
        let user = self.users.of(attempt.user);
        user.hurts = user.hurts.saturating_add(1);
        if attempt.cohort.is_new() {
            user.flags |= User::HURT_BY_RELEASE;
        }
        self.hurt_in_the_dark |= attempt.cohort.is_new() && !attempt.cohort.is_exposed();
        let first = user.hurts == 1;
        if first && self.course.noticed {
            user.flags |= User::HURT_LATE;
        }
        first
    }

    #[inline]
    pub(in crate::sim) fn user_meets(&mut self, user: u32, meant: bool) {
        self.users.of(user).flags |= if meant { User::MET } else { User::MET | User::UNMEANT };
    }

    /// An attempt's wait is over: a worker takes it up, or its client hangs up.
    #[inline]
    pub(in crate::sim) fn waited(&mut self, cohort: Cohort, wait: u64) {
        let release = &mut self.releases[cohort.release()];
        release.waited_out += 1;
        if wait > 0 {
            release.waits.record(wait);
        }
    }

    /// So long an attempt waited for a worker before it reached an instance; that it has waited is counted there.
    pub(in crate::sim) fn waited_before(&mut self, cohort: Cohort, wait: u64) {
        if wait > 0 {
            self.releases[cohort.release()].waits.record(wait);
        }
    }

    #[inline]
    pub(in crate::sim) fn served(&mut self, sojourn: u64) {
        self.served += 1;
        self.sojourn += u128::from(sojourn);
    }

    /// The first symptom is of any user, for any reason, of a request that counts.
    #[inline]
    fn symptom(&mut self, attempt: &Attempt, sign: Sign, now: u64) {
        if attempt.has(Attempt::COUNTED) && self.counts_symptoms() {
            let release = attempt.cohort.release();
            self.symptoms.first.get_or_insert(Symptom { at: now, release, sign, told: false });
        }
    }

    /// An attempt of a request that counts begins.
    pub(in crate::sim) const fn attempt_begins(&mut self) {
        self.attempts += 1;
    }

    /// A full queue turns an attempt away.
    pub(in crate::sim) const fn rejected(&mut self) {
        self.rejected += 1;
    }

    /// A client has lost its patience.
    pub(in crate::sim) const fn abandoned(&mut self) {
        self.abandoned += 1;
    }

    /// A request has been served well once more.
    pub(in crate::sim) fn duplicated(&mut self, attempt: &Attempt) {
        self.duplicated += u64::from(attempt.has(Attempt::COUNTED));
    }

    /// Requests that arrived until now, those of the warm-up included.
    pub(in crate::sim) const fn arrived(&self) -> u64 {
        self.arrived_all
    }

    /// A user complains; says how many have.
    pub(in crate::sim) const fn complaint(&mut self) -> u64 {
        self.complaints += 1;
        self.complaints
    }

    pub(in crate::sim) const fn restart(&mut self) {
        self.restarts += 1;
    }

    pub(in crate::sim) const fn oom_kill(&mut self) {
        self.oom_kills += 1;
    }

    /// The first symptom, once.
    pub(in crate::sim) fn untold_symptom(&mut self) -> Option<Symptom> {
        self.symptoms.take_untold()
    }

    /// There is no rollout whose start would be waited for.
    pub(in crate::sim) const fn watch_from_the_start(&mut self) {
        self.symptoms.watches = true;
    }

    const fn counts_symptoms(&self) -> bool {
        self.symptoms.watches || self.course.begun.is_some()
    }

    /// A gate that counts has failed a measurement, or an alert has fired: the first since the rollout started is
    /// the detection.
    pub(in crate::sim) fn detected(&mut self, now: u64) {
        if self.counts_symptoms() {
            self.course.detected(now);
        }
    }

    pub(in crate::sim) fn phase_changes(&mut self, phase: Phase, now: u64) {
        if self.course.begun.is_none() {
            self.symptoms.rollout_starts(self.ended_all);
        }
        self.course.phase_changes(phase, now);
    }

    /// Whether all users are on the new release now.
    pub(in crate::sim) const fn all_on_new(&mut self, all: bool, now: u64) {
        self.course.all_on_new(all, now);
    }

    pub(in crate::sim) const fn on_the_way_home(&self) -> bool {
        self.course.way_home_from.is_some() && self.course.home.is_none()
    }

    pub(in crate::sim) const fn home_again(&mut self, now: u64) {
        self.course.home = Some(now);
    }

    /// What was taken for the way home was not all of it.
    pub(in crate::sim) const fn not_home_yet(&mut self) {
        self.course.home = None;
    }

    /// A worker has worked from then until now; only what was done since counting began counts.
    #[inline]
    pub(in crate::sim) fn works(&mut self, from: u64, now: u64) {
        self.busy_nanos += u128::from(now.saturating_sub(from.max(self.counts_from)));
    }

    /// How many endpoints answer.
    pub(in crate::sim) fn answering_changes(&mut self, ready: u32) {
        self.course.answering_changes(ready);
    }

    pub(in crate::sim) fn fault_sets_in(&mut self, name: &str, defect: bool, now: u64) {
        self.faults.push(FaultMark { at: Instant::from_nanos(now), name: name.to_owned(), defect });
    }

    pub(in crate::sim) fn life_goes_on(
        &mut self,
        slot: SlotId,
        instance: &Slot,
        state: LifeState,
        now: u64,
    ) {
        self.lives.goes_on(slot, instance, state, now);
    }

    /// The code of a feature that was off has hurt a user.
    pub(in crate::sim) const fn hurt_in_the_dark(&self) -> bool {
        self.hurt_in_the_dark
    }

    /// How the rollout has gone.
    pub(in crate::sim) const fn course(&self) -> &Course {
        &self.course
    }

    /// Requests that a release answered well, and those whose last attempt failed there.
    pub(in crate::sim) fn ended_at(&self, release: ReleaseId) -> (u64, u64) {
        let of = &self.releases[release];
        (of.latency.count(), of.failed)
    }

    /// When the first symptom was.
    pub(in crate::sim) fn first_symptom(&self) -> Option<u64> {
        self.symptoms.first.map(|it| it.at)
    }

    /// Faults when they showed first.
    pub(in crate::sim) fn faults(&self) -> &[FaultMark] {
        &self.faults
    }

    pub(in crate::sim) fn into_marks(self) -> (Course, Vec<FaultMark>, Vec<Life>) {
        (self.course, self.faults, self.lives.into_list())
    }

    /// Asserts that each request ends once, where so many are open.
    pub(in crate::sim) fn check(&self, open: u64) {
        assert_eq!(self.arrived_all, self.ended_all + open, "each request ends exactly once");
        let ended = self.total.good + self.total.failed;
        assert!(ended <= self.requests, "no more counted requests end than arrive");
    }

    /// What has ended since the last scrape.
    pub(super) fn take_slice(&mut self) -> Ended {
        std::mem::take(&mut self.slice)
    }

    /// Counts the users by what has happened to them.
    pub(super) fn user_counts(&self) -> UserCounts {
        UserCounts::of(&self.users)
    }
}
