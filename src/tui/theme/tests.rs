//! Roles have their colours, accents one meaning each, and all of them can be read on both grounds.

use super::*;

#[rustfmt::skip]
const ALL: [Role; 39] = [
    Role::Text, Role::Quiet, Role::Border, Role::Title, Role::FocusedTitle,
    Role::Changed, Role::Momentum, Role::Scale, Role::Count, Role::Level(Height::Low), Role::Level(Height::Middle),
    Role::Level(Height::High), Role::LevelLabel, Role::Hole, Role::Path(0), Role::Path(7), Role::Path(99),
    Role::Trail(0), Role::Start, Role::Now, Role::Minimum, Role::Probe, Role::Axis, Role::Error, Role::Warning,
    Role::Prompt, Role::Bar, Role::TimePast, Role::TimeAhead, Role::TimeNow,
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

const GROUNDS: [Background; 2] = [Background::Dark, Background::Light];
const DEPTHS: [ColourDepth; 2] = [ColourDepth::Sixteen, ColourDepth::Many];

#[test]
fn a_terminal_of_sixteen_colours_is_asked_for_no_other() {
    for ground in GROUNDS {
        for role in ALL {
            let style = Theme::new(true, ground).style(role);
            assert_eq!(style.bg, None);
            let other = matches!(style.fg, Some(Color::Rgb(..) | Color::Indexed(_)));
            assert!(!other, "{role:?}");
        }
        assert_eq!(Theme::new(true, ground).shade(5, 5), None);
    }
}

#[test]
fn an_accent_colour_has_one_meaning() {
    for ground in GROUNDS {
        for depth in DEPTHS {
            let mut meanings: Vec<(Color, Accent)> = Vec::new();
            for accent in Accent::ALL {
                let colour = accent.colour(ground, depth);
                let other = meanings.iter().find(|(known, _)| *known == colour);
                assert_eq!(other, None, "{accent:?} on {ground:?}, {depth:?}");
                if colour != Color::Reset {
                    meanings.push((colour, accent));
                }
            }
            let theme = Theme::new(true, ground).with_depth(depth);
            for role in ALL {
                let Some(colour) = theme.style(role).fg else {
                    continue;
                };
                let known = meanings.iter().any(|(known, _)| *known == colour);
                assert!(known, "{role:?} has a colour of no meaning");
            }
        }
    }
}

#[test]
fn six_meanings_have_colours_on_both_grounds_where_there_are_256() {
    for ground in GROUNDS {
        for accent in Accent::ALL {
            let colour = accent.colour(ground, ColourDepth::Many);
            let is_plain = accent == Accent::Series(0);
            assert_eq!(colour == Color::Reset, is_plain, "{accent:?} on {ground:?}");
        }
    }
}

#[test]
fn the_ground_rises_from_itself_in_shades() {
    for ground in GROUNDS {
        let theme = Theme::new(true, ground).with_depth(ColourDepth::Many);
        let shades: Vec<Option<Color>> = (0..=6).map(|step| theme.shade(step, 6)).collect();
        assert_eq!(shades[0], None, "the lowest is the ground itself");
        let mut apart = shades.clone();
        apart.dedup();
        assert!(apart.len() > 2, "{shades:?}");
        let known = |shade: &Option<Color>| apart.iter().filter(|it| *it == shade).count();
        assert!(
            shades.iter().all(|shade| known(shade) == 1),
            "up and down: {shades:?}"
        );
    }
}

/// Red, green and blue of a colour as xterm has it.
fn xterm(colour: Color) -> [f64; 3] {
    let bytes = match colour {
        Color::Red => [205, 0, 0],
        Color::Green => [0, 205, 0],
        Color::Yellow => [205, 205, 0],
        Color::Blue => [0, 0, 238],
        Color::Magenta => [205, 0, 205],
        Color::Cyan => [0, 205, 205],
        Color::LightBlue => [92, 92, 255],
        Color::LightGreen => [0, 255, 0],
        Color::LightMagenta => [255, 0, 255],
        Color::LightRed => [255, 0, 0],
        Color::Indexed(index @ 16..232) => {
            let level = |part: u8| [0, 95, 135, 175, 215, 255][usize::from(part)];
            let cube = index - 16;
            [level(cube / 36), level(cube / 6 % 6), level(cube % 6)]
        }
        Color::Indexed(index @ 232..) => [8 + 10 * (index - 232); 3],
        other => panic!("{other:?} is none of ours"),
    };
    bytes.map(|byte| f64::from(byte) / 255.0)
}

fn luminance([r, g, b]: [f64; 3]) -> f64 {
    let linear = |c: f64| {
        if c <= 0.040_45 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// Contrast as WCAG 2 defines it, with xterm's colours: 4.5 is the least for text, 3 for lines.
#[test]
fn every_role_can_be_read_on_its_ground_and_in_the_contour_on_every_shade() {
    for (ground, paper) in [(Background::Dark, 0.0), (Background::Light, 1.0)] {
        for depth in DEPTHS {
            let theme = Theme::new(true, ground).with_depth(depth);
            let shades = (0..=9).filter_map(|step| theme.shade(step, 9));
            let shades: Vec<f64> = shades.map(|shade| luminance(xterm(shade))).collect();
            for role in ALL {
                let Some(colour) = theme.style(role).fg else {
                    continue;
                };
                let ink = luminance(xterm(colour));
                let is_on_contour = matches!(
                    role,
                    Role::LevelLine | Role::Path(_) | Role::Trail(_) | Role::Momentum | Role::Scale
                );
                let is_line = matches!(role, Role::LevelLine | Role::Level(_));
                let least = if is_line { 3.0 } else { 4.5 };
                let below = if is_on_contour { &shades[..] } else { &[] };
                for paper in below.iter().chain([&paper]) {
                    let (light, dark) = (f64::max(ink, *paper), f64::min(ink, *paper));
                    let contrast = (light + 0.05) / (dark + 0.05);
                    assert!(contrast >= least, "{role:?} on {ground:?}: {contrast:.1}");
                }
            }
        }
    }
}

#[test]
fn the_terminal_may_say_how_many_colours_it_has() {
    let many = [
        (Some("xterm-256color"), None),
        (Some("xterm-kitty"), None),
        (Some("xterm"), Some("truecolor")),
    ];
    for (term, colorterm) in many {
        assert_eq!(ColourDepth::told(term, colorterm), ColourDepth::Many);
    }
    for term in [None, Some("linux"), Some("xterm"), Some("vt100")] {
        assert_eq!(ColourDepth::told(term, Some("")), ColourDepth::Sixteen);
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
