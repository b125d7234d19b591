//! What a scenario may say, in words: taken from its JSON Schema, which is made from the docstrings
//! of the types, so that manual, editor and checker cannot disagree.

use serde::Serialize;
use serde_json::{Value, json};

use super::shipped::{self, SHIPPED};
use crate::scenario::{Form, Schemas, Section, Typed, Variant, file_schemas, listed, to_yaml_line};

/// The families of names that a scenario chooses from: the word for one, and its type.
const FAMILIES: &[(&str, &str)] = &[
    ("strategy", "StrategySpec"),
    ("judge", "JudgeSpec"),
    ("metric", "MetricSpec"),
    ("fault", "EffectSpec"),
    ("trigger", "TriggerSpec"),
    ("balancer", "BalancerSpec"),
    ("traffic pattern", "PatternSpec"),
    ("distribution", "Distribution"),
    ("migration end", "MigrationEnd"),
    ("measure", "ExpectSpec"),
];
/// The word for a top-level key of the scenario.
const SECTION: &str = "section";
/// The word for a way in which updates reach the bot. There is one so far: a plain HTTP client.
const CHANNEL: &str = "channel";
/// The word for a scenario that comes with rollsim.
const SCENARIO: &str = "scenario";

/// One name that can be listed and explained.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Topic {
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// First sentence of its description.
    pub(super) summary: String,
    #[serde(skip)]
    schema: Value,
}

/// A shipped scenario, by its own story.
fn told(topic: &Topic) -> Explanation {
    let text = SHIPPED.iter().find(|(name, _)| *name == topic.name).map(|(_, text)| *text);
    Explanation {
        kind: topic.kind.to_owned(),
        name: topic.name.clone(),
        description: text.map(shipped::story).unwrap_or_default(),
        allowed: topic.summary.clone(),
        default: None,
        fields: Vec::new(),
    }
}

/// Everything about one name.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Explanation {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) description: String,
    /// What may stand behind the name.
    pub(super) allowed: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default: Option<String>,
    pub(super) fields: Vec<Field>,
}

/// A key of a section, or a name of a choice.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) allowed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default: Option<String>,
    pub(super) required: bool,
}

pub(super) struct Manual {
    schemas: &'static Schemas,
}

impl Manual {
    pub(super) fn new() -> Self {
        Self { schemas: file_schemas() }
    }

    /// The words for kinds of names that exist.
    pub(super) fn kinds(&self) -> Vec<&'static str> {
        let known = FAMILIES.iter().filter(|(_, spec)| self.schemas.definition(spec).is_some());
        let families = known.map(|(kind, _)| *kind);
        std::iter::once(SECTION).chain(families).chain([CHANNEL, SCENARIO]).collect()
    }

    /// Every name, kind by kind.
    pub(super) fn topics(&self) -> Vec<Topic> {
        let mut topics = self.topics_of(SECTION, self.schemas.root());
        for (kind, spec) in FAMILIES {
            if let Some(schema) = self.schemas.definition(spec) {
                topics.extend(self.topics_of(kind, schema));
            }
        }
        if let Some(client) = self.schemas.definition("ClientSpec") {
            let summary = first_sentence(self.schemas.description(client).unwrap_or_default());
            let (name, schema) = ("http".to_owned(), client.clone());
            topics.push(Topic { kind: CHANNEL, name, summary, schema });
        }
        topics.extend(SHIPPED.iter().map(|(name, text)| Topic {
            kind: SCENARIO,
            name: (*name).to_owned(),
            summary: shipped::title(text).to_owned(),
            schema: Value::Null,
        }));
        topics
    }

    fn topics_of(&self, kind: &'static str, schema: &Value) -> Vec<Topic> {
        let fields = self.fields(&self.schemas.form(schema).form);
        let topic = |(field, schema): (Field, Value)| Topic {
            kind,
            summary: first_sentence(&field.description),
            name: field.name,
            schema,
        };
        fields.into_iter().map(topic).collect()
    }

    /// All that `name` may mean: a name of a family, or a path such as `fleet.memory`.
    pub(super) fn explain(&self, name: &str) -> Vec<Explanation> {
        let (head, rest) = name.split_once('.').map_or((name, None), |(h, r)| (h, Some(r)));
        let topics = self.topics().into_iter().filter(|topic| topic.name == head);
        topics.filter_map(|topic| self.below(&topic, name, rest)).collect()
    }

    fn below(&self, topic: &Topic, name: &str, rest: Option<&str>) -> Option<Explanation> {
        if topic.kind == SCENARIO {
            return rest.is_none().then(|| told(topic));
        }
        let mut schema = &topic.schema;
        for key in rest.into_iter().flat_map(|rest| rest.split('.')) {
            schema = self.child(schema, key)?;
        }
        let kind = if rest.is_some() { "key" } else { topic.kind };
        let typed = self.schemas.form(schema);
        Some(Explanation {
            kind: kind.to_owned(),
            name: name.to_owned(),
            description: self.schemas.description(schema).unwrap_or_default().to_owned(),
            allowed: self.phrase(&typed),
            default: default(schema),
            fields: self
                .fields(&self.inner(typed).form)
                .into_iter()
                .map(|(field, _)| field)
                .collect(),
        })
    }

    /// The schema behind a key, looking through lists and maps.
    fn child<'s>(&'s self, schema: &'s Value, key: &str) -> Option<&'s Value> {
        self.inner(self.schemas.form(schema)).form.child(key)
    }

    /// The entries of a list or map, for keys are looked for in them.
    fn inner<'s>(&'s self, typed: Typed<'s>) -> Typed<'s> {
        match &typed.form {
            Form::List(list) => list.item(0).map(|item| self.inner(self.schemas.form(item))),
            Form::Section(Section { properties: None, open: Some(open), .. }) => {
                Some(self.inner(self.schemas.form(open)))
            }
            Form::Any
            | Form::Null
            | Form::Boolean
            | Form::Integer(_)
            | Form::Number(_)
            | Form::Text(_)
            | Form::Section(_)
            | Form::Choice(_)
            | Form::Mixed(_) => None,
        }
        .unwrap_or(typed)
    }

    fn fields(&self, form: &Form<'_>) -> Vec<(Field, Value)> {
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

    fn key(&self, name: &str, schema: &Value, section: &Section<'_>) -> (Field, Value) {
        let field = Field {
            name: name.to_owned(),
            description: self.schemas.description(schema).unwrap_or_default().to_owned(),
            allowed: Some(self.phrase(&self.schemas.form(schema))),
            default: default(schema),
            required: section.required.contains(&name),
        };
        (field, schema.clone())
    }

    /// A name of a choice, with the schema of its settings carrying its description.
    fn variant(&self, variant: &Variant<'_>) -> (Field, Value) {
        let inner = || self.schemas.description(variant.body?);
        let description = variant.description.or_else(inner).unwrap_or_default();
        let field = Field {
            name: variant.name.to_owned(),
            description: description.to_owned(),
            allowed: variant.body.map(|body| self.phrase(&self.schemas.form(body))),
            default: None,
            required: false,
        };
        let mut schema = variant.body.cloned().unwrap_or_else(|| json!({ "type": "null" }));
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), description.into());
        }
        (field, schema)
    }

    /// What may stand in a place, in a few words.
    fn phrase(&self, typed: &Typed<'_>) -> String {
        match &typed.form {
            Form::Section(Section { properties: Some(_), .. }) => "a section".to_owned(),
            Form::Section(Section { open: Some(open), .. }) => {
                format!("names, and for each {}", self.phrase(&self.schemas.form(open)))
            }
            Form::Section(_) => "`{}`".to_owned(),
            Form::Null => "no settings".to_owned(),
            Form::List(list) => match list.item(0) {
                Some(item) if list.first.is_empty() => {
                    format!("{}, each {}", list.expected(), self.phrase(&self.schemas.form(item)))
                }
                _ => list.expected(),
            },
            Form::Choice(variants) => {
                format!("one of {}", listed(variants.iter().map(|variant| variant.name)))
            }
            Form::Any
            | Form::Boolean
            | Form::Integer(_)
            | Form::Number(_)
            | Form::Text(_)
            | Form::Mixed(_) => typed.form.expected(),
        }
    }
}

/// A default that fits on a line; larger sections show theirs key by key.
fn default(schema: &Value) -> Option<String> {
    const CHARS_MAX: usize = 80;
    let value = schema.get("default").filter(|value| !value.is_null())?;
    let text = to_yaml_line(value);
    (text.chars().count() <= CHARS_MAX).then_some(text)
}

fn first_sentence(text: &str) -> String {
    let text = text.split("\n\n").next().unwrap_or(text).replace('\n', " ");
    match text.split_once(". ") {
        Some((first, _)) => first.to_owned(),
        None => text.trim_end_matches('.').to_owned(),
    }
}
