//! Losses of a linear predictor z = w[1] + w[2]*x[1] + ...: what linear and logistic regression share.
//!
//! ```text
//! f(w)    = mean_r l(z_r, y_r) + ridge/2 |w_2..n|^2
//! grad f  = mean_r l'(z_r, y_r) x_r + ridge w
//! H d     = mean_r l''(z_r) (x_r.d) x_r + ridge d
//! T(e) d  = mean_r l'''(z_r) (x_r.d)(x_r.e) x_r
//! ```
//! The intercept w[1] is not held back by the ridge.

use super::{Design, Evaluator};
use nalgebra::DMatrix;
use pulp::{Arch, Simd, WithSimd};
use std::{fmt, sync::Arc};

/// The loss of one row as a function of its z, and its derivatives by z.
pub(super) trait Link: Copy + fmt::Debug + Send + Sync + 'static {
    /// l and l'
    fn loss_and_slope(z: f64, y: f64) -> (f64, f64);
    /// l''
    fn bend(z: f64) -> f64;
    /// l and l' of several rows.
    #[inline(always)]
    fn losses_and_slopes(z: &[f64; ROWS], y: &[f64; ROWS]) -> [[f64; ROWS]; 2] {
        each_of(z, y, Self::loss_and_slope)
    }
    /// l'' of several rows.
    #[inline(always)]
    fn bends(z: &[f64; ROWS]) -> [f64; ROWS] {
        z.map(Self::bend)
    }
    /// l'''
    fn twist(z: f64) -> f64;
}

/// Rows that are evaluated at once.
pub(super) const ROWS: usize = 16;

/// A pair of numbers of each row.
#[inline(always)]
pub(super) fn each_of(
    z: &[f64; ROWS],
    y: &[f64; ROWS],
    of: impl Fn(f64, f64) -> (f64, f64),
) -> [[f64; ROWS]; 2] {
    let mut both = [[0.0; ROWS]; 2];
    for (at, (z, y)) in z.iter().zip(y).enumerate() {
        (both[0][at], both[1][at]) = of(*z, *y);
    }
    both
}

/// Evaluates a linear predictor on rows of a [`Design`].
#[derive(Debug)]
pub(super) struct LinearPredictor<L> {
    pub design: Arc<Design>,
    pub ridge: f64,
    pub link: std::marker::PhantomData<L>,
}

/// The rows that a mean is taken over.
#[derive(Clone, Copy)]
enum RowSelection<'a> {
    All,
    These(&'a [u32]),
}

impl<L: Link> LinearPredictor<L> {
    pub fn new(design: &Arc<Design>, ridge: f64) -> Self {
        Self {
            design: Arc::clone(design),
            ridge,
            link: std::marker::PhantomData,
        }
    }

    /// Calls `visit` on each row, and gives the weight of one of them in the mean.
    #[inline]
    fn each(&self, rows: RowSelection, mut visit: impl FnMut(&[f64], f64)) -> f64 {
        let wide = self.design.width();
        let count = match rows {
            RowSelection::All => {
                for (x, y) in self.design.x.chunks_exact(wide).zip(&self.design.y) {
                    visit(x, *y);
                }
                self.design.rows()
            }
            RowSelection::These(rows) => {
                for row in rows {
                    let (x, y) = self.design.row(*row as usize);
                    visit(x, y);
                }
                rows.len()
            }
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "a table has far fewer than 2^53 rows"
        )]
        let count = count as f64;
        1.0 / count
    }

    fn gradient(&self, rows: RowSelection, w: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        let (total, weight) = match rows {
            RowSelection::All => (self.total(w, Some(gradient)), self.weight()),
            RowSelection::These(_) => {
                let mut total = 0.0;
                let weight = self.each(rows, |x, y| {
                    let (loss, slope) = L::loss_and_slope(dot(x, w), y);
                    total += loss;
                    add(gradient, slope, x);
                });
                (total, weight)
            }
        };
        let mut squares = 0.0;
        for (at, (g, w)) in gradient.iter_mut().zip(w).enumerate() {
            *g *= weight;
            if at > 0 {
                *g += self.ridge * w;
                squares += w * w;
            }
        }
        total * weight + 0.5 * self.ridge * squares
    }

    /// The sum of the losses of all rows; that of their gradients is added to `gradient`.
    fn total(&self, w: &[f64], gradient: Option<&mut [f64]>) -> f64 {
        Arch::new().dispatch(RowsPass {
            fit: self,
            w,
            gradient,
        })
    }

    /// The weight of a row in the mean over all.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a table has far fewer than 2^53 rows"
    )]
    fn weight(&self) -> f64 {
        1.0 / self.design.rows() as f64
    }
}

/// The losses and gradients of all rows, in their order, with the instructions that the processor has.
struct RowsPass<'a, L> {
    fit: &'a LinearPredictor<L>,
    w: &'a [f64],
    gradient: Option<&'a mut [f64]>,
}

impl<L: Link> WithSimd for RowsPass<'_, L> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let Self {
            fit,
            w,
            mut gradient,
        } = self;
        let wide = fit.design.width();
        let (blocks, rest) = fit.design.y.as_chunks::<ROWS>();
        let mut total = 0.0;
        for (x, y) in fit.design.x.chunks_exact(ROWS * wide).zip(blocks) {
            let [losses, slopes] = L::losses_and_slopes(&predictors(x, wide, w), y);
            for loss in losses {
                total += loss;
            }
            if let Some(gradient) = &mut gradient {
                for (x, slope) in x.chunks_exact(wide).zip(slopes) {
                    add(gradient, slope, x);
                }
            }
        }
        let done = ROWS * blocks.len();
        for (x, y) in fit.design.x[done * wide..].chunks_exact(wide).zip(rest) {
            let (loss, slope) = L::loss_and_slope(dot(x, w), *y);
            total += loss;
            if let Some(gradient) = &mut gradient {
                add(gradient, slope, x);
            }
        }
        total
    }
}

/// x . w of the rows in `x`, of so many numbers each; 0 for those beyond.
#[inline(always)]
fn predictors(x: &[f64], wide: usize, w: &[f64]) -> [f64; ROWS] {
    let mut z = [0.0; ROWS];
    for (z, x) in z.iter_mut().zip(x.chunks_exact(wide)) {
        *z = dot(x, w);
    }
    z
}

/// x . w in four running sums.
#[inline(always)]
fn dot(x: &[f64], w: &[f64]) -> f64 {
    let ((x, x_rest), (w, w_rest)) = (x.as_chunks::<4>(), w.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (x, w) in x.iter().zip(w) {
        for ((sum, x), w) in sums.iter_mut().zip(x).zip(w) {
            *sum += x * w;
        }
    }
    let rest: f64 = x_rest.iter().zip(w_rest).map(|(x, w)| x * w).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// to += factor * x
#[inline(always)]
fn add(to: &mut [f64], factor: f64, x: &[f64]) {
    for (to, x) in to.iter_mut().zip(x) {
        *to += factor * x;
    }
}

/// Elements of a row that are side by side.
const LANES: usize = 8;

/// Sums of factor * x x^T over rows, each entry in the order of the rows.
struct Products {
    /// The numbers of a row, and the chunks that hold them.
    n: usize,
    chunks: usize,
    /// Row by row. Of each row the chunks from that of the diagonal on are right.
    sums: Vec<[f64; LANES]>,
    /// The rows of a block, filled up with zeros, and their factors.
    rows: Vec<[f64; LANES]>,
    factors: [f64; ROWS],
}

impl Products {
    fn new(n: usize) -> Self {
        let chunks = n.div_ceil(LANES);
        Self {
            n,
            chunks,
            sums: vec![[0.0; LANES]; n * chunks],
            rows: vec![[0.0; LANES]; ROWS * chunks],
            factors: [0.0; ROWS],
        }
    }

    /// Takes in the block. A row of zeros changes nothing, as no sum of these is -0.
    #[inline(always)]
    fn add<S: Simd>(&mut self, simd: S) {
        let flat = self.rows.as_flattened();
        let (rows, _) = S::as_simd_f64s(flat);
        let (sums, _) = S::as_mut_simd_f64s(self.sums.as_flattened_mut());
        let lanes = size_of::<S::f64s>() / size_of::<f64>();
        let (wide, vectors) = (self.chunks * LANES, self.chunks * LANES / lanes);
        for at in 0..self.n {
            let mut own = [simd.splat_f64s(0.0); ROWS];
            for (row, own) in own.iter_mut().enumerate() {
                *own = simd.splat_f64s(self.factors[row] * flat[row * wide + at]);
            }
            for vector in at / lanes..vectors {
                let mut sum = sums[at * vectors + vector];
                for (row, own) in own.iter().enumerate() {
                    let product = simd.mul_f64s(*own, rows[row * vectors + vector]);
                    sum = simd.add_f64s(sum, product);
                }
                sums[at * vectors + vector] = sum;
            }
        }
    }
}

/// The sum of l'' x x^T over all rows, with the instructions that the processor has.
struct ProductsPass<'a, L> {
    fit: &'a LinearPredictor<L>,
    w: &'a [f64],
}

impl<L: Link> WithSimd for ProductsPass<'_, L> {
    type Output = Products;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Products {
        let n = self.w.len();
        let mut products = Products::new(n);
        let wide = products.chunks * LANES;
        for x in self.fit.design.x.chunks(ROWS * n) {
            products.factors = L::bends(&predictors(x, n, self.w));
            if x.len() < ROWS * n {
                products.rows.as_flattened_mut().fill(0.0);
                products.factors[x.len() / n..].fill(0.0);
            }
            let rooms = products.rows.as_flattened_mut().chunks_exact_mut(wide);
            for (room, x) in rooms.zip(x.chunks_exact(n)) {
                room[..n].copy_from_slice(x);
            }
            products.add(simd);
        }
        products
    }
}

impl<L: Link> Evaluator for LinearPredictor<L> {
    fn value(&mut self, w: &[f64]) -> f64 {
        let (total, weight) = (self.total(w, None), self.weight());
        let squares: f64 = w[1..].iter().map(|w| w * w).sum();
        total * weight + 0.5 * self.ridge * squares
    }

    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        self.gradient(RowSelection::All, w, gradient)
    }

    fn batch_gradient(&mut self, w: &[f64], rows: &[u32], gradient: &mut [f64]) {
        self.gradient(RowSelection::These(rows), w, gradient);
    }

    fn hessian_product(&mut self, w: &[f64], d: &[f64], product: &mut [f64]) {
        product.fill(0.0);
        let weight = self.each(RowSelection::All, |x, _| {
            add(product, L::bend(dot(x, w)) * dot(x, d), x);
        });
        for (at, (product, d)) in product.iter_mut().zip(d).enumerate() {
            *product *= weight;
            if at > 0 {
                *product += self.ridge * d;
            }
        }
    }

    fn third_product(&mut self, w: &[f64], d: &[f64], e: &[f64], product: &mut [f64]) {
        product.fill(0.0);
        let weight = self.each(RowSelection::All, |x, _| {
            add(product, L::twist(dot(x, w)) * dot(x, d) * dot(x, e), x);
        });
        for product in product {
            *product *= weight;
        }
    }

    fn hessian(&mut self, w: &[f64]) -> DMatrix<f64> {
        let n = w.len();
        let products = Arch::new().dispatch(ProductsPass { fit: self, w });
        let sums = products.sums.as_flattened();
        let wide = products.chunks * LANES;
        let mut hessian = DMatrix::zeros(n, n);
        let weight = self.weight();
        for column in 0..n {
            for row in column..n {
                let mut entry = sums[column * wide + row] * weight;
                if row == column && row > 0 {
                    entry += self.ridge;
                }
                hessian[(row, column)] = entry;
                hessian[(column, row)] = entry;
            }
        }
        hessian
    }
}
