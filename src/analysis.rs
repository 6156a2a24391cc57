//! What can be said about a run without running it: spectra, minima and closed forms.

pub mod minimum;
pub mod spectrum;
pub mod theory;

pub use minimum::{Origin, Reference};
pub use spectrum::Spectrum;
