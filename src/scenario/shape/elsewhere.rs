//! Settings that stand one section too high, and where they belong.

use super::{Check, Form, Section, Typed, Variant};
use crate::scenario::{Entry, Node, Value, path::below};

impl Check<'_> {
    /// A key that a section does not have, and one of its sections does.
    pub(super) fn in_a_section(&self, key: &str, section: &Section<'_>) -> Option<String> {
        let has = |name: &&str| {
            let inner = section.child(name).map(|it| self.schemas.form(it));
            inner.is_some_and(|it| has_key(&it, key))
        };
        Some(self.belongs(key, only(section.names().filter(has))?))
    }

    /// Keys where a choice is to be made, which are those of one of the choices.
    pub(super) fn in_a_choice(
        &self,
        entries: &[Entry],
        variants: &[Variant<'_>],
    ) -> Option<String> {
        let has_all = |it: &&Variant<'_>| {
            let inner = it.body.map(|it| self.schemas.form(it));
            inner.is_some_and(|inner| entries.iter().all(|it| has_key(&inner, &it.key)))
        };
        let is_chosen = |it: &Entry| variants.iter().any(|variant| variant.name == it.key);
        let chosen = only(variants.iter().filter(has_all))?;
        if entries.iter().any(is_chosen) {
            return None;
        }
        Some(self.belongs(&entries.first()?.key, chosen.name))
    }

    /// A list in place of a section, of which one key takes it.
    pub(super) fn as_a_list(&self, node: &Node, form: &Form<'_>) -> Option<String> {
        let (Value::List(_), Form::Section(section)) = (&node.value, form) else { return None };
        let takes = |name: &&str| {
            let Some(schema) = section.child(name) else { return false };
            let mut problems = Vec::new();
            let path = self.path.clone();
            let mut check = Check { schemas: self.schemas, problems: &mut problems, path };
            check.node(node, schema, node.location);
            problems.is_empty()
        };
        let name = only(section.names().filter(takes))?;
        Some(format!("a list stands under `{name}`: `{}`", below(&self.path, name)))
    }

    fn belongs(&self, key: &str, name: &str) -> String {
        let path = below(&below(&self.path, name), key);
        format!("`{key}` stands under `{name}`: `{path}`")
    }
}

fn has_key(typed: &Typed<'_>, key: &str) -> bool {
    matches!(&typed.form, Form::Section(it) if it.names().any(|name| name == key))
}

/// The one that there is.
fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    found.next().filter(|_| found.next().is_none())
}
