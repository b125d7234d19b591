//! What a scenario may say, in words: taken from its JSON Schema, which is made from the docstrings
//! of the types, so that manual, editor and checker cannot disagree.

use std::cell::OnceCell;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    defaults::Unset,
    phrase::{brief, phrase},
    prose,
    shipped::{self, SHIPPED},
};
use crate::{
    scenario::{Form, Schemas, Section, Step, Typed, Variant, language, suggest},
    units::text::plural,
};

/// The families of names that a scenario chooses from: the word for one, and its type.
const FAMILIES: &[(&str, &str)] = &[
    ("strategy", "StrategySpec"),
    ("judge", "JudgeSpec"),
    ("metric", "MetricSpec"),
    ("fault", "EffectSpec"),
    ("channel", "ChannelSpec"),
    ("trigger", "TriggerSpec"),
    ("balancer", "BalancerSpec"),
    ("traffic pattern", "PatternSpec"),
    ("distribution", "Distribution"),
    ("migration end", "MigrationEnd"),
    ("mitigation", "Mitigation"),
    ("measure", "ExpectSpec"),
];
/// The word for a top-level key of the scenario.
const SECTION: &str = "section";
/// The word for a scenario that comes with rollsim.
const SCENARIO: &str = "scenario";
/// The words for what is no name of its own.
const KEY: &str = "key";
const CHOICE: &str = "choice";
const ENTRY: &str = "entry";
/// Deeper than any path of the language.
const DEPTH_MAX: usize = 16;

/// One name that can be listed and explained.
#[derive(Clone, Debug)]
pub(super) struct Topic {
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// First sentence of its description.
    pub(super) summary: String,
    place: Place,
}

/// A place of the language.
#[derive(Clone, Debug)]
struct Place {
    kind: &'static str,
    schema: Value,
    unset: Unset,
}

/// Everything about one name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Explanation {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) description: String,
    /// What may stand behind the name.
    pub(super) allowed: String,
    #[serde(flatten)]
    pub(super) unset: Unset,
    pub(super) fields: Vec<Field>,
}

/// A key of a section, or a name of a choice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) allowed: Option<String>,
    #[serde(flatten)]
    pub(super) unset: Unset,
}

pub(super) struct Manual {
    schemas: Schemas,
    topics: Vec<Topic>,
    places: OnceCell<Vec<(String, Explanation)>>,
}

impl Manual {
    pub(super) fn new() -> Self {
        let mut manual = Self { schemas: language(), topics: Vec::new(), places: OnceCell::new() };
        manual.topics = manual.every_topic();
        manual
    }

    /// The words for kinds of names that exist.
    pub(super) fn kinds(&self) -> Vec<&'static str> {
        let mut kinds: Vec<_> = self.topics.iter().map(|topic| topic.kind).collect();
        kinds.dedup();
        kinds
    }

    /// Every name, kind by kind.
    pub(super) fn topics(&self) -> &[Topic] {
        &self.topics
    }

    fn every_topic(&self) -> Vec<Topic> {
        let mut topics = self.topics_of(SECTION, self.schemas.root());
        for (kind, spec) in FAMILIES {
            if let Some(schema) = self.schemas.definition(spec) {
                topics.extend(self.topics_of(kind, schema));
            }
        }
        topics.extend(SHIPPED.iter().map(|(name, text)| {
            let place = Place { kind: SCENARIO, schema: Value::Null, unset: Unset::default() };
            topic(SCENARIO, name, shipped::title(text), place)
        }));
        topics
    }

    fn topics_of(&self, kind: &'static str, schema: &Value) -> Vec<Topic> {
        let below = self.below(&self.schemas.form(schema).form);
        let topic = |(field, place): (Field, Place)| {
            topic(kind, &field.name, &field.description, Place { kind, ..place })
        };
        below.into_iter().map(topic).collect()
    }

    /// All that steps from a name of the list lead to.
    pub(super) fn at(&self, path: &str, steps: &[Step]) -> Vec<Explanation> {
        let Some((Step::Key(head), rest)) = steps.split_first() else { return Vec::new() };
        let topics = self.topics.iter().filter(|topic| topic.name == *head);
        topics.filter_map(|topic| self.told(topic, path, rest)).collect()
    }

    fn told(&self, topic: &Topic, path: &str, rest: &[Step]) -> Option<Explanation> {
        if topic.kind == SCENARIO {
            return rest.is_empty().then(|| story(topic));
        }
        let place = self.descend(&topic.place, rest)?;
        Some(self.explanation(path, &place))
    }

    /// A kind of names, with all that there are, by its word or the plural.
    pub(super) fn family(&self, word: &str) -> Option<Explanation> {
        let is_meant = |kind: &str| kind == word || plural(kind) == word;
        let (kind, spec) = FAMILIES.iter().find(|(kind, _)| is_meant(kind))?;
        let schema = self.schemas.definition(spec)?.clone();
        let place = Place { kind: "kind of names", schema, unset: Unset::default() };
        Some(self.explanation(kind, &place))
    }

    /// Every key and every choice below the names of the list, by its path. Where names of a family
    /// may stand, their keys are not repeated.
    pub(super) fn places(&self) -> &[(String, Explanation)] {
        self.places.get_or_init(|| {
            let mut places = Vec::new();
            // a section of its own says the same keys: those of `client` are those of `http`
            let is_section = |topic: &&Topic| topic.kind == SECTION;
            let of_section = |topic: &Topic| topic.place.schema.get("$ref").cloned();
            let sections: Vec<Value> =
                self.topics.iter().filter(is_section).filter_map(of_section).collect();
            let repeats = |it: &Topic| of_section(it).is_some_and(|it| sections.contains(&it));
            let of_files = |it: &&Topic| it.kind != SCENARIO && (is_section(it) || !repeats(it));
            for topic in self.topics.iter().filter(of_files) {
                self.walk(&topic.name, &topic.place, 0, &mut places);
            }
            let told = |(path, place): (String, Place)| {
                let explanation = self.explanation(&path, &place);
                (path, explanation)
            };
            places.into_iter().map(told).collect()
        })
    }

    fn walk(&self, path: &str, place: &Place, depth: usize, places: &mut Vec<(String, Place)>) {
        let inner = self.inner(&place.schema);
        if depth > DEPTH_MAX || self.is_of_family(inner) {
            return;
        }
        for (field, below) in self.below(&self.schemas.form(inner).form) {
            let path = format!("{path}.{}", field.name);
            places.push((path.clone(), below.clone()));
            self.walk(&path, &below, depth + 1, places);
        }
    }

    /// Whether the names of a family may stand here, referred to or written out.
    fn is_of_family(&self, schema: &Value) -> bool {
        let names = self.names(schema);
        let of_family = |(_, spec): &(&str, &str)| {
            self.schemas.definition(spec).is_some_and(|it| self.names(it) == names)
        };
        !names.is_empty() && FAMILIES.iter().any(of_family)
    }

    fn explanation(&self, path: &str, place: &Place) -> Explanation {
        let typed = self.schemas.form(&place.schema);
        let fields = self.below(&self.schemas.form(self.inner(&place.schema)).form);
        Explanation {
            kind: place.kind.to_owned(),
            name: path.to_owned(),
            description: self.description(&place.schema),
            allowed: format!("{}{}", phrase(&self.schemas, &typed), off(&typed, &place.unset)),
            unset: place.unset.clone(),
            fields: fields.into_iter().map(|(field, _)| field).collect(),
        }
    }

    /// What is said of the key, and then of its type.
    fn description(&self, schema: &Value) -> String {
        let own = self.schemas.description(schema).unwrap_or_default();
        let inner = self.inner(schema);
        // what a text may be, stands beside the name
        let is_text = !own.is_empty() && matches!(self.schemas.form(inner).form, Form::Text(_));
        if is_text || self.is_of_family(inner) {
            return own.to_owned();
        }
        let of_type = |schema| self.schemas.resolve(schema).get("description")?.as_str();
        let optional = || inner.get("anyOf")?.as_array()?.iter().find_map(of_type);
        match optional().or_else(|| of_type(inner)) {
            Some(more) if more != own && !own.is_empty() => joined(own, more),
            Some(more) => more.to_owned(),
            None => own.to_owned(),
        }
    }

    fn descend(&self, place: &Place, steps: &[Step]) -> Option<Place> {
        let Some((step, rest)) = steps.split_first() else { return Some(place.clone()) };
        let entry =
            |schema: &Value| Place { kind: ENTRY, schema: schema.clone(), unset: Unset::default() };
        let form = self.schemas.form(&place.schema).form;
        match (step, &form) {
            (Step::Index(_) | Step::Every, Form::List(list)) => {
                let index = if let Step::Index(index) = step { *index } else { 0 };
                let there = list.max.is_none_or(|max| (index as u64) < max);
                self.descend(&entry(list.item(index).filter(|_| there)?), rest)
            }
            (Step::Key(_), Form::List(list)) => self.descend(&entry(list.item(0)?), steps),
            (Step::Every, Form::Section(Section { properties: None, open: Some(open), .. })) => {
                self.descend(&entry(open), rest)
            }
            (Step::Key(key), Form::Section(section)) => {
                let own = section.properties.and_then(|it| it.get_key_value(key));
                if let Some((name, schema)) = own {
                    let (_, place) = self.key(name, schema, section);
                    return self.descend(&place, rest);
                }
                let open = section.open?;
                let through = || self.descend(&entry(open), steps);
                let below = self.inner(open);
                let below = section.names().chain(self.names(below));
                // what is nearly a key is a key misspelt, and no name of an entry
                let named = || match suggest(key, below) {
                    None => self.descend(&entry(open), rest),
                    Some(_) => None,
                };
                section.properties.is_none().then(through).flatten().or_else(named)
            }
            (Step::Key(key), _) => {
                let mut below = self.below(&form).into_iter();
                let (_, place) = below.find(|(field, _)| field.name == *key)?;
                self.descend(&place, rest)
            }
            (Step::Index(_) | Step::Every, _) => None,
        }
    }

    /// The keys or choices of a form.
    fn names<'s>(&'s self, schema: &'s Value) -> Vec<&'s str> {
        self.schemas.form(schema).form.names()
    }

    /// The entries of a list or map, for keys are looked for in them.
    fn inner<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let form = self.schemas.form(schema).form;
        form.item(0).or(form.behind_names()).map_or(schema, |it| self.inner(it))
    }

    fn below(&self, form: &Form<'_>) -> Vec<(Field, Place)> {
        match form {
            Form::Section(section) => {
                let properties = section.properties.into_iter().flatten();
                properties.map(|(name, schema)| self.key(name, schema, section)).collect()
            }
            Form::Choice(variants) => variants.iter().map(|it| self.variant(it)).collect(),
            Form::Any
            | Form::Null
            | Form::Boolean
            | Form::Integer(_)
            | Form::Number(_)
            | Form::Text(_)
            | Form::List(_)
            | Form::Mixed(_) => Vec::new(),
        }
    }

    fn key(&self, name: &str, schema: &Value, section: &Section<'_>) -> (Field, Place) {
        let description = self.schemas.description(schema).unwrap_or_default();
        let required = section.required.contains(&name);
        let unset = Unset::of(schema, description, required);
        let typed = self.schemas.form(schema);
        let field = Field {
            name: name.to_owned(),
            description: description.to_owned(),
            allowed: Some(format!("{}{}", brief(&self.schemas, &typed), off(&typed, &unset))),
            unset: unset.clone(),
        };
        (field, Place { kind: KEY, schema: schema.clone(), unset })
    }

    /// A name of a choice, with the schema of its settings carrying its description.
    fn variant(&self, variant: &Variant<'_>) -> (Field, Place) {
        let inner = || self.schemas.description(variant.body?);
        let description = variant.description.or_else(inner).unwrap_or_default();
        let unset = Unset::default();
        let field = Field {
            name: variant.name.to_owned(),
            description: description.to_owned(),
            allowed: variant.body.map(|body| brief(&self.schemas, &self.schemas.form(body))),
            unset: unset.clone(),
        };
        let mut schema = variant.body.cloned().unwrap_or_else(|| json!({ "type": "null" }));
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), description.into());
        }
        (field, Place { kind: CHOICE, schema, unset })
    }
}

/// What is said of a key and of its type. Where the first sentence of one adds next to nothing to that of the
/// other, it is left out.
fn joined(own: &str, more: &str) -> String {
    let (ours, theirs) = (prose::first_sentence(own), prose::first_sentence(more));
    let (one, other) = if prose::new_words(&ours, &theirs) == 0 {
        (more.to_owned(), prose::after_first(own))
    } else if prose::new_words(&theirs, &ours) <= 2 {
        (own.to_owned(), prose::after_first(more))
    } else {
        (own.to_owned(), more.to_owned())
    };
    if other.is_empty() { one } else { format!("{one}\n\n{other}") }
}

/// What switches off what is on by default.
fn off(typed: &Typed<'_>, unset: &Unset) -> &'static str {
    if typed.nullable && unset.default.is_some() { ", or `null`" } else { "" }
}

fn topic(kind: &'static str, name: &str, description: &str, place: Place) -> Topic {
    Topic { kind, name: name.to_owned(), summary: prose::first_sentence(description), place }
}

/// A shipped scenario, by its own story.
fn story(topic: &Topic) -> Explanation {
    let text = SHIPPED.iter().find(|(name, _)| *name == topic.name).map(|(_, text)| *text);
    Explanation {
        kind: topic.kind.to_owned(),
        name: topic.name.clone(),
        description: text.map(shipped::story).unwrap_or_default(),
        allowed: topic.summary.clone(),
        unset: Unset::default(),
        fields: Vec::new(),
    }
}
