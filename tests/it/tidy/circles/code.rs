//! What a file declares, brings in and names: enough of Rust's grammar to follow paths, no more.

use crate::tidy::tokens::{tokens, without_tests};

/// One name that a `use` brings in.
#[derive(Debug, PartialEq)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// What the file calls it.
    pub(super) name: String,
    /// Part of a `pub use`.
    pub(super) public: bool,
}

/// What is read of a file, its tests left out.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Code {
    /// Modules that it declares, those of `catalog!` included.
    pub(super) children: Vec<String>,
    /// Modules that are written out in it. Their `super` is read as the file's.
    pub(super) inline: Vec<String>,
    pub(super) imports: Vec<Import>,
    /// Paths of two names or more in the code itself, such as `gate::Gate`.
    pub(super) paths: Vec<Vec<String>>,
}

impl Code {
    pub(super) fn of(text: &str) -> Self {
        let text = without_tests(text);
        let tokens: Vec<String> = tokens(&text).into_iter().map(|it| it.1.to_owned()).collect();
        let mut code = Self::default();
        let mut at = 0;
        while at < tokens.len() {
            at += code.item(&tokens[at..], at.checked_sub(1).map(|it| tokens[it].as_str()));
        }
        code
    }

    /// Takes in what the tokens begin with, and says how many they are.
    fn item(&mut self, tokens: &[String], before: Option<&str>) -> usize {
        match tokens {
            [word, name, end, ..] if word == "mod" && end == ";" => {
                self.children.push(name.clone());
                3
            }
            [word, name, brace, ..] if word == "mod" && brace == "{" => {
                self.inline.push(name.clone());
                3
            }
            [word, bang, ..] if word == "catalog" && bang == "!" => {
                let end = closing(tokens, 2);
                self.catalog(&tokens[2..end]);
                end
            }
            [word, ..] if word == "use" => {
                let end = tokens.iter().position(|it| it == ";").unwrap_or(tokens.len());
                let public = before.is_some_and(|it| it == "pub" || it == ")");
                self.bring_in(&[], &tokens[1..end], public);
                end
            }
            [word, ..] if is_name(word) && !before.is_some_and(|it| it == "::" || it == ".") => {
                let path = path(tokens);
                let length = 2 * path.len() - 1;
                if path.len() > 1 {
                    self.paths.push(path);
                }
                length
            }
            _ => 1,
        }
    }

    /// A line `"leak" => leak::Leak` declares the module and publishes the type. What is only `in tests`
    /// is declared elsewhere.
    fn catalog(&mut self, tokens: &[String]) {
        for at in (0..tokens.len()).filter(|it| tokens[*it] == "=>") {
            let found = path(&tokens[at + 1..]);
            if found.len() < 2 {
                continue;
            }
            self.children.push(found[0].clone());
            let (name, public) = (found[1].clone(), true);
            self.imports.push(Import { path: found, name, public });
        }
    }

    fn bring_in_each(&mut self, above: &[String], group: &[String], public: bool) {
        for branch in branches(group) {
            self.bring_in(above, branch, public);
        }
    }

    fn bring_in(&mut self, above: &[String], tree: &[String], public: bool) {
        let mut path = above.to_vec();
        let mut rest = tree;
        while let [word, tail @ ..] = rest {
            match word.as_str() {
                "{" => return self.bring_in_each(&path, &tail[..tail.len() - 1], public),
                "as" => break,
                "::" | "self" if !path.is_empty() => {}
                _ => path.push(word.clone()),
            }
            rest = tail;
        }
        let name = if rest.is_empty() { path.last() } else { rest.get(1) };
        if let Some(name) = name.cloned() {
            self.imports.push(Import { path, name, public });
        }
    }
}

/// What commas part at the top level.
fn branches(tokens: &[String]) -> Vec<&[String]> {
    let mut depth = 0_i32;
    let split = tokens.split(|it| {
        depth += i32::from(it == "{") - i32::from(it == "}");
        depth == 0 && it == ","
    });
    split.filter(|it| !it.is_empty()).collect()
}

fn path(tokens: &[String]) -> Vec<String> {
    let mut path = vec![tokens[0].clone()];
    let mut rest = &tokens[1..];
    while let [colons, name, tail @ ..] = rest
        && colons == "::"
        && is_name(name)
    {
        path.push(name.clone());
        rest = tail;
    }
    path
}

fn is_name(token: &str) -> bool {
    token.starts_with(|it: char| it.is_alphabetic() || it == '_')
}

/// Just behind the bracket that closes the one at this place.
fn closing(tokens: &[String], open: usize) -> usize {
    let mut depth = 0_i32;
    let end = tokens[open..].iter().position(|it| {
        depth += i32::from(it == "{") - i32::from(it == "}");
        depth == 0
    });
    end.map_or(tokens.len(), |it| open + it + 1)
}

#[test]
fn code_is_read_as_far_as_paths_go() {
    let text = r##"
        //! use crate::nothing;
        mod gate; pub use gate::{Gate, kinds::{self, Kind as Other}};
        use super::course::Leg;
        catalog! { /// "x" => y
            Spec: Kind builds Box<dyn It> { "leak" => leak::Leak, "hang" => hang::Hang
            in tests { "odd" => Odd in crate::added::odd } } gathers { all: one(it: u8) -> u8 } }
        fn a<'t>(it: &'t gate::Ruling) -> char { let _ = r#"x::y "z::a"#; b"c::d\"e::f"; '"' }
        #[cfg(test)]
        mod tests { use crate::never; }
        #[cfg(test)]
        mod script;
        mod absent { struct Origin; }
        fn b() { crate::sim::run(it.of::<u8>(), '\'', "g::h") }
    "##;
    let code = Code::of(text);
    assert_eq!(code.children, ["gate", "leak", "hang"]);
    assert_eq!(code.inline, ["absent"]);
    let imports: Vec<(String, &str, bool)> =
        code.imports.iter().map(|it| (it.path.join("::"), it.name.as_str(), it.public)).collect();
    let expected = [
        ("gate::Gate", "Gate", true),
        ("gate::kinds", "kinds", true),
        ("gate::kinds::Kind", "Other", true),
        ("super::course::Leg", "Leg", false),
        ("leak::Leak", "Leak", true),
        ("hang::Hang", "Hang", true),
    ];
    assert_eq!(imports, expected.map(|(path, name, public)| (path.to_owned(), name, public)));
    let paths: Vec<String> = code.paths.iter().map(|it| it.join("::")).collect();
    assert_eq!(paths, ["gate::Ruling", "crate::sim::run"]);
}
