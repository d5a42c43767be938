#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod ecma;
mod find;
mod hostile;
mod runs;
mod speed;
