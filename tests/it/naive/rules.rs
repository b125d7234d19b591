//! What the manual leaves open or says otherwise than the simulator does, each in one place. Turned
//! round, each is a planted bug that the comparison must notice.

/// How the naive engine decides where it could decide otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent decisions, not one state")]
pub(super) struct Rules {
    // where the simulator does something that the manual does not say, or says otherwise
    /// What is sent to an instance that is gone is never answered. Otherwise it is refused.
    pub(super) gone_is_silent: bool,
    // as the manual has it
    /// An endpoint that joins again is taken to have nothing in hand, whatever it still serves.
    pub(super) joining_forgets_what_is_in_hand: bool,
    /// The fewest that are ready at once are looked for when the balancer hears of a change. Otherwise
    /// at any time.
    pub(super) readiness_is_counted_at_changes: bool,
    /// What waits at an instance uses as much memory as what is served. Otherwise what `per_waiting` says.
    pub(super) waiting_uses_memory: bool,
    /// Memory above the limit is noticed at the instant at which it is crossed. Otherwise when a request
    /// is taken up.
    pub(super) full_memory_is_noticed_at_once: bool,
    /// Whether a request kills who serves it is drawn for each attempt, not once for the request.
    pub(super) poison_is_drawn_for_each_attempt: bool,
    /// A user has met the release once an attempt was sent to it. Otherwise, once it was taken up.
    pub(super) sent_is_met: bool,
    /// What an instance has in its queue when it crashes is lost. Otherwise it waits for the restart.
    pub(super) crash_loses_the_queue: bool,
    /// An instance that is being stopped takes requests until its `pre_stop` is over.
    pub(super) draining_takes_requests: bool,
    /// The wait for the next restart doubles.
    pub(super) back_off_doubles: bool,
    /// A query that waits too long fails.
    pub(super) queries_time_out: bool,
    /// A retry costs a token of the budget.
    pub(super) retries_cost_a_token: bool,
    /// Collecting garbage slows the service.
    pub(super) collecting_slows: bool,
    /// A process that a probe has had stopped gets its grace period. Otherwise it is cut off at once.
    pub(super) kills_grant_the_grace: bool,
    /// A probe that comes to busy workers waits in line. Otherwise it is answered beside the queue.
    pub(super) probes_wait_in_line: bool,
    /// Probes begin with the container. Otherwise, with the process that answers.
    pub(super) probes_begin_with_the_container: bool,
    /// A process that has just come up is not ready before its probe says so.
    pub(super) readiness_begins_anew: bool,
}

impl Rules {
    /// As the simulator does today.
    pub(super) const TODAY: Self = Self {
        waiting_uses_memory: false,
        full_memory_is_noticed_at_once: true,
        joining_forgets_what_is_in_hand: false,
        gone_is_silent: true,
        poison_is_drawn_for_each_attempt: false,
        sent_is_met: false,
        readiness_is_counted_at_changes: false,
        crash_loses_the_queue: true,
        draining_takes_requests: true,
        back_off_doubles: true,
        queries_time_out: true,
        retries_cost_a_token: true,
        collecting_slows: true,
        kills_grant_the_grace: true,
        probes_wait_in_line: true,
        probes_begin_with_the_container: true,
        readiness_begins_anew: true,
    };
}
