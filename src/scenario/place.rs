//! Places that the parts of a scenario were read from.

use super::Target;
use crate::error::{Error, Source, Span};
use std::{collections::BTreeMap, sync::Arc};

/// A part of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceKey {
    /// The rule of a lane, counted from 0.
    Rule(usize),
    /// The name of a setting.
    Setting(Target),
    /// The value of a setting.
    Value(Target),
    /// A command, counted from 0.
    Command(usize),
    /// A flag that is given once, or a key of the file, by its name.
    Named(&'static str),
}

/// Places of the parts that were read from a text.
///
/// Two scenarios that say the same are equal wherever they were read, so all `Places` are equal.
#[derive(Debug, Clone, Default)]
pub struct Places(BTreeMap<PlaceKey, (Arc<Source>, Span)>);

impl PartialEq for Places {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Places {
    /// Notes that `key` stands at `span`.
    pub fn note(&mut self, key: PlaceKey, source: &Arc<Source>, span: Span) {
        self.0.insert(key, (Arc::clone(source), span));
    }

    /// Forgets the places of rules and settings.
    pub(super) fn forget_rules(&mut self) {
        self.0
            .retain(|key, _| matches!(key, PlaceKey::Named(_) | PlaceKey::Command(_)));
    }

    /// The place of `key`, if it was read from a text.
    #[must_use]
    pub fn find(&self, key: &PlaceKey) -> Option<(&Arc<Source>, Span)> {
        let (source, span) = self.0.get(key)?;
        Some((source, *span))
    }

    /// `error` with the place of `key`, unless it has one.
    #[must_use]
    pub fn locate(&self, key: &PlaceKey, error: Error) -> Error {
        match self.find(key) {
            Some((source, span)) => error.located(source, span),
            None => error,
        }
    }
}
