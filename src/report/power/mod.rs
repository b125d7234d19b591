//! What a gate can see, told: in words, as tables and charts, as CSV and Markdown. All of it reads a
//! [`Power`] alone.

mod charts;
mod csv;
mod examples;
mod figures;
mod markdown;
mod panels;
mod table;
mod words;

pub use charts::power_charts;
pub use csv::power_csv;
pub use examples::power_examples;
pub use markdown::power_markdown;
pub use table::power_table;
pub use words::power_words;
