//! Answers as text for people: every sentence that an answer is told in.

mod changed;
mod explained;
mod prediction;
mod report;
mod stopped;
mod tables;

use super::Answer;
use std::fmt;

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped(stopped) => stopped.fmt(f),
            Self::Printed { text, value } => write!(f, "{text} = {value}"),
            Self::Explained(explanation) => explanation.fmt(f),
            Self::Swept(map) => map.fmt(f),
            Self::Lines(lines) => lines.fmt(f),
            Self::Stops(stops) => stops.fmt(f),
            Self::Lanes(lanes) => lanes.fmt(f),
            Self::Settings(settings) => settings.fmt(f),
            Self::Variables(variables) => variables.fmt(f),
            Self::Edits(edits) => edits.fmt(f),
            Self::Loss(loss) => loss.fmt(f),
            Self::Rule(rule) => rule.fmt(f),
            Self::Options(options) => options.fmt(f),
            Self::Prediction(prediction) => prediction.fmt(f),
            Self::Stop(stop) => stop.fmt(f),
            Self::Display(display) => display.fmt(f),
            Self::Plot(plot) => write!(f, "{}: plot {}", plot.id, plot.text),
            Self::Deleted(selection) => write!(f, "deleted: {selection}"),
            Self::Enabled(selection) => write!(f, "enabled: {selection}"),
            Self::Disabled(selection) => write!(f, "disabled: {selection}"),
            Self::Ignored(ignored) => ignored.fmt(f),
            Self::Set(set) => set.fmt(f),
            Self::OptionSet(set) => set.fmt(f),
            Self::Undone(undone) => undone.fmt(f),
            Self::Forked(forked) => forked.fmt(f),
            Self::Added(added) => added.fmt(f),
            Self::Focused(focused) => focused.fmt(f),
            Self::Dropped(dropped) => dropped.fmt(f),
            Self::Saved(saved) => saved.fmt(f),
            Self::Interrupted(missing) => missing.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Nothing | Self::Quit => Ok(()),
        }
    }
}
