//! Points that fill a cube evenly, however many are taken.

/// Most dimensions.
pub const SOBOL_DIMENSIONS_MAX: usize = 21;

const BITS: usize = 32;

/// Degree and coefficients of the primitive polynomials and the initial direction numbers of the
/// dimensions after the first: S. Joe, F. Y. Kuo, "Constructing Sobol sequences with better
/// two-dimensional projections", SIAM J. Sci. Comput. 30 (2008), their file `new-joe-kuo-6.21201`.
const DIRECTIONS: [(u32, &[u32]); SOBOL_DIMENSIONS_MAX - 1] = [
    (0, &[1]),
    (1, &[1, 3]),
    (1, &[1, 3, 1]),
    (2, &[1, 1, 1]),
    (1, &[1, 1, 3, 3]),
    (4, &[1, 3, 5, 13]),
    (2, &[1, 1, 5, 5, 17]),
    (4, &[1, 1, 5, 5, 5]),
    (7, &[1, 1, 7, 11, 19]),
    (11, &[1, 1, 5, 1, 1]),
    (13, &[1, 1, 1, 3, 11]),
    (14, &[1, 3, 5, 5, 31]),
    (1, &[1, 3, 3, 9, 7, 49]),
    (13, &[1, 1, 1, 15, 21, 21]),
    (16, &[1, 3, 1, 13, 27, 49]),
    (19, &[1, 1, 1, 15, 7, 5]),
    (22, &[1, 3, 1, 15, 13, 25]),
    (25, &[1, 1, 5, 5, 19, 61]),
    (1, &[1, 3, 7, 11, 23, 15, 103]),
    (4, &[1, 3, 7, 13, 13, 15, 69]),
];

/// A Sobol sequence with a digital shift: every coordinate's bits are turned by a constant of its
/// own, which keeps the evenness and makes each point uniform where the shifts are drawn at random.
#[derive(Clone, Debug)]
pub struct Sobol {
    /// By dimension, then by bit.
    directions: Vec<[u32; BITS]>,
    state: Vec<u32>,
    taken: u32,
}

impl Sobol {
    /// One shift for each dimension, at most [`SOBOL_DIMENSIONS_MAX`]; with zeros it is the plain
    /// sequence, which begins with the origin.
    pub fn shifted(shifts: &[u32]) -> Self {
        assert!(
            shifts.len() <= SOBOL_DIMENSIONS_MAX,
            "no direction numbers for so many dimensions"
        );
        let directions = (0..shifts.len()).map(directions_of).collect();
        Self { directions, state: shifts.to_vec(), taken: 0 }
    }

    /// The next point, each coordinate in [0, 1).
    pub fn point(&mut self) -> Vec<f64> {
        let point = self.state.iter().map(|it| f64::from(*it) / 4_294_967_296.0).collect();
        // Gray code (I. A. Antonov, V. M. Saleev 1979): one bit changes from point to point
        let bit = (self.taken.trailing_ones() as usize).min(BITS - 1);
        for (state, directions) in self.state.iter_mut().zip(&self.directions) {
            *state ^= directions[bit];
        }
        self.taken = self.taken.wrapping_add(1);
        point
    }
}

fn directions_of(dimension: usize) -> [u32; BITS] {
    let mut all = [0; BITS];
    let Some(&(coefficients, initial)) = dimension.checked_sub(1).and_then(|it| DIRECTIONS.get(it))
    else {
        // the first dimension: van der Corput's sequence
        for (bit, it) in all.iter_mut().enumerate() {
            *it = 1 << (BITS - 1 - bit);
        }
        return all;
    };
    let degree = initial.len();
    for (bit, number) in initial.iter().enumerate() {
        all[bit] = number << (BITS - 1 - bit);
    }
    for bit in degree..BITS {
        let mut next = all[bit - degree] ^ (all[bit - degree] >> degree);
        for k in 1..degree {
            if coefficients >> (degree - 1 - k) & 1 == 1 {
                next ^= all[bit - k];
            }
        }
        all[bit] = next;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(dimensions: usize, count: usize) -> Vec<Vec<f64>> {
        let mut sobol = Sobol::shifted(&vec![0; dimensions]);
        (0..count).map(|_| sobol.point()).collect()
    }

    /// The table on Joe and Kuo's page: the first ten points in three dimensions.
    #[test]
    fn the_first_points_are_those_that_joe_and_kuo_print() {
        let printed = [
            [0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25],
            [0.25, 0.75, 0.75],
            [0.375, 0.375, 0.625],
            [0.875, 0.875, 0.125],
            [0.625, 0.125, 0.875],
            [0.125, 0.625, 0.375],
            [0.1875, 0.3125, 0.9375],
            [0.6875, 0.8125, 0.4375],
        ];
        assert_eq!(points(3, 10), printed.map(Vec::from));
    }

    /// A (0, m, 1)-net in every coordinate: each of 256 equal parts holds one of 256 points; and in
    /// most pairs of coordinates, each of 16 by 16.
    #[test]
    fn every_coordinate_is_filled_evenly() {
        let points = points(SOBOL_DIMENSIONS_MAX, 256);
        for dimension in 0..SOBOL_DIMENSIONS_MAX {
            let mut cells: Vec<u64> =
                points.iter().map(|it| crate::units::round_u64(it[dimension] * 256.0)).collect();
            cells.sort_unstable();
            assert!(cells.iter().copied().eq(0..256), "dimension {dimension}");
        }
    }

    #[test]
    fn a_shift_turns_bits_and_keeps_the_evenness() {
        let mut shifted = Sobol::shifted(&[0xDEAD_BEEF, 0x0BAD_F00D]);
        let mut cells: Vec<(u64, u64)> = (0..256)
            .map(|_| shifted.point())
            .map(|it| {
                (
                    crate::units::round_u64((it[0] * 16.0).floor()),
                    crate::units::round_u64((it[1] * 16.0).floor()),
                )
            })
            .collect();
        cells.sort_unstable();
        cells.dedup();
        assert_eq!(cells.len(), 256);
    }
}
