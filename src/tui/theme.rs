//! Colour by role, in one table.
//!
//! A role has an accent colour of one meaning ([`Accent`]) or that of text. Where they can be read, the terminal's own
//! 16 colours are named, so that a user's palette holds; further ones are of the 256 that most terminals know. Colour
//! never speaks alone: each role that must be told apart has a modifier or a glyph ([`super::glyphs`]) as well, so the
//! table works with every colour taken out, which is what `NO_COLOR` and `--color never` do.

mod accent;

pub use accent::{Accent, SERIES};

use crate::lang::choice::Choice;
use ratatui::style::{Color, Modifier, Style};

/// The choice to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ColorChoice {
    /// Unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Even then.
    Always,
    /// Bold and reverse only.
    Never,
}

impl Choice for ColorChoice {
    const WORDS: &'static [(&'static str, Self, &'static str)] = &[
        ("auto", Self::Auto, "Colour unless NO_COLOR is set"),
        ("always", Self::Always, "Colour even if NO_COLOR is set"),
        ("never", Self::Never, "No colour: bold and reverse only"),
    ];
}

impl ColorChoice {
    /// True if to colour, given the value of `NO_COLOR`: set and not empty means no, as <https://no-color.org> asks.
    #[must_use]
    pub fn resolve(self, no_color: Option<&str>) -> bool {
        match self {
            Self::Auto => no_color.is_none_or(str::is_empty),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// The terminal's ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Background {
    /// Light text on a dark ground.
    #[default]
    Dark,
    /// Dark text on a light ground: no yellow, green or cyan, no bright colours.
    Light,
}

impl Choice for Background {
    const WORDS: &'static [(&'static str, Self, &'static str)] = &[
        ("dark", Self::Dark, "Light text on a dark background"),
        (
            "light",
            Self::Light,
            "Dark text on a light background: no yellow, green or cyan, no bright colours",
        ),
    ];
}

impl Background {
    /// The ground that was asked for, else that of `COLORFGBG`, which some terminals set to the numbers of their
    /// text's and their ground's colour, as in `15;0`; none where neither says.
    #[must_use]
    pub fn told(asked: Option<Self>, colorfgbg: Option<&str>) -> Option<Self> {
        let number = colorfgbg.and_then(|it| it.rsplit(';').next()?.trim().parse::<u8>().ok());
        asked.or(match number? {
            7 | 9..=15 => Some(Self::Light),
            0..=6 | 8 => Some(Self::Dark),
            _ => None,
        })
    }
}

/// The number of colours that the terminal knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ColourDepth {
    /// The sixteen that have names.
    #[default]
    Sixteen,
    /// 256, the further ones a fixed palette.
    Many,
}

impl ColourDepth {
    /// The depth that the values of `TERM` and `COLORTERM` promise.
    #[must_use]
    pub fn told(term: Option<&str>, colorterm: Option<&str>) -> Self {
        const KNOWN: [&str; 6] = [
            "256color",
            "direct",
            "kitty",
            "alacritty",
            "ghostty",
            "foot",
        ];
        let by_name = term.is_some_and(|term| KNOWN.iter().any(|known| term.contains(known)));
        if by_name || colorterm.is_some_and(|it| !it.is_empty()) {
            Self::Many
        } else {
            Self::Sixteen
        }
    }
}

/// The meaning of a piece of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Plain text.
    Text,
    /// Text of lesser weight: units, hints.
    Quiet,
    /// A pane's frame.
    Border,
    /// A pane's title.
    Title,
    /// The title of the pane that keys go to.
    FocusedTitle,
    /// A value that the last step changed.
    Changed,
    /// A state `as momentum`.
    Momentum,
    /// A state `as scale`.
    Scale,
    /// A state `as count`.
    Count,
    /// A level line of the contour: ground, fainter than what moves on it.
    LevelLine,
    /// A third of the heights of a map.
    Level(Height),
    /// The label on a level line.
    LevelLabel,
    /// The place where the loss is not finite.
    Hole,
    /// A lane's recent path, by lane from 0.
    Path(usize),
    /// A lane's older path, by lane from 0.
    Trail(usize),
    /// The place where the runs start.
    Start,
    /// The place where the selected lane is now.
    Now,
    /// A minimum.
    Minimum,
    /// The place where a gradient was asked for.
    Probe,
    /// Ticks and their numbers.
    Axis,
    /// Refused.
    Error,
    /// Worth a look.
    Warning,
    /// The text that the user types.
    Prompt,
    /// The bar of an error.
    Bar,
    /// Timeline: visited.
    TimePast,
    /// Timeline: ahead.
    TimeAhead,
    /// Timeline: here.
    TimeNow,
    /// A breakpoint, in the source and on the timeline.
    Breakpoint,
    /// An edit of a setting.
    Edit,
    /// A curve of a plot, by its place from 0.
    Curve(usize),
    /// The tolerance of a curve.
    Threshold,
    /// A key, in the hints.
    Key,
}

/// A third of the levels drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Height {
    /// Near the minimum.
    Low,
    /// Between.
    Middle,
    /// Far up the walls.
    High,
}

/// The styles of every role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Theme {
    colour: bool,
    ground: Background,
    depth: ColourDepth,
}

impl Theme {
    /// A theme with sixteen colours or with modifiers only.
    #[must_use]
    pub fn new(colour: bool, ground: Background) -> Self {
        Self {
            colour,
            ground,
            depth: ColourDepth::Sixteen,
        }
    }

    /// The same on another ground.
    #[must_use]
    pub fn on(self, ground: Background) -> Self {
        Self { ground, ..self }
    }

    /// The same with as many colours.
    #[must_use]
    pub fn with_depth(self, depth: ColourDepth) -> Self {
        Self { depth, ..self }
    }

    /// True if there are colours, and not modifiers only.
    #[must_use]
    pub fn has_colour(&self) -> bool {
        self.colour
    }

    /// The terminal's ground.
    #[must_use]
    pub fn ground(&self) -> Background {
        self.ground
    }

    /// The shade of the ground at height `step` of `steps`, where there are 256 colours: the lowest is the ground itself.
    #[must_use]
    pub fn shade(&self, step: usize, steps: usize) -> Option<Color> {
        let shades = accent::SHADES[usize::from(self.ground == Background::Light)];
        let at = (step * (shades.len() + 1) / (steps + 1)).checked_sub(1)?;
        let has_shades = self.colour && self.depth == ColourDepth::Many;
        has_shades.then(|| Color::Indexed(shades[at.min(shades.len() - 1)]))
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        let (accent, modifier) = entry(role);
        let style = Style::new().add_modifier(modifier);
        let colour = accent.map(|accent| accent.colour(self.ground, self.depth));
        match colour.filter(|colour| self.colour && *colour != Color::Reset) {
            Some(colour) => style.fg(colour),
            None => style,
        }
    }
}

/// The table: a role's accent, where it has one, and its modifiers.
#[expect(clippy::match_same_arms, reason = "a table: one row a role")]
fn entry(role: Role) -> (Option<Accent>, Modifier) {
    const NONE: Modifier = Modifier::empty();
    const BOLD: Modifier = Modifier::BOLD;
    const DIM: Modifier = Modifier::DIM;
    const REVERSED: Modifier = Modifier::REVERSED;
    match role {
        Role::Text | Role::LevelLabel | Role::Axis | Role::Count | Role::Bar => (None, NONE),
        Role::Quiet | Role::Border | Role::TimeAhead | Role::Hole | Role::Threshold => (None, DIM),
        Role::Title | Role::Prompt | Role::Key | Role::TimePast | Role::Edit => (None, BOLD),
        Role::FocusedTitle => (None, BOLD.union(REVERSED)),
        Role::Start | Role::Minimum | Role::Probe => (None, BOLD),
        Role::Now => (None, BOLD.union(REVERSED)),
        Role::Changed => (Some(Accent::Recent), BOLD),
        Role::TimeNow => (Some(Accent::Recent), BOLD.union(REVERSED)),
        Role::Momentum => (Some(Accent::FirstMoment), NONE),
        Role::Scale => (Some(Accent::SecondMoment), NONE),
        Role::LevelLine => (Some(Accent::Ground), NONE),
        Role::Level(Height::Low) => (Some(Accent::Ground), BOLD),
        Role::Level(Height::Middle) => (Some(Accent::Ground), NONE),
        Role::Level(Height::High) => (None, NONE),
        Role::Path(lane) => (Some(Accent::Series(lane)), BOLD),
        Role::Trail(lane) => (Some(Accent::Series(lane)), NONE),
        Role::Curve(place) => (Some(Accent::Series(place)), NONE),
        Role::Error => (Some(Accent::Halt), BOLD.union(REVERSED)),
        Role::Warning | Role::Breakpoint => (Some(Accent::Halt), BOLD),
    }
}

#[cfg(test)]
mod tests;
