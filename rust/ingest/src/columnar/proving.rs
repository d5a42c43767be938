//! A Parquet file of which only those columns are read that its statistics leave open.

use super::Batches;
use super::ahead::{Job, ahead, inline};
use super::parquet::Parquet;
use super::statistics::by_group;
use super::{damaged, region::Region};
use crate::error::IngestError;
use arrow_array::{ArrayRef, NullArray, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use guard_engine::plan::{ColumnTask, Plan};
use guard_engine::run::{needed, proves};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of a batch of which no column is read, at most.
const UNREAD_ROWS: u64 = 1 << 20;

/// What was judged without reading: beside the verdict, never in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// The source as it was given.
    pub source: String,
    /// Ids of the clauses that statistics proved, each with the number of row groups in which they did, in the order of the verdict.
    pub clauses: Vec<(String, u64)>,
    /// Row groups that have rows.
    pub row_groups: u64,
    /// Bytes of the file that were read.
    pub bytes_read: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

impl Proved {
    /// In one sentence.
    pub fn notice(&self) -> String {
        const NAMED: usize = 3;
        let named: Vec<_> = self.clauses.iter().take(NAMED).map(|(id, _)| format!("`{id}`")).collect();
        let more = match self.clauses.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let most = self.clauses.iter().map(|(_, groups)| *groups).max().unwrap_or(0);
        format!(
            "`{}`: its own statistics, not its values, proved {}{more} in {most} of {} row groups; {} of {} bytes were read",
            self.source,
            named.join(", "),
            self.row_groups,
            self.bytes_read,
            self.bytes,
        )
    }
}

/// The file being read.
pub struct Proving {
    file: Parquet,
    plan: Arc<Plan>,
    groups: Vec<Group>,
    /// Position in `groups`.
    at: usize,
    /// Rows of that group that were handed out.
    done: u64,
    /// Of the groups of which something is read.
    batches: Batches,
    rest: Option<Rest>,
    proved: BTreeMap<usize, u64>,
}

/// A row group that has rows.
struct Group {
    position: usize,
    rows: u64,
    /// By column: it is not read.
    unread: Arc<[bool]>,
}

/// Rows of one row group.
pub struct Piece {
    /// Columns that were not read hold NULLs.
    pub batch: RecordBatch,
    /// Those columns, by position.
    pub unread: Arc<[bool]>,
    /// Among the groups that have rows.
    group: usize,
    /// First row in it.
    row: u64,
}

/// Columns of a row group that only evidence shows, read when there is evidence.
struct Rest {
    group: usize,
    row: u64,
    columns: Vec<usize>,
    batches: Batches,
}

impl Proving {
    pub(super) fn open(name: &str, region: Region, plan: Arc<Plan>, threads: usize) -> Result<Self, IngestError> {
        let file = Parquet::open(name, region)?;
        let unread = unread(&file, &plan)?;
        let mut groups = Vec::new();
        for (position, unread) in unread.into_iter().enumerate() {
            match file.rows_of(position)? {
                0 => {}
                rows => groups.push(Group { position, rows, unread: unread.into() }),
            }
        }
        let job = |group: &Group| -> Option<Job> {
            let roots: Vec<usize> = left(&group.unread, false);
            let (file, position) = (file.clone(), group.position);
            (!roots.is_empty()).then(|| Box::new(move || file.group(position, &roots, 0)) as Job)
        };
        let jobs: Vec<Job> = groups.iter().filter_map(job).collect();
        let batches = if threads > 1 { ahead(jobs, threads) } else { inline(jobs) };
        let proved = counted(&plan, &groups);
        Ok(Self { file, plan, groups, at: 0, done: 0, batches, rest: None, proved })
    }

    /// Of whole batches.
    pub fn schema(&self) -> &SchemaRef {
        self.file.schema()
    }

    /// What was not read; to be asked at the end.
    pub fn proved(&self) -> Option<Proved> {
        let id = |clause: usize| self.plan.header.clauses.get(clause).map(|info| info.id.clone());
        let clauses: Vec<_> = self.proved.iter().filter_map(|(clause, groups)| Some((id(*clause)?, *groups))).collect();
        (!clauses.is_empty()).then(|| Proved {
            source: self.file.name().to_owned(),
            clauses,
            row_groups: self.groups.len() as u64,
            bytes_read: self.file.region().bytes_read().min(self.file.region().length()),
            bytes: self.file.region().length(),
        })
    }

    /// The next rows; none at the end.
    pub fn next(&mut self) -> Result<Option<Piece>, IngestError> {
        let Some(group) = self.groups.get(self.at) else { return Ok(None) };
        let left = group.rows.saturating_sub(self.done);
        if left == 0 {
            (self.at, self.done) = (self.at + 1, 0);
            return self.next();
        }
        let found = if group.unread.iter().all(|unread| *unread) {
            widened(self.file.schema(), &group.unread, None, left.min(UNREAD_ROWS))
        } else {
            let place = || format!("row group {}", group.position);
            let missing = || damaged(self.file.name(), &place(), &format!("{left} of its rows are not there"));
            let batch = self.batches.next().ok_or_else(missing)??;
            let rows = batch.num_rows() as u64;
            if rows > left {
                return Err(damaged(self.file.name(), &place(), "it has more rows than its footer says"));
            }
            widened(self.file.schema(), &group.unread, Some(&batch), rows)
        };
        let batch = found.map_err(|why| internal(&why))?;
        let (row, unread) = (self.done, Arc::clone(&group.unread));
        self.done += batch.num_rows() as u64;
        Ok(Some(Piece { batch, unread, group: self.at, row }))
    }

    /// The piece with the columns that evidence shows beside values; the last one that was handed out.
    pub fn with_context(&mut self, piece: &Piece) -> Result<RecordBatch, IngestError> {
        let wanted = |column: &usize| self.plan.context.iter().any(|context| context.position == *column);
        let columns: Vec<usize> = left(&piece.unread, true).into_iter().filter(wanted).collect();
        let Some(group) = self.groups.get(piece.group).filter(|_| !columns.is_empty()) else {
            return Ok(piece.batch.clone());
        };
        let mut rest = match self.rest.take().filter(|rest| rest.group == piece.group && rest.row <= piece.row) {
            Some(rest) => rest,
            None => {
                let batches = self.file.group(group.position, &columns, piece.row);
                Rest { group: piece.group, row: piece.row, columns, batches }
            }
        };
        loop {
            let place = format!("row group {}", group.position);
            let cut = || damaged(self.file.name(), &place, "its columns differ in length");
            let batch = rest.batches.next().ok_or_else(cut)??;
            let row = rest.row;
            rest.row += batch.num_rows() as u64;
            if row == piece.row && batch.num_rows() == piece.batch.num_rows() {
                let whole = replaced(&piece.batch, &rest.columns, &batch).map_err(|why| internal(&why));
                self.rest = Some(rest);
                return whole;
            }
            if row >= piece.row {
                return Err(cut());
            }
        }
    }
}

fn internal(why: &ArrowError) -> IngestError {
    IngestError::new("internal-error", why.to_string())
}

/// Positions of the columns that are, or are not, read.
fn left(unread: &[bool], wanted: bool) -> Vec<usize> {
    unread.iter().enumerate().filter(|(_, unread)| **unread == wanted).map(|(position, _)| position).collect()
}

fn tasks(plan: &Plan, position: usize) -> impl Iterator<Item = &ColumnTask> {
    plan.columns.iter().filter(move |(column, _)| *column == position).map(|(_, task)| task)
}

/// By row group and column: whether it needs not be read.
fn unread(file: &Parquet, plan: &Plan) -> Result<Vec<Vec<bool>>, IngestError> {
    let groups = file.groups();
    let fields = file.schema().fields();
    let mut out = vec![vec![false; fields.len()]; groups];
    for (position, field) in fields.iter().enumerate() {
        if needed(plan, position) {
            continue;
        }
        let known = if tasks(plan, position).next().is_none() { None } else { Some(by_group(file, field)?) };
        for (group, columns) in out.iter_mut().enumerate() {
            let proved = match &known {
                None => true,
                Some(None) => false,
                Some(Some(known)) => {
                    let known = known.known(group, field.data_type());
                    tasks(plan, position).all(|task| proves(task, field.data_type(), &known))
                }
            };
            if let Some(slot) = columns.get_mut(position) {
                *slot = proved;
            }
        }
    }
    Ok(out)
}

/// By clause: the row groups in which statistics prove it.
fn counted(plan: &Plan, groups: &[Group]) -> BTreeMap<usize, u64> {
    let mut out = BTreeMap::new();
    for group in groups {
        for position in left(&group.unread, true) {
            for clauses in tasks(plan, position).flat_map(|task| task.clauses.chunk_by(|a, b| a == b)) {
                clauses.first().into_iter().for_each(|clause| *out.entry(*clause).or_default() += 1);
            }
        }
    }
    out
}

/// The columns of the file in their places; NULLs for those that were not read.
fn widened(
    schema: &SchemaRef,
    unread: &[bool],
    read: Option<&RecordBatch>,
    rows: u64,
) -> Result<RecordBatch, ArrowError> {
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    let mut read = read.into_iter().flat_map(|batch| batch.columns().iter().cloned());
    let (mut fields, mut columns) = (Vec::new(), Vec::<ArrayRef>::new());
    for (field, unread) in schema.fields().iter().zip(unread) {
        let column = if *unread { None } else { read.next() };
        fields.push(match column {
            Some(_) => Arc::clone(field),
            None => Arc::new(Field::new(field.name(), DataType::Null, true)),
        });
        columns.push(column.unwrap_or_else(|| Arc::new(NullArray::new(rows))));
    }
    batch(fields, columns, rows)
}

/// The batch with other columns in these places.
fn replaced(whole: &RecordBatch, places: &[usize], columns: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = whole.schema();
    let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
    let mut arrays = whole.columns().to_vec();
    for ((place, field), array) in places.iter().zip(columns.schema().fields()).zip(columns.columns()) {
        if let (Some(slot), Some(named)) = (arrays.get_mut(*place), fields.get_mut(*place)) {
            (*slot, *named) = (Arc::clone(array), Arc::clone(field));
        }
    }
    batch(fields, arrays, whole.num_rows())
}

fn batch(fields: Vec<Arc<Field>>, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, ArrowError> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}
