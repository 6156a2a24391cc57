//! Two runs, side by side at equal t.

use super::{
    against::Comparison,
    difference::{Difference, Tolerance},
    number_format::NumberFormat,
    report::Remark,
    shared_tensors::SharedTensors,
};
use crate::{
    debugger::{Control, Pace, interrupted, stride},
    error::{Error, ErrorCode, Result},
    format::exact,
    runs::{FieldMeaning, FieldRows, Run},
};

/// Compares two runs wherever both have a row, field by field of the same name or as `map` says.
///
/// Returns the comparison and the names of fields that only one of them has.
///
/// # Errors
/// Parameters of different lengths or shapes, no row in common, a file that cannot be read again; `control` said no.
pub fn compare(
    a: &mut Run,
    b: &mut Run,
    map: &[(String, String)],
    tolerance: Tolerance,
    control: &mut Control,
) -> Result<(Comparison, Vec<String>)> {
    let tensors = SharedTensors::of(a, b)?;
    let (fields, mut alone) = fields(a, b, &tensors, map)?;
    alone.extend(tensors.alone.iter().cloned());
    let mut pace = Pace::new(stride(a.dimension(), 1));
    let mut result = Comparison::default();
    let mut columns = Columns::new(a, fields, tensors, tolerance);
    let most = a.rows_at_once().min(b.rows_at_once());
    let mut rows = SharedRows::default();
    let (mut row, mut other) = (0, 0);
    while row < a.rows && other < b.rows {
        let (t, u) = (a.t(row)?, b.t(other)?);
        if pace.is_due() && !control.at(t) {
            return Err(interrupted());
        }
        if t == u {
            rows.push(t, row, other);
            if rows.t.len() >= most {
                columns.compare(a, b, &mut rows, &mut result)?;
            }
        } else {
            result.untold += 1;
        }
        row += usize::from(t <= u);
        other += usize::from(u <= t);
    }
    columns.compare(a, b, &mut rows, &mut result)?;
    if result.compared == 0 {
        return Err(Error::plain(
            ErrorCode::InsufficientData,
            format!("`{}` and `{}` have no t in common", a.name, b.name),
        )
        .help("--first T says which iteration the first row of the first run is"));
    }
    Ok((result, alone))
}

/// Rows that both runs have.
#[derive(Default)]
struct SharedRows {
    t: Vec<u64>,
    ours: Vec<usize>,
    theirs: Vec<usize>,
}

impl SharedRows {
    fn push(&mut self, t: u64, row: usize, other: usize) {
        self.t.push(t);
        self.ours.push(row);
        self.theirs.push(other);
    }

    fn clear(&mut self) {
        self.t.clear();
        self.ours.clear();
        self.theirs.clear();
    }
}

/// The fields of both runs, some rows at a time.
struct Columns {
    /// Fields of the first run with their partners in the second.
    fields: Vec<(usize, usize)>,
    tensors: SharedTensors,
    tolerance: Tolerance,
    /// True for a field that has differed.
    seen: Vec<bool>,
    /// The largest magnitude of each number of each field so far.
    sizes: Vec<Vec<f64>>,
    w: FieldRows,
    ours: FieldRows,
    theirs: FieldRows,
    /// The newest parameters; empty at first.
    before: Vec<f64>,
}

impl Columns {
    fn new(
        a: &Run,
        fields: Vec<(usize, usize)>,
        tensors: SharedTensors,
        tolerance: Tolerance,
    ) -> Self {
        Self {
            fields,
            tensors,
            tolerance,
            seen: vec![false; a.fields.len()],
            sizes: a.fields.iter().map(|it| vec![0.0; it.len]).collect(),
            w: FieldRows::default(),
            ours: FieldRows::default(),
            theirs: FieldRows::default(),
            before: Vec::new(),
        }
    }

    /// Compares `rows`, and forgets them.
    fn compare(
        &mut self,
        a: &mut Run,
        b: &mut Run,
        rows: &mut SharedRows,
        result: &mut Comparison,
    ) -> Result<()> {
        result.compared += rows.t.len();
        a.read_rows(&rows.ours, 0, &mut self.w)?;
        let parameters = self.w.values.chunks_exact(a.dimension().max(1));
        for (w, is_told) in parameters.zip(&self.w.is_told) {
            if *is_told {
                result.moved += usize::from(!self.before.is_empty() && w != self.before);
                self.before.clear();
                self.before.extend_from_slice(w);
            }
        }
        let mut differences = Vec::new();
        for at in 0..self.fields.len() {
            let (field, partner) = self.fields[at];
            a.read_rows(&rows.ours, field, &mut self.ours)?;
            b.read_rows(&rows.theirs, partner, &mut self.theirs)?;
            let both = (&a.fields[field], &b.fields[partner]);
            self.tensors.lay_out(both, &self.ours, &mut self.theirs);
            if let Some((row, element)) = self.first_difference(field, result) {
                let len = self.sizes[field].len();
                let of = |values: &FieldRows| values.values[row * len..(row + 1) * len].to_vec();
                let (ours, theirs) = (of(&self.ours), of(&self.theirs));
                let width = a.dimension();
                let w = &self.w.values[row * width..(row + 1) * width];
                let w = if self.w.is_told[row] { w } else { &[] };
                let name = a.fields[field].name.as_str();
                let coordinate = a.coordinate(field, element);
                let (x, y) = (ours[element], theirs[element]);
                let mut difference = Difference::new(rows.t[row], name, coordinate, x, y);
                difference.count_in(NumberFormat::of(ours.iter().chain(&theirs).chain(w)));
                differences.push(difference);
            }
        }
        differences.sort_by_key(|difference| difference.t);
        result.differences.extend(differences);
        rows.clear();
        Ok(())
    }

    /// The row and the element in which a field differs that has not before.
    fn first_difference(
        &mut self,
        field: usize,
        result: &mut Comparison,
    ) -> Option<(usize, usize)> {
        let (sizes, tolerance) = (&mut self.sizes[field], self.tolerance);
        let len = sizes.len().max(1);
        let rows = self
            .ours
            .values
            .chunks_exact(len)
            .zip(self.theirs.values.chunks_exact(len));
        let told = self.ours.is_told.iter().zip(&self.theirs.is_told);
        let mut first = None;
        for (row, ((ours, theirs), told)) in rows.zip(told).enumerate() {
            if told != (&true, &true) {
                continue;
            }
            for (at, ((&x, &y), size)) in ours.iter().zip(theirs).zip(&mut *sizes).enumerate() {
                if x.is_finite() {
                    *size = size.max(x.abs());
                }
                if x == y {
                    continue;
                }
                if !self.seen[field] && !tolerance.admits(x, y, *size) {
                    self.seen[field] = true;
                    first = Some((row, at));
                }
                let off = (x - y).abs() / size.max(x.abs()).max(y.abs());
                if off.is_finite() {
                    result.worst = result.worst.max(off);
                }
            }
        }
        first
    }
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

fn fields(a: &Run, b: &Run, tensors: &SharedTensors, map: &[(String, String)]) -> Result<Pairs> {
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
        match partner.filter(|partner| tensors.are_alike(field, &b.fields[*partner])) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diff::named_otherwise,
        runs::{self, ReadOptions},
    };

    #[test]
    fn runs_are_compared_where_both_have_rows_however_many_are_read_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let written = |name: &str, every: u32, differs: bool| {
            let row = |t: u32| {
                let w = f64::from(t) * 0.5 + if differs && t >= 2090 { 1.0 } else { 0.0 };
                let m = if differs && t == 2100 { -1.0 } else { 2.0 };
                format!("{{\"t\":{t},\"w\":[{w},1],\"m\":[1,{m}]}}\n")
            };
            let text: String = (0..3000).step_by(every as usize).map(row).collect();
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let (one, other) = (written("one", 1, false), written("other", 2, true));
        for held in [usize::MAX, 0] {
            let options = ReadOptions {
                held,
                ..ReadOptions::default()
            };
            let open = |path: &str| runs::open(path, &options).unwrap();
            let (mut a, mut b) = (open(&one), open(&other));
            let tolerance = Tolerance {
                relative: 1e-9,
                absolute: 0.0,
            };
            let control = &mut Control::default();
            let (found, alone) = compare(&mut a, &mut b, &[], tolerance, control).unwrap();
            assert_eq!(
                (found.compared, found.untold, found.moved),
                (1500, 1499, 1499)
            );
            let told = found.differences.iter();
            let told: Vec<_> = told.map(|it| (it.t, it.coordinate.as_str())).collect();
            assert_eq!(told, [(2090, "w[1]"), (2100, "m[2]")]);
            assert!(alone.is_empty());
        }
    }

    #[test]
    fn tensors_are_compared_by_their_names_wherever_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        let compared = |ours: &str, theirs: &str| {
            let mut runs = [("ours", ours), ("theirs", theirs)].map(|(name, params)| {
                let path = folder.path().join(name);
                let row = |t| format!("{{\"t\":{t},\"params\":{params}}}\n");
                std::fs::write(&path, row(0) + &row(1)).unwrap();
                runs::open(&path.display().to_string(), &ReadOptions::default()).unwrap()
            });
            let [a, b] = &mut runs;
            let tolerance = Tolerance {
                relative: 0.0,
                absolute: 0.0,
            };
            let found = compare(a, b, &[], tolerance, &mut Control::default());
            let remark = named_otherwise(a, b);
            found.map(|(found, alone)| (found.differences, alone, remark))
        };
        let ours = r#"{"a":[1,2],"b":[3]}"#;
        let is_same = |theirs: &str, without: &[&str]| {
            let (differences, alone, _) = compared(ours, theirs).unwrap();
            assert_eq!(differences, [], "{theirs}");
            assert_eq!(alone, without, "{theirs}");
        };
        is_same(r#"{"b":[3],"a":[1,2]}"#, &[]);
        is_same(r#"{"b":[3],"c":[7,8],"a":[[1],[2]]}"#, &["c"]);
        is_same(r#"{"b":[3]}"#, &["a"]);
        let (differences, ..) = compared(ours, r#"{"b":[4],"a":[1,2]}"#).unwrap();
        assert_eq!(differences[0].coordinate, "b[1]");
        let (differences, _, remark) = compared(ours, r#"{"x.a":[1,2],"x.b":[3]}"#).unwrap();
        assert_eq!(differences, []);
        assert!(
            remark
                .unwrap()
                .to_string()
                .ends_with("a with x.a, b with x.b")
        );
        for (theirs, says) in [
            (r#"{"a":[1,2,3]}"#, "`a` is 2 in"),
            (r#"{"x":[1,2,3]}"#, "no tensor in common"),
        ] {
            let error = compared(ours, theirs).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
