//! Commands as a shell takes them.

/// A word as a shell would take it.
pub fn shell_word(text: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "/._-+".contains(it);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// The words of a command that was put together of [`shell_word`]s.
pub fn shell_words(command: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), None);
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' => words.extend(word.take()),
            '\'' => {
                let quoted = letters.by_ref().take_while(|it| *it != '\'');
                word.get_or_insert_with(String::new).extend(quoted);
            }
            '\\' => word.get_or_insert_with(String::new).extend(letters.next()),
            letter => word.get_or_insert_with(String::new).push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_command_is_taken_apart_as_a_shell_does_it() {
        let words = shell_words(r"rollsim power 'it'\''s a bot.yaml' --set 'a=[1, 2]' ''");
        assert_eq!(words, ["rollsim", "power", "it's a bot.yaml", "--set", "a=[1, 2]", ""]);
    }

    proptest! {
        #[test]
        fn any_words_come_back(words in prop::collection::vec(".*", 0..6)) {
            let command: Vec<String> = words.iter().map(|it| shell_word(it)).collect();
            prop_assert_eq!(shell_words(&command.join(" ")), words);
        }
    }
}
