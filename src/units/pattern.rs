//! Patterns of the published JSON Schema, one for each kind of quantity: what a parser here accepts, for
//! editors. In the words that every dialect of regular expressions has.
//!
//! Two things a pattern cannot say: that the parts of a span such as `1h30m` are at most ten years together
//! (each of them is), and that a range such as `450..550` is the right way round.

use super::Limit;

/// Digits, perhaps with `_` between them.
const DIGITS: &str = "[0-9][0-9_]*";
const FRACTION: &str = r"\.[0-9_]*";

/// Largest whole number of each unit of time: ten years.
const SPAN_MAX: [(&str, u64); 8] = [
    ("w", 521),
    ("d", 3_653),
    ("h", 87_672),
    ("m", 5_260_320),
    ("s", 315_619_200),
    ("ms", 315_619_200_000),
    ("us", 315_619_200_000_000),
    ("ns", 315_619_200_000_000_000),
];
/// Of each unit of rates: ten million a second.
const RATE_MAX: [(&str, u64); 5] = [
    ("/s", 10_000_000),
    ("/m", 600_000_000),
    ("/min", 600_000_000),
    ("/h", 36_000_000_000),
    ("/d", 864_000_000_000),
];
/// Of each unit of memory: 1024 TiB.
const BYTES_MAX: [(&str, u64); 9] = [
    ("TiB", 1_024),
    ("GiB", 1_048_576),
    ("MiB", 1_073_741_824),
    ("KiB", 1_099_511_627_776),
    ("TB", 1_125),
    ("GB", 1_125_899),
    ("MB", 1_125_899_906),
    ("kB", 1_125_899_906_842),
    ("B", 1_125_899_906_842_624),
];

/// Most digits of a count.
const COUNT_DIGITS: usize = 12;

pub fn span() -> String {
    whole(&spans())
}

pub fn rate() -> String {
    whole(&any_unit(&RATE_MAX))
}

pub fn ratio() -> String {
    whole(&format!(r"({}|{})", percentage(), at_most(1)))
}

pub fn factor() -> String {
    whole(&factors())
}

pub fn bytes() -> String {
    whole(&any_unit(&BYTES_MAX))
}

pub fn hour_of_week() -> String {
    let days = ["Mm][Oo][Nn", "Tt][Uu][Ee", "Ww][Ee][Dd", "Tt][Hh][Uu", "Ff][Rr][Ii", "Ss][Aa][Tt"];
    let days: Vec<String> =
        days.iter().chain(&["Ss][Uu][Nn"]).map(|it| format!("[{it}]")).collect();
    whole(&format!(r"(({}) \s*)?([01]?[0-9]|2[0-3]):[0-5]?[0-9]", days.join("|")))
}

/// A number of instances up to `most`, or a share of the fleet.
pub fn amount(most: u64) -> String {
    // a share has a point, and a number has none
    let share = format!(r"(0_*)*1_*\.[0_]*|(0_*)+{FRACTION}|\.{DIGITS}");
    whole(&format!("({}|{share}|{})", percentage(), count_to(most)))
}

pub fn limit() -> String {
    whole(&format!("({})", limits().join("|")))
}

/// A limit with an operator, or two limits of one kind; a count may have decimals.
pub fn condition() -> String {
    let [percentage, span, factor, slope, _] = limits();
    let limits = [percentage, span, factor, slope, at_most(Limit::COUNT_MAX)];
    let ranges: Vec<String> = limits.iter().map(|it| format!(r"{it}\s*\.\.\s*{it}")).collect();
    whole(&format!(r"(([<>]=?\s*)?({})|{})", limits.join("|"), ranges.join("|")))
}

/// A value such as `1%`, or a range such as `1%..20%`.
pub fn ratios() -> String {
    one_or_range(&format!(r"({}|{})", percentage(), at_most(1)))
}

/// As `ratios`, of times.
pub fn times() -> String {
    one_or_range(&spans())
}

/// As `ratios`, of whole numbers.
pub fn counts() -> String {
    one_or_range("[0-9]{1,12}")
}

fn one_or_range(one: &str) -> String {
    whole(&format!(r"{one}(\s*\.\.\s*{one})?"))
}

fn whole(inner: &str) -> String {
    format!(r"^\s*{inner}\s*$")
}

/// The kinds of limits; no text is of two of them.
fn limits() -> [String; 5] {
    let count = format!("[0-9]{{1,{COUNT_DIGITS}}}");
    let slope = format!(r"{}\s*/h", any_unit(&BYTES_MAX));
    [percentage(), spans(), factors(), slope, count]
}

fn percentage() -> String {
    format!(r"{}\s*%", at_most(100))
}

fn factors() -> String {
    format!(r"{}\s*[x×]", at_most(1_000_000))
}

fn spans() -> String {
    let part = any_unit(&SPAN_MAX);
    format!(r"{part}(\s*{part})*")
}

fn any_unit(units: &[(&str, u64)]) -> String {
    let each: Vec<String> =
        units.iter().map(|(unit, most)| format!(r"{}\s*{unit}", at_most(*most))).collect();
    format!("({})", each.join("|"))
}

/// Whole numbers up to a bound, without `_`.
fn count_to(most: u64) -> String {
    let digits = most.to_string();
    format!("0*({}|{digits})", smaller(&digits, "[0-9]").join("|"))
}

/// Decimal numbers from 0 to a whole one.
fn at_most(most: u64) -> String {
    let digits = most.to_string();
    let largest: String = digits.chars().flat_map(|it| [it, '_', '*']).collect();
    let below = smaller(&digits, "[0-9]_*").join("|");
    let fraction = format!(r"\.{DIGITS}");
    format!(r"((0_*)*({below})({FRACTION})?|(0_*)*{largest}(\.[0_]*)?|{fraction})")
}

/// Whole numbers below one of several digits: those with fewer, and those that first differ from it at
/// each of its places.
fn smaller(digits: &str, any: &str) -> Vec<String> {
    let gap = any.strip_prefix("[0-9]").unwrap_or_default();
    let mut all = Vec::new();
    if digits.len() > 1 {
        all.push(format!("({any}){{1,{}}}", digits.len() - 1));
    }
    for (at, digit) in digits.char_indices().filter(|(_, digit)| *digit != '0') {
        let before = digits[..at]
            .chars()
            .fold(String::new(), |before, it| before + it.encode_utf8(&mut [0; 4]) + gap);
        let below = char::from_digit(digit.to_digit(10).unwrap_or(1) - 1, 10).unwrap_or('0');
        let rest = digits.len() - at - 1;
        let rest = if rest == 0 { String::new() } else { format!("({any}){{{rest}}}") };
        // a first digit of 0 is a number with fewer digits
        if at == 0 && digits.len() > 1 && below == '0' {
            continue;
        }
        let first = if at == 0 && digits.len() > 1 { '1' } else { '0' };
        all.push(format!("{before}[{first}-{below}]{gap}{rest}"));
    }
    all
}
