//! The terminal: a screen to draw on.
mod motion;
mod painter;
mod pen;

pub use self::painter::Painter;
