//! What a study in a folder is split into.

use super::Folder;
use crate::experiment::Shard;

/// What a study is split into.
#[derive(Debug)]
pub(in crate::cli) enum Split {
    /// Nothing.
    None,
    /// This is one of several shards, after the rounds that were merged before.
    Shard { shard: Shard, after: Option<Folder> },
    /// These are the shards of a round, which is merged.
    Shards(Vec<Folder>),
}
