//! Keys compared outside of memory: spread over partitions by a hash, compared partition by partition, byte by byte.

use super::RunError;
use super::keystore::{KeyMemory, Values};
use arrow_array::{Array, ArrayRef};
use guard_kernels::key::KeyEncoder;
use guard_kernels::mask::Mask;
use guard_kernels::unique::Duplicates;
use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap, RandomState};
use std::hash::BuildHasher;

/// The columns of a key over all parts: by column, by chunk.
pub(super) type Columns<'v> = Vec<Vec<&'v Values>>;

/// The most partitions that there are: each has a buffer.
const MOST: u64 = 1024;
/// What a key costs in a table besides its bytes.
const OVERHEAD: u64 = 64;

/// All chunks, where all are in memory.
pub(super) fn held(columns: &Columns<'_>) -> Option<Vec<Vec<ArrayRef>>> {
    columns.iter().map(|chunks| chunks.iter().map(|chunk| chunk.held().cloned()).collect()).collect()
}

/// As the kernels' `duplicates`.
pub(super) fn duplicates(columns: &Columns<'_>) -> Result<Duplicates, RunError> {
    let mut partitions = Partitions::new(columns)?;
    let rows = partitions.spread(columns, false)?;
    let mut out = Duplicates { keyed: 0, distinct: 0, members: Mask::zeros(rows) };
    partitions.each(|partition| {
        // By key: the first record that has it.
        let mut seen: HashMap<Box<[u8]>, usize> = HashMap::new();
        partition.records(|record| {
            out.keyed += 1;
            match seen.entry(record.key.into()) {
                Entry::Vacant(slot) => {
                    slot.insert(record.row);
                }
                Entry::Occupied(first) => {
                    out.members.set(*first.get());
                    out.members.set(record.row);
                }
            }
        })?;
        out.distinct += seen.len() as u64;
        Ok(())
    })?;
    Ok(out)
}

/// A reference into the same records.
pub(super) struct References {
    partitions: Partitions,
}

impl References {
    /// Of the referring and the referenced columns.
    pub(super) fn new(from: &Columns<'_>, to: &Columns<'_>) -> Result<Self, RunError> {
        let all: Columns<'_> = from.iter().chain(to).cloned().collect();
        let mut partitions = Partitions::new(&all)?;
        // Targets first: a partition is read once.
        partitions.spread(to, false)?;
        partitions.spread(from, true)?;
        Ok(Self { partitions })
    }

    /// The records whose key is none of those that stay.
    pub(super) fn lost(&self, stays: impl Fn(usize) -> bool) -> Result<Vec<usize>, RunError> {
        let mut out = Vec::new();
        self.partitions.each(|partition| {
            let mut targets: HashSet<Box<[u8]>> = HashSet::new();
            partition.records(|record| {
                if record.refers {
                    if !targets.contains(record.key) {
                        out.push(record.row);
                    }
                } else if stays(record.row) && !targets.contains(record.key) {
                    targets.insert(record.key.into());
                }
            })
        })?;
        out.sort_unstable();
        Ok(out)
    }
}

/// Encoded keys outside of memory.
struct Partitions {
    memory: KeyMemory,
    hasher: RandomState,
    /// Bytes that one gathers before they go.
    buffer: usize,
    all: Vec<Partition>,
}

#[derive(Default)]
struct Partition {
    buffer: Vec<u8>,
    /// Places and lengths, in order; each holds whole records.
    written: Vec<(u64, usize)>,
}

struct Record<'b> {
    row: usize,
    refers: bool,
    key: &'b [u8],
}

/// One partition to be read.
struct Reader<'p> {
    memory: &'p KeyMemory,
    partition: &'p Partition,
}

impl Partitions {
    fn new(columns: &Columns<'_>) -> Result<Self, RunError> {
        let spilled = columns.iter().flatten().find_map(|chunk| match chunk {
            Values::Spilled { memory, .. } => Some(memory.clone()),
            Values::Held(_) => None,
        });
        let memory = spilled.ok_or_else(|| RunError::Internal("no key left memory".to_owned()))?;
        let bytes: u64 = columns.iter().flatten().map(|chunk| size(chunk)).sum();
        let count = (bytes / (memory.limit() / 4).max(1) + 1).min(MOST);
        let buffer = usize::try_from(memory.limit() / 4 / count).unwrap_or(usize::MAX).clamp(256, 64 << 10);
        let all = (0..count).map(|_| Partition::default()).collect();
        Ok(Self { memory, hasher: RandomState::new(), buffer, all })
    }

    /// Adds the keys without NULL; the number of rows.
    fn spread(&mut self, columns: &Columns<'_>, refers: bool) -> Result<usize, RunError> {
        let (mut row, mut key) = (0, Vec::new());
        for chunk in 0..columns.first().map_or(0, Vec::len) {
            let arrays = columns.iter().filter_map(|column| column.get(chunk)).map(|chunk| chunk.load());
            let arrays: Vec<ArrayRef> = arrays.collect::<Result<_, _>>()?;
            let encoder = KeyEncoder::new(&arrays).map_err(|why| RunError::Internal(why.to_string()))?;
            for inside in 0..arrays.first().map_or(0, |array| array.len()) {
                key.clear();
                if encoder.encode(inside, &mut key) {
                    self.add(row, refers, &key)?;
                }
                row += 1;
            }
        }
        for partition in &mut self.all {
            partition.flush(&self.memory)?;
        }
        Ok(row)
    }

    fn add(&mut self, row: usize, refers: bool, key: &[u8]) -> Result<(), RunError> {
        let at = (self.hasher.hash_one(key) % self.all.len().max(1) as u64) as usize;
        let Some(partition) = self.all.get_mut(at) else { return Ok(()) };
        partition.buffer.extend((row as u64).to_le_bytes());
        partition.buffer.push(u8::from(refers));
        partition.buffer.extend((key.len() as u64).to_le_bytes());
        partition.buffer.extend(key);
        if partition.buffer.len() >= self.buffer { partition.flush(&self.memory) } else { Ok(()) }
    }

    fn each(&self, mut run: impl FnMut(Reader<'_>) -> Result<(), RunError>) -> Result<(), RunError> {
        self.all.iter().try_for_each(|partition| run(Reader { memory: &self.memory, partition }))
    }
}

/// About the bytes that the keys of a chunk take in a table.
fn size(chunk: &Values) -> u64 {
    let values = match chunk {
        Values::Held(array) => array.get_array_memory_size() as u64,
        Values::Spilled { place, .. } => place.1 as u64,
    };
    values + OVERHEAD * chunk.len() as u64
}

impl Partition {
    fn flush(&mut self, memory: &KeyMemory) -> Result<(), RunError> {
        if !self.buffer.is_empty() {
            self.written.push((memory.put(&self.buffer)?, self.buffer.len()));
            self.buffer.clear();
        }
        Ok(())
    }
}

impl Reader<'_> {
    fn records(&self, mut run: impl FnMut(Record<'_>)) -> Result<(), RunError> {
        for (place, length) in &self.partition.written {
            let bytes = self.memory.get(*place, *length)?;
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let record = record(&mut rest);
                run(record.ok_or_else(|| RunError::Storage("keys that were set aside came back changed".to_owned()))?);
            }
        }
        Ok(())
    }
}

fn record<'b>(rest: &mut &'b [u8]) -> Option<Record<'b>> {
    let row = usize::try_from(u64::from_le_bytes(*rest.split_off(..8)?.first_chunk()?)).ok()?;
    let refers = *rest.split_off_first()? == 1;
    let length = usize::try_from(u64::from_le_bytes(*rest.split_off(..8)?.first_chunk()?)).ok()?;
    Some(Record { row, refers, key: rest.split_off(..length)? })
}
