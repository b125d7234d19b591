//! Widths of the embedded font, so that texts can be laid out without overlap.

/// Advance widths of Inter Regular for the characters from space to `~`, in thousandths of the size.
const REGULAR: [u16; 95] = [
    281, 278, 403, 631, 638, 812, 639, 222, 362, 362, 500, 659, 280, 460, 276, 357, 625, 464, 605,
    636, 642, 608, 624, 571, 616, 624, 276, 280, 659, 659, 659, 507, 936, 676, 651, 727, 719, 598,
    587, 743, 740, 264, 543, 652, 562, 889, 753, 761, 635, 761, 639, 638, 642, 741, 676, 949, 642,
    665, 625, 362, 357, 362, 469, 452, 497, 564, 621, 558, 621, 582, 361, 609, 591, 237, 237, 544,
    237, 869, 585, 597, 609, 609, 372, 523, 364, 581, 557, 812, 540, 557, 541, 362, 327, 362, 659,
];
/// The same of Inter semi-bold.
const BOLD: [u16; 95] = [
    248, 309, 396, 643, 649, 844, 663, 213, 393, 393, 543, 673, 295, 466, 290, 379, 667, 481, 621,
    652, 666, 632, 648, 587, 646, 648, 290, 295, 673, 673, 673, 544, 999, 724, 657, 744, 724, 608,
    586, 755, 744, 275, 561, 677, 566, 906, 741, 775, 643, 776, 651, 649, 660, 734, 724, 1007, 690,
    705, 653, 393, 379, 393, 481, 468, 497, 575, 630, 577, 630, 593, 377, 625, 613, 261, 261, 569,
    261, 898, 610, 608, 625, 625, 397, 549, 380, 608, 576, 837, 562, 576, 562, 393, 358, 393, 673,
];
/// What any other character is taken for: as wide as the widest common ones.
const OTHER: u16 = 1_000;

/// Width of a text in pixels at a size in pixels.
pub(in crate::report) fn width_of(text: &str, size: f64, bold: bool) -> f64 {
    let table = if bold { &BOLD } else { &REGULAR };
    let advance = |letter: char| {
        let index = u32::from(letter).checked_sub(u32::from(' ')).map(|it| it as usize);
        f64::from(index.and_then(|it| table.get(it)).copied().unwrap_or(OTHER))
    };
    text.chars().map(advance).sum::<f64>() * size / 1_000.0
}

/// The text, or as much of it with an ellipsis as fits into a width in pixels.
pub(in crate::report) fn fitted(text: &str, size: f64, bold: bool, width: f64) -> String {
    if width_of(text, size, bold) <= width {
        return text.to_owned();
    }
    let mut part = String::new();
    let mut left = width - f64::from(OTHER) * size / 1_000.0;
    for letter in text.chars() {
        left -= width_of(letter.encode_utf8(&mut [0; 4]), size, bold);
        if left < 0.0 {
            break;
        }
        part.push(letter);
    }
    part.truncate(part.trim_end().len());
    part.push('…');
    part
}

/// The text in lines no wider than a width in pixels, broken between words; what does not fit into so
/// many lines shows as an ellipsis.
pub(in crate::report) fn laid_out(
    text: &str,
    (size, bold): (f64, bool),
    width: f64,
    lines_max: usize,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let longer = lines.last().map(|it| format!("{it} {word}"));
        let fits = longer.filter(|it| width_of(it, size, bold) <= width);
        match (fits, lines.last_mut()) {
            (Some(longer), Some(line)) => *line = longer,
            _ => lines.push(word.to_owned()),
        }
    }
    if lines.len() > lines_max.max(1) {
        let rest = lines.split_off(lines_max.max(1) - 1).join(" ");
        lines.push(rest);
    }
    lines.iter().map(|it| fitted(it, size, bold, width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fitted_text_is_no_wider_than_it_may_be() {
        for width in [20.0, 60.0, 90.0, 200.0] {
            let text = fitted("a title that is rather long", 13.0, true, width);
            assert!(width_of(&text, 13.0, true) <= width, "{text}");
        }
        assert_eq!(fitted("short", 10.0, false, 100.0), "short");
    }

    #[test]
    fn lines_break_between_words_and_the_last_one_is_cut() {
        let told = |lines| laid_out("one two three four five", (10.0, false), 60.0, lines);
        assert_eq!(told(9), ["one two", "three four", "five"]);
        assert_eq!(told(2), ["one two", "three four…"]);
        assert!(laid_out("  ", (10.0, false), 60.0, 2).is_empty());
    }
}
