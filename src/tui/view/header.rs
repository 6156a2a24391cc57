//! The first line: what is debugged, where it is, how far it has come.
//!
//! ```text
//!   eigenstep  adam on valley  kappa 100           t 12   loss 1.83e+01 v   |g| 6.05e+01   eta 0.0198
//! ```

use super::frame::{clip, put};
use crate::{
    analysis::theory,
    debugger::{LearningRate, Machine},
    format::column::scientific,
    format::short,
    tui::{app::App, cells::cells, panes::Pane, size_class::SizeClass, theme::Role},
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::fmt::Write;

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let glyphs = app.charset.glyphs();
    let entry = app.session.lanes().focused();
    let machine = entry.lane.machine();
    let position = app.session.position();
    let width = usize::from(area.width);

    // The iteration under way is the t of the rule's lines, and of expressions.
    let t = position.t + u64::from(position.line > 0);
    let under_way = if position.line > 0 {
        let lines = entry.compiled().lines.len();
        format!(" line {}/{lines}", position.line + 1)
    } else {
        String::new()
    };
    let loss = machine.loss();
    let moved = app.changes.loss();
    let trend = match moved.and_then(|[before, now]| now.partial_cmp(&before)) {
        Some(std::cmp::Ordering::Less) => glyphs.down,
        Some(std::cmp::Ordering::Greater) => glyphs.up,
        _ => ' ',
    };
    let norm = machine.gradient_norm();
    let t = format!("{t}{under_way}");
    if app.placed.class == SizeClass::Line {
        return summary(app, area, &t, buf);
    }
    // Room for the line of an iteration under way, so that a step rewrites digits only.
    let places = if width >= 76 { 14 } else { 11 };
    let told = |value: f64| {
        if app.session.is_unknown(&entry.lane, value) {
            format!("{:>9}", "unknown")
        } else {
            scientific(value, 9)
        }
    };
    let mut right = format!("t {t:<places$} loss {} {trend}", told(loss));
    if width >= 60 {
        let _ = write!(right, "  {}{}", glyphs.norm_g, told(norm));
    }
    if width >= 76 {
        right.push_str(&setting(app, machine));
    }
    let mut left = format!("{} on {}", entry.name, app.session.landscape().name);
    if width >= 110 {
        left = format!("eigenstep  {left}");
        if let Ok(kappa) = theory::kappa(entry.latest_reference()) {
            let _ = write!(left, "  {} {}", glyphs.kappa, short(kappa));
        }
    }
    let room = width.saturating_sub(cells(&right) + 2);
    let left = clip(app, &left, room);
    put(buf, area, 0, 0, &left, app.theme.style(Role::Title));
    // What changes stands at a fixed place, so that a step rewrites digits only.
    let start = if room > 0 {
        width.saturating_sub(cells(&right))
    } else {
        0
    };
    let start = u16::try_from(start).unwrap_or(0);
    put(buf, area, start, 0, &right, app.theme.style(Role::Text));
}

/// The learning rate, from the least to the largest where tensors differ; without one the first setting.
fn setting(app: &App, machine: &Machine) -> String {
    let named = |name: &str, value: &str| format!("  {} {value}", symbol(app, name));
    match LearningRate::of(machine) {
        Some(rate) if !rate.is_setting => {
            // What changes has a width of its own, so that a step rewrites digits only.
            let text = match rate.range() {
                None => "-".to_owned(),
                Some((low, high)) if low == high => scientific(low, 9),
                Some((low, high)) => format!(
                    "{} to {}",
                    scientific(low, 9),
                    scientific(high, 9).trim_start()
                ),
            };
            named(rate.name, &format!("{:<8}", text.trim_start()))
        }
        Some(rate) => named(rate.name, &short(rate.values[0])),
        None => match machine.compiled().settings.first() {
            Some(first) => named(&first.name, &short(machine.setting(0))),
            None => String::new(),
        },
    }
}

/// All that there is room for on a small terminal: t and the loss, then the rest while it fits.
fn summary(app: &App, area: Rect, t: &str, buf: &mut Buffer) {
    let entry = app.session.lanes().focused();
    let machine = entry.lane.machine();
    let parts = [
        format!("t {t}"),
        format!(" loss {}", scientific(machine.loss(), 8).trim_start()),
        format!(" {}", entry.name),
        format!(" on {}", app.session.landscape().name),
    ];
    let mut x = 0;
    for part in parts {
        let length = u16::try_from(cells(&part)).unwrap_or(u16::MAX);
        // A number that is cut would be another number.
        if x > 0 && x + length > area.width {
            return;
        }
        put(buf, area, x, 0, &part, app.theme.style(Role::Text));
        x += length;
    }
}

/// A setting's name, in Greek where the charset has it.
pub(super) fn symbol(app: &App, name: &str) -> String {
    let glyphs = app.charset.glyphs();
    match name {
        "eta" => glyphs.eta.to_owned(),
        "beta" => glyphs.beta.to_owned(),
        "delta" => glyphs.delta.to_owned(),
        other => other.to_owned(),
    }
}

/// The tabs, where one pane is shown at a time.
pub(super) fn tabs(app: &App, area: Rect, buf: &mut Buffer) {
    if area.is_empty() || app.placed.class != SizeClass::Single {
        return;
    }
    let mut x = 0;
    let all_named = area.width >= 48;
    for pane in Pane::by_key() {
        let (key, name) = (pane.row().key, pane.row().name);
        let focused = app.look.focus == pane;
        let role = if focused {
            Role::FocusedTitle
        } else {
            Role::Quiet
        };
        // Without colour or reverse the brackets still tell.
        let text = if focused {
            format!("[{key} {name}]")
        } else if all_named {
            format!(" {key} {name} ")
        } else {
            format!(" {key} ")
        };
        put(buf, area, x, 0, &text, app.theme.style(role));
        x += u16::try_from(text.len()).unwrap_or(0);
    }
}
