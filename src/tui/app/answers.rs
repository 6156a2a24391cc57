//! The effects of commands on the screen: their answers, errors, and `view ...`.

use super::{
    AfterKey, App, Chart, Columns, Message, Picture, Popup,
    wrapping::{broken, wrapped},
};
use crate::{
    debugger::{
        Control, Session,
        answer::{Answer, StopReason},
        command::{
            AnyCommand, BreakAt, Breakpoint, Command, LaneCommand, StopIds, StopOptions, Times,
        },
        explain::Explanation,
        stop::StopKind,
        watch::ExpectedType,
    },
    error::{Error, ErrorCode},
    glossary,
    tui::{
        cells::cells,
        command::{Line, MOUSE, ScreenCommand, TABLE, copies},
        contour,
        glyphs::Charset,
        panes::Pane,
        plot::ValueScale,
        view_command::ViewCommand,
    },
};
use ratatui::layout::{Position, Rect};

/// The outcome of a stretch of a run.
#[derive(Debug, PartialEq)]
pub enum Stretch {
    /// The command is done, with what there is to do after it.
    Done(AfterKey),
    /// The command was interrupted on its way: this is what is left of it.
    Left(Line),
}

/// Looks whether a screen on `session` would follow a command.
///
/// # Errors
/// The reason why it would not.
pub fn check_view(session: &Session, command: &ViewCommand) -> Result<(), Error> {
    match command {
        ViewCommand::Sort(order) => Columns::default().arrange(session, order),
        ViewCommand::Zoom(_)
        | ViewCommand::Pan(..)
        | ViewCommand::Follow(_)
        | ViewCommand::Window(_)
        | ViewCommand::Plane(..)
        | ViewCommand::EigenPlane(..) => Picture::new(session).change(session, command),
        _ => Ok(()),
    }
}

impl App {
    /// Runs for as long as `control` lets it; says what is left of a run that can be taken up where it was
    /// interrupted.
    pub fn run_on(&mut self, line: &Line, control: &mut Control) -> Stretch {
        let before = self.session.position();
        self.is_interrupted = false;
        let todo = self.execute(line, control);
        let after = self.session.position();
        match line {
            AnyCommand::Debugger(command) if self.is_interrupted && self.can_be_taken_up(line) => {
                Stretch::Left(AnyCommand::Debugger(match command {
                    Command::Step(Times(count)) => {
                        let run = after.t.saturating_sub(before.t);
                        Command::Step(Times(count.saturating_sub(run)))
                    }
                    other => other.clone(),
                }))
            }
            _ => Stretch::Done(todo),
        }
    }

    /// True for a run that goes on as if nothing had been, when it is interrupted and begun again.
    #[must_use]
    pub fn can_be_taken_up(&self, line: &Line) -> bool {
        let is_such = matches!(
            line,
            AnyCommand::Debugger(
                Command::Step(_) | Command::Continue(Times(1)) | Command::Until(_)
            )
        );
        // A look back would begin anew each time.
        let looks_back = match line {
            AnyCommand::Debugger(Command::Until(condition)) => {
                let (source, span) = (condition.source(), condition.span());
                let watch = self.session.watch(source, span, ExpectedType::Condition);
                watch.is_ok_and(|watch| watch.looks_back())
            }
            _ => false,
        };
        // What has to be gathered over the whole run would be lost.
        is_such
            && !looks_back
            && !self
                .session
                .stops()
                .iter()
                .any(|stop| matches!(stop.kind, StopKind::Trace(_)))
    }

    /// Does a command, and shows what is wrong with it.
    pub fn execute(&mut self, line: &Line, control: &mut Control) -> AfterKey {
        self.perform(line, control).unwrap_or_else(|error| {
            self.fail(&error);
            AfterKey::Nothing
        })
    }

    /// Does a command, and leaves it to the caller to show what is wrong with it.
    ///
    /// # Errors
    /// The reason why it cannot be done, at its place in the text that it was read from.
    pub fn perform(&mut self, line: &Line, control: &mut Control) -> Result<AfterKey, Error> {
        if !copies(line) {
            self.popup = None;
        }
        let command = match line {
            AnyCommand::Debugger(command) => command,
            AnyCommand::FrontEnd(command) => {
                self.session.check_rights(command.info())?;
                return self.show(command, control);
            }
        };
        if matches!(command, Command::Save(_)) {
            self.tell_arrangement();
        }
        let mouse = self.session.is_on(MOUSE.name);
        let answer = TABLE.apply(&mut self.session, command, control);
        self.look.keep_in_step(&self.session);
        match answer? {
            Answer::Quit => return Ok(AfterKey::Quit),
            Answer::Swept(map) => {
                self.chart = Some(Chart::new(*map));
                self.message = Message::Hints;
                return Ok(AfterKey::Nothing);
            }
            answer => {
                if let Answer::Stopped(stopped) = &answer {
                    self.is_interrupted = matches!(stopped.why, StopReason::Interrupted);
                    if let Some(following) = &mut self.following {
                        following.note(stopped);
                    }
                    if stopped.why.is_event() {
                        self.playing = None;
                    }
                }
                if matches!(answer, Answer::Stopped(_)) {
                    self.look.release_cursor();
                }
                self.say(&answer);
            }
        }
        let now = self.session.is_on(MOUSE.name);
        Ok(if mouse == now {
            AfterKey::Nothing
        } else {
            AfterKey::Mouse(now)
        })
    }

    fn say(&mut self, answer: &Answer) {
        // Displays stand among the values where those are on the screen, and so do traces of a single iteration.
        if let Answer::Stopped(stopped) = answer
            && !self.placed.pane(Pane::Source).is_empty()
        {
            let is_here =
                !stopped.logs.is_empty() && stopped.logs.iter().all(|log| log.t == stopped.t);
            if !stopped.displays.is_empty() || is_here {
                let mut docked = stopped.clone();
                docked.displays.clear();
                if is_here {
                    docked.logs.clear();
                }
                return self.say(&Answer::Stopped(docked));
            }
        }
        let is_event = matches!(answer, Answer::Stopped(stopped) if stopped.why.is_event());
        let plain = matches!(answer, Answer::Stopped(stopped)
            if !stopped.why.is_event() && stopped.logs.is_empty() && stopped.displays.is_empty());
        if plain {
            // What a run that plays has said of itself stays, so that a frame has less to write.
            if self.playing.is_none() {
                self.message = Message::Hints;
            }
            return;
        }
        let title = match answer {
            Answer::Explained(explanation) => title(explanation),
            Answer::Stopped(_) => "stopped".to_owned(),
            _ => String::new(),
        };
        let text = answer.to_string();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if matches!(answer, Answer::Explained(_)) && lines.len() > 1 {
            lines = self.fitted(&text);
        }
        // What was asked for is read to its end, where the last line is too short for it.
        let is_long = matches!(answer, Answer::Text(_))
            && lines
                .iter()
                .any(|line| cells(line) > usize::from(self.placed.message.width));
        if lines.len() > 1 || is_long {
            lines = broken(lines.iter().map(String::as_str), self.popup_room());
        }
        match (&lines[..], is_event) {
            ([], _) => self.message = Message::Hints,
            ([line], true) => self.message = Message::Event(line.clone()),
            ([line], false) => self.message = Message::Said(line.clone()),
            (lines, event) => {
                let last = lines.iter().find(|line| line.starts_with("t = "));
                self.message = match last {
                    Some(line) if event => Message::Event(line.clone()),
                    _ => Message::Hints,
                };
                let mut popup = Popup::new(title, lines.to_vec());
                if matches!(answer, Answer::Stopped(_)) {
                    // The newest lines of a log are in sight.
                    popup.scroll = lines.len().saturating_sub(self.placed.popup_lines().into());
                }
                self.popup = Some(popup);
            }
        }
    }

    /// Shows an error.
    pub fn fail(&mut self, error: &Error) {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        self.message = Message::Failed(first.to_owned());
        self.popup = Some(Popup {
            error: true,
            ..Popup::new("error", broken(text.lines(), self.popup_room()))
        });
    }

    /// Tells w and the loss at a cell of the contour, whose room on the screen is `inner`.
    pub fn tell_about(&mut self, at: Position, inner: Rect) {
        let Some(point) = self.picture.window().and_then(|window| {
            let plot = contour::plot(inner, window, ValueScale::Linear);
            self.picture.fitted(plot, window).point_of(at, plot)
        }) else {
            return;
        };
        let w = self.picture.parameters(&self.session, point);
        let loss = self.session.landscape().loss.evaluator().value(&w);
        let [x, y] = self
            .picture
            .axes(self.session.lanes().tensors(), self.charset.glyphs().alpha);
        let [at_x, at_y] = point.map(crate::format::short);
        let loss = crate::format::short(loss);
        self.message = Message::Said(format!("{x} = {at_x}, {y} = {at_y}: loss {loss}"));
    }

    /// Arranges the screen as a scenario's commands say: those that [`arrangement`] lets through, in their order.
    ///
    /// # Errors
    /// The first command that cannot be done, such as a plane of a parameter that there is not.
    ///
    /// [`arrangement`]: crate::tui::command::arrangement
    pub fn arrange(&mut self, commands: &[ViewCommand]) -> Result<(), Error> {
        for command in commands {
            let done = self.view(command, &mut Control::default());
            done.map_err(|error| {
                let line = ScreenCommand::View(command.clone());
                error.context(&format!("`{line}`"))
            })?;
        }
        Ok(())
    }

    /// Does a command of the screen.
    fn show(&mut self, command: &ScreenCommand, control: &mut Control) -> Result<AfterKey, Error> {
        Ok(match command {
            ScreenCommand::View(command) => return self.view(command, control),
            ScreenCommand::Record(command) => AfterKey::Record(command.clone()),
            ScreenCommand::Tour(command) => AfterKey::Tour(command.clone()),
        })
    }

    fn view(&mut self, command: &ViewCommand, control: &mut Control) -> Result<AfterKey, Error> {
        match command {
            ViewCommand::Redraw => return Ok(AfterKey::Redraw),
            ViewCommand::Copy => return Ok(AfterKey::Copy),
            ViewCommand::Suspend => return Ok(AfterKey::Suspend),
            ViewCommand::Keys => self.popup = Some(self.keys()),
            ViewCommand::Zoom(_)
            | ViewCommand::Pan(..)
            | ViewCommand::Fit
            | ViewCommand::Follow(_)
            | ViewCommand::Aspect(_)
            | ViewCommand::Window(_)
            | ViewCommand::Plane(..)
            | ViewCommand::EigenPlane(..) => {
                self.picture.change(&self.session, command)?;
            }
            ViewCommand::Shade if self.theme.shade(1, 1).is_none() => {
                let why = "shades need a terminal of 256 colours: TERM does not promise them, or colours are off";
                return Err(Error::plain(ErrorCode::NotAvailable, why));
            }
            ViewCommand::Shade => self.picture.is_shaded = !self.picture.is_shaded,
            ViewCommand::Charset => {
                self.charset = self.charset.coarser();
                let name = self.charset.name();
                self.message = Message::Said(format!("characters: {name}"));
            }
            ViewCommand::Columns(by) => self.columns.scroll(&self.session, *by),
            ViewCommand::Sort(order) => self.columns.arrange(&self.session, order)?,
            ViewCommand::Tensors(order) => self.order_tensors(order.as_deref())?,
            ViewCommand::Summary => self.columns.is_summary = !self.columns.is_summary,
            ViewCommand::Sweep => self.toggle_chart(),
            ViewCommand::Play(forward) => self.toggle_play(*forward),
            ViewCommand::Nudge(up) => self.nudge(*up, control)?,
            ViewCommand::BreakHere => return self.perform(&self.break_here().into(), control),
            ViewCommand::ExpandHere => self.expand(control),
            ViewCommand::Lane(by) => return self.perform(&self.lane_after(*by).into(), control),
            ViewCommand::Cursor(by) => self.look.move_cursor(&self.session, *by),
            other => self.look.change(other),
        }
        Ok(AfterKey::Nothing)
    }

    /// The command that switches to the lane `by` further on.
    fn lane_after(&self, by: i64) -> Command {
        let lanes = self.session.lanes();
        let count = lanes.entries().len();
        let by = by.rem_euclid(i64::try_from(count).unwrap_or(1));
        let next = (lanes.focus() + usize::try_from(by).unwrap_or(0)) % count;
        let name = lanes.entries()[next].name.as_str();
        Command::Lane(LaneCommand::Focus(name.into()))
    }

    /// The command that sets a break on the line under the cursor, or deletes the one that is there.
    fn break_here(&self) -> Command {
        let line = self.look.cursor(&self.session) + 1;
        match self.session.break_on_line(line) {
            Some(id) => Command::Delete(StopIds::Those(vec![id.into()])),
            None => Command::Break(Breakpoint {
                at: BreakAt::Line {
                    line: (line as u64).into(),
                    condition: None,
                },
                options: StopOptions::default(),
            }),
        }
    }

    /// Writes out the line under the cursor with its numbers.
    fn expand(&mut self, control: &mut Control) {
        let line = self.look.cursor(&self.session);
        let explained = self.session.explain_line(line, control);
        self.show_explained(line, explained);
    }

    /// The same within what a frame has time for.
    pub(super) fn expand_soon(&mut self) {
        let line = self.look.cursor(&self.session);
        let explained = self.budget.spend(&mut self.session, |session, control| {
            let explained = session.explain_line(line, control);
            (!control.has_ended()).then_some(explained)
        });
        let is_in_part = explained.is_none();
        let soon = || Err(Error::plain(ErrorCode::Interrupted, "..."));
        self.show_explained(line, explained.unwrap_or_else(soon));
        self.is_explained_in_part = is_in_part;
    }

    fn show_explained(&mut self, line: usize, explained: Result<Explanation, Error>) {
        self.is_explained_in_part = false;
        if line >= self.session.lanes().focused().compiled().lines.len() {
            return;
        }
        let (title, text) = match explained {
            Ok(explanation) => (title(&explanation), explanation.to_string()),
            Err(error) => (format!("line {}", line + 1), error.message().to_owned()),
        };
        self.message = Message::Said("up, down: other lines; enter: close".into());
        self.popup = Some(Popup {
            follows: true,
            ..Popup::new(title, self.fitted(&text))
        });
    }

    /// The lines of an explanation, those that are too long for the screen broken before a `=`.
    fn fitted(&self, text: &str) -> Vec<String> {
        const INDENT: &str = "    ";
        let room = self.popup_room();
        let mut lines = Vec::new();
        for whole in text.lines() {
            let mut parts = whole.split(" = ");
            let mut line = parts.next().unwrap_or("").to_owned();
            for (at, part) in parts.enumerate() {
                let longer = cells(&line) + cells(part) + " = ".len();
                if at > 0 && longer > room {
                    lines.push(std::mem::replace(&mut line, format!("{INDENT}= {part}")));
                } else {
                    line = format!("{line} = {part}");
                }
            }
            lines.push(line);
        }
        lines
    }

    /// The columns of a line of a popup.
    fn popup_room(&self) -> usize {
        usize::from(self.placed.message.width).saturating_sub(4)
    }

    /// The legend of the pane in focus, and what stands around the panes; then the keys.
    fn keys(&self) -> Popup {
        let pane = self.look.focus.row();
        let about = format!("{}: {}", pane.name, pane.about);
        let mut lines = broken([about.as_str()].into_iter(), self.popup_room());
        let terms = glossary::of_part(pane.name).chain(glossary::of_part("screen"));
        for term in terms {
            let shown = |name: &&&str| self.charset != Charset::Ascii || name.is_ascii();
            let names: Vec<&str> = term.names.iter().filter(shown).copied().collect();
            let room = self.popup_room().saturating_sub(18);
            let mut about = wrapped(term.about, room.max(20)).into_iter();
            let names = names.join(" ");
            if let Some(left) = 18_usize.checked_sub(cells(&names)).filter(|left| *left > 0) {
                let first = about.next().unwrap_or_default();
                lines.push(format!("{names}{:left$}{first}", ""));
            } else {
                lines.push(names);
            }
            lines.extend(about.map(|line| format!("{:18}{line}", "")));
        }
        lines.push(String::new());
        let panes = Pane::by_key().into_iter().map(Pane::row);
        let panes: Vec<String> = panes
            .map(|row| format!("{} {}", row.key, row.name))
            .collect();
        lines.push(format!("other panes: {}, then ?", panes.join(", ")));
        lines.push(String::new());
        for (binding, keys) in self.keymap.rows() {
            let line = binding.to_string();
            let what = match crate::tui::keymap::label(&line) {
                Some(label) => label.to_owned(),
                None => line.clone(),
            };
            let shown = if line.is_empty() {
                ":".to_owned()
            } else {
                format!(":{}", line.trim_end())
            };
            lines.push(format!("{keys:<18} {what:<16} {shown}"));
        }
        lines.push(String::new());
        lines.push("a number before a key repeats it: 10n; 120G goes to iteration 120".into());
        lines.push("enter explains a line; up, down go on to others, enter closes".into());
        lines.push("esc or ctrl-c stops a run; in the prompt tab completes, up recalls".into());
        lines.push(":help lists the commands, :help WORD explains any word or mark here".into());
        Popup::new(format!("what is this: {}", pane.name), lines)
    }
}

/// The title of an explanation.
fn title(explanation: &Explanation) -> String {
    let line = explanation.line;
    let line = line.map_or(String::new(), |line| format!(", line {line}"));
    format!("{} in iteration {}{line}", explanation.name, explanation.t)
}
