//! The walks that come with the program, in the order in which they tell their story.

use crate::error::Source;
use std::sync::Arc;

/// Name and text of every file in `src/walks`, sorted by name; the names begin with their numbers.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/walks.rs"));

/// The names, in order, without their numbers.
#[must_use]
pub fn names() -> Vec<&'static str> {
    EMBEDDED.iter().map(|(file, _)| plain(file)).collect()
}

/// The name of a file without the number before it.
fn plain(file: &'static str) -> &'static str {
    file.split_once('-').map_or(file, |(_, name)| name)
}

/// The text of the tour `name`, which may also be its number from 1.
#[must_use]
pub fn embedded(name: &str) -> Option<Arc<Source>> {
    let by_number = name
        .parse::<usize>()
        .ok()
        .and_then(|number| EMBEDDED.get(number.wrapping_sub(1)));
    let by_name = || EMBEDDED.iter().find(|(file, _)| plain(file) == name);
    let (file, text) = by_number.or_else(by_name)?;
    Some(Source::new(format!("{}.walk", plain(file)), *text))
}
