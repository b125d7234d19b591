//! Checks a tree against the JSON Schema of the type that it is to become, so that every problem
//! of a file is reported at once; serde would stop at the first.

mod form;
mod scalars;
mod schemas;
mod suggest;

pub use form::{Bounds, Form, List, Section, Text, Typed, Variant};
pub use schemas::Schemas;
pub(super) use schemas::generated;
pub use suggest::suggest;

use super::{
    Entry, Location, Node, Problem, Value, extend, format, listed, quoted,
    tree::{push_index, push_key},
};

/// All that keeps `root` from being what the schema describes.
pub(super) fn check(root: &Node, schemas: &Schemas, problems: &mut Vec<Problem>) {
    let head = Location { file: root.location.file, line: 1, column: 1, length: 1 };
    let mut check = Check { schemas, problems, path: String::new() };
    check.node(root, schemas.root(), head);
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
                if let Some(problem) = scalars::check(&node.value, &form, self.key()) {
                    self.report(problem, node.location);
                }
            }
        }
    }

    fn section(&mut self, entries: &[Entry], section: &Section<'_>, head: Location) {
        for entry in entries {
            match section.child(&entry.key) {
                Some(schema) if self.is_meant(entry, section, schema) => {
                    self.within_key(entry, schema);
                }
                Some(_) | None => self.unknown_key(entry, section),
            }
        }
        if let Some(max) = section.max.filter(|max| entries.len() as u64 > *max) {
            let problem = Problem::error(format!("there are {} entries", entries.len()));
            self.report(problem.allowed(format!("at most {max}")), head);
        }
        for name in &section.required {
            if entries.iter().any(|entry| entry.key == *name) {
                continue;
            }
            let schema = section.child(name).map(|schema| self.schemas.form(schema));
            let problem = Problem::error(format!("the key {} is missing", quoted(name)));
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

    fn unknown_key(&mut self, entry: &Entry, section: &Section<'_>) {
        let names = || section.names().filter(|name| *name != extend::EXTENDS);
        let mut problem = Problem::error(format!("there is no key {}", quoted(&entry.key)))
            .allowed(listed(names()));
        // the keys of a file are no part of what it says, and only its top level has them
        let top = self.path.is_empty().then_some([format::KEY, extend::EXTENDS]);
        let known = names().chain(top.into_iter().flatten());
        if let Some(name) = suggest(&entry.key, known) {
            problem = problem.hint(format!("did you mean `{name}`?"));
        }
        let length = self.path.len();
        push_key(&mut self.path, &entry.key);
        self.report(problem, entry.key_location);
        self.path.truncate(length);
    }

    fn choice(&mut self, entries: &[Entry], variants: &[Variant<'_>], head: Location) {
        let names = || variants.iter().map(|variant| variant.name);
        let Some((entry, others)) = entries.split_first() else {
            let problem = Problem::error("no choice is made here").allowed(listed(names()));
            self.report(problem, head);
            return;
        };
        for entry in entries {
            let chosen = variants.iter().find(|variant| variant.name == entry.key);
            match chosen.map(|variant| variant.body) {
                None => self.unknown_choice(&entry.key, variants, entry.key_location),
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

    fn unknown_choice(&mut self, name: &str, variants: &[Variant<'_>], location: Location) {
        let names = || variants.iter().map(|variant| variant.name);
        let mut problem = Problem::error(format!("{} is not one of the choices", quoted(name)))
            .allowed(listed(names()));
        if let Some(name) = suggest(name, names()) {
            problem = problem.hint(format!("did you mean `{name}`?"));
        }
        self.report(problem, location);
    }

    fn settings_of_none(&mut self, entry: &Entry) {
        if !matches!(entry.value.value, Value::Null | Value::Broken) {
            let name = quoted(&entry.key);
            let problem = Problem::error(format!("{name} has no settings"))
                .hint(format!("write {name} alone, without anything after the `:`"));
            self.report(problem, entry.value.location);
        }
    }

    fn named_choice(&mut self, text: &str, variants: &[Variant<'_>], location: Location) {
        match variants.iter().find(|variant| variant.name == text) {
            None => self.unknown_choice(text, variants, location),
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
        self.report(problem.allowed(form.expected()), node.location);
    }

    fn within_key(&mut self, entry: &Entry, schema: &serde_json::Value) {
        let length = self.path.len();
        push_key(&mut self.path, &entry.key);
        self.node(&entry.value, schema, entry.key_location);
        self.path.truncate(length);
    }

    /// The last step of the path, as it is to be named in a message.
    fn named(&self) -> String {
        match self.key() {
            "" => "the scenario".to_owned(),
            key => quoted(key),
        }
    }

    fn key(&self) -> &str {
        self.path.rsplit_once('.').map_or(&self.path, |(_, key)| key)
    }

    fn report(&mut self, problem: Problem, location: Location) {
        self.problems.push(problem.path(self.path.as_str()).at(location));
    }
}

/// Whether `{}` is enough, because every key has a default.
fn takes_defaults(form: &Form<'_>) -> bool {
    matches!(form, Form::Section(section) if section.required.is_empty())
}
