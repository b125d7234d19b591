//! Checks of the project itself: the one-way street between rooms, and what no compiler says.
//!
//! A rule is a function over a path and its text, so that each can be shown a bad sample and caught
//! sleeping; the tests beside it do that.

mod circles;
mod documents;
mod families;
mod figures;
mod files;
mod rooms;
mod sources;
mod tokens;
mod words;
