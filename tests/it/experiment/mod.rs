//! Comparisons: whether their claims hold as often as they say, and their bytes whatever happens.

mod claims;
mod folders;
mod verdicts;
