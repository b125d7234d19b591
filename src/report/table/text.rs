//! A table in plain text, at most [`COLUMNS`] wide.

use super::{Kind, Row, Table};
use crate::{
    report::{
        COLUMNS,
        words::{cut, cut_apart, hanging, lines, wrap},
    },
    units::text::counted,
};

/// Between columns.
const GAP: usize = 2;
/// Most letters of a name, where there is one and where there are several.
const NAME: [usize; 2] = [26, 20];
/// Of a line of a head.
const HEAD: usize = 12;
/// Of a line of words.
const WORDS: usize = 44;

impl Table {
    /// With its title and notes, wrapped.
    pub(in crate::report) fn text(&self) -> String {
        let mut text = String::new();
        if !self.title.is_empty() {
            text.extend([lines(&self.title), "\n".to_owned()]);
        }
        let shown = self.brief.unwrap_or(usize::MAX).min(self.rows.len());
        let left = self.rows.len() - shown;
        let part = Self { rows: self.rows[..shown].to_vec(), ..self.clone() };
        text.push_str(&part.grid());
        if left > 0 {
            text.extend([
                counted(left as u64, "more row"),
                " with `--format markdown`\n".to_owned(),
            ]);
        }
        for note in &self.notes {
            text.push_str(&hanging("", 2, note));
        }
        text
    }

    /// Columns that do not fit come below, with the names again.
    fn grid(&self) -> String {
        let columns = self.columns();
        let names = columns.iter().take_while(|it| it.kind == Kind::Name).count();
        let names = names.max(1).min(columns.len());
        let blocks = blocks(&columns, names).into_iter().map(|block| {
            let block: Vec<&Column> = block.into_iter().map(|it| &columns[it]).collect();
            let rows = self.rows.iter().enumerate().map(|(index, row)| match row {
                Row::Heading(heading) => hanging("", 2, heading),
                Row::Cells(_) | Row::Best(_) => {
                    let cells = block.iter().map(|it| it.rows[index].clone());
                    beside(&block, &cells.collect::<Vec<_>>())
                }
            });
            head(&block) + &rows.collect::<String>()
        });
        blocks.collect::<Vec<_>>().join("\n")
    }

    /// The columns of values, each followed by that of its intervals where it has any.
    fn columns(&self) -> Vec<Column> {
        let names = self.heads.iter().filter(|it| it.kind == Kind::Name).count();
        let heads = self.short_heads();
        let mut columns = Vec::new();
        for (index, (head, title)) in self.heads.iter().zip(heads).enumerate() {
            let texts = |of: fn(&super::Cell) -> &str| -> Vec<String> {
                let cell = |it: &Row| it.cells().get(index).map_or("", of).to_owned();
                self.rows.iter().map(cell).collect()
            };
            let values = texts(|it| &it.value);
            let values = match head.kind {
                Kind::Name => self.marked(index, short(&values, NAME[usize::from(names > 1)])),
                Kind::Words | Kind::Figure => values,
            };
            let intervals = texts(|it| &it.interval);
            columns.push(Column::of(head.kind, title, &values));
            if intervals.iter().any(|it| !it.is_empty()) {
                let intervals: Vec<String> = intervals.into_iter().map(in_brackets).collect();
                let column = Column::of(Kind::Words, Vec::new(), &intervals);
                columns.push(Column { is_interval: true, ..column });
            }
        }
        // nothing is cut but what has no room beside the names alone, such as a currency of sixty letters
        let leading = columns.iter().take_while(|it| it.kind == Kind::Name);
        let taken: usize = leading.map(Column::needs).sum();
        for it in columns.iter_mut().filter(|it| it.kind != Kind::Name) {
            it.width = it.width.min(COLUMNS.saturating_sub(taken + GAP).max(1));
        }
        columns
    }

    /// The lines of each head. A head of one word is shortened, so that no two are alike.
    fn short_heads(&self) -> Vec<Vec<String>> {
        let short = cut_apart(self.heads.iter().map(|it| it.title.as_str()), HEAD);
        let of = |(head, short): (&super::Head, String)| match head.title.as_str() {
            "" => Vec::new(),
            title if title.contains(' ') => wrap(title, HEAD),
            _ => vec![short],
        };
        self.heads.iter().zip(short).map(of).collect()
    }

    /// With a sign before the row that is recommended, where there is one.
    fn marked(&self, index: usize, names: Vec<String>) -> Vec<String> {
        if index > 0 || !self.rows.iter().any(|it| matches!(it, Row::Best(_))) {
            return names;
        }
        let sign = |(row, name): (&Row, String)| match row {
            Row::Best(_) => format!("> {name}"),
            Row::Cells(_) | Row::Heading(_) => format!("  {name}"),
        };
        self.rows.iter().zip(names).map(sign).collect()
    }
}

/// The lines of the heads; they stand on the line above the body.
fn head(block: &[&Column]) -> String {
    let height = block.iter().map(|it| it.head.len()).max().unwrap_or(0);
    let heads = block.iter().map(|it| {
        let above = vec![String::new(); height - it.head.len()];
        [above, it.head.clone()].concat()
    });
    beside(block, &heads.collect::<Vec<_>>())
}

/// Nothing stays nothing.
fn in_brackets(text: String) -> String {
    if text.is_empty() { text } else { format!("({text})") }
}

/// Names as different as they were; nothing stays nothing.
fn short(names: &[String], length: usize) -> Vec<String> {
    cut_apart(names.iter().map(String::as_str), length)
}

/// A column with the lines of its head and of each cell.
struct Column {
    kind: Kind,
    is_interval: bool,
    width: usize,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Column {
    fn of(kind: Kind, head: Vec<String>, rows: &[String]) -> Self {
        let in_lines = |it: &String| match kind {
            Kind::Words => wrap(it, WORDS),
            Kind::Name | Kind::Figure => vec![it.clone()],
        };
        let rows: Vec<Vec<String>> = rows.iter().map(in_lines).collect();
        let all = rows.iter().flatten().chain(&head);
        let width = all.map(|it| it.chars().count()).max().unwrap_or(0);
        Self { kind, is_interval: false, width, head, rows }
    }

    const fn gap(&self) -> usize {
        if self.is_interval { GAP - 1 } else { GAP }
    }

    const fn needs(&self) -> usize {
        self.gap() + self.width
    }

    fn filled(&self, text: &str) -> String {
        let (text, width) = (cut(text, self.width), self.width);
        match self.kind {
            Kind::Name | Kind::Words => format!("{text:<width$}"),
            Kind::Figure => format!("{text:>width$}"),
        }
    }
}

/// The columns of each block of a table that has so many columns of names. An interval stays with its value
/// where there is room for both.
fn blocks(columns: &[Column], names: usize) -> Vec<Vec<usize>> {
    let width = |block: &[usize]| -> usize { block.iter().map(|it| columns[*it].needs()).sum() };
    let all_names: Vec<usize> = (0..names).collect();
    // there is no gap before the first
    let room = (COLUMNS + GAP).saturating_sub(width(&all_names));
    let mut blocks = Vec::new();
    let mut block: Vec<usize> = Vec::new();
    let mut next = names;
    while next < columns.len() {
        let attached = usize::from(columns.get(next + 1).is_some_and(|it| it.is_interval));
        let mut together: Vec<usize> = (next..=next + attached).collect();
        if width(&together) > room {
            together.truncate(1);
        }
        if width(&block) + width(&together) > room && !block.is_empty() {
            blocks.push(std::mem::take(&mut block));
        }
        next += together.len();
        block.extend(together);
    }
    blocks.push(block);
    blocks.into_iter().map(|block| [all_names.clone(), block].concat()).collect()
}

/// Cells of some lines each, beside each other.
fn beside(columns: &[&Column], cells: &[Vec<String>]) -> String {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let mut text = String::new();
    for number in 0..height {
        let mut line = String::new();
        for (index, (column, cell)) in columns.iter().zip(cells).enumerate() {
            let gap = if index == 0 { 0 } else { column.gap() };
            let part = cell.get(number).map_or("", String::as_str);
            line.extend([" ".repeat(gap), column.filled(part)]);
        }
        text.extend([line.trim_end(), "\n"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::table::{Cell, Head};

    fn table(heads: Vec<Head>, rows: Vec<Vec<Cell>>) -> String {
        let mut table = Table::new("", heads);
        for it in rows {
            table.row(it);
        }
        table.text()
    }

    #[test]
    fn what_does_not_fit_comes_below_and_nothing_is_cut() {
        let wide = "1".repeat(40);
        let figure = |value: &str| Cell::figure(value, "1 to 2");
        let heads = || {
            let figures = ["cost", "users hurt by all", "last"].map(Head::figure);
            [vec![Head::name(""), Head::name("")], figures.to_vec()].concat()
        };
        let rows = vec![
            vec!["a".into(), "b".into(), figure(&wide), figure(&wide), "3 %".into()],
            vec!["c".into(), "d".into(), figure("1"), figure("2"), "4 %".into()],
        ];
        let told = table(heads(), rows);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 3 + 1 + 4, "{told}");
        assert!(lines.iter().all(|it| it.chars().count() <= COLUMNS), "{told}");
        assert_eq!(lines[1], format!("a  b  {wide} (1 to 2)"));
        assert_eq!((lines[0].trim(), lines[3], lines[4].trim()), ("cost", "", "users hurt"));
        assert!(lines[5].ends_with("last"), "{told}");
        assert_eq!(lines[6], format!("a  b  {wide} (1 to 2)   3 %"));
        assert!(lines[7].starts_with("c  d  ") && lines[7].ends_with("  4 %"), "{told}");
    }

    #[test]
    fn what_fits_is_one_block() {
        let heads = vec![Head::name(""), Head::figure("cost")];
        let told = table(heads, vec![vec!["a".into(), Cell::figure("$1", "$0 to $2")]]);
        assert_eq!(told, "   cost\na    $1 ($0 to $2)\n");
    }

    #[test]
    fn long_words_take_several_lines_and_a_heading_stands_over_its_rows() {
        let mut table = Table::new("Title", vec![Head::name("setting"), Head::words("now")]);
        table.heading("Over them");
        table.row(["steps".into(), Cell::from("word ".repeat(10).as_str())]);
        table.rows.push(Row::Best(vec!["holds".into(), "short".into()]));
        table.notes.push("A note.".to_owned());
        let words = "word ".repeat(9);
        let told = format!(
            "Title\nsetting  now\nOver them\n  steps  {}\n         word\n> holds  short\nA note.\n",
            words.trim_end()
        );
        assert_eq!(table.text(), told);
    }
}
