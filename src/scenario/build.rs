//! Builds the tree from the events of a YAML document, within budgets: a hostile file is given up
//! before it costs anything.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::{
    ALIASES_MAX, DEPTH_MAX, KEY_CHARS_MAX, Location, NODES_MAX, Problem, TEXT_BYTES_MAX,
    path::{push_index, push_key},
    quoted,
    scalar::{self, Plain},
    syntax,
    tree::{Entry, Node, Value},
};

/// What all files of one scenario may still use up.
#[derive(Debug)]
pub(super) struct Budget {
    nodes: usize,
    text_bytes: usize,
    aliases: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { nodes: NODES_MAX, text_bytes: TEXT_BYTES_MAX, aliases: ALIASES_MAX }
    }
}

/// Reads one document. `None` when it is not YAML, is empty, or exceeds a budget; then, and for
/// duplicate keys and the like, `problems` says why.
pub(super) fn parse(
    text: &str,
    file: usize,
    budget: &mut Budget,
    problems: &mut Vec<Problem>,
) -> Option<Node> {
    let options = granit_parser::options! { emit_comments: false, emit_unresolved_aliases: true };
    let mut builder = Builder {
        file,
        budget,
        problems,
        anchors: BTreeMap::new(),
        open: Vec::new(),
        root: None,
        documents: 0,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let fed = match event {
            Ok((event, span)) => builder.feed(event, &span),
            Err(error) => Err(Box::new(syntax::problem(&error, text, file))),
        };
        if let Err(problem) = fed {
            let path = builder.path();
            builder.problems.push(problem.path(path));
            return None;
        }
    }
    if builder.root.is_none() {
        builder.problems.push(
            Problem::error("the file is empty")
                .at(Location::of_file(file))
                .hint("`rollsim init` writes a scenario to start from"),
        );
    }
    builder.root
}

struct Builder<'b> {
    file: usize,
    budget: &'b mut Budget,
    problems: &'b mut Vec<Problem>,
    anchors: BTreeMap<usize, Node>,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

/// A mapping or list whose end has not come yet.
struct Open {
    anchor: usize,
    location: Location,
    body: Body,
}

enum Body {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, seen: BTreeMap<String, usize>, key: Option<Key> },
}

/// The key that waits for its value; not `usable` when it was already reported.
struct Key {
    text: String,
    location: Location,
    usable: bool,
}

/// A fault after which reading on makes no sense.
type Fatal = Box<Problem>;

impl Builder<'_> {
    fn feed(&mut self, event: Event<'_>, span: &Span) -> Result<(), Fatal> {
        let location = place(self.file, span);
        match event {
            Event::DocumentStart(..) => self.begin(location),
            Event::Alias(id) => self.alias(id, location),
            Event::UnresolvedAlias(name) => {
                self.report(
                    Problem::error(format!("no anchor `&{}` comes before this alias", cut(&name)))
                        .at(location),
                );
                self.attach(Node { value: Value::Broken, location });
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span, location);
                self.scalar(&text, style, anchor, location)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span, location);
                self.open(Open { anchor, location, body: Body::List(Vec::new()) })
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span, location);
                let body = Body::Map { entries: Vec::new(), seen: BTreeMap::new(), key: None };
                self.open(Open { anchor, location, body })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            // the enum is open: what the crate may add is no value, as long as none asks for it
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentEnd
            | Event::Anchor(..)
            | Event::Comment(..)
            | _ => Ok(()),
        }
    }

    fn begin(&mut self, location: Location) -> Result<(), Fatal> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(Box::new(
                Problem::error("a second document begins here")
                    .at(location)
                    .allowed("one document per file")
                    .hint("remove the `---` line, or put what follows into a file of its own"),
            ));
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        location: Location,
    ) -> Result<(), Fatal> {
        if self.wants_key() {
            self.spend(1, text.len(), location)?;
            self.key(text, style, location);
            return Ok(());
        }
        let value = if style == ScalarStyle::Plain {
            match scalar::resolve(text) {
                Plain::Null => Value::Null,
                Plain::Bool(value) => Value::Bool(value),
                Plain::Number(number) => Value::Number(number, text.to_owned()),
                Plain::Text => Value::Text(text.to_owned()),
                Plain::NotFinite => {
                    self.report(
                        Problem::error(format!("{} is not a finite number", quoted(text)))
                            .at(location),
                    );
                    Value::Broken
                }
            }
        } else {
            Value::Text(text.to_owned())
        };
        let node = Node { value, location };
        self.spend(1, text.len(), location)?;
        self.remember(anchor, &node)?;
        self.attach(node);
        Ok(())
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { body: Body::Map { key: None, .. }, .. }))
    }

    fn key(&mut self, text: &str, style: ScalarStyle, location: Location) {
        let fault = if style == ScalarStyle::Plain && text == "<<" {
            Some(
                Problem::error("merge keys (`<<`) are not supported")
                    .hint("use `extends: FILE` to build on another scenario"),
            )
        } else if text.chars().nth(KEY_CHARS_MAX).is_some() {
            Some(
                Problem::error("the key is too long")
                    .allowed(format!("at most {KEY_CHARS_MAX} characters")),
            )
        } else {
            None
        };
        let mut usable = fault.is_none();
        if let Some(problem) = fault {
            self.report(problem.at(location));
        }
        let Some(Open { body: Body::Map { seen, .. }, .. }) = self.open.last_mut() else {
            return;
        };
        if usable && let Some(line) = seen.insert(text.to_owned(), location.line) {
            seen.insert(text.to_owned(), line);
            usable = false;
            self.report(
                Problem::error(format!("the key {} is given twice", quoted(text)))
                    .at(location)
                    .hint(format!("remove one; the first is on line {line}")),
            );
        }
        self.wait_for_value(Key { text: text.to_owned(), location, usable });
    }

    fn wait_for_value(&mut self, waiting: Key) {
        if let Some(Open { body: Body::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(waiting);
        }
    }

    fn open(&mut self, open: Open) -> Result<(), Fatal> {
        self.spend(1, 0, open.location)?;
        stay_above(self.open.len() + 1, open.location)?;
        self.open.push(open);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fatal> {
        let Some(Open { anchor, location, body }) = self.open.pop() else {
            return Ok(());
        };
        let value = match body {
            Body::List(items) => Value::List(items),
            Body::Map { entries, .. } => Value::Map(entries),
        };
        let node = Node { value, location };
        self.remember(anchor, &node)?;
        self.attach(node);
        Ok(())
    }

    fn alias(&mut self, id: usize, location: Location) -> Result<(), Fatal> {
        if self.budget.aliases == 0 {
            return Err(exceeded("aliases", ALIASES_MAX, location));
        }
        self.budget.aliases -= 1;
        let Some(node) = self.anchors.get(&id) else {
            self.report(Problem::error("the alias is inside its own anchor").at(location));
            self.attach(Node { value: Value::Broken, location });
            return Ok(());
        };
        let extent = node.extent();
        let node = node.clone();
        self.spend(extent.nodes, extent.text_bytes, location)?;
        stay_above(self.open.len() + extent.depth, location)?;
        self.attach(node);
        Ok(())
    }

    /// Hands a finished value to the mapping or list around it, or makes it the root.
    fn attach(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open { body: Body::List(items), .. }) => items.push(node),
            Some(Open { body: Body::Map { entries, key, .. }, .. }) => match key.take() {
                Some(Key { text, location, usable: true }) => {
                    entries.push(Entry { key: text, key_location: location, value: node });
                }
                Some(_) => {}
                None => {
                    let location = node.location;
                    self.report(Problem::error("a key must be text").at(location));
                    self.wait_for_value(Key { text: String::new(), location, usable: false });
                }
            },
        }
    }

    /// Keeps a copy of an anchored value, which is paid for like any other.
    fn remember(&mut self, anchor: usize, node: &Node) -> Result<(), Fatal> {
        if anchor > 0 {
            let extent = node.extent();
            self.spend(extent.nodes, extent.text_bytes, node.location)?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(())
    }

    fn spend(&mut self, nodes: usize, bytes: usize, location: Location) -> Result<(), Fatal> {
        let left =
            (self.budget.nodes.checked_sub(nodes), self.budget.text_bytes.checked_sub(bytes));
        match left {
            (Some(nodes), Some(text_bytes)) => {
                self.budget.nodes = nodes;
                self.budget.text_bytes = text_bytes;
                Ok(())
            }
            (None, _) => Err(exceeded("values", NODES_MAX, location)),
            (Some(_), None) => Err(exceeded("bytes of text", TEXT_BYTES_MAX, location)),
        }
    }

    fn refuse_tag(&mut self, tagged: bool, span: &Span, location: Location) {
        if tagged {
            let location = span.tag_span().map_or(location, |tag| place(self.file, &tag));
            self.report(
                Problem::error("tags (`!name`) are not supported")
                    .at(location)
                    .hint("remove the tag; put a text that looks like a number in quotes"),
            );
        }
    }

    fn report(&mut self, problem: Problem) {
        let path = self.path();
        self.problems.push(problem.path(path));
    }

    /// Where reading stands, such as `strategy.canary.steps[2]`.
    fn path(&self) -> String {
        let mut path = String::new();
        for open in &self.open {
            match &open.body {
                Body::List(items) => push_index(&mut path, items.len()),
                Body::Map { key: Some(key), .. } => push_key(&mut path, &key.text),
                Body::Map { key: None, .. } => {}
            }
        }
        path
    }
}

fn stay_above(depth: usize, location: Location) -> Result<(), Fatal> {
    if depth > DEPTH_MAX { Err(Box::new(syntax::too_deep(location))) } else { Ok(()) }
}

fn exceeded(what: &str, limit: usize, location: Location) -> Fatal {
    Box::new(
        Problem::error(format!("the scenario has too many {what}"))
            .at(location)
            .allowed(format!("at most {limit} {what}, with every anchor and alias expanded")),
    )
}

fn place(file: usize, span: &Span) -> Location {
    let length = span.end.index().saturating_sub(span.start.index()).max(1);
    Location { file, line: span.start.line(), column: span.start.col() + 1, length }
}

fn cut(name: &str) -> String {
    name.chars().take(40).collect()
}
