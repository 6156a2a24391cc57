//! `eigenstep serve`: a dialogue for programs, a JSON object a line on stdin and on stdout.
//!
//! ```text
//! <- {"eigenstep":1,"version":"0.1.0"}
//! -> {"id":1,"command":"step 3"}
//! <- {"id":1,"answer":{"stopped":{"lane":"adam","t":3,"line":0,"why":"done"}}}
//! -> {"id":2,"command":"stepp"}
//! <- {"id":2,"error":{"code":"unknown-command","message":"unknown command `stepp`",...}}
//! ```
//!
//! A thread reads requests, so that one of them can interrupt the command under way. docs/serve.md is the
//! contract.

mod queue;
mod request;

use super::{
    exec::{nothing_to_show, without_screen},
    flags::{RightsArgs, ScenarioArgs},
    interrupt::end_at,
    outcome::{ExitStatus, Failure},
};
use crate::{
    debugger::{
        Control, Rights, Session,
        answer::{self, AnswerHeader},
    },
    error::{Error, ErrorCode, ErrorReport, Source, Span},
    signals,
    tui::command::{TABLE, offer_options},
};
use clap::Args;
use queue::{Incoming, Queue};
use request::{Order, Purpose, Request};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Serialize;
use serde_json::Value;
use std::{
    io::{self, Write},
    sync::Arc,
    thread,
};

const AFTER_HELP: &str = "\
Each line on stdin is a request, {\"id\": 1, \"command\": \"step 3\"}; each line on stdout is an answer,
{\"id\": 1, \"answer\": {...}} or {\"id\": 1, \"error\": {...}}, of the kinds that `exec --help` lists.
{\"id\": 2, \"interrupt\": 1} interrupts request 1. The dialogue ends with the input, or
with the command `quit`.

Exit codes: 0 done, 1 ended by a signal, 2 bad input on the command line.";

/// Serve a program: requests as JSON lines on stdin, answers on stdout
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    rights: RightsArgs,
    /// Print the JSON schemas of requests and of answers, and exit
    #[arg(long, help_heading = "Commands")]
    schema: bool,
}

/// Opens the scenario and answers requests until their end.
pub(super) fn run(args: &ServeArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    if args.schema {
        let schemas = Schemas {
            request: request::schema(),
            answer: schema(),
        };
        serde_json::to_writer_pretty(&mut *out, &schemas).map_err(io::Error::from)?;
        writeln!(out)?;
        return Ok(ExitStatus::Done);
    }
    write_line(out, &AnswerHeader::default())?;
    let queue = Arc::new(Queue::default());
    let result = open(args, &queue).map_err(Failure::from);
    let mut session = match result {
        Ok(session) => session,
        Err(failure) => {
            if let Failure::Input(error) = &failure {
                write_line(out, &Reply::error(&Value::Null, error))?;
            }
            return Err(failure);
        }
    };
    listen(&queue)?;
    loop {
        match queue.next() {
            Incoming::Request(id, order) => {
                let answer = order.and_then(|order| {
                    let mut go_on = |_| !queue.is_interrupted();
                    execute(&mut session, &order, &mut Control::asking(&mut go_on))
                });
                queue.done();
                match answer {
                    Ok(answer) => {
                        write_line(out, &Reply::answer(&id, &answer))?;
                        if answer == answer::Answer::Quit {
                            return Ok(ExitStatus::Done);
                        }
                    }
                    Err(error) => write_line(out, &Reply::error(&id, &error))?,
                }
            }
            Incoming::Interrupted { id, request } => {
                let interrupted = Some(&request);
                write_line(
                    out,
                    &Reply {
                        interrupted,
                        ..Reply::to(&id)
                    },
                )?;
            }
            Incoming::End => return Ok(ExitStatus::Done),
            Incoming::Signal => return Ok(ExitStatus::No),
        }
    }
}

/// Writes a command line that was refused, below the header.
pub(super) fn refuse(error: &Error, out: &mut impl Write) -> io::Result<()> {
    write_line(out, &AnswerHeader::default())?;
    write_line(out, &Reply::error(&Value::Null, error))
}

/// The session, with the commands of its scenario executed.
fn open(args: &ServeArgs, queue: &Arc<Queue>) -> Result<Session, Error> {
    let told = Arc::clone(queue);
    end_at(&[signals::INTERRUPT, signals::TERMINATE], move || {
        told.signal();
    })?;
    let mut scenario = args.scenario.scenario()?;
    scenario.rights = args.rights.rights();
    let mut session = scenario.session()?;
    offer_options(&mut session);
    session.keep_logs(super::exec::MOST_LOGS);
    let mut go_on = |_| !queue.is_interrupted();
    let mut control = Control::asking(&mut go_on);
    scenario.replay_with(
        &TABLE,
        &mut session,
        &mut control,
        |_, _, _| {},
        nothing_to_show,
    )?;
    // The scenario may come from anywhere; whoever sends requests has started the program.
    session.set_rights(Rights::All);
    Ok(session)
}

/// Reads requests in a thread of its own.
fn listen(queue: &Arc<Queue>) -> Result<(), Error> {
    let queue = Arc::clone(queue);
    let read = move || {
        let mut lines = request::RequestLines::new(io::stdin().lock());
        while let Some(line) = lines.next() {
            let Some(Request { id, purpose }) = Request::read(line) else {
                continue;
            };
            match purpose {
                Ok(Purpose::Command(order)) => queue.add(id, Ok(order)),
                Ok(Purpose::Interrupt(request)) => queue.interrupt(id, request),
                Err(error) => queue.add(id, Err(error)),
            }
        }
        queue.end();
    };
    thread::Builder::new()
        .name("requests".into())
        .spawn(read)
        .map(drop)
        .map_err(|error| Error::plain(ErrorCode::System, format!("cannot start a thread: {error}")))
}

/// Answers the requests of `input` one after the other; there is nobody who could interrupt one.
pub(super) fn answer_each(
    input: impl io::BufRead,
    session: &mut Session,
    control: &mut Control,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut lines = request::RequestLines::new(input);
    while let Some(line) = lines.next() {
        let Some(Request { id, purpose }) = Request::read(line) else {
            continue;
        };
        let answer = purpose.and_then(|purpose| match purpose {
            Purpose::Command(order) => execute(session, &order, control),
            Purpose::Interrupt(request) => Err(queue::not_found(&request)),
        });
        match answer {
            Ok(answer) => write_line(out, &Reply::answer(&id, &answer))?,
            Err(error) => write_line(out, &Reply::error(&id, &error))?,
        }
    }
    Ok(())
}

/// Executes one command.
fn execute(
    session: &mut Session,
    order: &Order,
    control: &mut Control,
) -> Result<answer::Answer, Error> {
    let text = match order {
        Order::Text(text) => text,
        Order::Typed(command) => return TABLE.apply(session, command, control),
    };
    let line = Source::new("<request>", text.as_str());
    let command = match TABLE.parse(&line)? {
        Some(command) => command,
        None => match session.repeated() {
            Some(command) if text.trim().is_empty() => command.clone().into(),
            _ => return Ok(answer::Answer::Nothing),
        },
    };
    let answer = without_screen(session, &command, control);
    answer.map_err(|error| error.located(&line, Span::new(0, text.len())))
}

/// The schema that `--schema` prints.
#[derive(Serialize)]
struct Schemas {
    /// A line on stdin.
    request: Schema,
    /// A line on stdout.
    answer: Schema,
}

/// A line on stdout, as its schema describes it.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(title = "A line of eigenstep serve")]
#[expect(dead_code, reason = "only its schema is made")]
enum ReplyLine {
    /// The first line.
    Header(AnswerHeader),
    /// A command has been executed.
    Answer {
        /// The id of its request.
        id: Value,
        /// The answer: an object whose one key is its kind, or a string for kinds without data.
        answer: answer::Answer,
    },
    /// A request was refused, and nothing has changed.
    Error {
        /// The id of its request.
        id: Value,
        /// The reason.
        error: ErrorReport,
    },
    /// Another request has been told to end.
    Interrupted {
        /// The id of this request.
        id: Value,
        /// The id of the other.
        interrupted: Value,
    },
}

/// The schema of a line on stdout, in JSON Schema 2020-12.
fn schema() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<ReplyLine>()
}

/// A line that goes out.
#[derive(Serialize)]
struct Reply<'a> {
    id: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a answer::Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Error>,
    /// The request that has been interrupted.
    #[serde(skip_serializing_if = "Option::is_none")]
    interrupted: Option<&'a Value>,
}

impl<'a> Reply<'a> {
    fn to(id: &'a Value) -> Self {
        Self {
            id,
            answer: None,
            error: None,
            interrupted: None,
        }
    }

    fn answer(id: &'a Value, answer: &'a answer::Answer) -> Self {
        let answer = Some(answer);
        Self {
            answer,
            ..Self::to(id)
        }
    }

    fn error(id: &'a Value, error: &'a Error) -> Self {
        let error = Some(error);
        Self {
            error,
            ..Self::to(id)
        }
    }
}

/// Writes an object, which the reader gets at once.
fn write_line(out: &mut impl Write, object: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, object)?;
    writeln!(out)?;
    out.flush()
}
