//! What a plain YAML scalar means: the core schema of YAML 1.2, with only `true` and `false` as
//! booleans, and nothing that is not finite.

use serde_json::Number;

/// The meaning of an unquoted text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Number(Number),
    /// `.nan`, `.inf`, or digits beyond what a double holds.
    NotFinite,
    Text,
}

pub(super) fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" => return Plain::Null,
        "true" => return Plain::Bool(true),
        "false" => return Plain::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Plain::NotFinite,
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Plain::NotFinite;
    }
    if let Some(value) = prefixed(text, "0x", 16).or_else(|| prefixed(text, "0o", 8)) {
        return Plain::Number(value.into());
    }
    if !is_decimal(unsigned) {
        return Plain::Text;
    }
    let bare = text.strip_prefix('+').unwrap_or(text);
    if let Ok(value) = bare.parse::<u64>() {
        return Plain::Number(value.into());
    }
    if let Ok(value) = bare.parse::<i64>() {
        return Plain::Number(value.into());
    }
    let Some(float) = bare.parse::<f64>().ok().filter(|it| it.is_finite()) else {
        return Plain::NotFinite;
    };
    // a number without a fraction is a whole number, however it is written, as JSON Schema has it
    let whole = float.to_string().parse::<i64>().ok();
    let number = whole.map(Number::from).or_else(|| Number::from_f64(float));
    number.map_or(Plain::NotFinite, Plain::Number)
}

/// Whether a text is a whole number in digits, however large.
pub(super) fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn prefixed(text: &str, prefix: &str, radix: u32) -> Option<u64> {
    let digits = text.strip_prefix(prefix)?;
    // `from_str_radix` takes a sign, which YAML does not
    if digits.starts_with('+') {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, YAML 1.2.2 section 10.3.2.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    if let Some(exponent) = exponent {
        let bare = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if bare.is_empty() || !digits(bare) {
            return false;
        }
    }
    match mantissa.split_once('.') {
        None => !mantissa.is_empty() && digits(mantissa),
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for text in ["0", "12", "-7", "+3", "0x1F", "0o17", "1.5", "1.", ".5", "1e3", "-2.5E-3"] {
            assert!(matches!(resolve(text), Plain::Number(_)), "{text}");
        }
        for text in
            ["True", "yes", "on", "1_000", "1.2.3", "12:30", "e3", ".", "-", "0x", "1e", "250ms"]
        {
            assert_eq!(resolve(text), Plain::Text, "{text}");
        }
        for text in [".nan", ".inf", "-.inf", "1e999"] {
            assert_eq!(resolve(text), Plain::NotFinite, "{text}");
        }
        assert_eq!(resolve("0o17"), Plain::Number(15.into()));
        assert_eq!(resolve("3.0"), Plain::Number(3.into()));
        assert_eq!(resolve("-2.5e1"), Plain::Number((-25).into()));
        assert_eq!(resolve("-7"), Plain::Number((-7).into()));
        assert_eq!(resolve(""), Plain::Null);
    }
}
