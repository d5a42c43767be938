//! `infer`

use crate::args::InferArgs;
use crate::data::Reading;
use crate::failure::Failure;
use crate::progress::Watch;
use crate::{Exit, Surface, inputs};

pub fn run(args: InferArgs, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let inputs = inputs::inputs(&args.data.data)?;
    let name = args.object.or_else(|| inputs::name_of(&inputs)).unwrap_or_else(|| "records".to_owned());
    let reading = Reading {
        inputs,
        format: args.data.input_format,
        csv: inputs::csv(&args.data.dialect),
        threads: args.data.threads.map(usize::from),
        ..Reading::default()
    };
    let watch = Watch::new(surface, "looking at", false);
    let drafted = guard_ingest::draft(reading, args.limit, &watch)?;
    drop(watch);
    for notice in &drafted.notices {
        surface.say(&format!("note: {}\n", crate::surface::harmless(notice)));
    }
    let draft = drafted.inference.draft(&name, args.id.as_deref().unwrap_or(&name));
    surface.print(&draft).map(|()| Exit::ACCEPT)
}
