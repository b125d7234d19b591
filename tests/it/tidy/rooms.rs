//! The one-way street: a room uses only rooms of earlier rows.

use super::files::{read, sources};

/// The rows of ARCHITECTURE.md. A room uses only rooms of earlier rows; in one row they are
/// strangers.
const ROOMS: &[&[&str]] = &[
    &["units"],
    &["kernel", "stats"],
    &["model"],
    &["strategy", "judge", "fault", "channel"],
    &["scenario"],
    &["sim"],
    &["experiment"],
    &["import", "export", "report"],
    &["cli"],
];

#[test]
fn the_architecture_names_every_room() {
    let text = read("ARCHITECTURE.md");
    let rooms: Vec<String> = sources().iter().filter_map(|(path, _)| room_of(path)).collect();
    assert!(rooms.contains(&"sim".to_owned()), "found the rooms");
    for room in rooms {
        assert_eq!(unmapped(&room, &text), None);
    }
}

pub(super) fn wrong_room(path: &str, text: &str) -> Option<String> {
    let own = room_of(path)?;
    let Some(own_row) = row_of(&own) else {
        return Some(format!("{path}: room `{own}` is not on the map"));
    };
    used_rooms(text)
        .into_iter()
        .filter(|used| *used != own)
        .find(|used| row_of(used).is_some_and(|row| row >= own_row))
        .map(|used| format!("{path}: `{own}` may not use `{used}`"))
}

/// Paths that climb twice hide from the rule of the rooms.
pub(super) fn climbs(path: &str, text: &str) -> Option<String> {
    let climb = ["super", "super"].join("::");
    text.contains(&climb).then(|| format!("{path}: write `crate::`"))
}

fn unmapped(room: &str, architecture: &str) -> Option<String> {
    let mentioned = architecture.contains(&format!("**`{room}`**"));
    (!mentioned).then(|| format!("ARCHITECTURE.md does not map `{room}`"))
}

pub(super) fn room_of(path: &str) -> Option<String> {
    let first = path.strip_prefix("src/")?.split('/').next()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    // the last one is compiled in tests only
    (!["main", "lib", "catalog", "added"].contains(&name)).then(|| name.to_owned())
}

fn row_of(room: &str) -> Option<usize> {
    ROOMS.iter().position(|row| row.contains(&room))
}

/// Room names after `crate::`, including the ones grouped in braces at any depth.
fn used_rooms(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (start, found) in text.match_indices("crate::") {
        let rest = &text[start + found.len()..];
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(top_level_names(group)),
            None => rooms.extend(leading_name(rest)),
        }
    }
    rooms
}

fn top_level_names(group: &str) -> Vec<String> {
    let mut depth = 0_u32;
    let mut names = Vec::new();
    let mut item = String::new();
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(leading_name(std::mem::take(&mut item).trim())),
            _ if depth == 0 => item.push(c),
            _ => {}
        }
    }
    names.extend(leading_name(item.trim()));
    names
}

fn leading_name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

#[test]
fn an_unmapped_room_is_caught() {
    assert!(unmapped("sim", "a simulation").is_some());
}
