//! Two runs, side by side at equal t.

use super::{
    against::Comparison,
    difference::{Difference, Tolerance},
    number_format::NumberFormat,
    report::Remark,
};
use crate::{
    debugger::{Control, Pace, interrupted, stride},
    error::{Error, ErrorCode, Result},
    format::exact,
    runs::{FieldMeaning, Run},
};

/// Compares two runs wherever both have a row, field by field of the same name or as `map` says.
///
/// Returns the comparison and the names of fields that only one of them has.
///
/// # Errors
/// Parameters of different lengths, no row in common, a file that cannot be read again; `control` said no.
pub fn compare(
    a: &mut Run,
    b: &mut Run,
    map: &[(String, String)],
    tolerance: Tolerance,
    control: &mut Control,
) -> Result<(Comparison, Vec<String>)> {
    if a.dimension() != b.dimension() {
        let message = format!(
            "`{}` has {} parameters, `{}` has {}",
            a.name,
            a.dimension(),
            b.name,
            b.dimension()
        );
        return Err(Error::plain(ErrorCode::ShapeMismatch, message));
    }
    let (fields, alone) = fields(a, b, map)?;
    let mut pace = Pace::new(stride(a.dimension(), 1));
    let mut result = Comparison::default();
    let mut seen = vec![false; a.fields.len()];
    let mut sizes: Vec<Vec<f64>> = a.fields.iter().map(|it| vec![0.0; it.len]).collect();
    let (mut row, mut other) = (0, 0);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut w, mut before) = (Vec::new(), Vec::new());
    while row < a.rows && other < b.rows {
        let (t, u) = (a.t(row)?, b.t(other)?);
        if pace.is_due() && !control.at(t) {
            return Err(interrupted());
        }
        if t != u {
            result.untold += 1;
            if t < u {
                row += 1;
            } else {
                other += 1;
            }
            continue;
        }
        result.compared += 1;
        if a.read(row, 0, &mut w)? {
            result.moved += usize::from(!before.is_empty() && w != before);
            before.clone_from(&w);
        }
        for &(field, partner) in &fields {
            if !(a.read(row, field, &mut ours)? && b.read(other, partner, &mut theirs)?) {
                continue;
            }
            for (at, (&x, &y)) in ours.iter().zip(&theirs).enumerate() {
                let size = &mut sizes[field][at];
                if x.is_finite() {
                    *size = size.max(x.abs());
                }
                if !tolerance.admits(x, y, *size) && !seen[field] {
                    seen[field] = true;
                    let name = a.fields[field].name.as_str();
                    let coordinate = a.coordinate(field, at);
                    let mut difference = Difference::new(t, name, coordinate, x, y);
                    let numbers = ours.iter().chain(&theirs).chain(&w);
                    difference.count_in(NumberFormat::of(numbers));
                    result.differences.push(difference);
                }
                let off = (x - y).abs() / size.max(x.abs()).max(y.abs());
                if off.is_finite() {
                    result.worst = result.worst.max(off);
                }
            }
        }
        row += 1;
        other += 1;
    }
    if result.compared == 0 {
        return Err(Error::plain(
            ErrorCode::InsufficientData,
            format!("`{}` and `{}` have no t in common", a.name, b.name),
        )
        .help("--first T says which iteration the first row of the first run is"));
    }
    Ok((result, alone))
}

/// A remark on the settings of which the runs state other values.
///
/// # Errors
/// A file that cannot be read again.
pub fn stated_otherwise(a: &mut Run, b: &mut Run) -> Result<Option<Remark>> {
    let (a, b) = (a.settings()?, b.settings()?);
    let text = |values: &[f64]| {
        let is_one = values
            .windows(2)
            .all(|it| it[0].to_bits() == it[1].to_bits());
        let shown = &values[..if is_one { 1 } else { values.len() }];
        let shown: Vec<String> = shown.iter().map(|it| exact(*it)).collect();
        shown.join(", ")
    };
    let settings = a.all().iter().filter_map(|setting| {
        let (t, [own, other]) = setting.first_other(b.get(&setting.name)?)?;
        let first = match t {
            0 => String::new(),
            t => format!(", first at t = {t}"),
        };
        Some(format!(
            "{}={} and {}{first}",
            setting.name,
            text(own),
            text(other)
        ))
    });
    let settings: Vec<String> = settings.collect();
    Ok((!settings.is_empty()).then_some(Remark::StatedOtherwise { settings }))
}

/// Fields of the first run with their partners in the second: the gradient first, then buffers, then what
/// comes of them.
type Pairs = (Vec<(usize, usize)>, Vec<String>);

fn fields(a: &Run, b: &Run, map: &[(String, String)]) -> Result<Pairs> {
    for (name, partner) in map {
        for (run, name) in [(a, name), (b, partner)] {
            if run.field(name).is_none() {
                let names = run.fields.iter().map(|it| it.name.as_str());
                let error = Error::plain(
                    ErrorCode::UnknownColumn,
                    format!("`{}` has no field `{name}`", run.name),
                );
                return Err(error.suggest(name, "fields", names));
            }
        }
    }
    let mut pairs = Vec::new();
    let mut alone = Vec::new();
    for (at, field) in a.fields.iter().enumerate() {
        let mapped = map.iter().find(|(name, _)| *name == field.name);
        let partner = match (mapped, field.meaning) {
            (Some((_, partner)), _) => b.field(partner),
            (None, FieldMeaning::Parameters) => Some(0),
            (None, _) => b.field(&field.name),
        };
        match partner.filter(|partner| b.fields[*partner].len == field.len) {
            Some(partner) => pairs.push((at, partner)),
            None => alone.push(field.name.clone()),
        }
    }
    for (at, field) in b.fields.iter().enumerate() {
        if !pairs.iter().any(|pair| pair.1 == at) && !alone.contains(&field.name) {
            alone.push(field.name.clone());
        }
    }
    pairs.sort_by_key(
        |(at, _)| match (a.fields[*at].meaning, a.fields[*at].name.as_str()) {
            (FieldMeaning::Gradient, _) => 0,
            (FieldMeaning::Other, "grad" | "alpha") | (FieldMeaning::Loss, _) => 3,
            (FieldMeaning::Other | FieldMeaning::BegunWith, _) => 1,
            (FieldMeaning::Parameters, _) => 2,
        },
    );
    Ok((pairs, alone))
}
