//! The named losses: one table.

use super::{Extents, Fitting, Formula, Landscape, Loss, Model, Quadratic};
use crate::lang::{
    error::{Error, Result},
    source::Source,
};
use std::sync::Arc;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub shape: Shape,
    /// Where a run starts; empty where the data decide on the number of parameters.
    pub start: &'static [f64],
    /// What to look at first: from and to, horizontally and vertically; nothing where there is no plane.
    pub window: Option<[f64; 4]>,
    /// A run has left when some `abs(w[i])` reaches this.
    pub bound: f64,
    /// What it shows.
    pub shows: &'static str,
}

/// How a named loss is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// Eigenvalues 1 and 100, minimum (0.8, 0.6), turned by this many degrees.
    Valley(f64),
    /// A formula and its minima.
    Formula(&'static str, &'static [&'static [f64]]),
    /// A fit to the bundled data.
    Data(Model),
}

/// The essay's valley: eigenvalues and minimum.
pub(crate) const VALLEY: ([f64; 2], [f64; 2]) = ([1.0, 100.0], [0.8, 0.6]);

/// Every named loss.
pub const NAMED: &[Named] = &[
    Named {
        name: "valley",
        shape: Shape::Valley(0.0),
        start: &[0.0, 0.0],
        window: Some([0.0, 1.6, 0.0, 1.2]),
        bound: 5.0,
        shows: "the essay's valley: eigenvalues 1 and 100 along the axes",
    },
    Named {
        name: "rotated",
        shape: Shape::Valley(30.0),
        start: &[0.0, 0.0],
        window: Some([0.0, 1.6, 0.0, 1.2]),
        bound: 5.0,
        shows: "the valley turned by 30 degrees: methods that scale each axis lose their free lunch",
    },
    Named {
        name: "rosenbrock",
        shape: Shape::Formula("(1-x)^2 + 100*(y-x^2)^2", &[&[1.0, 1.0]]),
        start: &[-1.2, 1.0],
        window: Some([-2.0, 2.0, -1.0, 3.0]),
        bound: 100.0,
        shows: "a curved valley whose curvature changes along the way",
    },
    Named {
        name: "beale",
        shape: Shape::Formula(
            "(1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2",
            &[&[3.0, 0.5]],
        ),
        start: &[1.0, 1.0],
        window: Some([-4.5, 4.5, -4.5, 4.5]),
        bound: 100.0,
        shows: "a plateau between steep walls: large and tiny gradients in one run",
    },
    Named {
        name: "himmelblau",
        shape: Shape::Formula(
            "(x^2+y-11)^2 + (x+y^2-7)^2",
            &[
                &[3.0, 2.0],
                &[-2.805_118_086_952_745, 3.131_312_518_250_573],
                &[-3.779_310_253_377_747, -3.283_185_991_286_17],
                &[3.584_428_340_330_492, -1.848_126_526_964_404],
            ],
        ),
        start: &[0.0, 0.0],
        window: Some([-5.0, 5.0, -5.0, 5.0]),
        bound: 100.0,
        shows: "four minima: which basin a run ends in",
    },
    Named {
        name: "booth",
        shape: Shape::Formula("(x+2*y-7)^2 + (2*x+y-5)^2", &[&[1.0, 3.0]]),
        start: &[-5.0, -5.0],
        window: Some([-10.0, 10.0, -10.0, 10.0]),
        bound: 100.0,
        shows: "a quadratic with eigenvalues 2 and 18 at 45 degrees to the axes",
    },
    Named {
        name: "matyas",
        shape: Shape::Formula("0.26*(x^2+y^2) - 0.48*x*y", &[&[0.0, 0.0]]),
        start: &[8.0, -3.0],
        window: Some([-10.0, 10.0, -10.0, 10.0]),
        bound: 100.0,
        shows: "a quadratic whose slow direction runs along the diagonal",
    },
    Named {
        name: "saddle",
        shape: Shape::Formula("0.5*x^2 + 0.25*y^4 - 0.5*y^2", &[&[0.0, 1.0], &[0.0, -1.0]]),
        start: &[1.0, 1e-6],
        window: Some([-2.0, 2.0, -2.0, 2.0]),
        bound: 100.0,
        shows: "a start beside the ridge of a saddle: how long a rule takes to escape",
    },
    Named {
        name: "deep",
        // Every point of the curve x*y = 1 is a minimum.
        shape: Shape::Formula("0.5*(x*y-1)^2", &[]),
        start: &[3.0, 0.3],
        window: Some([-4.0, 4.0, -4.0, 4.0]),
        bound: 100.0,
        shows: "two layers of a linear network: minima too sharp for the step size expel it (eta = 0.25)",
    },
    Named {
        name: "linear",
        shape: Shape::Data(Model::Linear),
        start: &[],
        window: None,
        bound: 1e3,
        shows: "least squares on a table of data: a quadratic whose axes are not its eigenvectors",
    },
    Named {
        name: "logistic",
        shape: Shape::Data(Model::Logistic),
        start: &[],
        window: None,
        bound: 1e3,
        shows: "logistic regression on a table of data: convex, but flatter the farther out",
    },
    Named {
        name: "mlp",
        shape: Shape::Data(Model::Mlp),
        start: &[],
        window: None,
        bound: 1e3,
        shows: "a small tanh network on a table of data: saddles, and minima only where weights cost something (--ridge)",
    },
];

/// The row of `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Named> {
    NAMED.iter().find(|row| row.name == name)
}

impl Named {
    /// The loss with what is known about it.
    ///
    /// # Errors
    /// None for the rows of the table; a formula that does not parse would be one.
    pub fn landscape(&self) -> Result<Landscape> {
        let loss: Arc<dyn Loss> = match self.shape {
            Shape::Data(model) => return model.landscape(self.name, &Fitting::default(), None),
            Shape::Valley(degrees) => {
                let (eigenvalues, minimum) = VALLEY;
                Arc::new(Quadratic::new(&eigenvalues, &minimum, degrees).map_err(Error::plain)?)
            }
            Shape::Formula(text, minima) => {
                let source = Source::new(self.name, text);
                let minima = minima.iter().map(|minimum| minimum.to_vec()).collect();
                Arc::new(Formula::new(&source, self.start.len())?.with_minima(minima))
            }
        };
        Ok(Landscape {
            name: self.name.to_owned(),
            loss,
            start: self.start.to_vec(),
            window: self.window.map(|[x0, x1, y0, y1]| Extents {
                x: (x0, x1),
                y: (y0, y1),
            }),
            bound: self.bound,
        })
    }
}

/// A loss by name or by formula; a formula takes its dimension from `start`.
///
/// # Errors
/// A word that names no loss, a formula that is none, a start of the wrong length.
pub fn landscape(text: &str, start: Option<&[f64]>) -> Result<Landscape> {
    let word = text.trim();
    let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if let Some(row) = find(word) {
        let mut landscape = row.landscape()?;
        if let Some(start) = start {
            if start.len() != landscape.start.len() {
                return Err(Error::plain(format!(
                    "the loss `{word}` has {} parameters, but the start has {}",
                    landscape.start.len(),
                    start.len()
                )));
            }
            landscape.start = start.to_vec();
            // A run may start anywhere, so it must not end where it starts.
            let farthest = start.iter().fold(0.0_f64, |most, w| most.max(w.abs()));
            landscape.bound = landscape.bound.max(5.0 * farthest);
        }
        return Ok(landscape);
    }
    let source = Source::new("<loss>", text);
    let known = ["x", "y", "z", "w", "n", "pi"].contains(&word);
    if is_word && !known {
        let names = NAMED.iter().map(|row| row.name);
        return Err(Error::plain(format!("there is no loss `{word}`"))
            .suggest(word, "losses", names)
            .remark("or write a formula, like 'x^2 + 10*y^2'"));
    }
    let start = start.ok_or_else(|| {
        Error::plain("a formula needs a start, which also sets the number of parameters")
            .help("add --start 0,0")
    });
    // A formula that does not parse is the more useful thing to say.
    let start = match start {
        Ok(start) => start,
        Err(error) => {
            crate::lang::parse::expression(&source)?;
            return Err(error);
        }
    };
    Ok(Landscape {
        name: word.to_owned(),
        loss: Arc::new(Formula::new(&source, start.len())?),
        start: start.to_vec(),
        window: None,
        bound: f64::INFINITY,
    })
}
