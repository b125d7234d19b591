//! What a gate can see, told: in words, as tables and charts, as CSV and Markdown. All of it reads a
//! [`Power`] alone.

mod charts;
mod csv;
mod document;
mod examples;
mod figures;
mod panels;
mod tables;
mod words;

pub use charts::power_charts;
pub use csv::power_csv;
pub use document::power;
pub use examples::power_examples;
