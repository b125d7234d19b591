//! Which file refers to which: paths followed through the tree of modules to the file that defines
//! what they name.

use std::collections::{BTreeMap, BTreeSet};

use super::code::Code;

/// A module by its names from the root of the crate on.
type Place = Vec<String>;

/// Re-exports of re-exports that are followed.
const DEPTH_MAX: u32 = 16;

/// The files of the crate that are compiled without its tests.
struct Tree {
    modules: BTreeMap<Place, (String, Code)>,
}

/// For each file those that it refers to, itself left out. `sources` are paths and texts under `src`.
pub(super) fn references(sources: &[(String, String)]) -> BTreeMap<String, BTreeSet<String>> {
    let tree = Tree::of(sources);
    let of = |place: &Place| {
        let own = &tree.modules[place].0;
        let others = tree.named(place).into_iter().map(|it| tree.modules[&it].0.clone());
        (own.clone(), others.filter(|it| it != own).collect())
    };
    tree.modules.keys().map(of).collect()
}

impl Tree {
    fn of(sources: &[(String, String)]) -> Self {
        let mut tree = Self { modules: BTreeMap::new() };
        let mut pending: Vec<Place> = vec![Vec::new()];
        while let Some(place) = pending.pop() {
            let inside = place.join("/");
            let names = match inside.as_str() {
                "" => vec!["src/lib.rs".to_owned()],
                _ => vec![format!("src/{inside}.rs"), format!("src/{inside}/mod.rs")],
            };
            let Some((path, text)) = sources.iter().find(|(path, _)| names.contains(path)) else {
                continue;
            };
            let code = Code::of(text);
            let child = |name: &String| [place.as_slice(), std::slice::from_ref(name)].concat();
            pending.extend(code.children.iter().map(child));
            tree.modules.insert(place, (path.clone(), code));
        }
        tree
    }

    /// Places of all that a file names.
    fn named(&self, place: &Place) -> Vec<Place> {
        let (path, code) = &self.modules[place];
        let root = path.ends_with("/mod.rs") || path == "src/lib.rs";
        let brought = code.imports.iter().filter(|it| !(it.public && root)).map(|it| &it.path);
        brought.chain(&code.paths).filter_map(|it| self.target(place, it, DEPTH_MAX)).collect()
    }

    /// Where the item that a path names is defined; none where it is not of this crate, or a module.
    fn target(&self, place: &Place, path: &[String], depth: u32) -> Option<Place> {
        let climbs = path.iter().take_while(|it| *it == "super").count();
        match path.first()?.as_str() {
            "crate" => self.owner(&Vec::new(), &path[1..], depth),
            "self" => self.owner(place, &path[1..], depth),
            "super" => {
                let above = place[..place.len().checked_sub(climbs)?].to_vec();
                self.owner(&above, &path[climbs..], depth)
            }
            first if self.modules[place].1.inline.iter().any(|it| it == first) => {
                Some(place.clone())
            }
            first => {
                let imported = self.modules[place].1.imports.iter().any(|it| it.name == first);
                let known = imported || self.child(place, first).is_some();
                known.then(|| self.owner(place, path, depth)).flatten()
            }
        }
    }

    fn child(&self, place: &Place, name: &str) -> Option<Place> {
        let child = [place.as_slice(), &[name.to_owned()]].concat();
        self.modules.contains_key(&child).then_some(child)
    }

    /// The same for a path that begins in a module.
    fn owner(&self, place: &Place, path: &[String], depth: u32) -> Option<Place> {
        let (first, rest) = path.split_first()?;
        let depth = depth.checked_sub(1)?;
        let imports = &self.modules[place].1.imports;
        // a module and a function may have one name: the last of a path is the function
        let imported = imports.iter().find(|it| it.name == *first && it.path.len() > 1);
        let child = self.child(place, first).filter(|_| !rest.is_empty() || imported.is_none());
        match (child, imported) {
            (Some(child), _) => self.owner(&child, rest, depth),
            (None, Some(it)) => self.target(place, &[&it.path, rest].concat(), depth),
            (None, None) => Some(place.clone()),
        }
    }
}
