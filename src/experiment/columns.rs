//! Raw trials as Parquet, for those who have many: the same columns and values as the CSV.

use std::{io::Write, sync::Arc};

use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};

use super::{Played, Protocol, Rollout};
use crate::model::Measure;

/// Rollouts in a group of rows: what is held in memory.
const GROUP: usize = 4_096;

/// Writes rollouts as columns, a group of rows at a time.
pub struct ColumnWriter<'p, W: Write + Send> {
    file: SerializedFileWriter<W>,
    about: &'p Protocol,
    waiting: Vec<(u64, Rollout)>,
}

impl<'p, W: Write + Send> ColumnWriter<'p, W> {
    /// Seeds are written as signed numbers of the same 64 bits, which is what Parquet has.
    pub fn begin(out: W, about: &'p Protocol) -> Result<Self, ParquetError> {
        let measures: Vec<String> =
            Measure::ALL.iter().map(|it| format!("optional double {};", it.name())).collect();
        let schema = format!(
            "message trials {{ required int64 trial; required binary release (UTF8); required int64 seed; \
             required binary strategy (UTF8); required binary phase (UTF8); required int64 detected; \
             required int64 pages_at_night; required double cost; {} }}",
            measures.join(" ")
        );
        let schema = Arc::new(parse_message_type(&schema)?);
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let file = SerializedFileWriter::new(out, schema, Arc::new(properties))?;
        Ok(Self { file, about, waiting: Vec::new() })
    }

    /// Adds the rows of one rollout, a row for each contestant.
    pub fn add(&mut self, trial: u64, rollout: Rollout) -> Result<(), ParquetError> {
        self.waiting.push((trial, rollout));
        if self.waiting.len() == GROUP { self.write() } else { Ok(()) }
    }

    /// Writes what is left, and the end of the file.
    pub fn end(mut self) -> Result<(), ParquetError> {
        self.write()?;
        self.file.close().map(|_| ())
    }

    fn write(&mut self) -> Result<(), ParquetError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let rollouts = std::mem::take(&mut self.waiting);
        let about = self.about;
        let mut group = self.file.next_row_group()?;
        let mut columns = Columns { group: &mut group };
        let each = |value: &dyn Fn(&Row<'_>) -> i64| -> Vec<i64> {
            rows(&rollouts).map(|it| value(&it)).collect()
        };
        let text = |value: &dyn Fn(&Row<'_>) -> String| -> Vec<ByteArray> {
            rows(&rollouts).map(|it| value(&it).into_bytes().into()).collect()
        };
        columns.all::<Int64Type>(&each(&|it| it.trial.cast_signed()))?;
        columns.all::<ByteArrayType>(&text(&|it| about.classes[it.of.class].name.clone()))?;
        columns.all::<Int64Type>(&each(&|it| it.of.seed.get().cast_signed()))?;
        columns.all::<ByteArrayType>(&text(&|it| about.contestants[it.at].name.clone()))?;
        columns.all::<ByteArrayType>(&text(&|it| phase(it.played)))?;
        columns.all::<Int64Type>(&each(&|it| i64::from(it.played.detected)))?;
        columns.all::<Int64Type>(&each(&|it| it.played.pages_at_night.into()))?;
        let cost = |it: Row<'_>| {
            let upkeep = about.contestants[it.at].upkeep;
            about.prices.bill(it.played, about.classes[it.of.class].good, upkeep).cost
        };
        let costs: Vec<f64> = rows(&rollouts).map(cost).collect();
        columns.all::<DoubleType>(&costs)?;
        for &measure in Measure::ALL {
            let values: Vec<Option<f64>> =
                rows(&rollouts).map(|it| it.played.figure(measure)).collect();
            columns.some(&values)?;
        }
        group.close().map(|_| ())
    }
}

/// A trial that was simulated: its rollout with its number, and the index of its contestant.
struct Row<'r> {
    trial: u64,
    of: &'r Rollout,
    at: usize,
    played: &'r Played,
}

fn rows(rollouts: &[(u64, Rollout)]) -> impl Iterator<Item = Row<'_>> {
    rollouts.iter().flat_map(|(trial, of)| {
        let played = of.results.iter().enumerate();
        played.filter_map(|(at, it)| Some(Row { trial: *trial, of, at, played: it.as_ref()? }))
    })
}

/// A phase as the CSV names it.
fn phase(played: &Played) -> String {
    let value = serde_json::to_value(played.phase).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// The columns of a group of rows, one after the other.
struct Columns<'g, 'f, W: Write + Send> {
    group: &'g mut parquet::file::writer::SerializedRowGroupWriter<'f, W>,
}

impl<W: Write + Send> Columns<'_, '_, W> {
    fn all<T: DataType>(&mut self, values: &[T::T]) -> Result<(), ParquetError> {
        self.write::<T>(values, None)
    }

    fn some(&mut self, values: &[Option<f64>]) -> Result<(), ParquetError> {
        let there: Vec<i16> = values.iter().map(|it| i16::from(it.is_some())).collect();
        let present: Vec<f64> = values.iter().flatten().copied().collect();
        self.write::<DoubleType>(&present, Some(&there))
    }

    fn write<T: DataType>(
        &mut self,
        values: &[T::T],
        there: Option<&[i16]>,
    ) -> Result<(), ParquetError> {
        let missing = || ParquetError::General("there is no further column".to_owned());
        let mut column = self.group.next_column()?.ok_or_else(missing)?;
        column.typed::<T>().write_batch(values, there, None)?;
        column.close()
    }
}
