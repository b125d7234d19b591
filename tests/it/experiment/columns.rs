//! The raw trials as Parquet.

use std::fs::{self, File};

use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::RowAccessor,
};

use crate::scratch::{folder, rollsim, text};

#[test]
fn parquet_holds_the_same_trials_as_the_csv() {
    let folder = folder("experiment-parquet");
    fs::write(folder.join("bot.yaml"), super::BOT).unwrap();
    let output = rollsim(&folder, &["compare", "bot.yaml", "--trials", "20", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let csv = csv::Reader::from_path(folder.join("out/trials.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = csv.into_records().map(Result::unwrap).collect();
    let file = SerializedFileReader::new(File::open(folder.join("out/trials.parquet")).unwrap());
    let columns: Vec<_> = file.unwrap().get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 40);
    assert_eq!(rows.len(), columns.len());
    for (row, columns) in rows.iter().zip(columns) {
        assert_eq!(row[0], columns.get_long(0).unwrap().to_string());
        assert_eq!(row[1], *columns.get_string(1).unwrap());
        assert_eq!(row[2], columns.get_long(2).unwrap().cast_unsigned().to_string());
        assert_eq!(row[3], *columns.get_string(3).unwrap());
        assert_eq!(row[4], *columns.get_string(4).unwrap());
        for (index, field) in row.iter().enumerate().take(row.len() - 1).skip(7) {
            assert_eq!(field.parse::<f64>().ok(), columns.get_double(index).ok());
        }
    }
}
