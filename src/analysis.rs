//! Analysis of a run without running it: spectra and minima, closed forms, and the stability of any rule
//! from the derivative of one of its iterations.

pub mod claim;
pub mod dual;
pub mod jacobian;
pub mod minima;
pub mod minimum;
pub mod spectrum;
pub mod stability;
pub mod theory;
pub mod unknown;

pub use claim::{Claim, ClaimKind};
pub use jacobian::{Boundary, Jacobian};
pub use minima::Minima;
pub use minimum::{Basin, Origin, Reference};
pub use spectrum::Spectrum;
pub use stability::{LocalModes, Prediction, Regime, Stability};
pub use unknown::{Known, Unknown};
