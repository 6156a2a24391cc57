//! The rights of command lines, by where they come from.

/// The rights of command lines.
///
/// Scenarios, walks, tours and saved sessions go from hand to hand: opening one must not change the files of whoever
/// opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rights {
    /// Everything: they were typed, or given on the command line.
    All,
    /// Everything but writing files.
    #[default]
    NoWriting,
}
