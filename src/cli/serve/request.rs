//! Requests: lines of stdin, read one by one and checked.

use crate::{
    debugger::command::Command,
    error::{Error, ErrorCode},
    tui::command::TABLE,
};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde_json::Value;
use std::io::{BufRead, Read};

/// The bytes that a line may have.
const LONGEST: u64 = 1 << 20;

/// A command to be executed.
#[derive(Debug)]
pub(super) enum Order {
    /// A command line, as at the prompt.
    Text(String),
    /// A command as data.
    Typed(Box<Command>),
}

/// The purpose of a request.
#[derive(Debug)]
pub(super) enum Purpose {
    /// A command.
    Command(Order),
    /// The end of the request with this id.
    Interrupt(Value),
}

/// A line that was sent.
#[derive(Debug)]
pub(super) struct Request {
    /// The id that its answer has: a number, a string or null.
    pub id: Value,
    /// The purpose, or what is wrong with the line.
    pub purpose: Result<Purpose, Error>,
}

/// A line, or what keeps it from being one.
type Line = Result<Vec<u8>, Error>;

/// The lines of a reader; what is too long is skipped to the end of its line.
pub(super) struct RequestLines<R> {
    input: R,
}

impl<R: BufRead> RequestLines<R> {
    pub fn new(input: R) -> Self {
        Self { input }
    }

    /// The next line, without its end; none at the end of the input.
    pub fn next(&mut self) -> Option<Line> {
        let mut line = Vec::new();
        let read = self
            .input
            .by_ref()
            .take(LONGEST + 1)
            .read_until(b'\n', &mut line);
        match read {
            // Where nothing can be read, there is nobody to ask.
            Ok(0) | Err(_) => None,
            Ok(_) => {
                let is_whole = line.ends_with(b"\n");
                if is_whole || line.len() as u64 <= LONGEST {
                    return Some(Ok(line));
                }
                // The rest is let go piece by piece.
                let _ = self.input.skip_until(b'\n');
                let message = format!("a line has at most {LONGEST} bytes");
                Some(Err(Error::plain(ErrorCode::RequestTooLong, message)))
            }
        }
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::plain(ErrorCode::InvalidRequest, message)
        .help(r#"a request is {"id": 1, "command": "step 3"} or {"id": 2, "interrupt": 1}"#)
}

/// The error for a command as data that is none; the names of our types mean nothing to whoever wrote it.
fn unreadable(command: &Value, error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let name = match command {
        Value::Object(fields) => fields.keys().next().map(String::as_str),
        Value::String(name) => Some(name.as_str()),
        _ => None,
    };
    let info = match name.map(|name| TABLE.find(name)) {
        Some(Ok(info)) => info,
        Some(Err(unknown)) => return unknown.coded(ErrorCode::InvalidRequest),
        None => return wrong("a command is a string, or an object with its name as the one key"),
    };
    let field = match error.path().to_string().as_str() {
        "." => String::new(),
        path => format!(" at `{path}`"),
    };
    let told = match error.inner().to_string() {
        told if told.contains("map with a single key") => "it has several names".to_owned(),
        _ if field.is_empty() && name != Some(info.name) => {
            format!("as data it is named in full, `{}`", info.name)
        }
        _ if field.is_empty() => format!("`{}` has no form as data", info.name),
        told => match told.split_once("expected struct ") {
            Some((before, _)) => format!("{before}expected an object"),
            None => told
                .replace("type: map", "type: object")
                .replace("expected u64", "expected a whole number"),
        },
    };
    let usage = format!("as text: `{}`; as data: docs/serve.md", info.call());
    wrong(format!("the command cannot be read{field}: {told}")).help(usage)
}

/// An id: a number, a string or null.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is made")]
enum RequestId {
    Number(f64),
    Text(String),
    None(()),
}

/// A line on stdin, as its schema describes it.
#[derive(JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
#[schemars(title = "A request to eigenstep serve")]
#[expect(dead_code, reason = "only its schema is made")]
enum RequestLine {
    /// Executes a command.
    Command {
        /// The id of its answer.
        #[serde(default)]
        id: Option<RequestId>,
        /// The command.
        command: CommandForm,
    },
    /// Ends the command of another request.
    Interrupt {
        /// The id of its answer.
        #[serde(default)]
        id: Option<RequestId>,
        /// The id of the other request.
        interrupt: RequestId,
    },
}

/// A command in one of its two forms.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is made")]
enum CommandForm {
    /// A command line, as at the prompt.
    Line(String),
    /// A command as data.
    Data(Command),
}

/// The schema of a request, in JSON Schema 2020-12.
pub(super) fn schema() -> Schema {
    SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<RequestLine>()
}

impl Request {
    /// Reads a line; none where it is blank.
    pub fn read(line: Line) -> Option<Self> {
        let text = line.and_then(|line| {
            String::from_utf8(line)
                .map_err(|_| Error::plain(ErrorCode::NotUtf8, "the line is not UTF-8"))
        });
        if text.as_ref().is_ok_and(|text| text.trim().is_empty()) {
            return None;
        }
        let mut id = Value::Null;
        let purpose = text.and_then(|text| purpose(&text, &mut id));
        Some(Self { id, purpose })
    }
}

/// The purpose of a request; its id goes to `id` as soon as it is known.
fn purpose(text: &str, id: &mut Value) -> Result<Purpose, Error> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| wrong(format!("the line is not JSON: {error}")))?;
    let Value::Object(mut fields) = value else {
        return Err(wrong("a request is an object"));
    };
    match fields.remove("id") {
        None => {}
        Some(given @ (Value::Null | Value::Number(_) | Value::String(_))) => *id = given,
        Some(_) => return Err(wrong("an id is a number or a string")),
    }
    let (command, interrupt) = (fields.remove("command"), fields.remove("interrupt"));
    if let Some(name) = fields.keys().next() {
        return Err(wrong(format!("a request has no field `{name}`")));
    }
    match (command, interrupt) {
        (Some(Value::String(text)), None) if text.contains(['\n', '\r']) => {
            Err(wrong("a command is one line"))
        }
        (Some(Value::String(text)), None) => Ok(Purpose::Command(Order::Text(text))),
        (Some(command), None) => match serde_path_to_error::deserialize(&command) {
            Ok(command) => Ok(Purpose::Command(Order::Typed(Box::new(command)))),
            Err(error) => Err(unreadable(&command, &error)),
        },
        (None, Some(request)) => Ok(Purpose::Interrupt(request)),
        (Some(_), Some(_)) => Err(wrong("a request has one purpose")),
        (None, None) => Err(wrong("the request has no command")),
    }
}
