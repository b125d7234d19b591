//! What `COMPATIBILITY.md` promises: exit codes, fields and columns.

mod exit_codes;
mod fields;
