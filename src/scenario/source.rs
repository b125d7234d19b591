//! The texts of a scenario, for problems to point into.

/// A file of a scenario: its name as people wrote it, and its text without a byte-order mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    pub text: String,
}

/// The files of a scenario: the one that was asked for, then what it extends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

impl Source {
    /// A line by its number, from 1, without its line break.
    pub fn line(&self, number: usize) -> Option<&str> {
        let mut rest = self.text.as_str();
        for _ in 1..number {
            let at = rest.find(['\n', '\r'])?;
            let width = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
            rest = &rest[at + width..];
        }
        Some(rest.split(['\n', '\r']).next().unwrap_or(rest))
    }
}

impl Sources {
    pub fn get(&self, file: usize) -> Option<&Source> {
        self.0.get(file)
    }

    /// Adds a file and returns its index.
    pub fn push(&mut self, name: String, text: String) -> usize {
        self.0.push(Source { name, text });
        self.0.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_any_line_break() {
        let source = Source { name: String::new(), text: "a\r\nb\rc\n\nd".to_owned() };
        let lines: Vec<_> = (1..=6).map(|number| source.line(number)).collect();
        assert_eq!(lines, [Some("a"), Some("b"), Some("c"), Some(""), Some("d"), None]);
    }
}
