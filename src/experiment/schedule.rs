//! Which class each trial simulates.

/// Gives out classes in turn so that after any number of trials each has had its share, to within one
/// trial or two: an interrupted comparison is balanced as well.
///
/// Smooth weighted round robin: each class earns its share, the richest gets the turn and pays the
/// sum.
#[derive(Clone, Debug)]
pub struct Schedule {
    shares: Vec<u64>,
    credit: Vec<i128>,
    played: Vec<u64>,
}

/// What one trial simulates: the `number`-th trial of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    pub class: usize,
    pub number: u64,
}

impl Schedule {
    /// Shares are in proportion; at least one is above zero.
    pub fn new(shares: Vec<u64>) -> Self {
        let classes = shares.len();
        let mut schedule =
            Self { shares: Vec::new(), credit: vec![0; classes], played: vec![0; classes] };
        schedule.share(shares);
        schedule
    }

    /// Other shares from here on; the numbers within the classes go on.
    pub fn share(&mut self, shares: Vec<u64>) {
        assert!(shares.iter().any(|it| *it > 0), "at least one class has a share");
        self.shares = shares;
        self.credit.fill(0);
    }

    /// The next turn.
    pub fn turn(&mut self) -> Turn {
        for (credit, &share) in self.credit.iter_mut().zip(&self.shares) {
            *credit += i128::from(share);
        }
        let playing = self.shares.iter().zip(&self.credit).enumerate();
        let playing = playing.filter(|(_, (share, _))| **share > 0);
        // the first among equals
        let richest = playing.rev().max_by_key(|(_, (_, credit))| **credit);
        let class = richest.map_or(0, |(class, _)| class);
        self.credit[class] -= i128::from(self.shares.iter().sum::<u64>());
        self.played[class] += 1;
        Turn { class, number: self.played[class] - 1 }
    }
}

/// What all shares sum to, about.
const SHARES: f64 = 1_000.0;
/// Least share of a class, so that none is without trials.
const LEAST: f64 = 30.0;

/// Shares before anything is known of the classes: as the square root of their chances. Good releases
/// get about half of the trials, and the rare ones many more than their chance.
pub(super) fn first_shares(chances: &[f64]) -> Vec<u64> {
    shares(&chances.iter().map(|it| it.sqrt()).collect::<Vec<_>>())
}

/// Shares that make the interval of a difference narrowest (J. Neyman 1934): chance times standard
/// deviation, given for each class. As before anything is known where nothing varies.
pub(super) fn best_shares(chances: &[f64], deviations: &[f64]) -> Vec<u64> {
    let weights: Vec<f64> = chances.iter().zip(deviations).map(|(a, b)| a * b).collect();
    if weights.iter().sum::<f64>() > 0.0 { shares(&weights) } else { first_shares(chances) }
}

/// Trials after which each class has so many, where nothing is known of the classes yet.
pub fn trials_until_each_has(wanted: u64, chances: &[f64]) -> u64 {
    let mut schedule = Schedule::new(first_shares(chances));
    let mut trials = 0;
    while schedule.played.iter().any(|it| *it < wanted) {
        schedule.turn();
        trials += 1;
    }
    trials
}

fn shares(weights: &[f64]) -> Vec<u64> {
    let total: f64 = weights.iter().sum();
    weights.iter().map(|it| crate::units::round_u64((it / total * SHARES).max(LEAST))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_is_balanced() {
        let mut schedule = Schedule::new(vec![5, 3, 1, 1]);
        let mut played = [0_u64; 4];
        for trial in 1..=1_000_u64 {
            played[schedule.turn().class] += 1;
            for (class, share) in [5, 3, 1, 1].into_iter().enumerate() {
                let wanted = trial * share;
                assert!((10 * played[class]).abs_diff(wanted) <= 15, "{played:?}");
            }
        }
        assert_eq!(played, [500, 300, 100, 100]);
    }

    #[test]
    fn numbers_within_a_class_have_no_gap_when_shares_change() {
        let mut schedule = Schedule::new(vec![1, 1]);
        let mut turns: Vec<Turn> = (0..4).map(|_| schedule.turn()).collect();
        schedule.share(vec![0, 1]);
        turns.extend((0..2).map(|_| schedule.turn()));
        let turns: Vec<(usize, u64)> = turns.iter().map(|it| (it.class, it.number)).collect();
        assert_eq!(turns, [(0, 0), (1, 0), (0, 1), (1, 1), (1, 2), (1, 3)]);
    }

    #[test]
    fn every_class_has_its_trials_after_so_many() {
        // shares of 703, 222 and 74: the rare class has its turn about every 13.5 trials
        assert_eq!(trials_until_each_has(1, &[1.0]), 1);
        assert_eq!(trials_until_each_has(2, &[0.5, 0.5]), 4);
        let until = trials_until_each_has(2, &[0.9, 0.09, 0.01]);
        assert!((15..=27).contains(&until), "{until}");
    }

    #[test]
    fn rare_classes_get_more_than_their_chance_and_none_gets_nothing() {
        assert_eq!(first_shares(&[0.9, 0.09, 0.01]), [703, 222, 74]);
        assert_eq!(best_shares(&[0.9, 0.09, 0.01], &[0.0, 1.0, 9.0]), [30, 500, 500]);
        assert_eq!(best_shares(&[1.0], &[0.0]), [1_000]);
    }
}
