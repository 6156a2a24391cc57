//! The text of a `view` command: read, written, and counted.

use super::{Aspect, ColumnOrder, PanDirection, Through, USAGE, ViewCommand};
use crate::{
    debugger::command::{Argument, LineReader, Phrase},
    error::{Error, Result},
    tui::panes::Pane,
};

/// The factor of `zoom in`.
const ZOOM: f64 = 1.5;

/// The words behind `view`, one after the other.
struct Words<'a, 'b> {
    reader: &'a mut LineReader<'b>,
}

impl Words<'_, '_> {
    fn next(&mut self, what: &str) -> Result<Phrase> {
        let end = self.reader.left();
        match self.reader.name()? {
            Some(word) => Ok(word.part(0, word.text().len())),
            None => Err(listed(end.error(format!("expected {what} here")))),
        }
    }

    fn number(&mut self) -> Result<f64> {
        let word = self.next("a number")?;
        match word.text().parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            Ok(_) => Err(listed(
                word.error(format!("`{}` is not a finite number", word.text())),
            )),
            Err(_) => Err(listed(
                word.error(format!("`{}` is not a number", word.text())),
            )),
        }
    }

    fn whole(&mut self) -> Result<i64> {
        let word = self.next("a whole number")?;
        let message = || listed(word.error(format!("`{}` is not a whole number", word.text())));
        word.text().parse().map_err(|_| message())
    }

    fn index(&mut self) -> Result<usize> {
        let word = self.next("an index")?;
        match word.text().parse() {
            Ok(index) if index > 0 => Ok(index),
            _ => {
                let message = format!("`{}` is not an index: they count from 1", word.text());
                Err(listed(word.error(message)))
            }
        }
    }

    /// A pane by its name or its number.
    fn pane(&mut self) -> Result<Pane> {
        let word = self.next("a pane's name")?;
        let number = word.text().parse().ok();
        let number: Option<usize> = number;
        let found = match number {
            Some(number) => Pane::by_key().get(number.wrapping_sub(1)).copied(),
            None => Pane::named(word.text()),
        };
        found.ok_or_else(|| {
            let names: Vec<&str> = Pane::by_key().iter().map(|pane| pane.row().name).collect();
            let names = names.join(", ");
            let message = format!("there is no pane `{}`; panes: {names}", word.text());
            listed(word.error(message))
        })
    }

    fn through(&mut self) -> Result<Through> {
        if !self.reader.keyword("through") {
            return Ok(Through::Minimum);
        }
        let word = self.next("w or minimum")?;
        match word.text() {
            "w" => Ok(Through::Here),
            "minimum" => Ok(Through::Minimum),
            _ => Err(listed(
                word.error("a plane goes through w or through minimum"),
            )),
        }
    }

    /// Two different indices, and what their plane goes through.
    fn plane(&mut self) -> Result<(usize, usize, Through)> {
        let (i, place) = (self.index()?, self.reader.peek());
        let j = self.index()?;
        if i == j {
            return Err(listed(place.error("a plane needs two different indices")));
        }
        Ok((i, j, self.through()?))
    }

    fn zoom(&mut self) -> Result<f64> {
        let place = self.reader.peek();
        if self.reader.keyword("in") {
            return Ok(ZOOM);
        }
        if self.reader.keyword("out") {
            return Ok(1.0 / ZOOM);
        }
        match self.number()? {
            factor if factor > 0.0 => Ok(factor),
            _ => Err(listed(place.error("a factor is larger than 0"))),
        }
    }

    fn direction(&mut self) -> Result<PanDirection> {
        let word = self.next("left, right, up or down")?;
        let mut all = PanDirection::ALL.into_iter();
        let found = all.find(|(name, _)| *name == word.text());
        let found = found.map(|(_, direction)| direction);
        found.ok_or_else(|| listed(word.error("pan left, right, up or down")))
    }

    fn up_or_down(&mut self) -> Result<bool> {
        let word = self.next("up or down")?;
        match word.text() {
            "up" => Ok(true),
            "down" => Ok(false),
            _ => Err(listed(word.error("nudge up or down"))),
        }
    }

    fn steps(&mut self) -> Result<u64> {
        let place = self.reader.peek();
        match self.whole()? {
            steps if steps > 0 => Ok(steps.unsigned_abs()),
            _ => Err(listed(place.error("follow at least one step"))),
        }
    }

    fn aspect(&mut self) -> Result<Aspect> {
        let word = self.next("free or equal")?;
        match word.text() {
            "free" => Ok(Aspect::Free),
            "equal" => Ok(Aspect::Equal),
            _ => Err(listed(word.error("the aspect is free or equal"))),
        }
    }

    fn window(&mut self) -> Result<[f64; 4]> {
        let place = self.reader.peek();
        let window = [
            self.number()?,
            self.number()?,
            self.number()?,
            self.number()?,
        ];
        if window[0] >= window[1] || window[2] >= window[3] {
            let message = "a window runs from a smaller to a larger number";
            return Err(listed(place.error(message)));
        }
        Ok(window)
    }
}

fn listed(error: Error) -> Error {
    error.help("`help view` lists what it can do")
}

impl Argument for ViewCommand {
    /// Where the window, its plane or the order of columns is set by where the minimum is, and for what runs or explains.
    fn asks_minimum(&self) -> bool {
        matches!(
            self,
            Self::Zoom(_)
                | Self::Pan(..)
                | Self::Aspect(_)
                | Self::Follow(_)
                | Self::Fit
                | Self::Window(_)
                | Self::Plane(..)
                | Self::EigenPlane(..)
                | Self::Sort(_)
                | Self::BreakHere
                | Self::ExpandHere
                | Self::Nudge(_)
        )
    }

    fn read(reader: &mut LineReader) -> Result<Self> {
        let verb = reader.peek();
        let Some(name) = reader.name()? else {
            return Err(listed(reader.usage("`view` needs an argument")));
        };
        let is_done = reader.is_done();
        let mut words = Words { reader };
        Ok(match name.text() {
            "zoom" => Self::Zoom(words.zoom()?),
            "pan" => {
                let direction = words.direction()?;
                let steps = words.reader.number()?;
                Self::Pan(direction, steps.map_or(1, |steps| steps.value))
            }
            "fit" => Self::Fit,
            "follow" => Self::Follow(words.steps()?),
            "aspect" => Self::Aspect(words.aspect()?),
            "shade" => Self::Shade,
            "charset" => Self::Charset,
            "window" => Self::Window(words.window()?),
            "plane" if words.reader.keyword("eigen") => {
                let (i, j, through) = words.plane()?;
                Self::EigenPlane(i, j, through)
            }
            "plane" => {
                let (i, j, through) = words.plane()?;
                Self::Plane(i, j, through)
            }
            "pane" => Self::Pane(words.pane()?),
            "hide" => Self::Hide(words.pane()?),
            "max" if is_done => Self::Maximise(None),
            "max" => Self::Maximise(Some(words.pane()?)),
            "scroll" => Self::Scroll(words.whole()?),
            "columns" => Self::Columns(words.whole()?),
            "sort" if is_done => {
                let error = words.reader.left().error("expected name or a vector here");
                return Err(listed(error));
            }
            "sort" => match words.reader.phrase()? {
                order if order.text() == "name" => Self::Sort(ColumnOrder::ByName),
                order => Self::Sort(ColumnOrder::By(order.text().to_owned())),
            },
            "only" => {
                let mut chosen = vec![words.index()? - 1];
                while !words.reader.is_done() {
                    chosen.push(words.index()? - 1);
                }
                Self::Sort(ColumnOrder::Only(chosen))
            }
            "tensors" if is_done => {
                let error = words.reader.left().error("expected run or a column here");
                return Err(listed(error));
            }
            "tensors" => match words.reader.phrase()? {
                order if order.text() == "run" => Self::Tensors(None),
                order => Self::Tensors(Some(order.text().to_owned())),
            },
            "summary" => Self::Summary,
            "cursor" => Self::Cursor(words.whole()?),
            "lane" => Self::Lane(words.whole()?),
            "play" => Self::Play(!words.reader.keyword("back")),
            "nudge" => Self::Nudge(words.up_or_down()?),
            "curve" => Self::Curve,
            "theory" => Self::Theory,
            "sweep" => Self::Sweep,
            "keys" => Self::Keys,
            "copy" => Self::Copy,
            "redraw" => Self::Redraw,
            "suspend" => Self::Suspend,
            "break" => Self::BreakHere,
            "expand" => Self::ExpandHere,
            other => {
                let verbs = USAGE
                    .iter()
                    .filter_map(|(form, _)| form.split_whitespace().next());
                let near = crate::error::suggest::nearest(other, verbs);
                let error = verb.error(format!("`view {other}` is unknown"));
                return Err(match near {
                    Some(near) => error.help(format!("did you mean `view {near}`?")),
                    None => listed(error),
                });
            }
        })
    }

    fn written(&self) -> String {
        let through = |through: Through| match through {
            Through::Minimum => "",
            Through::Here => " through w",
        };
        match self {
            Self::Zoom(factor) if *factor == ZOOM => "zoom in".into(),
            Self::Zoom(factor) if *factor == 1.0 / ZOOM => "zoom out".into(),
            Self::Zoom(factor) => format!("zoom {factor:?}"),
            Self::Pan(direction, 1) => format!("pan {}", direction.name()),
            Self::Pan(direction, steps) => format!("pan {} {steps}", direction.name()),
            Self::Fit => "fit".into(),
            Self::Follow(steps) => format!("follow {steps}"),
            Self::Aspect(Aspect::Free) => "aspect free".into(),
            Self::Aspect(Aspect::Equal) => "aspect equal".into(),
            Self::Shade => "shade".into(),
            Self::Charset => "charset".into(),
            Self::Window([x0, x1, y0, y1]) => format!("window {x0:?} {x1:?} {y0:?} {y1:?}"),
            Self::Plane(i, j, to) => format!("plane {i} {j}{}", through(*to)),
            Self::EigenPlane(i, j, to) => format!("plane eigen {i} {j}{}", through(*to)),
            Self::Pane(pane) => format!("pane {}", pane.row().name),
            Self::Hide(pane) => format!("hide {}", pane.row().name),
            Self::Maximise(None) => "max".into(),
            Self::Maximise(Some(pane)) => format!("max {}", pane.row().name),
            Self::Scroll(by) => format!("scroll {by}"),
            Self::Columns(by) => format!("columns {by}"),
            Self::Sort(ColumnOrder::ByName) => "sort name".into(),
            Self::Sort(ColumnOrder::By(text)) => format!("sort {text}"),
            Self::Sort(ColumnOrder::Only(chosen)) => {
                let indices: Vec<String> = chosen.iter().map(|at| (at + 1).to_string()).collect();
                format!("only {}", indices.join(" "))
            }
            Self::Tensors(None) => "tensors run".into(),
            Self::Tensors(Some(column)) => format!("tensors {column}"),
            Self::Summary => "summary".into(),
            Self::BreakHere => "break".into(),
            Self::Cursor(by) => format!("cursor {by}"),
            Self::ExpandHere => "expand".into(),
            Self::Play(true) => "play".into(),
            Self::Play(false) => "play back".into(),
            Self::Nudge(true) => "nudge up".into(),
            Self::Nudge(false) => "nudge down".into(),
            Self::Lane(by) => format!("lane {by}"),
            Self::Curve => "curve".into(),
            Self::Theory => "theory".into(),
            Self::Sweep => "sweep".into(),
            Self::Keys => "keys".into(),
            Self::Copy => "copy".into(),
            Self::Redraw => "redraw".into(),
            Self::Suspend => "suspend".into(),
        }
    }

    fn times(&self, count: u64) -> Option<Self> {
        let times = |by: i64| by.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX));
        Some(match self {
            #[expect(clippy::cast_precision_loss, reason = "nobody zooms so often")]
            Self::Zoom(factor) => {
                let zoomed = libm::pow(*factor, count as f64);
                Self::Zoom(zoomed.clamp(1e-12, 1e12))
            }
            Self::Pan(direction, steps) => Self::Pan(*direction, steps.saturating_mul(count)),
            Self::Scroll(by) => Self::Scroll(times(*by)),
            Self::Columns(by) => Self::Columns(times(*by)),
            Self::Cursor(by) => Self::Cursor(times(*by)),
            Self::Lane(by) => Self::Lane(times(*by)),
            Self::Maximise(None) => {
                let number = usize::try_from(count).ok()?;
                Self::Maximise(Some(*Pane::by_key().get(number.checked_sub(1)?)?))
            }
            _ => return None,
        })
    }
}
