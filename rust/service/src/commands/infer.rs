//! `infer`

use crate::args::InferArgs;
use crate::data::{Frame, Reading};
use crate::failure::Failure;
use crate::progress::Watch;
use crate::{Exit, Surface, inputs};
use guard_engine::infer::{InferError, Inference};
use guard_verdict::codes;

pub fn run(args: InferArgs, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let inputs = inputs::inputs(&args.data.data)?;
    let name = args.object.or_else(|| inputs::name_of(&inputs)).unwrap_or_else(|| "records".to_owned());
    let threads = args.data.threads.map(usize::from);
    let csv = inputs::csv(&args.data.dialect);
    let watch = Watch::new(surface, "looking at", false);
    let mut frame =
        Frame::open(Reading { inputs, format: args.data.input_format, csv, threads, ..Reading::default() })?;
    let mut inference = Inference::new(&frame.schema()).map_err(failure)?;
    if let Some(threads) = threads {
        inference = inference.with_threads(threads);
    }
    while let Some(batch) = frame.next_batch(&watch)? {
        inference.push(&[batch], &watch).map_err(failure)?;
    }
    drop(watch);
    let draft = inference.draft(&name, args.id.as_deref().unwrap_or(&name));
    surface.print(&draft).map(|()| Exit::ACCEPT)
}

fn failure(error: InferError) -> Failure {
    match error {
        InferError::ColumnAmbiguous(_) => Failure::coded(codes::plan::COLUMN_AMBIGUOUS, error.to_string()),
        InferError::Run(error) => error.into(),
    }
}
