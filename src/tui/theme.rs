//! Colour by role, in one table.
//!
//! Only the terminal's own 16 colours are named, so a user's palette holds on dark and on light grounds; no grey that
//! vanishes on one of them, no background of our own. Colour never speaks alone: each role that must be told apart has
//! a modifier or a glyph ([`super::glyphs`]) as well, so the table works with every colour taken out, which is what
//! `NO_COLOR` and `--color never` do.

use crate::lang::choice::Choice;
use ratatui::style::Color::{
    Blue, Cyan, Green, LightBlue, LightCyan, LightGreen, LightMagenta, LightRed, LightYellow,
    Magenta, Red, Reset, Yellow,
};
use ratatui::style::{Color, Modifier, Style};

use super::glyphs::LANES;

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
    /// As hoped.
    Ok,
    /// The text that the user types.
    Prompt,
    /// A bar to the right of zero.
    BarPositive,
    /// A bar to the left of zero.
    BarNegative,
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
}

/// Colours of the lanes on a dark and on a light ground.
const LANE_COLOURS: [[Color; 2]; LANES] = [
    [Reset, Reset],
    [Green, Blue],
    [LightMagenta, Magenta],
    [LightCyan, Red],
    [LightGreen, Reset],
    [LightYellow, Blue],
    [LightRed, Magenta],
    [Reset, Red],
];

/// Colours of the curves of a plot on a dark and on a light ground.
const CURVE_COLOURS: [[Color; 2]; 5] = [
    [Cyan, Blue],
    [Magenta, Magenta],
    [Green, Red],
    [LightCyan, Blue],
    [Reset, Reset],
];

impl Theme {
    /// A theme with colours or with modifiers only.
    #[must_use]
    pub fn new(colour: bool, ground: Background) -> Self {
        Self { colour, ground }
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

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        let ([dark, light], modifier) = entry(role);
        let colour = if self.ground == Background::Light {
            light
        } else {
            dark
        };
        let style = Style::new().add_modifier(modifier);
        if self.colour && colour != Reset {
            style.fg(colour)
        } else {
            style
        }
    }
}

/// The table: a role's colour on a dark and on a light ground, and its modifiers.
#[expect(clippy::match_same_arms, reason = "a table: one row a role")]
fn entry(role: Role) -> ([Color; 2], Modifier) {
    const NONE: Modifier = Modifier::empty();
    const BOLD: Modifier = Modifier::BOLD;
    const DIM: Modifier = Modifier::DIM;
    const REVERSED: Modifier = Modifier::REVERSED;
    match role {
        Role::Text => ([Reset, Reset], NONE),
        Role::Quiet | Role::Border | Role::TimeAhead | Role::Hole => ([Reset, Reset], DIM),
        Role::Title => ([Cyan, Blue], NONE),
        Role::FocusedTitle => ([Cyan, Blue], BOLD.union(REVERSED)),
        Role::Changed => ([Yellow, Red], BOLD),
        Role::Momentum => ([Cyan, Blue], NONE),
        Role::Scale => ([LightMagenta, Magenta], NONE),
        Role::Count => ([Green, Red], NONE),
        Role::LevelLine => ([LightBlue, Blue], NONE),
        Role::Level(Height::Low) => ([Green, Magenta], NONE),
        Role::Level(Height::Middle) => ([Cyan, Blue], NONE),
        Role::Level(Height::High) => ([LightBlue, Reset], NONE),
        Role::LevelLabel | Role::Axis => ([Reset, Reset], NONE),
        Role::Path(lane) => (LANE_COLOURS[lane % LANES], BOLD),
        Role::Trail(lane) => (LANE_COLOURS[lane % LANES], NONE),
        Role::Start => ([Reset, Reset], BOLD),
        Role::Now => ([Reset, Reset], BOLD.union(REVERSED)),
        Role::Minimum => ([Reset, Reset], BOLD),
        Role::Probe => ([Cyan, Blue], BOLD),
        Role::Error => ([LightRed, Red], BOLD.union(REVERSED)),
        Role::Warning => ([Yellow, Magenta], BOLD),
        Role::Ok => ([Green, Blue], NONE),
        Role::Prompt | Role::Key | Role::TimePast => ([Reset, Reset], BOLD),
        Role::BarPositive => ([Green, Blue], BOLD),
        Role::BarNegative => ([LightRed, Red], BOLD),
        Role::TimeNow => ([Yellow, Red], BOLD.union(REVERSED)),
        Role::Breakpoint => ([LightRed, Red], BOLD),
        Role::Edit => ([LightMagenta, Magenta], BOLD),
        Role::Curve(place) => (CURVE_COLOURS[place % CURVE_COLOURS.len()], NONE),
        Role::Threshold => ([Green, Blue], DIM),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rustfmt::skip]
    const ALL: [Role; 41] = [
        Role::Text, Role::Quiet, Role::Border, Role::Title, Role::FocusedTitle,
        Role::Changed, Role::Momentum, Role::Scale, Role::Count, Role::Level(Height::Low), Role::Level(Height::Middle),
        Role::Level(Height::High), Role::LevelLabel, Role::Hole, Role::Path(0), Role::Path(7), Role::Path(99),
        Role::Trail(0), Role::Start, Role::Now, Role::Minimum, Role::Probe, Role::Axis, Role::Error, Role::Warning,
        Role::Ok, Role::Prompt, Role::BarPositive, Role::BarNegative, Role::TimePast, Role::TimeAhead, Role::TimeNow,
        Role::Breakpoint, Role::Edit, Role::Threshold, Role::Key, Role::Trail(8), Role::Path(1),
        Role::LevelLine, Role::Curve(0), Role::Curve(3),
    ];

    #[test]
    fn no_colour_leaves_modifiers_only() {
        let theme = Theme::new(false, Background::Dark);
        for role in ALL {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
        for role in [Role::Changed, Role::Now, Role::Error, Role::FocusedTitle] {
            assert!(
                !theme.style(role).add_modifier.is_empty(),
                "{role:?} would look like text"
            );
        }
    }

    #[test]
    fn grounds_keep_the_users_palette() {
        for ground in [Background::Dark, Background::Light] {
            for role in ALL {
                let style = Theme::new(true, ground).style(role);
                assert_eq!(style.bg, None);
                assert!(!matches!(
                    style.fg,
                    Some(Color::DarkGray | Color::Rgb(..) | Color::Indexed(_))
                ));
                let pale = matches!(
                    style.fg,
                    Some(Color::White | Color::LightYellow | Color::LightCyan)
                );
                assert!(ground == Background::Dark || !pale, "{role:?}");
            }
        }
    }

    /// Contrast as WCAG 2 defines it, with xterm's colours: 4.5 is the least for text, 3 for lines.
    #[test]
    fn every_role_can_be_read_on_its_ground() {
        let luminance = |[r, g, b]: [f64; 3]| {
            let linear = |c: f64| {
                if c <= 0.040_45 {
                    c / 12.92
                } else {
                    ((c + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
        };
        let xterm = |colour: Color| match colour {
            Red => [0.804, 0.0, 0.0],
            Green => [0.0, 0.804, 0.0],
            Yellow => [0.804, 0.804, 0.0],
            Blue => [0.0, 0.0, 0.933],
            Magenta => [0.804, 0.0, 0.804],
            Cyan => [0.0, 0.804, 0.804],
            LightBlue => [0.361, 0.361, 1.0],
            LightCyan => [0.0, 1.0, 1.0],
            LightGreen => [0.0, 1.0, 0.0],
            LightYellow => [1.0, 1.0, 0.0],
            LightMagenta => [1.0, 0.0, 1.0],
            LightRed => [1.0, 0.0, 0.0],
            other => panic!("{other:?} is none of ours"),
        };
        for (ground, paper) in [(Background::Dark, 0.0), (Background::Light, 1.0)] {
            for role in ALL {
                let Some(colour) = Theme::new(true, ground).style(role).fg else {
                    continue;
                };
                let ink = luminance(xterm(colour));
                let (light, dark) = (f64::max(ink, paper), f64::min(ink, paper));
                let contrast = (light + 0.05) / (dark + 0.05);
                let is_line = matches!(role, Role::LevelLine | Role::Level(_));
                let least = if is_line { 3.0 } else { 4.5 };
                assert!(contrast >= least, "{role:?} on {ground:?}: {contrast:.1}");
            }
        }
    }

    #[test]
    fn the_terminal_may_say_what_its_ground_is() {
        let told = |value| Background::told(None, value);
        assert_eq!(told(Some("0;15")), Some(Background::Light));
        assert_eq!(told(Some("0;default;7")), Some(Background::Light));
        assert_eq!(told(Some("15;0")), Some(Background::Dark));
        assert_eq!(
            told(Some("7;8")),
            Some(Background::Dark),
            "bright black is dark"
        );
        for unknown in [
            None,
            Some(""),
            Some("15;default"),
            Some("0;-1"),
            Some("0;16"),
        ] {
            assert_eq!(told(unknown), None, "{unknown:?}");
        }
        let asked = Background::told(Some(Background::Dark), Some("0;15"));
        assert_eq!(
            asked,
            Some(Background::Dark),
            "what was asked for comes first"
        );
    }

    #[test]
    fn no_color_counts_when_it_is_not_empty() {
        assert!(!ColorChoice::Auto.resolve(Some("1")));
        assert!(ColorChoice::Auto.resolve(Some("")));
        assert!(ColorChoice::Auto.resolve(None));
        assert!(ColorChoice::Always.resolve(Some("1")));
        assert!(!ColorChoice::Never.resolve(None));
    }
}
