//! The balancer: which of the endpoints it believes in gets the next request.

use crate::{
    kernel::{Key, Stream},
    model::BalancerSpec,
    units::narrow,
};

/// Endpoints of one pool and the policy that picks among them.
#[derive(Debug)]
pub(super) struct Pool {
    policy: BalancerSpec,
    /// Slots in the order in which they joined.
    members: Vec<u32>,
    /// Requests that each slot has in hand, as the balancer counts them. Grows with the slots.
    outstanding: Vec<u32>,
    /// Slots by requests in hand, then by how long ago they were picked.
    least: MinTree,
    picks: u64,
}

impl Pool {
    pub(super) fn new(policy: BalancerSpec) -> Self {
        Self {
            policy,
            members: Vec::new(),
            outstanding: Vec::new(),
            least: MinTree::new(),
            picks: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn members(&self) -> &[u32] {
        &self.members
    }

    pub(super) fn join(&mut self, slot: u32) {
        if self.outstanding.len() <= slot as usize {
            self.outstanding.resize(slot as usize + 1, 0);
        }
        assert!(!self.members.contains(&slot), "an endpoint joins once");
        self.members.push(slot);
        self.outstanding[slot as usize] = 0;
        self.refresh(slot);
    }

    pub(super) fn leave(&mut self, slot: u32) {
        if let Some(position) = self.members.iter().position(|&it| it == slot) {
            self.members.remove(position);
            self.least.clear(slot);
        }
    }

    /// Picks an endpoint for an attempt of a user; none when there is none.
    pub(super) fn pick(&mut self, mut luck: impl FnMut() -> Stream, sticky: u64) -> Option<u32> {
        let slot = match self.policy {
            BalancerSpec::LeastOutstanding => self.least.min()?,
            BalancerSpec::RoundRobin => {
                let turn = self.picks.checked_rem(self.members.len() as u64)?;
                self.members[member(turn)]
            }
            BalancerSpec::Random => self.any(&mut luck())?,
            BalancerSpec::PowerOfTwo => self.better_of_two(&mut luck())?,
            BalancerSpec::Sticky => {
                self.members.iter().copied().max_by_key(|&it| rendezvous(sticky, it))?
            }
        };
        self.picks += 1;
        self.outstanding[slot as usize] += 1;
        self.refresh(slot);
        Some(slot)
    }

    /// An attempt that was sent to this endpoint has ended.
    pub(super) fn release(&mut self, slot: u32) {
        let outstanding = &mut self.outstanding[slot as usize];
        *outstanding = outstanding.saturating_sub(1);
        if self.policy == BalancerSpec::LeastOutstanding && self.least.has(slot) {
            self.least.lower(slot, u64::from(self.outstanding[slot as usize]));
        }
    }

    fn any(&self, stream: &mut Stream) -> Option<u32> {
        let count = self.members.len() as u64;
        (count > 0).then(|| self.members[member(stream.below(count))])
    }

    /// The better of two different members; among equals the first drawn.
    fn better_of_two(&self, stream: &mut Stream) -> Option<u32> {
        let count = self.members.len() as u64;
        if count < 2 {
            return self.members.first().copied();
        }
        let first = stream.below(count);
        let second = (first + 1 + stream.below(count - 1)) % count;
        let (first, second) = (self.members[member(first)], self.members[member(second)]);
        let load = |slot: u32| self.outstanding[slot as usize];
        Some(if load(second) < load(first) { second } else { first })
    }

    fn refresh(&mut self, slot: u32) {
        if self.policy == BalancerSpec::LeastOutstanding {
            let outstanding = u64::from(self.outstanding[slot as usize]);
            self.least.set(slot, outstanding, self.picks);
        }
    }
}

/// Rendezvous hashing: the endpoint with the highest hash together with the user. An endpoint that
/// leaves moves only its own users.
fn rendezvous(sticky: u64, slot: u32) -> u64 {
    Key::of_bits(sticky).bits(u64::from(slot))
}

/// Slots by requests in hand, then by the pick at which they were last chosen, in a winner tree.
#[derive(Debug)]
struct MinTree {
    node: Vec<u64>,
    leaves: usize,
}

/// Low bits of a key: the slot.
const SLOT_BITS: u32 = 14;
/// Then the number of the pick, which wraps after two billion: a harmless change of turn.
const PICK_BITS: u32 = 31;
const EMPTY: u64 = u64::MAX;

impl MinTree {
    const fn new() -> Self {
        Self { node: Vec::new(), leaves: 0 }
    }

    fn has(&self, slot: u32) -> bool {
        self.node.get(self.leaves + slot as usize).is_some_and(|&it| it != EMPTY)
    }

    fn min(&self) -> Option<u32> {
        let key = *self.node.get(1)?;
        (key != EMPTY).then_some((key & ((1 << SLOT_BITS) - 1)) as u32)
    }

    fn set(&mut self, slot: u32, outstanding: u64, pick: u64) {
        let pick = pick & ((1 << PICK_BITS) - 1);
        self.store(slot, (outstanding << PICK_BITS | pick) << SLOT_BITS | u64::from(slot));
    }

    /// Changes the requests in hand and keeps the turn.
    fn lower(&mut self, slot: u32, outstanding: u64) {
        const LOW: u64 = (1 << (PICK_BITS + SLOT_BITS)) - 1;
        let turn = self.node[self.leaves + slot as usize] & LOW;
        self.store(slot, outstanding << (PICK_BITS + SLOT_BITS) | turn);
    }

    fn clear(&mut self, slot: u32) {
        if (slot as usize) < self.leaves {
            self.store(slot, EMPTY);
        }
    }

    fn store(&mut self, slot: u32, key: u64) {
        let slot = slot as usize;
        if slot >= self.leaves {
            self.grow(slot + 1);
        }
        let (mut at, mut min) = (slot + self.leaves, key);
        self.node[at] = min;
        while at > 1 {
            min = min.min(self.node[at ^ 1]);
            at >>= 1;
            self.node[at] = min;
        }
    }

    fn grow(&mut self, slots: usize) {
        assert!(narrow(slots) < 1 << SLOT_BITS, "more slots than the balancer's keys can hold");
        let leaves = slots.next_power_of_two().max(2);
        let mut node = vec![EMPTY; 2 * leaves];
        node[leaves..leaves + self.leaves].copy_from_slice(&self.node[self.leaves..]);
        for at in (1..leaves).rev() {
            node[at] = node[2 * at].min(node[2 * at + 1]);
        }
        *self = Self { node, leaves };
    }
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
        let mut pool = Pool::new(policy);
        (0..slots).for_each(|slot| pool.join(slot));
        (0..count).map(|i| pool.pick(|| key.stream(i), i).unwrap()).collect()
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
            assert_eq!(Pool::new(policy).pick(|| key.stream(1), 1), None);
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
    fn least_outstanding_among_equals_takes_the_one_longest_not_picked() {
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Routing);
        let mut pool = Pool::new(BalancerSpec::LeastOutstanding);
        (0..3).for_each(|slot| pool.join(slot));
        let order: Vec<u32> = (0..6)
            .map(|i| {
                let slot = pool.pick(|| key.stream(i), 0).unwrap();
                pool.release(slot);
                slot
            })
            .collect();
        assert_eq!(order[..3], order[3..]);
        assert!(order[0] != order[1] && order[1] != order[2] && order[0] != order[2]);
    }

    #[test]
    fn a_sticky_user_stays_where_the_endpoints_stay() {
        let mut pool = Pool::new(BalancerSpec::Sticky);
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Routing);
        (0..10).for_each(|slot| pool.join(slot));
        let homes: Vec<u32> =
            (0..1_000).map(|user| pool.pick(|| key.stream(user), user * 7919).unwrap()).collect();
        pool.leave(3);
        for (user, &home) in (0_u64..).zip(&homes) {
            let now = pool.pick(|| key.stream(user), user * 7919).unwrap();
            assert!(home == 3 || now == home, "user {user} moved from {home} to {now}");
        }
    }
}
