//! The rows of the debugger's commands: each one's name, arguments, effect and help; what it does; and the answer
//! that it alone gives, if there is one.
//!
//! ```text
//! Variant(ArgumentType) = { "name" ["alias"] "GRAMMAR", Effect, MinimumUse, completions, repeats on an empty line, "help" }
//!     does |session, control, argument| { the answer }
//!     answers Kind(Data) "sentence" "what such an answer is.";
//! ```
//!
//! The command, its handler and its answer are made of the same row, each where it belongs: [`Command`],
//! [`Session::apply`], [`Answer`].
//!
//! [`Command`]: super::Command
//! [`Session::apply`]: crate::debugger::session::Session::apply
//! [`Answer`]: crate::debugger::answer::Answer

/// Hands all rows to a macro.
macro_rules! for_each_command {
    ($with:ident) => { $with! {
    Step(Times) = { "step" ["n", "next"] "[N]", Moves, Unasked, C::Nothing, true,
        "run N iterations (1)" }
        does |session, control, times| { Answer::Stopped(session.step(times.0, control)) };
    Back(Times) = { "back" ["N", "prev"] "[N]", Moves, Unasked, C::Nothing, true,
        "go back N iterations (1)" }
        does |session, control, times| { Answer::Stopped(session.back(times.0, control)) };
    StepLine(Times) = { "line" ["s"] "[N]", Moves, Unasked, C::Nothing, true,
        "run N lines of the rule (1)" }
        does |session, control, times| { Answer::Stopped(session.step_lines(times.0, control)) };
    BackLine(Times) = { "lineback" ["S"] "[N]", Moves, Unasked, C::Nothing, true,
        "go back N lines (1)" }
        does |session, control, times| { Answer::Stopped(session.back_lines(times.0, control)) };
    Continue(Times) = { "continue" ["c", "cont"] "[N]", Moves, Asked, C::Nothing, true,
        "run to the next stop, or to the Nth" }
        does |session, control, times| { Answer::Stopped(session.continue_run(times.0, control)) };
    ReverseContinue(Times) = { "rcontinue" ["rc"] "[N]", Moves, Asked, C::Nothing, true,
        "run backward to the previous stop, or to the Nth" }
        does |session, control, times| { Answer::Stopped(session.reverse_continue(times.0, control)) };
    Until(Phrase) = { "until" ["u"] "EXPR", Moves, Asked, C::Expression, true,
        "run until EXPR holds" }
        does |session, control, condition| { Answer::Stopped(session.run_until(condition.clone(), control)?) };
    Goto(TimePoint) = { "goto" ["g"] "T [LINE]", Moves, Unasked, C::Nothing, false,
        "go to iteration T (and LINE lines into the next)" }
        does |session, control, moment| { Answer::Stopped(session.goto(moment, control)?) };
    First = { "first" ["0"] "", Moves, Unasked, C::Nothing, false,
        "go to t = 0" }
        does |session, control| { Answer::Stopped(session.first(control)) };
    Last = { "last" ["$"] "", Moves, Unasked, C::Nothing, false,
        "go to the newest iteration" }
        does |session, control| { Answer::Stopped(session.last(control)) };
    Restart = { "restart" ["r"] "", Moves, Unasked, C::Nothing, false,
        "go back to t = 0; stops are kept, hit counts reset" }
        does |session, control| { Answer::Stopped(session.restart(control)) };
    Break(Breakpoint) = { "break" ["b"] "EXPR | line N [if EXPR] [once] [ignore N]", Changes, Asked, C::Expression, false,
        "stop when EXPR becomes true, or before line N runs" }
        does |session, _, breakpoint| { Answer::Stop(session.make_break(breakpoint, false)?) };
    BreakOnce(Breakpoint) = { "tbreak" ["tb"] "EXPR | line N [if EXPR]", Changes, Asked, C::Expression, false,
        "stop once, then delete the stop" }
        does |session, _, breakpoint| { Answer::Stop(session.make_break(breakpoint, true)?) };
    Watch(Watchpoint) = { "watch" ["wa"] "EXPR [once] [ignore N]", Changes, Asked, C::Expression, false,
        "stop when the value of EXPR changes" }
        does |session, _, watch| { Answer::Stop(session.watch_value(watch.value.clone(), watch.options)?) };
    Trace(Phrase) = { "trace" ["tr"] "EXPR", Changes, Asked, C::Expression, false,
        "log t and EXPR at every iteration without stopping" }
        does |session, _, value| { Answer::Stop(session.trace(value.clone())?) };
    Display(Phrase) = { "display" ["disp"] "EXPR", Changes, Asked, C::Expression, false,
        "show EXPR at every stop" }
        does |session, control, value| { Answer::Display(session.display(value.clone(), control)?) }
        answers Display(DisplayValue) "{}" "A display has been made.";
    Plot(PlotCommand) = { "plot" ["pl"] "EXPR, EXPR ... [log | symlog] [band N] | EXPR ... [log | symlog] against EXPR [log | symlog]", Changes, Asked, C::Expression, false,
        "draw the values of expressions over t, or against another" }
        does |session, _, plot| { Answer::Plot(session.plot(plot)?) }
        answers Plot(PlotReport) "{}" "A plot has been made.";
    Delete(StopIds) = { "delete" ["d"] "ID... | all", Changes, Asked, C::Stops, false,
        "delete stops, displays or plots" }
        does |session, _, ids| { Answer::Deleted(session.delete(ids)?) }
        answers Deleted(StopSelection) "deleted: {}" "Stops or displays have been deleted.";
    Enable(StopIds) = { "enable" ["en"] "ID... | all", Changes, Asked, C::Stops, false,
        "enable stops" }
        does |session, _, ids| { Answer::Enabled(session.enable(ids)?) }
        answers Enabled(StopSelection) "enabled: {}" "Stops have been enabled.";
    Disable(StopIds) = { "disable" ["dis"] "ID... | all", Changes, Asked, C::Stops, false,
        "disable stops without deleting them" }
        does |session, _, ids| { Answer::Disabled(session.disable(ids)?) }
        answers Disabled(StopSelection) "disabled: {}" "Stops have been disabled.";
    Ignore(IgnoreHits) = { "ignore" ["ign"] "ID N [hits M]", Changes, Asked, C::Stop, false,
        "ignore the next N hits of a stop (hits M sets its count)" }
        does |session, _, hits| { Answer::Ignored(session.ignore(hits)?) }
        answers Ignored(Ignored) "{}" "The next hits of a stop will be ignored.";
    Print(Phrase) = { "print" ["p"] "EXPR", Looks, Asked, C::Expression, false,
        "show the value of EXPR" }
        does |session, control, expression| { session.print(expression, control)? };
    Explain(Phrase) = { "explain" ["x"] "NAME", Looks, Asked, C::Variable, false,
        "show the line that computed NAME (or NAME[I], LANE.NAME), values substituted" }
        does |session, control, name| { Answer::Explained(session.explain_name(name.clone(), control)?) }
        answers Explained(Explanation) "{}" "The line that produced a value, with the values of its names.";
    List = { "list" ["l"] "", Looks, Asked, C::Nothing, false,
        "show the lines of the rule and their values" }
        does |session, _| { Answer::Lines(session.listing()) }
        answers Lines(Listing) "{}" "The lines of the rule in focus.";
    Info(Option<InfoTopic>) = { "info" ["i"] "[TOPIC]", Looks, Asked, C::Info, false,
        "show stops, lanes, settings, predictions, ... (info lists all)" }
        does |session, control, topic| { session.info(*topic, control)? };
    Set(Assignment) = { "set" [] "NAME=EXPR", Changes, Asked, C::Setting, false,
        "change a setting, a variable or an option here (forks in the past)" }
        does |session, control, assignment| { session.assign(assignment, control)? }
        answers Set(SetReport) "{}" "A setting or a variable has been set."
        answers OptionSet(OptionSet) "{}" "An option has been set.";
    Undo = { "undo" [] "", Changes, Asked, C::Nothing, false,
        "undo the lane's last edit" }
        does |session, control| { Answer::Undone(session.undo(control)?) }
        answers Undone(Undone) "{}" "The last edit has been undone.";
    Fork(Option<Name>) = { "fork" ["f"] "[NAME]", Changes, Asked, C::Nothing, false,
        "fork a new lane here" }
        does |session, control, name| { Answer::Forked(session.fork(name.clone(), control)?) }
        answers Forked(Forked) "{}" "A lane has been forked.";
    Lane(LaneCommand) = { "lane" ["la"] "NAME | add RULE [as NAME] [set NAME=EXPR, ...]", Changes, ByArgument, C::Lane, false,
        "switch to a lane, or add one" }
        does |session, control, lane| { session.do_lane(lane, control)? }
        answers Added(Added) "{}" "A lane has been added."
        answers Focused(Focused) "{}" "Another lane is in focus.";
    Drop(Name) = { "drop" [] "NAME", Changes, Asked, C::LaneName, false,
        "remove a lane" }
        does |session, _, name| { Answer::Dropped(session.drop_lane(name.clone())?) }
        answers Dropped(Dropped) "{}" "A lane has been removed.";
    Sweep(SweepCommand) = { "sweep" ["sw"] "NAME=LO..HI[:log][:COUNT]... [steps N] [measure rate]", Looks, Asked, C::Sweep, false,
        "map how runs end over one or two settings" }
        does |session, control, sweep| { match session.sweep(sweep, control)? {
            Some(map) => Answer::Swept(Box::new(map)),
            None => Answer::Interrupted(Missing::Map),
        } }
        answers Swept(Box<Map>) "{}" "The ends of runs over one or two settings.";
    Save(Destination) = { "save" [] "FILE", Writes, Asked, C::File(&[]), false,
        "write a session that can be opened again; save! replaces a file" }
        does |session, _, destination| { Answer::Saved(session.save(destination)?) }
        answers Saved(Saved) "{}" "The session has been saved.";
    Help(Option<Phrase>) = { "help" ["h", "?"] "[TOPIC]", Looks, ByArgument, C::Topic, false,
        "explain a command or a topic" }
        does |session, _, topic| { Answer::Text(CommandTable::debugger().help(Some(session), topic.as_ref())?) };
    Quit = { "quit" ["q", "exit"] "", Leaves, Unasked, C::Nothing, false,
        "leave" }
        does |_, _| { Answer::Quit };
    } };
}

pub(crate) use for_each_command;
