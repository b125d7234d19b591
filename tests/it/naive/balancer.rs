//! The balancer: endpoints, what each has in hand, and who gets the next attempt.

use std::collections::BTreeMap;

use rollsim::{
    kernel::{Key, Purpose},
    model::BalancerSpec,
};

use super::{Naive, place};

#[derive(Debug, Default)]
pub(super) struct Balancer {
    /// Slots that it believes in, in the order in which they joined.
    pub(super) members: Vec<usize>,
    /// Attempts in hand of each instance, by its number.
    in_hand: BTreeMap<u64, u64>,
    /// Attempts that were sent somewhere.
    picks: u64,
    /// Who is next among equals.
    turn: usize,
}

impl Naive<'_> {
    /// Chooses an endpoint for an attempt; none when there is none.
    pub(super) fn pick(&mut self, attempt: usize) -> Option<usize> {
        let members = &self.balancer.members;
        if members.is_empty() {
            return None;
        }
        let it = self.attempts[attempt];
        let mut draw = self.key(Purpose::Routing).stream(it.entity());
        let slot = match self.plan.scenario.fleet.balancer {
            BalancerSpec::RoundRobin => members[place(self.balancer.picks % members.len() as u64)],
            BalancerSpec::Random => members[Self::one_of(&mut draw, members.len())],
            BalancerSpec::LeastOutstanding => {
                let turn = self.balancer.turn;
                let rank = |&slot: &usize| (self.in_hand(slot), slot < turn, slot);
                members.iter().copied().min_by_key(rank).unwrap()
            }
            BalancerSpec::PowerOfTwo => {
                let one = members[Self::one_of(&mut draw, members.len())];
                let two = members[Self::one_of(&mut draw, members.len())];
                if self.in_hand(two) < self.in_hand(one) { two } else { one }
            }
            BalancerSpec::Sticky => {
                let user = Key::of_bits(self.key(Purpose::Sticky).bits(it.user));
                members.iter().copied().max_by_key(|&slot| user.bits(slot as u64)).unwrap()
            }
        };
        self.balancer.picks += 1;
        self.balancer.turn = slot + 1;
        let pod = self.fleet.slots[slot].pod;
        *self.balancer.in_hand.entry(pod).or_default() += 1;
        self.attempts[attempt].at = Some((slot, pod));
        Some(slot)
    }

    pub(super) fn in_hand(&self, slot: usize) -> u64 {
        let pod = self.fleet.slots[slot].pod;
        self.balancer.in_hand.get(&pod).copied().unwrap_or(0)
    }

    /// An attempt is no longer in anybody's hand.
    pub(super) fn leave_balancer(&mut self, attempt: usize) {
        if let Some((slot, pod)) = self.attempts[attempt].at.take() {
            let in_hand = self.balancer.in_hand.entry(pod).or_default();
            *in_hand = in_hand.saturating_sub(1);
            if self.fleet.slots[slot].pod == pod {
                self.vacate_if_forgotten(slot);
            }
        }
    }

    /// The balancer hears that an endpoint has come or gone.
    pub(super) fn endpoint_changes(&mut self, slot: usize, pod: u64, joins: bool) {
        let it = &self.fleet.slots[slot];
        let known = self.balancer.members.contains(&slot);
        if it.pod != pod || known == joins {
            return;
        }
        if !joins {
            self.balancer.members.retain(|&other| other != slot);
            self.vacate_if_forgotten(slot);
        } else if it.ready {
            self.balancer.members.push(slot);
            if self.rules.joining_forgets_what_is_in_hand {
                self.balancer.in_hand.insert(pod, 0);
            }
        }
        self.count_who_answers();
    }
}
