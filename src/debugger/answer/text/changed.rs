//! Changes made by hand, as text.

use crate::{
    debugger::answer::{
        Added, Dropped, Focused, Forked, Ignored, Missing, OptionSet, OptionValue, Saved,
        SetReport, StopSelection, Undone,
    },
    files,
    format::exact,
};
use std::fmt;

impl fmt::Display for SetReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.forked_from.is_some() {
            write!(f, "forked lane `{}` from here; ", self.lane)?;
        }
        let (old, new) = (self.old.flat(), self.new.flat());
        write!(f, "{}: {old} -> {new} at t = {}", self.name, self.t)
    }
}

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = self.name.split('[').next().unwrap_or("");
        write!(f, "undid the edit of {variable} at t = {}", self.t)?;
        match &self.same_as {
            Some(other) => write!(f, "; lane `{}` stays, the same as `{other}`", self.lane),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Forked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "lane `{}` forks from `{}` at t = {}",
            self.lane, self.from, self.t
        )
    }
}

impl fmt::Display for Added {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lane `{}` runs {}", self.lane, self.rule)
    }
}

impl fmt::Display for Focused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lane `{}` in focus", self.lane)
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dropped lane `{}`", self.lane)?;
        match self.stops {
            0 => Ok(()),
            1 => f.write_str(", and the stop or display that read it"),
            lost => write!(f, ", and the {lost} stops and displays that read it"),
        }
    }
}

impl fmt::Display for StopSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.ids {
            None => f.write_str("all"),
            Some(ids) => {
                let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
                f.write_str(&ids.join(", "))
            }
        }
    }
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, hits } = self;
        write!(f, "stop {id} ignores its next {hits} hits")
    }
}

impl fmt::Display for OptionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.value)?;
        match self.interrupted_at {
            Some(t) => write!(
                f,
                "; interrupted at t = {t} on the way back to where the lanes were"
            ),
            None => Ok(()),
        }
    }
}

impl fmt::Display for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(true) => f.write_str("on"),
            Self::Switch(false) | Self::Off => f.write_str("off"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Number(value) => f.write_str(&exact(value.0)),
        }
    }
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name is no flag, whatever it begins with.
        let dot = if self.file.starts_with('-') { "./" } else { "" };
        let name = files::quoted(&self.file);
        write!(f, "saved; open it again with: eigenstep {dot}{name}")
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value => f.write_str("interrupted"),
            Self::Map => f.write_str("interrupted; there is no map"),
            Self::Lane(lane) => write!(f, "interrupted; there is no lane `{lane}`"),
        }
    }
}
