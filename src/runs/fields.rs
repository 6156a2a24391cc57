//! Columns as quantities of a run: several tensors become one vector, known names get their meaning.

use super::table::RowTable;
use crate::{
    error::{Error, ErrorCode, Result},
    rule::{Tensor, is_reserved},
};
use std::borrow::Cow;

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
const GRADIENTS: [&str; 5] = ["g", "grad", "grads", "gradient", "gradients"];
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
    /// The columns that it is read from with how many numbers each has, none for a tensor without one.
    pub(super) columns: Vec<(Option<usize>, usize)>,
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
        });
        n += column.width();
        parameters.push(at);
    }
    if n == 0 {
        let message = format!("the parameters of `{file}` have no elements");
        return Err(Error::plain(ErrorCode::InsufficientData, message)
            .help("a row has numbers in them: \"w\":[0.5,-0.2]"));
    }
    let mut groups: Vec<Group> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        if parameters.contains(&at) {
            continue;
        }
        let (variable, tensor) = match split(name, &tensors) {
            Some((variable, tensor)) => (variable, Some(tensor)),
            None => (*name, None),
        };
        let known = groups.iter_mut().find(|group| {
            group.name == variable
                && group
                    .parts
                    .iter()
                    .all(|part| part.1.is_some() && part.1 != tensor)
        });
        match (known, tensor) {
            (Some(group), Some(_)) => group.parts.push((at, tensor)),
            _ => groups.push(Group {
                name: variable.to_owned(),
                parts: vec![(at, tensor)],
            }),
        }
    }
    let mut fields = vec![Field {
        name: "w".to_owned(),
        meaning: FieldMeaning::Parameters,
        len: n,
        shape: one_shape(&tensors),
        is_like_parameters: true,
        is_per_tensor: false,
        columns: parameters
            .iter()
            .map(|at| (Some(*at), table.columns[*at].width()))
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
        columns: vec![(None, 1)],
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
        columns: vec![(Some(at), column.width())],
    }));
    let tensors = vec![Tensor {
        name: String::new(),
        shape: vec![1],
        range: 0..1,
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

fn one_shape(tensors: &[Tensor]) -> Vec<usize> {
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
        let like = of_tensors(&|shape, tensor| shape == tensor.shape);
        let scalars = of_tensors(&|shape, _| shape.iter().product::<usize>() == 1);
        if like || scalars {
            // Tensors that are frozen or masked have no numbers of their own.
            let column = |tensor: usize| {
                let mut parts = self.parts.iter();
                parts.find(|part| part.1 == Some(tensor)).map(|part| part.0)
            };
            let columns = (0..tensors.len()).map(|tensor| {
                let width = if like { tensors[tensor].range.len() } else { 1 };
                (column(tensor), width)
            });
            let columns = columns.collect();
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
                columns,
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
                columns: vec![(Some(at), column.width())],
            });
        }
    }
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

/// A variable and the tensor that it belongs to, from `exp_avg.weight`, `weight.exp_avg` or `0.exp_avg`.
fn split<'a>(name: &'a str, tensors: &[Tensor]) -> Option<(&'a str, usize)> {
    for (at, tensor) in tensors
        .iter()
        .enumerate()
        .filter(|(_, it)| !it.name.is_empty())
    {
        let before = name
            .strip_suffix(&tensor.name)
            .and_then(|rest| rest.strip_suffix('.'));
        let after = name
            .strip_prefix(&tensor.name)
            .and_then(|rest| rest.strip_prefix('.'));
        if let Some(variable) = before.or(after).filter(|it| !it.is_empty()) {
            return Some((variable, at));
        }
    }
    let (first, rest) = name.split_once('.')?;
    let at: usize = first.parse().ok()?;
    (at < tensors.len()).then_some((rest, at))
}
