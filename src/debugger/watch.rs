//! Expressions over a run: conditions, watches, `print`.
//!
//! A [`Watch`] is compiled once against the lanes as they are, and evaluated at any position. What it
//! reads are [`Quantity`]s, each of a lane and a number of iterations ago (`prev`); functions of the whole
//! history (`settled`, `first`, `last_change`) are [`History`] terms that follow the run.

mod clause;
mod columns;
mod history;
mod midway;
mod no_value;
mod part;
mod past;
mod quantity;
mod scope;
mod tensors;

use clause::Clause;
pub(super) use clause::ComputedKey;
pub use history::{History, HistoryKind};
pub(super) use midway::Midway;
pub use no_value::NoValue;
pub(super) use past::Interruptible;
pub use quantity::{QUANTITIES, Quantity, QuantityRow, Reading};
pub use scope::{LaneNames, Names};
pub(super) use tensors::NamedPart;

use crate::value::Value;
use crate::{
    debugger::lanes::NamedLane,
    error::{Error, ErrorCode, Result, Source, Span},
    lang::{
        eval::NoAnswers,
        graph::{Extent, Graph, Id},
        lower::lower,
        parse::expression_within,
        program::{Plan, Program},
        syntax::Expr,
        wide::Wide,
    },
};
use std::{collections::VecDeque, ops::Range, sync::Arc};

/// Most numbers that a watch computes with between two polls of a control.
const MOST_NUMBERS: usize = 1024;

/// Lanes whose values can be read where they are.
pub trait Present {
    /// Writes the value of `quantity` where `lane` is now.
    fn read(&mut self, lane: usize, quantity: Quantity, out: &mut [f64]);
    /// One element (from 0) of `quantity` where `lane` is now, where that can be had without the others.
    fn element(&mut self, lane: usize, quantity: Quantity, element: usize) -> Option<f64>;
}

/// Many boundaries of lanes, to be looked at one by one or all at once.
pub(super) trait Boundaries: Present {
    /// The number of them.
    fn count(&self) -> usize;
    /// Lets the one numbered `row` be read.
    fn turn_to(&mut self, row: usize);
    /// The least and the largest of one element (from 0) of `quantity` over all of them; none where it is not a number
    /// throughout, or cannot be had by elements.
    fn extremes(&mut self, lane: usize, quantity: Quantity, element: usize) -> Option<[f64; 2]>;
    /// Writes what is read at eight of them, from `first` on, the last repeated beyond the last; false where that has to be
    /// done one by one.
    fn read_eight(&mut self, first: usize, reading: Reading, out: &mut [Wide]) -> bool;
    /// The number under which values with this key have been noted.
    fn noted_at(&self, key: &ComputedKey) -> Option<usize>;
    /// Notes values of all of them.
    fn note(&mut self, key: &Arc<ComputedKey>, values: Vec<f64>) -> usize;
    /// Values that have been noted, and their extremes; none where one of them is NaN.
    fn noted(&self, at: usize) -> (&[f64], Option<[f64; 2]>);
}

/// Lanes whose past can be visited.
pub trait Past: Present {
    /// The boundary at which the lanes begin.
    fn beginning(&self) -> u64;
    /// The boundary after `t`.
    fn after(&mut self, t: u64) -> u64;
    /// The boundary that lies `count` boundaries before `t`, as far as there are so many.
    fn before(&mut self, t: u64, count: u64) -> Option<u64>;
    /// Takes all lanes to the boundary `t`; false where it was told to stop on the way.
    fn go_to(&mut self, t: u64) -> bool;
    /// Asked at each boundary `t` at which `watch` catches up: whether to go on.
    fn go_on(&mut self, t: u64, watch: &Watch) -> bool;
}

/// The part of a vector that the text at `span` names by its tensor; none where it names none.
///
/// # Errors
/// It names one that there is not, or an element that it has not.
pub(super) fn named_part(
    source: &Arc<Source>,
    span: Span,
    names: &Names,
) -> Result<Option<NamedPart>> {
    let is_known = |name: &str| names.find(name).is_some();
    match expression_within(source, span) {
        Ok(expr) => tensors::named(
            &expr,
            (&names.tensors, names.dimension()),
            &is_known,
            source,
        ),
        // What is wrong with it is told where it is read as a name.
        Err(_) => Ok(None),
    }
}

/// A compiled expression over the variables of a run.
///
/// It follows the run: [`Watch::settle`] readies it for a boundary, [`Watch::leave`] and
/// [`Watch::arrive`] take it on to the next one.
#[derive(Debug, Clone)]
pub struct Watch {
    source: Arc<Source>,
    expr: Expr,
    /// Its values, and which of them is its own.
    graph: Arc<Graph>,
    own: Id,
    program: Program,
    /// The reading of each input of the program.
    readings: Vec<Reading>,
    /// The elements that are read of a reading, where that are not all.
    parts: Vec<Option<PartialInput>>,
    /// The place of each input in the arena.
    places: Vec<Range<usize>>,
    /// For each reading, its values at the `depth` boundaries before this one, oldest first.
    pasts: Vec<VecDeque<Vec<f64>>>,
    /// True where its value depends on anything but where the lanes are now.
    looks_back: bool,
    /// For each reading of boundaries before, its value where a burst begins.
    begun: Vec<Vec<f64>>,
    histories: Vec<History>,
    arena: Vec<f64>,
    /// An arena for eight boundaries at once, once one is wanted; empty before.
    wide: Vec<Wide>,
    /// The condition as clauses that all have to hold, where it is no more than that.
    clauses: Vec<Clause>,
    extent: Extent,
    truth: bool,
    /// The lane that its names without a lane's name belong to, if it has any.
    home: Option<usize>,
}

/// The kind of value that a watch must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedType {
    /// Anything.
    Any,
    /// One truth value.
    Condition,
}

impl Watch {
    /// Compiles the part `within` of `source`.
    ///
    /// # Errors
    /// A text that is no expression, names that the lanes lack, shapes that do not fit; with
    /// [`ExpectedType::Condition`], a value that is not one truth value.
    pub fn new(
        source: &Arc<Source>,
        within: Span,
        names: &Names,
        wanted: ExpectedType,
    ) -> Result<Self> {
        let expr = expression_within(source, within)?;
        Self::of(source, expr, names, wanted)
    }

    /// Compiles an expression that has been parsed already.
    ///
    /// # Errors
    /// As [`Watch::new`].
    pub fn of(
        source: &Arc<Source>,
        expr: Expr,
        names: &Names,
        wanted: ExpectedType,
    ) -> Result<Self> {
        let is_known = |name: &str| names.find(name).is_some();
        let expr = tensors::resolve(expr, (&names.tensors, names.dimension()), &is_known, source)?;
        let mut graph = Graph::default();
        let mut scope = scope::WatchScope::new(names, source);
        let value = lower(&mut graph, &mut scope, source, &expr)?;
        let extent = graph.extent(value.id);
        if wanted == ExpectedType::Condition && !(value.truth && extent == Extent::Scalar) {
            let error = Error::new(
                ErrorCode::InvalidValue,
                source,
                expr.span,
                "a condition must be a single truth value",
            );
            return Err(if value.truth {
                error.help("combine its elements: all(...) or any(...)")
            } else {
                error.help("compare it: `< 1e-6`, `!= 0`; to stop on any change, use `watch`")
            });
        }
        let (readings, histories, mut home) = scope.finish();
        for history in &histories {
            home = home.or(history.home());
        }
        let (program, arena) = compiled(&graph, value.id, readings.len());
        let clauses = if wanted == ExpectedType::Condition {
            Clause::all(&expr, names, source).unwrap_or_default()
        } else {
            Vec::new()
        };
        Ok(Self {
            source: Arc::clone(source),
            expr,
            clauses,
            pasts: vec![VecDeque::new(); readings.len()],
            places: (0..readings.len()).map(|at| program.input(at)).collect(),
            begun: vec![Vec::new(); readings.len()],
            looks_back: !histories.is_empty() || readings.iter().any(|it| it.depth > 0),
            graph: Arc::new(graph),
            own: value.id,
            program,
            parts: vec![None; readings.len()],
            readings,
            histories,
            arena,
            wide: Vec::new(),
            extent,
            truth: value.truth,
            home,
        })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.slice(self.expr.span).trim()
    }

    /// The shape of its value.
    #[must_use]
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// The lane that its names without a lane's name belong to, if it has any.
    #[must_use]
    pub fn home(&self) -> Option<usize> {
        self.home
    }

    /// True where its value depends on anything but where the lanes are now.
    #[must_use]
    #[inline]
    pub fn looks_back(&self) -> bool {
        self.looks_back
    }

    /// True where it depends on the run from its beginning on.
    #[must_use]
    pub fn spans_all(&self) -> bool {
        self.histories.iter().any(History::spans_all)
    }

    /// True if its value takes longer than the iterations between two polls of a control.
    pub(super) fn takes_long(&self, lanes: &[NamedLane]) -> bool {
        // The lane of a watch that waits to be compiled again may have been dropped.
        let lane = |it: &Reading| lanes.get(it.lane);
        let reads_slowly = |it: &Reading| lane(it).is_some_and(|lane| it.quantity.takes_long(lane));
        self.arena.len() > MOST_NUMBERS
            || self.readings.iter().any(reads_slowly)
            || self.histories.iter().any(|it| it.takes_long(lanes))
    }

    /// The quantities that it reads.
    #[must_use]
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// The lanes that it reads, by their numbers.
    #[must_use]
    pub fn lanes(&self) -> Vec<usize> {
        let histories = self.histories.iter().flat_map(History::lanes);
        let is_read = |it: &&Reading| !matches!(it.quantity, Quantity::History(_));
        let read = self.readings.iter().filter(is_read).map(|it| it.lane);
        read.chain(histories).collect()
    }

    /// Readies the watch for iteration number `t`: the next [`Watch::evaluate`] is to take place there.
    ///
    /// May leave the lanes anywhere; the caller takes them back to where they were. False where it was
    /// told not to go on: it is not ready then.
    pub fn settle<P: Past + ?Sized>(&mut self, past: &mut P, t: u64) -> bool {
        if !self.looks_back {
            return true;
        }
        for history in &mut self.histories {
            if !history.catch_up(past, t) {
                return false;
            }
        }
        self.pasts.iter_mut().for_each(VecDeque::clear);
        let deepest = self
            .readings
            .iter()
            .map(|reading| reading.depth)
            .max()
            .unwrap_or(0);
        for back in (1..=deepest).rev() {
            let then = past.before(t, back as u64);
            let then = then.filter(|then| *then >= past.beginning());
            if let Some(then) = then
                && !(past.go_to(then) && past.go_on(then, self))
            {
                return false;
            }
            for at in 0..self.readings.len() {
                let reading = self.readings[at];
                if reading.depth < back {
                    continue;
                }
                let mut value = vec![f64::NAN; self.program.input(at).len()];
                if then.is_some() {
                    read(past, reading, self.parts[at].as_ref(), &mut value);
                }
                self.pasts[at].push_back(value);
            }
        }
        true
    }

    /// Computes the value where the lanes are; one element for a scalar.
    #[inline]
    pub fn evaluate<P: Present + ?Sized>(&mut self, past: &mut P) -> &[f64] {
        for (at, (reading, place)) in self.readings.iter().zip(&self.places).enumerate() {
            let place = &mut self.arena[place.clone()];
            let part = self.parts[at].as_ref();
            if !self.looks_back {
                read(past, *reading, part, place);
                continue;
            }
            match reading.quantity {
                Quantity::History(which) => place[0] = self.histories[which].value(),
                _ if reading.depth > 0 => match self.pasts[at].front() {
                    Some(value) => place.copy_from_slice(value),
                    None => place.fill(f64::NAN),
                },
                _ => read(past, *reading, part, place),
            }
        }
        self.program.run_all(&mut self.arena, &mut NoAnswers);
        &self.arena[self.program.variable(0)]
    }

    /// True where the condition holds where the lanes are.
    #[inline]
    pub fn holds<P: Present + ?Sized>(&mut self, past: &mut P) -> bool {
        if self.clauses.is_empty() {
            return self.evaluate(past)[0] != 0.0;
        }
        self.clauses.iter_mut().all(|clause| clause.holds(past))
    }

    /// Takes the watch from the boundary where it was evaluated last on to the next one, before the lanes
    /// go there.
    #[inline]
    pub fn leave<P: Present + ?Sized>(&mut self, past: &mut P) {
        if !self.looks_back {
            return;
        }
        for at in 0..self.readings.len() {
            let reading = self.readings[at];
            if reading.depth > 0
                && let Some(mut oldest) = self.pasts[at].pop_front()
            {
                read(past, reading, self.parts[at].as_ref(), &mut oldest);
                self.pasts[at].push_back(oldest);
            }
        }
        for history in &mut self.histories {
            history.watch().leave(past);
        }
    }

    /// Lets the functions of the history see the boundary `t`, where the lanes are now.
    #[inline]
    pub fn arrive<P: Present + ?Sized>(&mut self, past: &mut P, t: u64) {
        for history in &mut self.histories {
            history.follow(past, t);
        }
    }

    /// Renumbers the lanes that it reads; false if it reads one that is gone.
    pub fn renumber(&mut self, new: &dyn Fn(usize) -> Option<usize>) -> bool {
        let histories = |reading: &Reading| matches!(reading.quantity, Quantity::History(_));
        for reading in self.readings.iter_mut().filter(|it| !histories(it)) {
            match new(reading.lane) {
                Some(lane) => reading.lane = lane,
                None => return false,
            }
        }
        for clause in &mut self.clauses {
            clause.renumber(new);
        }
        self.home = self.home.and_then(new);
        self.histories
            .iter_mut()
            .all(|history| history.watch().renumber(new))
    }

    /// Forgets what has been seen of the history, as after an edit.
    pub fn forget(&mut self) {
        for history in &mut self.histories {
            history.forget();
        }
    }

    /// True if it is a truth value.
    #[must_use]
    pub fn is_truth(&self) -> bool {
        self.truth
    }

    /// The value as computed last.
    #[must_use]
    pub fn value(&self) -> Value {
        let elements = &self.arena[self.program.variable(0)];
        if self.truth {
            Value::of_truth(self.extent, elements)
        } else {
            Value::of(self.extent, elements)
        }
    }
}

/// A program for the value `id`, and an arena for it.
fn compiled(graph: &Graph, id: Id, inputs: usize) -> (Program, Vec<f64>) {
    let plan = Plan {
        variables: vec![graph.extent(id)],
        inputs: vec![None; inputs],
        settings: Vec::new(),
        lines: vec![(0, id)],
        fed: None,
    };
    let program = Program::new(graph, &plan);
    let mut arena = program.arena();
    program.refresh(&mut arena);
    (program, arena)
}

/// The elements that are read of a quantity.
#[derive(Debug, Clone)]
struct PartialInput {
    /// Each by its number from 0.
    elements: Arc<[usize]>,
    /// The number of all that there are.
    of: usize,
}

/// Writes what a watch reads where the lanes are.
#[inline]
fn read<P: Present + ?Sized>(
    past: &mut P,
    Reading { lane, quantity, .. }: Reading,
    part: Option<&PartialInput>,
    out: &mut [f64],
) {
    let Some(PartialInput { elements, of }) = part else {
        return past.read(lane, quantity, out);
    };
    for (at, value) in elements.iter().zip(&mut *out) {
        let Some(known) = past.element(lane, quantity, *at) else {
            let mut all = vec![f64::NAN; *of];
            past.read(lane, quantity, &mut all);
            for (at, value) in elements.iter().zip(out) {
                *value = all[*at];
            }
            return;
        };
        *value = known;
    }
}

/// The least and the largest of some numbers; none where one of them is NaN.
pub(super) fn extremes(numbers: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let (mut least, mut most, mut is_known) = (f64::INFINITY, f64::NEG_INFINITY, true);
    for number in numbers {
        is_known &= !number.is_nan();
        least = if number < least { number } else { least };
        most = if number > most { number } else { most };
    }
    is_known.then_some([least, most])
}
