//! The place where each pane stands, by the size of the terminal. All sizes are decided here and nowhere else.
//!
//! ```text
//!   header                                   one line, always
//!   -- contour --------- -- adam.rule ------
//!                                             from 120x36: contour left (lanes below it),
//!                        -- eigen ----------  the rest stacked on the right;
//!                                             from 200x60 eigen and loss in a column of their own
//!                        -- bias correction -
//!   -- lanes ----------- -- loss -----------
//!
//!   -- lanes ------------------------------  from 80x24: bands; the source beside the eigenvalues,
//!   -- adam.rule ------------- -- eigen ---  the contour beside the curves
//!   -- contour --------- -- bias correction
//!                        -- loss ----------
//!   what has just happened                   one line, from 80x24, unless there is a caption
//!   timeline                                 one line
//!   caption                                  what a walkthrough says, while one is under way; the timeline in its rule
//!   message                                  hints, the last answer, or the prompt
//! ```
//!
//! Below 60x16 there is one pane at a time, with a line of tabs under the header; below 40x10 the header and the
//! message; in one row the message takes the header's place while there is something to say.

use super::panes::{Pane, Panes};
use super::size_class::SizeClass;
use ratatui::layout::{Rect, Size};
use std::collections::{BTreeMap, BTreeSet};

impl SizeClass {
    /// The number of the spot of each pane that is meant.
    fn arrangement(self) -> usize {
        match self {
            Self::Wide => 2,
            Self::Compact => 1,
            _ => 0,
        }
    }
}

/// The place where everything stands. A part that has no room has an empty `Rect`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The class that was laid out.
    pub class: SizeClass,
    /// The rule, the loss, t: one line.
    pub header: Rect,
    /// The tabs, where one pane is shown at a time.
    pub tabs: Rect,
    /// The timeline.
    pub timeline: Rect,
    /// Key hints, the last answer, or the prompt: one line.
    pub message: Rect,
    /// The caption of a walkthrough.
    pub caption: Rect,
    /// The last happening: one line.
    pub happened: Rect,
    panes: Vec<(Pane, Rect)>,
}

impl Placed {
    /// A pane's place, frame included; empty if it is not on the screen.
    #[must_use]
    pub fn pane(&self, pane: Pane) -> Rect {
        let mut places = self.panes.iter();
        places
            .find(|(known, _)| *known == pane)
            .map_or(Rect::ZERO, |(_, place)| *place)
    }

    /// The row below a popup: the message, or what a walkthrough shows, which is the caption and the axis of t above it.
    #[must_use]
    pub fn popup_bottom(&self) -> u16 {
        let shown = self.caption.height + u16::from(!self.caption.is_empty());
        self.message.y.saturating_sub(shown)
    }

    /// The lines of a popup as high as it may be, from below the header.
    #[must_use]
    pub fn popup_lines(&self) -> u16 {
        let bottom = self.popup_bottom();
        bottom.saturating_sub(u16::from(bottom > 6) + 2)
    }

    /// The panes on the screen, each with its place.
    pub fn panes(&self) -> impl Iterator<Item = (Pane, Rect)> + '_ {
        self.panes.iter().copied()
    }
}

/// The rows that a diagram has a use for, its title included.
pub const DIAGRAM: u16 = 12;

/// The rows that each pane has a use for, its title included.
pub type Wants<'a> = &'a dyn Fn(Pane) -> u16;

/// Lays the screen out, with so many rows for a caption. A maximised pane takes the whole body, whether or not it is
/// among the visible ones; where there is room for one pane only, that one is shown, else the first visible.
#[must_use]
pub fn layout(
    size: Size,
    visible: Panes,
    maximised: Option<Pane>,
    caption: u16,
    wants: Wants,
) -> Placed {
    let class = SizeClass::of(size);
    let mut left = Rect::new(0, 0, size.width, size.height);
    let mut placed = Placed {
        class,
        header: take_top(&mut left, 1),
        tabs: Rect::ZERO,
        timeline: Rect::ZERO,
        message: Rect::ZERO,
        caption: Rect::ZERO,
        happened: Rect::ZERO,
        panes: Vec::new(),
    };
    if class == SizeClass::Line {
        if size.height > 1 {
            placed.message = take_bottom(&mut left, 1);
        }
        return placed;
    }
    placed.message = take_bottom(&mut left, 1);
    placed.caption = take_bottom(&mut left, caption.min(size.height / 2));
    placed.timeline = if placed.caption.is_empty() {
        take_bottom(&mut left, 1)
    } else {
        beside_heading(placed.caption)
    };
    if class >= SizeClass::Compact && caption == 0 {
        placed.happened = take_bottom(&mut left, 1);
    }
    if class == SizeClass::Single {
        placed.tabs = take_top(&mut left, 1);
    }
    let alone = match class {
        SizeClass::Single => maximised.or_else(|| visible.iter().next()),
        _ => maximised,
    };
    match alone {
        Some(pane) => placed.panes.push((pane, left)),
        None => body(left, class, visible, wants, &mut placed.panes),
    }
    placed
}

/// Bands from top to bottom, each of columns, each of panes; where a column would be empty the others are wider.
fn body(
    area: Rect,
    class: SizeClass,
    visible: Panes,
    wants: Wants,
    placed: &mut Vec<(Pane, Rect)>,
) {
    let spot = |pane: Pane| pane.row().spots[class.arrangement()];
    let shown: Vec<Pane> = visible.iter().filter(|&pane| wants(pane) > 0).collect();
    let bands: BTreeSet<u8> = shown.iter().map(|&pane| spot(pane).0).collect();
    let columns = |band: u8| -> BTreeMap<u8, Vec<Pane>> {
        let mut columns: BTreeMap<u8, Vec<Pane>> = BTreeMap::new();
        for &pane in shown.iter().filter(|&&pane| spot(pane).0 == band) {
            columns.entry(spot(pane).1).or_default().push(pane);
        }
        columns
    };
    // The rows of the tallest column, by what its panes want or cannot do without.
    let tallest = |band: u8, rows: &dyn Fn(Pane) -> u16| {
        let heights = columns(band).into_values();
        let heights = heights.map(|panes| {
            panes
                .iter()
                .fold(0, |sum: u16, &p| sum.saturating_add(rows(p)))
        });
        heights.max().unwrap_or(0)
    };
    let mut left = area;
    for &band in &bands {
        let below = bands
            .range(band + 1..)
            .map(|&band| tallest(band, &|pane| pane.row().least));
        let room = left.height.saturating_sub(below.sum());
        let is_last = bands.last() == Some(&band);
        let rows = if is_last {
            left.height
        } else {
            tallest(band, wants).min(room)
        };
        let area = take_top(&mut left, rows);
        let columns = columns(band);
        let present: Vec<u8> = columns.keys().copied().collect();
        let mut x = area.x;
        for (width, panes) in widths(class, band, &present, area.width)
            .into_iter()
            .zip(columns.values())
        {
            let area = Rect { x, width, ..area };
            x += width;
            stack(area, panes, wants, placed);
        }
    }
}

/// The widths of the columns of a band that are there.
fn widths(class: SizeClass, band: u8, present: &[u8], width: u16) -> Vec<u16> {
    /// A curvature and an error, beside the source.
    const NARROW: u16 = 17;
    let weights: &[u32] = match class {
        SizeClass::Wide => &[34, 36, 30],
        SizeClass::Normal => &[42, 58],
        _ => &[40, 60],
    };
    if class == SizeClass::Compact && band == 1 && present.len() == 2 {
        return vec![width.saturating_sub(NARROW), NARROW.min(width)];
    }
    let weight = |column: &u8| weights.get(usize::from(*column)).copied().unwrap_or(1);
    let total: u32 = present.iter().map(weight).sum();
    let mut left = width;
    let mut widths: Vec<u16> = (present.iter())
        .map(|column| {
            let own = share(width, weight(column), total).min(left);
            left -= own;
            own
        })
        .collect();
    if let Some(last) = widths.last_mut() {
        *last += left;
    }
    widths
}

/// Stacks panes; the last ones give way where rows are short.
fn stack(area: Rect, wanted: &[Pane], wants: Wants, placed: &mut Vec<(Pane, Rect)>) {
    let least = |pane: &Pane| pane.row().least;
    // A pane of several diagrams counts as that many, up to three.
    let diagrams = |pane: Pane| u32::from(wants(pane) / DIAGRAM).clamp(1, 3);
    let weight = |pane: Pane| u32::from(pane.row().weight) * diagrams(pane);
    let needed = |panes: &[Pane]| panes.iter().map(least).sum::<u16>();
    let mut shown = wanted;
    while shown.len() > 1 && needed(shown) > area.height {
        shown = &shown[..shown.len() - 1];
    }
    let mut rows: Vec<u16> = shown.iter().map(least).collect();
    let mut spare = area.height.saturating_sub(needed(shown));
    // What has so many rows and no more comes first: curves look well at any height.
    for (rows, pane) in rows
        .iter_mut()
        .zip(shown)
        .filter(|(_, pane)| weight(**pane) == 0)
    {
        let given = wants(*pane).saturating_sub(*rows).min(spare);
        *rows += given;
        spare -= given;
    }
    // Share what is left by weight; what a pane has no use for goes round again.
    loop {
        let room = |i: usize| wants(shown[i]).saturating_sub(rows[i]);
        let is_hungry = |i: &usize| room(*i) > 0 && weight(shown[*i]) > 0;
        let hungry: Vec<usize> = (0..shown.len()).filter(is_hungry).collect();
        let weights: u32 = hungry.iter().map(|&i| weight(shown[i])).sum();
        let given: Vec<u16> = hungry
            .iter()
            .map(|&i| share(spare, weight(shown[i]), weights).min(room(i)))
            .collect();
        let total: u16 = given.iter().sum();
        if total == 0 {
            break;
        }
        for (&i, given) in hungry.iter().zip(given) {
            rows[i] += given;
        }
        spare -= total;
    }
    let mut left = area;
    for (i, (pane, rows)) in shown.iter().zip(rows).enumerate() {
        let last = i + 1 == shown.len();
        let rows = if last { left.height } else { rows };
        placed.push((*pane, take_top(&mut left, rows)));
    }
}

/// The place of the timeline in the rule above a caption: the panes have the row.
fn beside_heading(caption: Rect) -> Rect {
    let width = share(caption.width, 2, 5);
    Rect {
        x: caption.right() - width,
        width,
        height: 1,
        ..caption
    }
}

/// `length * part / whole`, rounded down.
fn share(length: u16, part: u32, whole: u32) -> u16 {
    u16::try_from(u32::from(length) * part / whole.max(1))
        .unwrap_or(length)
        .min(length)
}

fn take_top(left: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(left.height);
    let taken = Rect {
        height: rows,
        ..*left
    };
    left.y += rows;
    left.height -= rows;
    taken
}

fn take_bottom(left: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(left.height);
    left.height -= rows;
    Rect {
        y: left.y + left.height,
        height: rows,
        ..*left
    }
}

#[cfg(test)]
mod tests;
