//! The balancer: which of its endpoints gets the next request.

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
    /// Slots by requests in hand.
    least: Levels,
    picks: u64,
}

impl Pool {
    pub(super) fn new(policy: BalancerSpec) -> Self {
        Self {
            policy,
            members: Vec::new(),
            outstanding: Vec::new(),
            least: Levels::new(),
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
            self.least.leave(slot);
        }
    }

    /// Picks an endpoint for an attempt of a user; none when there is none.
    pub(super) fn pick(
        &mut self,
        mut luck: impl FnMut() -> Stream,
        sticky: impl Fn() -> u64,
    ) -> Option<u32> {
        let slot = match self.policy {
            BalancerSpec::LeastOutstanding => {
                let slot = self.least.first()?;
                self.least.turn = slot + 1;
                slot
            }
            BalancerSpec::RoundRobin => {
                let turn = self.picks.checked_rem(self.members.len() as u64)?;
                self.members[member(turn)]
            }
            BalancerSpec::Random => self.any(&mut luck())?,
            BalancerSpec::PowerOfTwo => self.better_of_two(&mut luck())?,
            BalancerSpec::Sticky => {
                let sticky = sticky();
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
            self.least.set(slot, self.outstanding[slot as usize]);
        }
    }

    fn any(&self, stream: &mut Stream) -> Option<u32> {
        let count = self.members.len() as u64;
        (count > 0).then(|| self.members[member(stream.below(count))])
    }

    /// The better of two drawn one like the other, perhaps the same twice: as in M. Mitzenmacher,
    /// "The power of two choices in randomized load balancing" (2001), and in Envoy. Among equals
    /// the first drawn.
    fn better_of_two(&self, stream: &mut Stream) -> Option<u32> {
        let (first, second) = (self.any(stream)?, self.any(stream)?);
        let load = |slot: u32| self.outstanding[slot as usize];
        Some(if load(second) < load(first) { second } else { first })
    }

    fn refresh(&mut self, slot: u32) {
        if self.policy == BalancerSpec::LeastOutstanding {
            self.least.set(slot, self.outstanding[slot as usize]);
        }
    }
}

/// Rendezvous hashing: the endpoint with the highest hash together with the user. An endpoint that
/// leaves moves only its own users.
fn rendezvous(sticky: u64, slot: u32) -> u64 {
    Key::of_bits(sticky).bits(u64::from(slot))
}

/// Slots by requests in hand: one set of bits for each number of requests, so that picking and
/// releasing cost the same for any fleet.
#[derive(Debug)]
struct Levels {
    /// Words of 64 slots in one level.
    words: usize,
    /// `bits[level * words + word]`.
    bits: Vec<u64>,
    /// How many levels there are.
    height: usize,
    /// No level below this one has a slot; this one has, unless none is left.
    lowest: usize,
    /// Level of each slot; `ABSENT` where it is none of ours.
    level: Vec<u32>,
    /// Where the search among equals begins: behind the slot that was picked last.
    turn: u32,
}

/// More requests in hand than this count as this many.
const LEVEL_MAX: u32 = 4_095;
const ABSENT: u32 = u32::MAX;

impl Levels {
    const fn new() -> Self {
        Self { words: 0, bits: Vec::new(), height: 0, lowest: 0, level: Vec::new(), turn: 0 }
    }

    fn has(&self, slot: u32) -> bool {
        self.level.get(slot as usize).is_some_and(|&it| it != ABSENT)
    }

    /// Slots with the fewest requests in hand; of these, the next in turn.
    fn first(&self) -> Option<u32> {
        let bits = self.slots_of(self.lowest);
        let (word, bit) = (self.turn as usize / 64, self.turn % 64);
        let from = bits.get(word).map_or(0, |it| it & (u64::MAX << bit));
        let slot_at = |word: usize, bits: u64| narrow(word * 64) + bits.trailing_zeros();
        if from != 0 {
            return Some(slot_at(word, from));
        }
        let after = (word + 1..bits.len()).chain(0..bits.len()).find(|&it| bits[it] != 0)?;
        Some(slot_at(after, bits[after]))
    }

    /// A level's words; none of one that there is not.
    #[inline]
    fn slots_of(&self, level: usize) -> &[u64] {
        let from = level * self.words;
        self.bits.get(from..from + self.words).unwrap_or_default()
    }

    /// Moves a slot to the level of its requests in hand.
    #[inline]
    fn set(&mut self, slot: u32, outstanding: u32) {
        if self.has(slot) {
            self.clear(slot);
        } else {
            self.admit(slot);
        }
        let capped = outstanding.min(LEVEL_MAX);
        let level = capped as usize;
        if level >= self.height {
            self.height = level + 1;
            self.bits.resize(self.height * self.words, 0);
        }
        self.level[slot as usize] = capped;
        self.bits[level * self.words + slot as usize / 64] |= 1 << (slot % 64);
        self.lowest = self.lowest.min(level);
        self.rise();
    }

    #[inline]
    fn clear(&mut self, slot: u32) {
        let level = self.level[slot as usize] as usize;
        self.bits[level * self.words + slot as usize / 64] &= !(1 << (slot % 64));
    }

    /// Finds the lowest level again after a slot has left one.
    #[inline]
    fn rise(&mut self) {
        while self.lowest + 1 < self.height && self.slots_of(self.lowest).iter().all(|it| *it == 0)
        {
            self.lowest += 1;
        }
    }

    fn leave(&mut self, slot: u32) {
        if self.has(slot) {
            self.clear(slot);
            self.level[slot as usize] = ABSENT;
            self.rise();
        }
    }

    /// Makes room for a slot.
    fn admit(&mut self, slot: u32) {
        if slot as usize >= self.level.len() {
            self.level.resize(slot as usize + 1, ABSENT);
        }
        let words = self.level.len().div_ceil(64);
        if words > self.words {
            let old = std::mem::replace(&mut self.words, words);
            let mut bits = vec![0; self.height * words];
            for level in 0..self.height {
                bits[level * words..level * words + old]
                    .copy_from_slice(&self.bits[level * old..(level + 1) * old]);
            }
            self.bits = bits;
        }
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
        (0..count).map(|i| pool.pick(|| key.stream(i), || i).unwrap()).collect()
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
            assert_eq!(Pool::new(policy).pick(|| key.stream(1), || 1), None);
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
        let mut pool = Pool::new(BalancerSpec::LeastOutstanding);
        (0..3).for_each(|slot| pool.join(slot));
        let order: Vec<u32> = (0..6)
            .map(|i| {
                let slot = pool.pick(|| key.stream(i), || 0).unwrap();
                pool.release(slot);
                slot
            })
            .collect();
        assert_eq!(order, [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn a_sticky_user_stays_where_the_endpoints_stay() {
        let mut pool = Pool::new(BalancerSpec::Sticky);
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Routing);
        (0..10).for_each(|slot| pool.join(slot));
        let homes: Vec<u32> = (0..1_000)
            .map(|user| pool.pick(|| key.stream(user), || user * 7919).unwrap())
            .collect();
        pool.leave(3);
        for (user, &home) in (0_u64..).zip(&homes) {
            let now = pool.pick(|| key.stream(user), || user * 7919).unwrap();
            assert!(home == 3 || now == home, "user {user} moved from {home} to {now}");
        }
    }
}
