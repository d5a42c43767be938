//! `transform`

use super::judging;
use crate::args::TransformArgs;
use crate::data::{Frame, Ingest, Outcome, Reading};
use crate::failure::Failure;
use crate::progress::Watch;
use crate::write::{Place, Records};
use crate::{Exit, Surface, inputs, load, params};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use guard_engine::contract::Contract;
use guard_engine::expr::Parameters;
use guard_engine::plan::{Options, Plan};
use guard_engine::run::{self, Run};
use guard_engine::transform::{self, Artefact, ArtefactError, Bound, Definition, State, Transform};
use guard_verdict::{Beside, Status, Verdict, codes, render};
use std::path::Path;
use std::sync::Arc;

pub fn run(args: TransformArgs, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    judging::one_stdin(args.contract.as_ref(), &args.data, &args.judge)?;
    let read = judging::read(args.contract.as_ref(), &args.data, &args.judge);
    inputs::apart(&read, args.output_file.as_deref(), args.quarantine.as_deref())?;
    let places = (
        Place::of(args.output_file.as_deref().unwrap_or(Path::new("-")))?,
        args.quarantine.as_deref().map(Place::of).transpose()?,
    );
    let mut given = params::parameters(&args.judge.params)?;
    let mut definition = definition(&args, &given)?;
    let watch = Watch::new(surface, "transforming", args.quiet || args.output_file.is_none());
    let source = open(&args, &mut definition, &mut given, &watch)?;
    let compiled = definition.compile(&source.schema()).map_err(Failure::expression)?;
    if let Some(name) = definition.unused(&compiled).first() {
        let message = format!("the transform does not use the parameter `{name}`");
        return Err(Failure::coded(codes::usage::PARAMS_UNUSED, message));
    }
    possible(&definition, &compiled)?;
    let work = Work { compiled, threads: args.data.threads, checks: output_check(&args, &definition)? };
    let done = work.run(source, places, args.quarantine.is_some(), &watch, surface)?;
    drop(watch);
    if !args.quiet {
        tell(&done, &args, surface);
    }
    Ok(done.exit())
}

/// The transform: a saved one, or text from a file or the line.
fn definition(args: &TransformArgs, given: &Parameters) -> Result<Definition, Failure> {
    let typed = args.transform.as_str();
    let inline = typed.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select"));
    let text = if inline && !Path::new(typed).exists() {
        typed.to_owned()
    } else {
        load::text(Path::new(typed)).map_err(unreadable)?
    };
    let output =
        args.output_contract.as_ref().map(|path| bound(path, args.output_object.as_deref(), args)).transpose()?;
    if !text.trim_start().starts_with('{') {
        let parameters = given.clone();
        return Ok(Definition { sql: text, input: None, output, table: None, schema: None, parameters });
    }
    let wrong = |why: ArtefactError| Failure::coded(codes::usage::TRANSFORM_UNREADABLE, why.0);
    let artefact = Artefact::from_json(text.trim_end()).map_err(wrong)?;
    if !given.is_empty() || args.contract.is_some() || output.is_some() {
        let message = "a saved transform has its own contracts and parameters";
        return Err(Failure::new(
            "",
            message,
            "leave out `--contract`, `--output-contract` and `--param`, or save it anew",
        ));
    }
    let (input, output, schema) = artefact.sides().map_err(wrong)?;
    let parameters = artefact.parameters().map_err(wrong)?;
    Ok(Definition { sql: artefact.sql.clone(), input, output, table: artefact.input.table.clone(), schema, parameters })
}

fn unreadable(failure: Failure) -> Failure {
    match failure {
        Failure::Trouble { message, .. } => Failure::new(
            codes::usage::TRANSFORM_UNREADABLE.name(),
            message,
            "give a file that `Transform.save` wrote, a file of SQL text, or \"SELECT … FROM input\"",
        ),
        other => other,
    }
}

fn bound(path: &Path, object: Option<&str>, args: &TransformArgs) -> Result<Bound, Failure> {
    let contract = load::contract(path, &args.judge.variables)?;
    let object = load::object(&contract, object, None)?.name.clone();
    Ok(Bound { contract: Arc::new(contract), object })
}

/// Where records come from.
enum Source {
    Judged(Box<Ingest>),
    Bare(Box<Frame>),
}

impl Source {
    fn schema(&self) -> SchemaRef {
        match self {
            Self::Judged(ingest) => ingest.schema(),
            Self::Bare(frame) => frame.schema(),
        }
    }

    fn next_batch(&mut self, watch: &Watch) -> Result<Option<RecordBatch>, Failure> {
        Ok(match self {
            Self::Judged(ingest) => ingest.next_batch(watch)?,
            Self::Bare(frame) => frame.next_batch(watch)?,
        })
    }

    fn finish(self, watch: &Watch) -> Result<Option<Outcome>, Failure> {
        match self {
            Self::Judged(ingest) => Ok(Some(ingest.finish(watch)?)),
            Self::Bare(_) => Ok(None),
        }
    }
}

/// Opens the data: by the input's contract where there is one. Parameters that the text does not use are the contract's.
fn open(
    args: &TransformArgs,
    definition: &mut Definition,
    given: &mut Parameters,
    watch: &Watch,
) -> Result<Source, Failure> {
    if let Some(path) = &args.contract {
        let name = inputs::name_of(&inputs::inputs(&args.data.data)?);
        let contract = load::contract(path, &args.judge.variables)?;
        let object = load::object(&contract, args.judge.object.as_deref(), name.as_deref())?.name.clone();
        definition.input = Some(Bound { contract: Arc::new(contract), object });
    }
    let Some(input) = definition.input.clone() else {
        let reading = Reading {
            inputs: inputs::inputs(&args.data.data)?,
            format: args.data.input_format,
            csv: inputs::csv(&args.data.dialect),
            threads: args.data.threads.map(usize::from),
            ..Reading::default()
        };
        return Ok(Source::Bare(Box::new(Frame::open(reading)?)));
    };
    let nominal = definition.compile(&definition.nominal()).map_err(Failure::expression)?;
    given.retain(|name, _| !nominal.parameters.contains(name));
    definition.parameters.retain(|name, _| nominal.parameters.contains(name));
    let judge = crate::args::JudgeArgs { object: Some(input.object.clone()), ..args.judge.clone() };
    let contract = Contract::clone(&input.contract);
    let request = judging::request(contract, &args.data, &judge, given.clone(), watch)?;
    Ok(Source::Judged(Box::new(Ingest::open(request)?)))
}

fn possible(definition: &Definition, compiled: &Transform) -> Result<(), Failure> {
    let proofs = definition.proofs(compiled);
    let Some(proof) = proofs.iter().find(|proof| proof.state == State::Impossible) else { return Ok(()) };
    let message = format!("no record can satisfy `{}` of `{}`: {}", proof.clause, proof.column, proof.why);
    Err(Failure::new(codes::usage::CLAUSE_IMPOSSIBLE.name(), message, "correct the item or the output contract"))
}

/// A check of the output under way.
struct OutputCheck {
    plan: Arc<Plan>,
    run: Run,
}

type Checks = Box<dyn Fn(&SchemaRef) -> OutputCheck>;

fn output_check(args: &TransformArgs, definition: &Definition) -> Result<Option<Checks>, Failure> {
    let Some(output) = definition.output.clone() else { return Ok(None) };
    let options = Options { as_of: judging::instant(&args.judge)?, ..Options::default() };
    let missing = || Failure::coded(codes::usage::OBJECT_UNKNOWN, format!("no schema object `{}`", output.object));
    let object = output.object().ok_or_else(missing)?.clone();
    let threads = args.data.threads.map(usize::from);
    Ok(Some(Box::new(move |schema| {
        let plan = Arc::new(Plan::compile(&output.contract, &object, schema, &options));
        let run = Run::new(Arc::clone(&plan), "", 0);
        OutputCheck { run: threads.map_or_else(|| Run::new(Arc::clone(&plan), "", 0), |n| run.with_threads(n)), plan }
    })))
}

/// What became of the records.
#[derive(Default)]
struct Done {
    records: u64,
    written: u64,
    left_out: u64,
    failed: u64,
    taken: bool,
    withheld: bool,
    input: Option<Outcome>,
    output: Option<(Verdict, Arc<Plan>)>,
}

impl Done {
    fn exit(&self) -> Exit {
        let input = self.input.as_ref().map_or(Exit::ACCEPT, |outcome| Exit::of(outcome.verdict.status));
        let output = self.output.as_ref().map_or(Exit::ACCEPT, |(verdict, _)| Exit::of(verdict.status));
        let failed = if self.failed > 0 { Exit::REJECT } else { Exit::ACCEPT };
        input.and(failed).and(output)
    }
}

struct Work {
    compiled: Transform,
    threads: Option<u16>,
    checks: Option<Checks>,
}

impl Work {
    fn run(
        &self,
        mut source: Source,
        (place, quarantine): (Place, Option<Place>),
        taken: bool,
        watch: &Watch,
        surface: &mut Surface<'_>,
    ) -> Result<Done, Failure> {
        let mut output = Records::open(place, &self.compiled.schema)?;
        let failed_schema = Arc::new(transform::quarantine_schema(&source.schema()));
        let mut failed = quarantine.map(|place| Records::open(place, &failed_schema)).transpose()?;
        let mut check = self.checks.as_ref().map(|make| make(&self.compiled.schema));
        let mut done = Done { taken, ..Done::default() };
        while let Some(batch) = source.next_batch(watch)? {
            let part = match self.threads {
                Some(threads) => transform::run(&self.compiled, &[batch], done.records, threads.into(), watch)?,
                None => transform::run_all(&self.compiled, &[batch], done.records, watch)?,
            };
            done.records += part.records;
            done.left_out += part.left_out;
            if let Some(check) = &mut check {
                check.run.push(&part.output, watch)?;
            }
            for batch in &part.output {
                done.written += batch.num_rows() as u64;
                output.write(batch, surface)?;
            }
            for batch in &part.quarantined {
                done.failed += batch.num_rows() as u64;
                failed.as_mut().map(|records| records.write(batch, surface)).transpose()?;
            }
        }
        done.input = source.finish(watch)?;
        done.output =
            check.map(|check| Ok::<_, Failure>((run::verdict(&[check.run.finish()])?, check.plan))).transpose()?;
        let accepted = done.output.as_ref().is_none_or(|(verdict, _)| verdict.status == Status::Accept);
        done.withheld = !(accepted && (done.failed == 0 || taken));
        failed.map(|records| records.finish(surface)).transpose()?;
        if done.withheld {
            output.discard(surface)?
        } else {
            output.finish(surface)?
        }
        Ok(done)
    }
}

/// What to do next, in a shell.
fn next() -> Option<String> {
    Some("see what a code means: guard-nb codes CODE".to_owned())
}

/// Counts, and reports of what does not accept, on standard error.
fn tell(done: &Done, args: &TransformArgs, surface: &mut Surface<'_>) {
    let (records, written) = (done.records, done.written);
    let mut text =
        format!("{records} records: {written} in the output, {} left out, {} failed\n", done.left_out, done.failed);
    if let Some(outcome) = &done.input {
        outcome
            .notices
            .iter()
            .for_each(|notice| text.push_str(&format!("note: {}\n", crate::surface::harmless(notice))));
        if outcome.verdict.status != Status::Accept {
            let path = args.contract.as_ref().map(|path| path.display().to_string());
            text.push_str(&render::text(
                &outcome.verdict,
                &Beside { contract_path: path, next: next(), ..crate::data::beside(&outcome.verdict, &outcome.plan) },
            ));
        }
    }
    if let Some((verdict, plan)) = done.output.as_ref().filter(|(verdict, _)| verdict.status != Status::Accept) {
        let path = args.output_contract.as_ref().map(|path| path.display().to_string());
        text.push_str(&render::text(
            verdict,
            &Beside { contract_path: path, next: next(), ..crate::data::beside(verdict, plan) },
        ));
    }
    if done.failed > 0 && !done.taken {
        let code = codes::usage::RECORDS_QUARANTINED.name();
        text.push_str(&format!(
            "error[{code}]: the transform failed on {} records, and nothing takes them\n",
            done.failed
        ));
        text.push_str("  help: handle the failure in the text, or take the records: `--quarantine FILE`\n");
    }
    if let (true, Some(file)) = (done.withheld, &args.output_file) {
        text.push_str(&format!("`{}` was not written\n", crate::surface::harmless(&file.display().to_string())));
    }
    surface.say(&text);
}
