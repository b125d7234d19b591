//! What two studies have otherwise.

use serde_json::Value;

/// The first thing that two studies have otherwise: `seed` is 1 there, 2 here.
pub(super) fn difference(there: &Value, here: &Value) -> Option<String> {
    /// Of a value.
    const LETTERS_MAX: usize = 240;
    const COMMAND: &str = "command";
    let (mut there, mut here, mut path) = (there, here, Vec::new());
    if there == here {
        return None;
    }
    while let (Value::Object(one), Value::Object(two)) = (there, here) {
        let mut all = one.keys().chain(two.keys()).filter(|it| one.get(*it) != two.get(*it));
        let first = all.next()?;
        // a command says the rest once more
        let name = all.find(|it| *it != COMMAND).filter(|_| first == COMMAND).unwrap_or(first);
        path.push(name.as_str());
        (there, here) = (&there[name], &here[name]);
    }
    let told = |it: &Value| {
        let text = if it.is_null() { "nothing".to_owned() } else { it.to_string() };
        if text.chars().count() > LETTERS_MAX { "something else".to_owned() } else { text }
    };
    Some(format!("`{}` is {} there, {} here", path.join("."), told(there), told(here)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_value_that_differs_is_named_by_its_path() {
        let one = json!({"kind": "power", "protocol": {"seed": 1, "set": ["a"]}});
        let two = json!({"kind": "power", "protocol": {"seed": 2, "set": ["b"]}});
        assert_eq!(difference(&one, &two).unwrap(), "`protocol.seed` is 1 there, 2 here");
        let less = json!({"kind": "power"});
        let said = "`protocol` is {\"seed\":1,\"set\":[\"a\"]} there, nothing here";
        assert_eq!(difference(&one, &less).unwrap(), said);
        assert_eq!(difference(&one, &one), None);
    }
}
