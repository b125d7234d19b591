//! Checks a tree against the JSON Schema of the type that it is to become, so that every problem
//! of a file is reported at once; serde would stop at the first.

mod elsewhere;
mod form;
mod scalars;
mod schemas;
mod suggest;

pub use form::{Bounds, Form, List, Section, Text, Typed, Variant};
pub use schemas::Schemas;
use suggest::of_other_digits;
pub use suggest::suggest;

use super::{
    Entry, Location, Node, Problem, Value, extend, foreign, format, listed,
    path::{self, Step, push_index, push_key},
    quoted,
};

/// All that keeps `root` from being what the schema describes.
pub(super) fn check(root: &Node, schemas: &Schemas, problems: &mut Vec<Problem>) {
    let head = Location { file: root.location.file, line: 1, column: 1, length: 1 };
    let mut check = Check { schemas, problems, path: String::new() };
    check.node(root, schemas.root(), head);
}

/// What is meant by a word that is not known.
pub(super) struct Meant {
    pub(super) hint: String,
    /// The name that may stand in its place.
    pub(super) name: Option<String>,
}

impl Meant {
    fn near(name: &str) -> Self {
        Self { hint: format!("did you mean `{name}`?"), name: Some(name.to_owned()) }
    }
}

/// What is meant by a word at a path where only these names may stand.
pub(super) fn meant(word: &str, path: &str, names: &[&str]) -> Option<Meant> {
    let others = of_other_digits(word, names.iter().copied());
    if !others.is_empty() {
        let hint = format!("of the quantiles, {} can be given here", listed(others));
        return Some(Meant { hint, name: None });
    }
    let at = path::steps(path).unwrap_or_default();
    let near = suggest(word, names.iter().copied());
    match (foreign::translated(word, &at, names), near) {
        // a slip of the pen rather than a word that belongs elsewhere, but for one that belongs in there
        (Some(it), Some(near))
            if it
                .elsewhere
                .as_ref()
                .is_some_and(|ours| !path::within(ours, &path::below(path, near))) =>
        {
            Some(Meant::near(near))
        }
        (Some(it), _) => Some(Meant { hint: it.hint, name: it.here.map(str::to_owned) }),
        (None, near) => near.map(Meant::near),
    }
}

struct Check<'c> {
    schemas: &'c Schemas,
    problems: &'c mut Vec<Problem>,
    path: String,
}

impl Check<'_> {
    /// `head` is what names this value: its key, or the value itself in a list.
    fn node(&mut self, node: &Node, schema: &serde_json::Value, head: Location) {
        let Typed { form, nullable } = self.schemas.form(schema);
        let nothing_fits = nullable || matches!(form, Form::Null);
        if nothing_fits && node.value == Value::Null {
            return;
        }
        match (&node.value, &form) {
            (Value::Broken, _) | (_, Form::Any) => {}
            (Value::Map(entries), Form::Section(section)) => {
                self.section(entries, section, head);
            }
            (Value::Map(entries), Form::Choice(variants)) => self.choice(entries, variants, head),
            (Value::Text(text), Form::Choice(variants)) => {
                self.named_choice(text, variants, node.location);
            }
            (Value::List(items), Form::List(list)) => self.list(items, list, head),
            (_, Form::Mixed(schemas)) => self.mixed(node, schemas, head),
            (Value::Null, _) => self.empty(node, &form, head),
            (Value::Map(_) | Value::List(_), _)
            | (_, Form::Section(_) | Form::Choice(_) | Form::List(_)) => {
                self.wrong_type(node, &form);
            }
            (
                _,
                Form::Text(_) | Form::Boolean | Form::Integer(_) | Form::Number(_) | Form::Null,
            ) => {
                if let Some(problem) = scalars::check(&node.value, &form, &self.key()) {
                    self.report(problem, node.location);
                }
            }
        }
    }

    fn section(&mut self, entries: &[Entry], section: &Section<'_>, head: Location) {
        // what stands there under another name is not missing besides
        let mut meant: Vec<String> = Vec::new();
        for entry in entries {
            match section.child(&entry.key) {
                Some(schema) if self.is_meant(entry, section, schema) => {
                    self.within_key(entry, schema);
                }
                Some(_) | None => meant.extend(self.unknown_key(entry, section)),
            }
        }
        if let Some(max) = section.max.filter(|max| entries.len() as u64 > *max) {
            let problem = Problem::error(format!("there are {} entries", entries.len()));
            self.report(problem.allowed(format!("at most {max}")), head);
        }
        for name in &section.required {
            let is_there = entries.iter().any(|entry| entry.key == *name);
            if is_there || meant.iter().any(|it| it == name) {
                continue;
            }
            let schema = section.child(name).map(|schema| self.schemas.form(schema));
            let problem = Problem::missing(name);
            let problem = match schema {
                Some(typed) => problem.allowed(format!("`{name}:` {}", typed.form.expected())),
                None => problem,
            };
            self.report(problem, head);
        }
    }

    /// Whether a key is what the schema behind it is about. Where any key can stand beside known ones
    /// and would be a mapping, one that is none is a known key misspelt.
    fn is_meant(&self, entry: &Entry, section: &Section<'_>, schema: &serde_json::Value) -> bool {
        let known = section.names().next().is_none() || section.names().any(|it| it == entry.key);
        known
            || matches!(entry.value.value, Value::Map(_) | Value::Null | Value::Broken)
            || !matches!(self.schemas.form(schema).form, Form::Section(_))
    }

    /// Reports a key that is none; the one of this section that is meant by it, where that is known.
    fn unknown_key(&mut self, entry: &Entry, section: &Section<'_>) -> Option<String> {
        let names = section.names().filter(|name| *name != extend::EXTENDS);
        let mut names: Vec<&str> = names.collect();
        let mut problem = Problem::error(format!("there is no key {}", quoted(&entry.key)))
            .allowed(listed(names.iter().copied()));
        // the keys of a file are no part of what it says, and only its top level has them
        let top = self.path.is_empty().then_some([format::KEY, extend::EXTENDS]);
        names.extend(top.into_iter().flatten());
        let meant = meant(&entry.key, &self.path, &names);
        let name = meant.as_ref().and_then(|it| it.name.clone());
        let further_down = || self.in_a_section(&entry.key, section);
        problem.hint = meant.map(|it| it.hint).or_else(further_down);
        let length = self.path.len();
        push_key(&mut self.path, &entry.key);
        self.report(problem, entry.key_location);
        self.path.truncate(length);
        name
    }

    fn choice(&mut self, entries: &[Entry], variants: &[Variant<'_>], head: Location) {
        let names = || variants.iter().map(|variant| variant.name);
        let Some((entry, others)) = entries.split_first() else {
            let problem = Problem::error("no choice is made here").allowed(listed(names()));
            self.report(problem, head);
            return;
        };
        if let Some(hint) = self.in_a_choice(entries, variants) {
            self.unknown_choice((&entry.key, Some(hint)), variants, entry.key_location);
            return;
        }
        for entry in entries {
            let chosen = variants.iter().find(|variant| variant.name == entry.key);
            match chosen.map(|variant| variant.body) {
                None => self.unknown_choice((&entry.key, None), variants, entry.key_location),
                Some(Some(schema)) => self.within_key(entry, schema),
                Some(None) => self.settings_of_none(entry),
            }
        }
        for other in others {
            let problem = Problem::error(format!(
                "only one can be chosen here, not both {} and {}",
                quoted(&entry.key),
                quoted(&other.key)
            ));
            self.report(problem.hint("remove all but one"), other.key_location);
        }
    }

    /// `other` is what else may be meant by the name than another name.
    fn unknown_choice(
        &mut self,
        (name, other): (&str, Option<String>),
        variants: &[Variant<'_>],
        location: Location,
    ) {
        let names: Vec<&str> = variants.iter().map(|variant| variant.name).collect();
        let mut problem = Problem::error(format!("{} is not one of the choices", quoted(name)))
            .allowed(listed(names.iter().copied()));
        problem.hint = meant(name, &self.path, &names).map(|it| it.hint).or(other);
        self.report(problem, location);
    }

    /// A value by itself where a choice of that value by its name is wanted; where the key is that of an
    /// analysis, the name of one.
    fn bare(&self, text: &str, variants: &[Variant<'_>]) -> Option<String> {
        let takes = |variant: &&Variant<'_>| {
            let form = variant.body.map(|body| self.schemas.form(body).form);
            let Some(Form::Text(quantity)) = form else { return false };
            quantity.parser().is_some_and(|parse| parse(text).is_ok())
        };
        let mut taking = variants.iter().filter(takes);
        if let (Some(only), None) = (taking.next(), taking.next()) {
            return Some(format!("write `{{ {}: {text} }}`", only.name));
        }
        (self.key() == "analysis").then(|| {
            "when the gates are measured; they themselves stand under `analysis.gates`".to_owned()
        })
    }

    fn settings_of_none(&mut self, entry: &Entry) {
        if entry.value.value != Value::Broken {
            let name = quoted(&entry.key);
            let problem = Problem::error(format!("{name} has no settings"))
                .hint(format!("write {name} alone, without a `:`"));
            self.report(problem, entry.value.location);
        }
    }

    fn named_choice(&mut self, text: &str, variants: &[Variant<'_>], location: Location) {
        match variants.iter().find(|variant| variant.name == text) {
            None => {
                let bare = self.bare(text, variants);
                self.unknown_choice((text, bare), variants, location);
            }
            Some(Variant { body: None, .. }) => {}
            Some(Variant { body: Some(schema), .. }) => {
                let body = self.schemas.form(schema).form;
                let problem = Problem::error(format!("{} needs its settings", quoted(text)))
                    .allowed(format!("`{text}:` {}", body.expected()))
                    .hint(if takes_defaults(&body) {
                        format!("write `{{ {text}: {{}} }}` to use the defaults")
                    } else {
                        format!("`rollsim explain {text}` lists them")
                    });
                self.report(problem, location);
            }
        }
    }

    fn list(&mut self, items: &[Node], list: &List<'_>, head: Location) {
        let length = self.path.len();
        for (index, item) in items.iter().enumerate() {
            if let Some(schema) = list.item(index) {
                push_index(&mut self.path, index);
                self.node(item, schema, item.location);
                self.path.truncate(length);
            }
        }
        let count = items.len() as u64;
        if list.min.is_some_and(|min| count < min) || list.max.is_some_and(|max| count > max) {
            let entries = if count == 1 { "entry" } else { "entries" };
            let problem = Problem::error(format!("the list has {count} {entries}"));
            self.report(problem.allowed(list.expected()), head);
        }
    }

    /// A place that accepts several kinds of value: the problems of the kind that fits best.
    fn mixed(&mut self, node: &Node, alternatives: &[&serde_json::Value], head: Location) {
        let mut best: Option<Vec<Problem>> = None;
        for schema in alternatives {
            let mut problems = Vec::new();
            let path = self.path.clone();
            Check { schemas: self.schemas, problems: &mut problems, path }.node(node, schema, head);
            if best.as_ref().is_none_or(|best| problems.len() < best.len()) {
                best = Some(problems);
            }
        }
        self.problems.extend(best.unwrap_or_default());
    }

    fn empty(&mut self, node: &Node, form: &Form<'_>, head: Location) {
        let location = if node.location.line > head.line { head } else { node.location };
        let problem = Problem::error(format!("{} is empty", self.named()));
        let mut problem = problem.allowed(form.expected());
        if takes_defaults(form) {
            problem = problem.hint("write `{}` to use the defaults");
        }
        self.report(problem, location);
    }

    fn wrong_type(&mut self, node: &Node, form: &Form<'_>) {
        let problem = Problem::error(format!(
            "{} cannot be {}",
            self.named(),
            scalars::described(&node.value)
        ));
        let mut problem = problem.allowed(form.expected());
        problem.hint = self.as_a_list(node, form);
        self.report(problem, node.location);
    }

    fn within_key(&mut self, entry: &Entry, schema: &serde_json::Value) {
        let length = self.path.len();
        push_key(&mut self.path, &entry.key);
        self.node(&entry.value, schema, entry.key_location);
        self.path.truncate(length);
    }

    /// The last step of the path, as it is to be named in a message.
    fn named(&self) -> String {
        match self.key().as_str() {
            "" => "the scenario".to_owned(),
            key => quoted(key),
        }
    }

    /// The last key of the path, with the entries of lists behind it.
    fn key(&self) -> String {
        let steps = path::steps(&self.path).unwrap_or_default();
        let mut last = String::new();
        for step in steps {
            match step {
                Step::Key(key) => last = key,
                Step::Index(index) => push_index(&mut last, index),
                Step::Every => {}
            }
        }
        last
    }

    fn report(&mut self, problem: Problem, location: Location) {
        self.problems.push(problem.path(self.path.as_str()).at(location));
    }
}

/// Whether `{}` is enough, because every key has a default.
fn takes_defaults(form: &Form<'_>) -> bool {
    matches!(form, Form::Section(section) if section.required.is_empty())
}
