//! Names beside points, placed so that none lies over another or over a point.

use super::Frame;

/// Height of a line of text.
const HEIGHT: f64 = 15.0;
/// From a point to its name.
const NEAR: f64 = 10.0;
/// Rings of places around a point, each further out.
const RINGS: u32 = 26;
/// Directions in the order in which they are liked: right, left, above, below, then between.
const AROUND: [(f64, f64); 12] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (1.0, -0.8),
    (1.0, 0.8),
    (-1.0, -0.8),
    (-1.0, 0.8),
    (0.2, -1.0),
    (0.2, 1.0),
    (-0.2, -1.0),
    (-0.2, 1.0),
];

fn overlap(one: Frame, two: Frame) -> bool {
    one.left < two.right && two.left < one.right && one.top < two.bottom && two.top < one.bottom
}

/// Where a label of this width stands on a ring around a point.
fn place((x, y): (f64, f64), width: f64, (right, down): (f64, f64), ring: u32) -> Frame {
    let away = NEAR + 13.0 * f64::from(ring);
    let left = match right {
        it if it > 0.0 => x + away * it,
        it if it < 0.0 => x + away * it - width,
        _ => x - width / 2.0,
    };
    let middle = y + down * (away + 4.0);
    Frame { left, right: left + width, top: middle - HEIGHT / 2.0, bottom: middle + HEIGHT / 2.0 }
}

/// Places for labels of the given widths beside their points, inside `within` and clear of
/// `obstacles` where that is possible at all.
pub(in crate::report) fn placed(
    points: &[((f64, f64), f64)],
    obstacles: &[Frame],
    within: Frame,
) -> Vec<Frame> {
    let dot = |&((x, y), _): &((f64, f64), f64)| Frame {
        left: x - 6.0,
        right: x + 6.0,
        top: y - 6.0,
        bottom: y + 6.0,
    };
    let mut taken: Vec<Frame> = points.iter().map(dot).collect();
    let mut places = Vec::new();
    for &(at, width) in points {
        let rings = (0..RINGS).flat_map(|ring| AROUND.map(|it| place(at, width, it, ring)));
        let inside = rings.filter(|it| {
            it.left >= within.left
                && it.right <= within.right
                && it.top >= within.top
                && it.bottom <= within.bottom
        });
        let inside: Vec<Frame> = inside.collect();
        let free = |it: &&Frame| !taken.iter().any(|other| overlap(**it, *other));
        let clear = |it: &&Frame| !obstacles.iter().any(|other| overlap(**it, *other));
        let near = inside.iter().take(2 * AROUND.len()).find(|it| free(it) && clear(it));
        let best = near.or_else(|| inside.iter().find(free)).copied();
        let best = best.unwrap_or_else(|| place(at, width, AROUND[0], 0));
        taken.push(best);
        places.push(best);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITHIN: Frame = Frame { left: 0.0, right: 600.0, top: 0.0, bottom: 400.0 };

    #[test]
    fn sixteen_names_of_one_point_do_not_lie_over_each_other() {
        let places = placed(&[((300.0, 200.0), 90.0); 16], &[], WITHIN);
        for (index, one) in places.iter().enumerate() {
            assert!(places[..index].iter().all(|two| !overlap(*one, *two)), "{places:?}");
            assert!(one.left >= 0.0 && one.right <= 600.0);
        }
    }

    #[test]
    fn a_name_stands_to_the_right_unless_something_is_there() {
        let point = [((300.0, 200.0), 90.0)];
        assert!((placed(&point, &[], WITHIN)[0].left - 310.0).abs() < 1e-9);
        let bar = Frame { left: 295.0, right: 350.0, top: 195.0, bottom: 205.0 };
        assert!((placed(&point, &[bar], WITHIN)[0].right - 290.0).abs() < 1e-9);
    }
}
