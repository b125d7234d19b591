//! The balancer: which of its endpoints gets the next request.

use super::levels::Levels;
use crate::{
    kernel::{Key, Stream},
    model::BalancerSpec,
    sim::ids::{BySlot, SlotId},
};

/// Endpoints of one pool and the policy that picks among them.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    policy: BalancerSpec,
    /// Slots in the order in which they joined.
    members: Vec<SlotId>,
    /// Requests that each slot has in hand, as the balancer counts them. Grows with the slots.
    outstanding: BySlot<u32>,
    /// Endpoints by requests in hand; empty unless the policy asks for it.
    least: Levels,
    /// Where each slot is drawn with a chance of its own: the factors by slot, and their sums by member.
    shares: Option<Shares>,
    /// Endpoints picked one after the other.
    picks: u64,
}

impl Pool {
    pub(super) fn new(policy: BalancerSpec, unequal: bool) -> Self {
        Self {
            policy,
            members: Vec::new(),
            outstanding: BySlot::new(),
            least: Levels::new(),
            shares: unequal.then(Shares::default),
            picks: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn members(&self) -> &[SlotId] {
        &self.members
    }

    /// Adds an endpoint, drawn in proportion to its share where shares are unequal.
    pub(super) fn join(&mut self, slot: SlotId, share: f64) {
        self.outstanding.reach(slot, 0);
        self.members.push(slot);
        if let Some(shares) = &mut self.shares {
            shares.join(slot, share);
        }
        self.rank(slot);
    }

    pub(super) fn leave(&mut self, slot: SlotId) {
        if let Some(position) = self.members.iter().position(|&it| it == slot) {
            self.members.remove(position);
            self.least.leave(slot);
            if let Some(shares) = &mut self.shares {
                shares.add_up(&self.members);
            }
        }
    }

    /// Picks an endpoint for an attempt of a user; none when there is none.
    #[inline]
    pub(super) fn pick(
        &mut self,
        mut luck: impl FnMut() -> Stream,
        sticky: impl Fn() -> u64,
    ) -> Option<SlotId> {
        let slot = match self.policy {
            BalancerSpec::LeastOutstanding => {
                let slot = self.least.first()?;
                self.least.turn = slot.number() + 1;
                slot
            }
            BalancerSpec::RoundRobin => self.next_in_turn()?,
            BalancerSpec::Random => self.any(&mut luck())?,
            BalancerSpec::PowerOfTwo => self.better_of_two(&mut luck())?,
            BalancerSpec::Sticky => self.at_home(sticky())?,
        };
        self.take(slot);
        Some(slot)
    }

    /// Whether attempts are under way at a slot, be it an endpoint or not.
    pub(super) fn has_in_hand(&self, slot: SlotId) -> bool {
        self.outstanding.get(slot).is_some_and(|it| *it > 0)
    }

    /// Picks another endpoint than this one, if there is another.
    pub(super) fn pick_other(
        &mut self,
        than: SlotId,
        luck: impl FnMut() -> Stream,
        sticky: impl Fn() -> u64,
    ) -> Option<SlotId> {
        let position = self.members.iter().position(|&it| it == than);
        let Some(position) = position.filter(|_| self.members.len() > 1) else {
            return self.pick(luck, sticky);
        };
        self.members.remove(position);
        self.least.leave(than);
        let picked = self.pick(luck, sticky);
        self.members.insert(position, than);
        self.rank(than);
        picked
    }

    /// An attempt goes to this endpoint: picked for it, or, even if it has left, the one that its connection goes to.
    #[inline]
    pub(super) fn take(&mut self, slot: SlotId) {
        let outstanding = &mut self.outstanding[slot];
        *outstanding += 1;
        self.least.follow(slot, *outstanding);
    }

    /// An attempt that was sent to this endpoint has ended.
    #[inline]
    pub(super) fn release(&mut self, slot: SlotId) {
        // another instance may have its place by now, which has not joined yet
        let Some(outstanding) = self.outstanding.get_mut(slot) else { return };
        *outstanding = outstanding.saturating_sub(1);
        self.least.follow(slot, *outstanding);
    }

    fn next_in_turn(&mut self) -> Option<SlotId> {
        let turn = self.picks.checked_rem(self.members.len() as u64)?;
        self.picks += 1;
        Some(self.members[member(turn)])
    }

    /// The endpoint of a user who always goes to the same one.
    fn at_home(&self, sticky: u64) -> Option<SlotId> {
        self.members.iter().copied().max_by_key(|&it| rendezvous(sticky, it))
    }

    fn any(&self, stream: &mut Stream) -> Option<SlotId> {
        if let Some(shares) = &self.shares {
            return self.members.get(shares.draw(stream)).copied();
        }
        let count = self.members.len() as u64;
        (count > 0).then(|| self.members[member(stream.below(count))])
    }

    /// The better of two drawn one like the other, perhaps the same twice: as in M. Mitzenmacher,
    /// "The power of two choices in randomized load balancing" (2001), and in Envoy. Among equals
    /// the first drawn.
    fn better_of_two(&self, stream: &mut Stream) -> Option<SlotId> {
        let (first, second) = (self.any(stream)?, self.any(stream)?);
        let load = |slot: SlotId| self.outstanding[slot];
        Some(if load(second) < load(first) { second } else { first })
    }

    /// Orders an endpoint by its requests in hand, where the policy asks for that.
    fn rank(&mut self, slot: SlotId) {
        if self.policy == BalancerSpec::LeastOutstanding {
            self.least.join(slot, self.outstanding[slot]);
        }
    }
}

/// Unequal chances of being drawn.
#[derive(Clone, Debug, Default)]
struct Shares {
    of_slot: BySlot<f64>,
    /// Sums of the shares of the members, in their order, up to each.
    sums: Vec<f64>,
}

impl Shares {
    /// A slot that is the last member has this share.
    fn join(&mut self, slot: SlotId, share: f64) {
        self.of_slot.reach(slot, 0.0);
        self.of_slot[slot] = share;
        self.sums.push(self.sums.last().copied().unwrap_or_default() + share);
    }

    fn add_up(&mut self, members: &[SlotId]) {
        let mut sum = 0.0;
        self.sums.clear();
        self.sums.extend(members.iter().map(|&it| {
            sum += self.of_slot[it];
            sum
        }));
    }

    /// Place of a member; beyond the last where there is none.
    fn draw(&self, stream: &mut Stream) -> usize {
        let all = self.sums.last().copied().unwrap_or_default();
        let point = stream.uniform() * all;
        self.sums.partition_point(|it| *it <= point).min(self.sums.len().saturating_sub(1))
    }
}

/// Rendezvous hashing: the endpoint with the highest hash together with the user. An endpoint that
/// leaves moves only its own users.
fn rendezvous(sticky: u64, slot: SlotId) -> u64 {
    Key::of_bits(sticky).bits(u64::from(slot.number()))
}

/// The index of a member, from a number below how many there are.
pub(super) fn member(drawn: u64) -> usize {
    usize::try_from(drawn).expect("members are in memory")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Purpose, Seed, Streams};

    fn picks(policy: BalancerSpec, slots: u32, count: u64) -> Vec<u32> {
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Routing);
        let mut pool = Pool::new(policy, false);
        (0..slots).for_each(|slot| pool.join(SlotId::new(slot), 1.0));
        (0..count).map(|i| pool.pick(|| key.stream(i), || i).unwrap().number()).collect()
    }

    #[test]
    fn an_empty_pool_picks_nothing() {
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Routing);
        for policy in [
            BalancerSpec::LeastOutstanding,
            BalancerSpec::RoundRobin,
            BalancerSpec::Random,
            BalancerSpec::PowerOfTwo,
            BalancerSpec::Sticky,
        ] {
            assert_eq!(Pool::new(policy, false).pick(|| key.stream(1), || 1), None);
        }
    }

    #[test]
    fn round_robin_gives_each_its_turn() {
        assert_eq!(picks(BalancerSpec::RoundRobin, 3, 6), [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn least_outstanding_fills_all_before_it_comes_again() {
        let mut first: Vec<u32> = picks(BalancerSpec::LeastOutstanding, 5, 5);
        first.sort_unstable();
        assert_eq!(first, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn least_outstanding_among_equals_takes_the_next_in_turn() {
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Routing);
        let mut pool = Pool::new(BalancerSpec::LeastOutstanding, false);
        (0..3).for_each(|slot| pool.join(SlotId::new(slot), 1.0));
        let order: Vec<u32> = (0..6)
            .map(|i| {
                let slot = pool.pick(|| key.stream(i), || 0).unwrap();
                pool.release(slot);
                slot.number()
            })
            .collect();
        assert_eq!(order, [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn a_sticky_user_stays_where_the_endpoints_stay() {
        let mut pool = Pool::new(BalancerSpec::Sticky, false);
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Routing);
        (0..10).for_each(|slot| pool.join(SlotId::new(slot), 1.0));
        let homes: Vec<SlotId> = (0..1_000)
            .map(|user| pool.pick(|| key.stream(user), || user * 7919).unwrap())
            .collect();
        let left = SlotId::new(3);
        pool.leave(left);
        for (user, &home) in (0_u64..).zip(&homes) {
            let now = pool.pick(|| key.stream(user), || user * 7919).unwrap();
            assert!(home == left || now == home, "user {user} moved from {home:?} to {now:?}");
        }
    }

    #[test]
    fn endpoints_are_drawn_in_proportion_to_their_shares() {
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Routing);
        let mut pool = Pool::new(BalancerSpec::Random, true);
        for (slot, share) in [(0, 1.0), (1, 7.0), (2, 2.0), (3, 1.0)] {
            pool.join(SlotId::new(slot), share);
        }
        pool.leave(SlotId::new(1));
        let mut counts = [0_i32; 4];
        for i in 0..40_000 {
            counts[pool.pick(|| key.stream(i), || 0).unwrap().index()] += 1;
        }
        // a quarter, a half and a quarter, within four standard errors of a share of 0.5: 400
        assert_eq!(counts[1], 0);
        for (slot, expected) in [(0, 10_000), (2, 20_000), (3, 10_000)] {
            assert!((counts[slot] - expected).abs() < 400, "{counts:?}");
        }
    }
}
