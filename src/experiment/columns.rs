//! Raw trials as Parquet, for those who have many: the same columns and values as the CSV.

use std::{io::Write, sync::Arc};

use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};

use super::{Protocol, Rollout};
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
        let each = |value: &dyn Fn(u64, &Rollout, usize) -> i64| -> Vec<i64> {
            rows(&rollouts).map(|(trial, it, at)| value(trial, it, at)).collect()
        };
        let text = |value: &dyn Fn(&Rollout, usize) -> String| -> Vec<ByteArray> {
            rows(&rollouts).map(|(_, it, at)| value(it, at).into_bytes().into()).collect()
        };
        columns.all::<Int64Type>(&each(&|trial, _, _| trial.cast_signed()))?;
        columns.all::<ByteArrayType>(&text(&|it, _| about.classes[it.class].name.clone()))?;
        columns.all::<Int64Type>(&each(&|_, it, _| it.seed.get().cast_signed()))?;
        columns.all::<ByteArrayType>(&text(&|_, at| about.contestants[at].name.clone()))?;
        columns.all::<ByteArrayType>(&text(&|it, at| phase(it, at)))?;
        columns.all::<Int64Type>(&each(&|_, it, at| i64::from(it.results[at].detected)))?;
        columns.all::<Int64Type>(&each(&|_, it, at| it.results[at].pages_at_night.into()))?;
        let cost = |it: &Rollout, at: usize| {
            let upkeep = about.contestants[at].upkeep;
            about.prices.bill(&it.results[at], about.classes[it.class].good, upkeep).cost
        };
        let costs: Vec<f64> = rows(&rollouts).map(|(_, it, at)| cost(it, at)).collect();
        columns.all::<DoubleType>(&costs)?;
        for &measure in Measure::ALL {
            let values: Vec<Option<f64>> =
                rows(&rollouts).map(|(_, it, at)| it.results[at].figure(measure)).collect();
            columns.some(&values)?;
        }
        group.close().map(|_| ())
    }
}

/// Every row: number of the rollout, the rollout, index of the contestant.
fn rows(rollouts: &[(u64, Rollout)]) -> impl Iterator<Item = (u64, &Rollout, usize)> {
    let of = |(trial, it): &'_ (u64, Rollout)| (*trial, it.results.len());
    rollouts.iter().flat_map(move |row| {
        let (trial, count) = of(row);
        (0..count).map(move |at| (trial, &row.1, at))
    })
}

/// A phase as the CSV names it.
fn phase(rollout: &Rollout, at: usize) -> String {
    let value = serde_json::to_value(rollout.results[at].phase).unwrap_or_default();
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
