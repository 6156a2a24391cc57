//! Columns as quantities of a run: several tensors become one vector, known names get their meaning.

use super::table::RowTable;
use crate::{
    error::{Error, ErrorCode, Result},
    rule::{Tensor, is_reserved},
};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Names of the parameters, the first that occurs counts.
pub(super) const PARAMETERS: [&str; 9] = [
    "w",
    "params",
    "param",
    "parameters",
    "weights",
    "theta",
    "x",
    "tensors",
    "p",
];
/// Names of the gradient, the first that occurs counts.
pub(super) const GRADIENTS: [&str; 5] = ["g", "grad", "grads", "gradient", "gradients"];
/// Names of the parameters that a step began with, where they are not those of the row before.
pub(super) const BEGUN_WITH: [&str; 2] = ["params_before", "w_before"];
/// Names that only say that an optimiser's state stands below them.
const WRAPPERS: [&str; 7] = [
    "state",
    "states",
    "opt_state",
    "optimizer_state",
    "optimizer",
    "buffers",
    "slots",
];

/// Words of the names of losses on other data than the training's.
const HELD_OUT: [&str; 6] = ["val", "valid", "validation", "eval", "evaluation", "test"];

/// The meaning of a field, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldMeaning {
    /// The parameters.
    Parameters,
    /// The gradient that the rule saw.
    Gradient,
    /// The loss at the parameters.
    Loss,
    /// The parameters that the step began with, of tensors that something else than the step has changed since the row before.
    BegunWith,
    /// Anything else.
    Other,
}

/// A quantity that was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The name, as a command gives it.
    pub name: String,
    /// The meaning.
    pub meaning: FieldMeaning,
    /// The number of elements.
    pub len: usize,
    /// Lengths along each axis where it is one array; empty for one number.
    pub shape: Vec<usize>,
    /// True if the coordinates are those of the parameters.
    pub is_like_parameters: bool,
    /// True for one number per tensor.
    pub is_per_tensor: bool,
    /// The columns that it is read from.
    pub(super) parts: Vec<FieldPart>,
}

/// What a field has of one tensor, or all of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldPart {
    /// The column; none for a tensor without one.
    pub column: Option<usize>,
    /// The number of elements.
    pub len: usize,
    /// For each element, which number of the column it is: where the column has fewer, as means over an axis are.
    pub spread: Option<Arc<[u32]>>,
}

impl FieldPart {
    /// All numbers of `column`, of which there are `len`.
    pub fn whole(column: Option<usize>, len: usize) -> Self {
        Self {
            column,
            len,
            spread: None,
        }
    }

    /// None of the numbers of `column`: only whether a row has them.
    pub fn witness(column: Option<usize>) -> Self {
        Self {
            column,
            len: 0,
            spread: Some(Arc::default()),
        }
    }
}

impl Field {
    /// True for one number per tensor, also where each of its elements has it.
    #[must_use]
    pub fn is_of_tensors(&self) -> bool {
        let is_one = |part: &FieldPart| {
            let places = part.spread.as_ref();
            places.is_some_and(|it| it.iter().all(|place| *place == 0))
        };
        self.is_per_tensor || self.parts.iter().all(is_one)
    }

    /// The same numbers for every element of the tensors; none unless there is one for each of `tensors`.
    pub(super) fn spread(&self, tensors: &[Tensor]) -> Option<Self> {
        let is_one_each =
            self.parts.len() == tensors.len() && self.parts.iter().all(|part| part.len == 1);
        let parts = self.parts.iter().zip(tensors);
        is_one_each.then(|| Self {
            len: tensors.iter().map(|it| it.range.len()).sum(),
            shape: one_shape(tensors),
            is_like_parameters: true,
            is_per_tensor: false,
            parts: parts
                .map(|(part, tensor)| FieldPart {
                    len: tensor.range.len(),
                    spread: Some(vec![0; tensor.range.len()].into()),
                    ..part.clone()
                })
                .collect(),
            ..self.clone()
        })
    }
}

/// The layout of a table's columns.
pub(super) struct Layout {
    pub fields: Vec<Field>,
    pub tensors: Vec<Tensor>,
}

/// True for the name `root` and for names below it.
fn below(name: &str, root: &str) -> bool {
    let rest = name.strip_prefix(root);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// True if columns of these names have parameters among them.
pub(super) fn has_parameters<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let is_one = |name: &str| PARAMETERS.iter().any(|root| below(unwrapped(name), root));
    names.into_iter().any(is_one)
}

/// Finds the fields of `table`: the parameters first.
pub(super) fn layout(table: &RowTable, file: &str) -> Result<Layout> {
    let own_names = own_names(table);
    let names: Vec<&str> = own_names.iter().map(AsRef::as_ref).collect();
    let Some(root) = PARAMETERS
        .iter()
        .find(|root| names.iter().any(|name| below(name, root)))
    else {
        return log(table, file);
    };
    let mut tensors: Vec<Tensor> = Vec::new();
    let mut parameters = Vec::new();
    let mut n = 0;
    for (at, name) in names
        .iter()
        .enumerate()
        .filter(|(_, name)| below(name, root))
    {
        let column = &table.columns[at];
        tensors.push(Tensor {
            name: name[root.len()..].trim_start_matches('.').to_owned(),
            shape: column.shape.clone(),
            range: n..n + column.width(),
            is_norm: false,
        });
        n += column.width();
        parameters.push(at);
    }
    if n == 0 {
        let message = format!("the parameters of `{file}` have no elements");
        return Err(Error::plain(ErrorCode::InsufficientData, message)
            .help("a row has numbers in them: \"w\":[0.5,-0.2]"));
    }
    let by_name = by_name(&tensors);
    let is_parameter: HashSet<usize> = parameters.iter().copied().collect();
    let mut groups: Vec<Group> = Vec::new();
    // Where the groups of each variable are that have it by tensor, and the tensors that they have.
    let mut known: HashMap<&str, Vec<(usize, HashSet<usize>)>> = HashMap::new();
    for (at, name) in names.iter().enumerate() {
        if is_parameter.contains(&at) {
            continue;
        }
        let (variable, tensor) = match split(name, &tensors, &by_name) {
            Some((variable, tensor)) => (variable, Some(tensor)),
            None => (*name, None),
        };
        if let Some(tensor) = tensor {
            let own = known.entry(variable).or_default();
            if let Some((group, has)) = own.iter_mut().find(|it| !it.1.contains(&tensor)) {
                has.insert(tensor);
                groups[*group].parts.push((at, Some(tensor)));
                continue;
            }
            own.push((groups.len(), HashSet::from([tensor])));
        }
        groups.push(Group {
            name: variable.to_owned(),
            parts: vec![(at, tensor)],
        });
    }
    let mut fields = vec![Field {
        name: "w".to_owned(),
        meaning: FieldMeaning::Parameters,
        len: n,
        shape: one_shape(&tensors),
        is_like_parameters: true,
        is_per_tensor: false,
        parts: parameters
            .iter()
            .map(|at| FieldPart::whole(Some(*at), table.columns[*at].width()))
            .collect(),
    }];
    for group in groups {
        group.fields(table, &tensors, n, &mut fields);
    }
    let gradient = GRADIENTS.iter().find_map(|name| {
        fields
            .iter()
            .position(|it| it.name == *name && it.is_like_parameters)
    });
    if let Some(at) = gradient {
        fields[at].meaning = FieldMeaning::Gradient;
    }
    let begun_with = fields
        .iter_mut()
        .find(|it| it.is_like_parameters && BEGUN_WITH.contains(&it.name.as_str()));
    if let Some(field) = begun_with {
        field.meaning = FieldMeaning::BegunWith;
    }
    Ok(Layout { fields, tensors })
}

/// The fields of a log of metrics, in which no parameters were recorded: one stands for them that is never read.
fn log(table: &RowTable, file: &str) -> Result<Layout> {
    let names = table.columns.iter().map(|column| column.name.as_str());
    let loss = loss_of_log(names);
    let Some(loss) = loss else {
        let names = table.columns.iter().map(|column| column.name.as_str());
        return Err(without_parameters(file, names));
    };
    let mut fields = vec![Field {
        name: "w".to_owned(),
        meaning: FieldMeaning::Parameters,
        len: 1,
        shape: vec![1],
        is_like_parameters: true,
        is_per_tensor: false,
        parts: vec![FieldPart::whole(None, 1)],
    }];
    let columns = table.columns.iter().enumerate();
    fields.extend(columns.map(|(at, column)| Field {
        name: column.name.clone(),
        meaning: if at == loss {
            FieldMeaning::Loss
        } else {
            FieldMeaning::Other
        },
        len: column.width(),
        shape: column.shape.clone(),
        is_like_parameters: false,
        is_per_tensor: false,
        parts: vec![FieldPart::whole(Some(at), column.width())],
    }));
    let tensors = vec![Tensor {
        name: String::new(),
        shape: vec![1],
        range: 0..1,
        is_norm: false,
    }];
    Ok(Layout { fields, tensors })
}

/// The column of a log that is the loss of the training, as far as names tell: `loss`, `train/loss`, `run - train_loss`,
/// or the one value of a scalar that TensorBoard has exported.
fn loss_of_log<'a>(names: impl Iterator<Item = &'a str>) -> Option<usize> {
    let rank = |name: &str| {
        let name = name.to_ascii_lowercase();
        let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
        let has = |some: &[&str]| words.iter().any(|word| some.contains(word));
        // Of a metric, exports of logs have the extremes beside it.
        let is_extreme = name.contains("__");
        match () {
            () if name == "loss" => Some(0),
            () if name == "value" => Some(3),
            () if has(&HELD_OUT) || !has(&["loss"]) => None,
            () if has(&["train", "training"]) && !is_extreme => Some(1),
            () if words.last() == Some(&"loss") => Some(2),
            () => Some(4),
        }
    };
    let ranked = names
        .enumerate()
        .filter_map(|(at, name)| Some((rank(name)?, at)));
    ranked.min().map(|(_, at)| at)
}

/// The error of a run without parameters, whose columns have these names.
pub(super) fn without_parameters<'a>(file: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let have: Vec<&str> = names.collect();
    let message = format!("the rows of `{file}` have no parameters");
    Error::plain(ErrorCode::InsufficientData, message).help(format!(
        "call them `w` (or {}), or log a `loss` alone; there is {}",
        PARAMETERS[1..].join(", "),
        if have.is_empty() {
            "nothing besides t".to_owned()
        } else {
            have.join(", ")
        }
    ))
}

/// True for a name with a meaning of its own: parameters, gradient, loss.
pub(super) fn is_known(name: &str) -> bool {
    let name = unwrapped(name);
    PARAMETERS.contains(&name) || GRADIENTS.contains(&name) || name == "loss"
}

pub(super) fn one_shape(tensors: &[Tensor]) -> Vec<usize> {
    match tensors {
        [one] => one.shape.clone(),
        _ => vec![tensors.iter().map(|it| it.range.len()).sum()],
    }
}

/// Columns that belong to one variable, each with its tensor.
struct Group {
    name: String,
    parts: Vec<(usize, Option<usize>)>,
}

impl Group {
    fn fields(mut self, table: &RowTable, tensors: &[Tensor], n: usize, fields: &mut Vec<Field>) {
        self.parts.sort_by_key(|part| part.1);
        let named = self.parts.first().is_some_and(|part| part.1.is_some());
        let of_tensors = |fits: &dyn Fn(&[usize], &Tensor) -> bool| {
            named
                && self.parts.iter().all(|(at, tensor)| {
                    tensor.is_some_and(|tensor| fits(&table.columns[*at].shape, &tensors[tensor]))
                })
        };
        let same = of_tensors(&|shape, tensor| shape == tensor.shape);
        let scalars = !same && of_tensors(&|shape, _| shape.iter().product::<usize>() == 1);
        let spread = |shape: &[usize], tensor: &Tensor| spread(&self.name, shape, &tensor.shape);
        let like = same || (!scalars && of_tensors(&|shape, it| spread(shape, it).is_some()));
        if like || scalars {
            // Tensors that are frozen or masked have no numbers of their own.
            let columns: HashMap<Option<usize>, usize> =
                self.parts.iter().map(|part| (part.1, part.0)).collect();
            let column = |tensor: usize| columns.get(&Some(tensor)).copied();
            let part = |(at, tensor): (usize, &Tensor)| {
                let column = column(at);
                let shape = column.map(|column| &table.columns[column].shape);
                let is_smaller = |shape: &&Vec<usize>| like && **shape != tensor.shape;
                FieldPart {
                    column,
                    len: if like { tensor.range.len() } else { 1 },
                    spread: shape
                        .filter(is_smaller)
                        .and_then(|shape| spread(shape, tensor)),
                }
            };
            let parts = tensors.iter().enumerate().map(part).collect();
            fields.push(Field {
                meaning: meaning(&self.name),
                name: self.name,
                len: if like { n } else { tensors.len() },
                shape: if like {
                    one_shape(tensors)
                } else {
                    vec![tensors.len()]
                },
                is_like_parameters: like,
                is_per_tensor: !like && tensors.len() > 1,
                parts,
            });
            return;
        }
        for (at, tensor) in self.parts {
            let column = &table.columns[at];
            let name = match tensor {
                Some(tensor) => format!("{}.{}", self.name, tensors[tensor].name),
                None => self.name.clone(),
            };
            fields.push(Field {
                meaning: meaning(&name),
                name,
                len: column.width(),
                shape: column.shape.clone(),
                // The only tensor, under whatever name: what is as long has its coordinates.
                is_like_parameters: tensor.is_none()
                    && column.width() == n
                    && !column.shape.is_empty(),
                is_per_tensor: false,
                parts: vec![FieldPart::whole(Some(at), column.width())],
            });
        }
    }
}

/// For each element of a tensor of shape `to`, which number it has of a buffer of shape `from` that keeps one number where
/// the tensor has many: by axes of length 1, or without one axis, as means over an axis are kept. None for others.
fn spread(name: &str, from: &[usize], to: &[usize]) -> Option<Arc<[u32]>> {
    let without = |axis: usize| {
        let mut kept = to.to_vec();
        kept.remove(axis);
        kept == from
    };
    let kept: Vec<usize> = if from.iter().product::<usize>() == 1 {
        vec![1; to.len()]
    } else if from.len() == to.len() {
        from.to_vec()
    } else if from.len() + 1 == to.len() {
        // Where two axes have one length, the name has to say which of them is gone.
        let mut gone: Vec<usize> = (0..to.len()).filter(|axis| without(*axis)).collect();
        if gone.len() > 1 {
            let named = [("row", to.len() - 1), ("col", to.len() - 2)];
            let named = named.iter().find(|it| name.contains(it.0))?;
            gone.retain(|axis| *axis == named.1);
        }
        let mut kept = from.to_vec();
        kept.insert(*gone.first()?, 1);
        kept
    } else {
        return None;
    };
    let mut axes = kept.iter().zip(to);
    if !axes.all(|(own, all)| own == all || *own == 1) {
        return None;
    }
    let place = |at: usize| {
        let (mut rest, mut stride, mut place) = (at, 1, 0);
        for (own, all) in kept.iter().zip(to).rev() {
            let index = rest % all;
            rest /= all;
            place += stride * if *own == 1 { 0 } else { index };
            stride *= own;
        }
        u32::try_from(place).ok()
    };
    (0..to.iter().product()).map(place).collect()
}

fn meaning(name: &str) -> FieldMeaning {
    if name == "loss" {
        FieldMeaning::Loss
    } else {
        FieldMeaning::Other
    }
}

/// The names of the columns, without what only says that a state stands below unless that leaves the name of something
/// else: in `state.g` beside `g`, in `state.t` and in `state.n`, which are called `state_g` and so on.
fn own_names(table: &RowTable) -> Vec<Cow<'_, str>> {
    let gradients = |name: &str| GRADIENTS.iter().copied().find(|root| below(name, root));
    let columns = || table.columns.iter().map(|column| column.name.as_str());
    let own = columns().filter_map(gradients).min();
    let name = |column: &'_ str| -> Option<String> {
        let plain = unwrapped(column);
        let first = plain.split('.').next().unwrap_or_default();
        let is_taken = is_reserved(first) || own.is_some_and(|own| own == first);
        (is_taken && plain.len() < column.len()).then(|| format!("state_{plain}"))
    };
    let names = columns().map(|column| match name(column) {
        Some(whole) => Cow::Owned(whole),
        None => Cow::Borrowed(unwrapped(column)),
    });
    names.collect()
}

/// The name without what only says that a state stands below.
fn unwrapped(name: &str) -> &str {
    match name.split_once('.') {
        Some((first, rest)) if WRAPPERS.contains(&first) => rest,
        _ => name,
    }
}

/// Where each name is among those of tensors that have one; the first counts.
fn by_name(tensors: &[Tensor]) -> HashMap<&str, usize> {
    let named = tensors.iter().enumerate().rev();
    let named = named.filter(|(_, it)| !it.name.is_empty());
    named.map(|(at, it)| (it.name.as_str(), at)).collect()
}

/// A variable and the tensor that it belongs to, from `exp_avg.weight`, `weight.exp_avg` or `0.exp_avg`.
///
/// The tensor counts whose name is the longest that it ends or begins with: `m.layer.weight` is of `layer.weight`, not of `weight`.
fn split<'a>(
    name: &'a str,
    tensors: &[Tensor],
    by_name: &HashMap<&str, usize>,
) -> Option<(&'a str, usize)> {
    let dots = name.match_indices('.').map(|it| it.0);
    let halves = dots.map(|at| (&name[..at], &name[at + 1..]));
    let found = halves.flat_map(|(first, rest)| {
        let before = by_name.get(rest).map(|at| (rest.len(), first, *at));
        let after = by_name.get(first).map(|at| (first.len(), rest, *at));
        after.into_iter().chain(before)
    });
    let found = found.filter(|it| !it.1.is_empty());
    if let Some((_, variable, at)) = found.max_by_key(|it| it.0) {
        return Some((variable, at));
    }
    let (first, rest) = name.split_once('.')?;
    let at: usize = first.parse().ok()?;
    (at < tensors.len()).then_some((rest, at))
}
