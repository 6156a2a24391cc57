//! The meanings of the names of a watch: variables, settings and quantities of the lanes.

use super::{
    Watch,
    history::{History, HistoryKind},
    quantity::{Quantity, Reading, built_in, built_in_names},
};
use crate::{
    analysis::{Known, Reference, Unknown, theory::CONSTANTS},
    error::{Error, ErrorCode, Result, Source, suggest::nearest},
    lang::{
        function::{self, CallContext, FunctionKind, HistoryFunction},
        graph::{Binary, Extent, Graph, Id, LossQuery},
        lower::{Scope, TypedNode},
        syntax::{Expr, ExprKind},
    },
    rule::{Compiled, Tensor},
};
use std::sync::Arc;

/// Most iterations that `settled` looks back over.
const MOST_SETTLED: f64 = 1e9;
/// Most boundaries whose values are kept for `mean_over` and `std_over`.
const MOST_AVERAGED: f64 = 1e5;

/// The lanes, as far as names go.
#[derive(Debug, Clone)]
pub struct Names {
    /// The lanes in their order.
    pub lanes: Vec<LaneNames>,
    /// The lane that a name without a lane's name belongs to.
    pub focus: usize,
    /// Named parts of the parameters, and of every vector that is as long.
    pub tensors: Arc<[Tensor]>,
}

/// One lane's names.
#[derive(Debug, Clone)]
pub struct LaneNames {
    /// The name of the lane.
    pub name: String,
    /// The rule.
    pub compiled: Arc<Compiled>,
    /// True where alpha has a meaning.
    pub has_eigenbasis: bool,
    /// Known where lambda has: that of the Hessian at w, where no minimum is known.
    pub spectrum: Known<()>,
    /// The numbers about the minimum that have no meaning there, and why.
    pub undefined: Vec<(Quantity, Unknown)>,
}

impl LaneNames {
    /// Those of the lane called `name`, with `reference` in force.
    #[must_use]
    pub fn new(name: &str, compiled: &Arc<Compiled>, reference: &Reference) -> Self {
        let undefined = CONSTANTS.iter().enumerate().filter_map(|(at, row)| {
            let why = (row.value)(reference).err()?;
            Some((Quantity::Constant(at), why))
        });
        Self {
            name: name.to_owned(),
            compiled: Arc::clone(compiled),
            has_eigenbasis: reference.eigenbasis().is_some(),
            spectrum: reference.known_spectrum().map(|_| ()),
            undefined: undefined.collect(),
        }
    }

    /// The quantity that `name` stands for in this lane: the rule's own names come first.
    fn quantity(&self, name: &str) -> Option<Quantity> {
        let variables = self.compiled.variables.iter();
        let settings = self.compiled.settings.iter();
        let variable = variables.map(|it| &it.name).position(|it| it == name);
        let setting = || settings.map(|it| &it.name).position(|it| it == name);
        variable
            .map(Quantity::Variable)
            .or_else(|| setting().map(Quantity::Setting))
            .or_else(|| built_in(name))
    }
}

impl Names {
    /// Every name that may be written, those of the lane in focus without its name before them.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        let own = |lane: &LaneNames| -> Vec<String> {
            let variables = lane.compiled.variables.iter().map(|it| it.name.clone());
            variables
                .chain(lane.compiled.settings.iter().map(|it| it.name.clone()))
                .collect()
        };
        let mut names: Vec<String> = self.lanes.get(self.focus).map_or(Vec::new(), own);
        names.extend(built_in_names());
        names.push("step".into());
        if self.lanes.len() > 1 {
            for lane in &self.lanes {
                let all = own(lane).into_iter().chain(built_in_names());
                let all = all.chain(["step".to_owned()]);
                names.extend(all.map(|name| format!("{}.{name}", lane.name)));
            }
        }
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    /// The number of parameters of the lane in focus.
    pub(super) fn dimension(&self) -> usize {
        let lane = self.lanes.get(self.focus);
        lane.map_or(0, |lane| lane.compiled.dimension())
    }

    /// The quantity that `name` stands for, of which lane, and its extent.
    pub(super) fn find(&self, name: &str) -> Option<(usize, Quantity, Extent)> {
        let (lane, own) = self.resolve(name)?;
        let names = self.lanes.get(lane)?;
        let quantity = names.quantity(own)?;
        Some((lane, quantity, quantity.extent(names)?))
    }

    /// Says which lanes have `own`, where `lane` lacks it and others do; with the first that has it.
    pub(in crate::debugger) fn elsewhere(&self, lane: usize, own: &str) -> Option<(String, &str)> {
        let lane = self.lanes.get(lane)?;
        let lanes = self.lanes.iter();
        let with = lanes.filter(|it| it.quantity(own).is_some());
        let with: Vec<&str> = with.map(|it| it.name.as_str()).collect();
        if lane.quantity(own).is_some() {
            return None;
        }
        let first = *with.first()?;
        let message = format!(
            "the lane `{}` has no `{own}`; lanes that have it: {}",
            lane.name,
            with.join(", ")
        );
        Some((message, first))
    }

    /// Splits `lane.name` and finds the lane; a name without one belongs to the lane in focus.
    fn resolve<'a>(&self, name: &'a str) -> Option<(usize, &'a str)> {
        match name.split_once('.') {
            Some((lane, rest)) => {
                let at = self.lanes.iter().position(|it| it.name == lane)?;
                Some((at, rest))
            }
            None => Some((self.focus, name)),
        }
    }
}

/// The scope of one watch: collects what it reads.
pub(super) struct WatchScope<'a> {
    names: &'a Names,
    source: &'a Arc<Source>,
    readings: Vec<Reading>,
    ids: Vec<Id>,
    histories: Vec<History>,
    home: Option<usize>,
}

impl<'a> WatchScope<'a> {
    pub fn new(names: &'a Names, source: &'a Arc<Source>) -> Self {
        Self {
            names,
            source,
            readings: Vec::new(),
            ids: Vec::new(),
            histories: Vec::new(),
            home: None,
        }
    }

    /// The quantities that it reads, the functions of the history, and the lane of its plain names.
    pub fn finish(self) -> (Vec<Reading>, Vec<History>, Option<usize>) {
        (self.readings, self.histories, self.home)
    }

    /// The share of the numbers that lie below a quantile.
    fn share(&self, share: &Expr) -> Result<f64> {
        match share.kind {
            ExprKind::Number(share) if (0.0..=1.0).contains(&share) => Ok(share),
            _ => Err(Error::new(
                ErrorCode::InvalidValue,
                self.source,
                share.span,
                "a quantile is named by a number from 0 to 1",
            )
            .help("as in quantile_over(loss, 0.5, 50), the median")),
        }
    }

    /// The last argument of a function of the last few boundaries: their number.
    fn boundaries(&self, function: &str, count: &Expr, most: f64) -> Result<u64> {
        let error =
            |message: String| Error::new(ErrorCode::InvalidValue, self.source, count.span, message);
        let ExprKind::Number(number) = count.kind else {
            let message = format!("{function} takes a whole number of iterations");
            return Err(error(message).help(match function {
                "settled" => "as in settled(loss < 1e-6, 50)".to_owned(),
                "quantile_over" => "as in quantile_over(loss, 0.5, 50)".to_owned(),
                _ => format!("as in {function}(loss, 50)"),
            }));
        };
        if number.fract() != 0.0 || !(1.0..=most).contains(&number) {
            let message = format!("the number of iterations is a whole one from 1 to {most:e}");
            return Err(error(message).help(format!("as in {function}(..., 50)")));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be a whole number in range"
        )]
        Ok(number as u64)
    }

    fn read(&mut self, graph: &mut Graph, reading: Reading, extent: Extent) -> Id {
        if let Some(at) = self.readings.iter().position(|known| *known == reading) {
            return self.ids[at];
        }
        let id = graph.input(extent);
        self.readings.push(reading);
        self.ids.push(id);
        id
    }
}

impl Scope for WatchScope<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str, depth: usize) -> Option<TypedNode> {
        let (lane, own) = self.names.resolve(name)?;
        let names = self.names.lanes.get(lane)?;
        if own == name {
            self.home = Some(lane);
        }
        if let Some(quantity) = names.quantity(own) {
            let extent = quantity.extent(names)?;
            let reading = Reading {
                lane,
                quantity,
                depth,
            };
            let id = self.read(graph, reading, extent);
            if !quantity.is_truth(names) {
                return Some(TypedNode::number(id));
            }
            // What no line has computed yet does not hold.
            let one = graph.constant(1.0);
            return Some(TypedNode {
                truth: true,
                ..TypedNode::number(graph.binary(Binary::Equal, id, one))
            });
        }
        let fixed = names.compiled.rule.fixed.iter();
        if let Some(fixed) = fixed.into_iter().find(|it| it.name == own) {
            return Some(TypedNode::number(graph.constant(fixed.first)));
        }
        if own != "step" {
            return None;
        }
        // The last step of w: where it is less where it was.
        let mut w = |depth| {
            let reading = Reading {
                lane,
                quantity: Quantity::Variable(0),
                depth,
            };
            self.read(graph, reading, names.compiled.variables[0].extent)
        };
        let (now, before) = (w(depth), w(depth + 1));
        let step = graph.binary(Binary::Subtract, now, before);
        Some(TypedNode::number(step))
    }

    fn names(&self) -> Vec<String> {
        self.names.all()
    }

    fn dimension(&self) -> usize {
        self.names.dimension()
    }

    fn place(&self) -> CallContext {
        CallContext::Watch
    }

    fn tensors(&self) -> Vec<Vec<usize>> {
        let tensors = self.names.tensors.iter();
        tensors.map(|it| it.shape.clone()).collect()
    }

    fn missing(&self, name: &str) -> Option<String> {
        if let Some((lane, _)) = name.split_once('.')
            && !self.names.lanes.iter().any(|it| it.name == lane)
        {
            let tensors = self.names.tensors.iter();
            if let Some(meant) = nearest(name, tensors.map(|it| &it.name)) {
                return Some(format!(
                    "there is no tensor `{name}`; did you mean `{meant}`?"
                ));
            }
            let lanes: Vec<&str> = self.names.lanes.iter().map(|it| it.name.as_str()).collect();
            return Some(format!(
                "there is no lane `{lane}`; lanes: {}",
                lanes.join(", ")
            ));
        }
        if matches!(name, "r" | "theory" | "ratio") {
            return Some(format!(
                "`{name}` is a column beside the errors, not a name: `info prediction` tells what theory expects, and alpha/prev(alpha) is the ratio"
            ));
        }
        let (at, own) = self.names.resolve(name)?;
        let lane = self.names.lanes.get(at)?;
        let quantity = lane.quantity(own);
        if quantity.is_some_and(|quantity| quantity.extent(lane).is_none()) {
            let undefined = lane.undefined.iter().find(|it| Some(it.0) == quantity);
            let why = match undefined {
                Some((_, why)) => why.to_string(),
                None => match lane.spectrum {
                    Ok(()) => "no minimum is known to measure the error from".to_owned(),
                    Err(why) => why.to_string(),
                },
            };
            return Some(format!("`{own}` is undefined here: {why}"));
        }
        let (message, _) = self.names.elsewhere(at, own)?;
        Some(message)
    }

    fn measured(
        &mut self,
        graph: &mut Graph,
        oracle: LossQuery,
        arguments: &[Expr],
        depth: usize,
    ) -> Option<TypedNode> {
        let ExprKind::Name(name) = &arguments.first()?.kind else {
            return None;
        };
        let (lane, own) = self.names.resolve(name)?;
        if own != "w" {
            return None;
        }
        let quantity = match oracle {
            LossQuery::Value => Quantity::Loss,
            LossQuery::Gradient => Quantity::Gradient,
            LossQuery::Hessian => Quantity::Hessian,
            LossQuery::HessianProduct => return None,
        };
        let names = self.names.lanes.get(lane)?;
        let extent = quantity.extent(names)?;
        if own == name {
            self.home = Some(lane);
        }
        let reading = Reading {
            lane,
            quantity,
            depth,
        };
        Some(TypedNode::number(self.read(graph, reading, extent)))
    }

    fn history(&mut self, graph: &mut Graph, call: &Expr) -> Option<Result<TypedNode>> {
        let ExprKind::Call(name, _, arguments) = &call.kind else {
            return None;
        };
        let FunctionKind::History(function) = function::find(name)?.kind else {
            return None;
        };
        let last = arguments.len() - 1;
        let count = |most| self.boundaries(name, &arguments[last], most);
        let window =
            || count(MOST_AVERAGED).map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let kind = match function {
            HistoryFunction::Settled => count(MOST_SETTLED).map(HistoryKind::Settled),
            HistoryFunction::First => Ok(HistoryKind::First),
            HistoryFunction::LastChange => Ok(HistoryKind::LastChange),
            HistoryFunction::MeanOver => window().map(HistoryKind::MeanOver),
            HistoryFunction::StdOver => window().map(HistoryKind::StdOver),
            HistoryFunction::QuantileOver => {
                let share = self.share(&arguments[1]);
                share.and_then(|share| Ok(HistoryKind::QuantileOver(share, window()?)))
            }
        };
        let kind = match kind {
            Ok(kind) => kind,
            Err(error) => return Some(Err(error)),
        };
        let wanted = match kind {
            HistoryKind::Settled(_) | HistoryKind::First => super::ExpectedType::Condition,
            _ => super::ExpectedType::Any,
        };
        let watch = match Watch::of(self.source, arguments[0].clone(), self.names, wanted) {
            Ok(watch) => watch,
            Err(error) => return Some(Err(error)),
        };
        let is_averaged = kind.window().is_some();
        if is_averaged && (watch.extent() != Extent::Scalar || watch.truth) {
            let found = if watch.truth {
                "a truth value".to_owned()
            } else {
                watch.extent().to_string()
            };
            let message = format!("`{name}` takes one number, but this is {found}");
            let error = Error::new(
                ErrorCode::ShapeMismatch,
                self.source,
                arguments[0].span,
                message,
            );
            let form = match kind {
                HistoryKind::QuantileOver(..) => "quantile_over(norm(grad), 0.5, 10)".to_owned(),
                _ => format!("{name}(norm(grad), 10)"),
            };
            return Some(Err(error.help(format!("take an element or a norm: {form}"))));
        }
        if !watch.histories.is_empty() {
            return Some(Err(Error::new(
                ErrorCode::NotAllowed,
                self.source,
                arguments[0].span,
                "functions of the history cannot be nested",
            )));
        }
        self.histories.push(History::new(kind, watch));
        let reading = Reading {
            lane: self.names.focus,
            quantity: Quantity::History(self.histories.len() - 1),
            depth: 0,
        };
        let id = self.read(graph, reading, Extent::Scalar);
        Some(Ok(TypedNode {
            truth: matches!(kind, HistoryKind::Settled(_)),
            ..TypedNode::number(id)
        }))
    }
}
