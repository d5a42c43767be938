//! Values of keys: in memory up to a limit, outside of it beyond.

use super::RunError;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Field, Schema};
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Room for bytes outside of memory, such as a temporary file. Errors are texts for people.
pub trait Room: Send + Sync + Debug {
    /// Keeps bytes; gives their place.
    fn put(&self, bytes: &[u8]) -> Result<u64, String>;
    /// Bytes that were kept at a place.
    fn get(&self, place: u64, length: usize) -> Result<Vec<u8>, String>;
}

/// How much memory the keys of one check may take, over all of its parts, and where they go beyond.
#[derive(Debug, Clone)]
pub struct KeyMemory {
    limit: u64,
    used: Arc<AtomicU64>,
    room: Arc<dyn Room>,
}

impl KeyMemory {
    /// About `limit` bytes; verdicts do not depend on it.
    pub fn new(limit: u64, room: Arc<dyn Room>) -> Self {
        Self { limit, used: Arc::new(AtomicU64::new(0)), room }
    }

    /// The limit in bytes.
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    pub(super) fn put(&self, bytes: &[u8]) -> Result<u64, RunError> {
        self.room.put(bytes).map_err(RunError::Storage)
    }

    pub(super) fn get(&self, place: u64, length: usize) -> Result<Vec<u8>, RunError> {
        self.room.get(place, length).map_err(RunError::Storage)
    }

    /// Is there memory for so many bytes? Then they are taken.
    fn take(&self, bytes: u64) -> bool {
        let fits = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.limit);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }
}

/// A chunk of a key's column.
#[derive(Debug, Clone)]
pub enum Values {
    /// In memory.
    Held(ArrayRef),
    /// Outside of it, as an Arrow IPC stream.
    Spilled {
        /// Where.
        memory: KeyMemory,
        /// Place and length of the stream.
        place: (u64, usize),
        /// Number of values.
        rows: usize,
    },
}

impl Values {
    /// Keeps the chunks of a key's columns, which are of one length: all in memory, or none.
    pub(super) fn keep(columns: Vec<ArrayRef>, memory: Option<&KeyMemory>) -> Result<Vec<Self>, RunError> {
        let bytes = columns.iter().map(|column| column.get_array_memory_size() as u64).sum();
        match memory.filter(|memory| !memory.take(bytes)) {
            None => Ok(columns.into_iter().map(Self::Held).collect()),
            Some(memory) => columns.iter().map(|column| Self::spill(column, memory)).collect(),
        }
    }

    fn spill(column: &ArrayRef, memory: &KeyMemory) -> Result<Self, RunError> {
        let mut bytes = Vec::new();
        write(std::iter::once(Ok(Arc::clone(column))), &mut bytes)?;
        let place = (memory.put(&bytes)?, bytes.len());
        Ok(Self::Spilled { memory: memory.clone(), place, rows: column.len() })
    }

    /// Number of values.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Held(array) => array.len(),
            Self::Spilled { rows, .. } => *rows,
        }
    }

    /// The values, where they are in memory.
    pub(super) fn held(&self) -> Option<&ArrayRef> {
        match self {
            Self::Held(array) => Some(array),
            Self::Spilled { .. } => None,
        }
    }

    /// The values, wherever they are.
    pub(super) fn load(&self) -> Result<ArrayRef, RunError> {
        match self {
            Self::Held(array) => Ok(Arc::clone(array)),
            Self::Spilled { memory, place, .. } => {
                let bytes = memory.get(place.0, place.1)?;
                let found = read(&bytes).map_err(|why| RunError::Internal(why.to_string()))?;
                found.into_iter().next().ok_or_else(|| RunError::Internal("a key's values are gone".to_owned()))
            }
        }
    }
}

/// Writes arrays of one type as an Arrow IPC stream; its length.
pub(super) fn write(
    chunks: impl Iterator<Item = Result<ArrayRef, RunError>>,
    out: &mut Vec<u8>,
) -> Result<usize, RunError> {
    let internal = |why: ArrowError| RunError::Internal(why.to_string());
    let before = out.len();
    let mut chunks = chunks.peekable();
    let Some(Ok(first)) = chunks.peek() else { return chunks.next().map_or(Ok(0), |first| first.map(|_| 0)) };
    let schema = Arc::new(Schema::new(vec![Field::new("key", first.data_type().clone(), true)]));
    let mut writer = StreamWriter::try_new(&mut *out, &schema).map_err(internal)?;
    for chunk in chunks {
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![chunk?]).map_err(internal)?;
        writer.write(&batch).map_err(internal)?;
    }
    writer.finish().map_err(internal)?;
    drop(writer);
    Ok(out.len() - before)
}

/// Reads what [`write`] wrote.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<ArrayRef>, ArrowError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let batches = StreamReader::try_new(bytes, None)?;
    batches.map(|batch| batch.map(|batch| batch.columns().first().cloned())).filter_map(Result::transpose).collect()
}
