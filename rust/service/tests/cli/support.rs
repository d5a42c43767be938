//! A folder with files, and calls in it.

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// `id` is a key, `qty` lies between 1 and 9, `note` is free.
pub const CONTRACT: &str = r"
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true, unique: true}
      - name: qty
        logicalType: integer
        logicalTypeOptions: {minimum: 1, maximum: 9}
      - {name: note, logicalType: string}
";

/// What a call said.
pub struct Said {
    pub status: i32,
    pub out: String,
    pub err: String,
}

/// A folder of one test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With `orders.odcs.yaml` and `orders.arrow`, the latter with these quantities; ids count from 1.
    pub fn with_orders(quantities: &[i64]) -> Self {
        let folder = Self::new();
        folder.write("orders.odcs.yaml", CONTRACT);
        folder.arrow("orders.arrow", &orders(quantities));
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn arrow(&self, name: &str, batch: &RecordBatch) {
        let mut file = FileWriter::try_new(File::create(self.path(name)).unwrap(), &batch.schema()).unwrap();
        file.write(batch).unwrap();
        file.finish().unwrap();
    }

    pub fn read_arrow(&self, name: &str) -> Vec<RecordBatch> {
        let reader = FileReader::try_new(File::open(self.path(name)).unwrap(), None).unwrap();
        reader.map(Result::unwrap).filter(|batch| batch.num_rows() > 0).collect()
    }

    /// Names of all files, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// `guard-nb` with this working directory and nothing of the environment that chooses colours.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guard-nb"));
        command.args(args).current_dir(self.0.path()).stdin(Stdio::null());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "COLUMNS"] {
            command.env_remove(name);
        }
        command
    }

    pub fn call(&self, args: &[&str]) -> Said {
        said(self.command(args))
    }
}

pub fn said(mut command: Command) -> Said {
    let output = command.output().unwrap();
    Said {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn orders(quantities: &[i64]) -> RecordBatch {
    let ids = Int64Array::from_iter_values((1..).take(quantities.len()));
    let notes = StringArray::from_iter_values(quantities.iter().map(|quantity| format!("={quantity}")));
    let columns: [(&str, ArrayRef); 3] =
        [("id", Arc::new(ids)), ("qty", Arc::new(Int64Array::from(quantities.to_vec()))), ("note", Arc::new(notes))];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// An Arrow stream of `batches` times the records, without its end.
pub fn endless(batch: &RecordBatch, batches: usize) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    (0..batches).for_each(|_| writer.write(batch).unwrap());
    writer.get_ref().clone()
}
