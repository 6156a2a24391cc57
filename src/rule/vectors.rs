//! A rule with settings that are vectors: a value of their own for each parameter.

use super::definition::{Rule, State};
use crate::{
    error::{Result, Source},
    lang::parse::expression,
};
use std::sync::Arc;

impl Rule {
    /// The same rule with the settings called `names` as states, which no line assigns and which begin at 0.
    ///
    /// Lines read them under the same names, element by element. A setting that the beginning of a state depends on
    /// stays a setting.
    ///
    /// # Errors
    /// None for rules that compile.
    pub fn with_vector_settings(self: &Arc<Self>, names: &[&str]) -> Result<Arc<Self>> {
        let mut rule = Self::clone(self);
        let initial = expression(&Source::new("a setting of groups", "0*w"))?;
        let mut states = Vec::new();
        rule.params.retain(|param| {
            let starts = self
                .states
                .iter()
                .any(|it| it.initial.mentions(&param.name));
            let stays = starts || !names.contains(&param.name.as_str());
            if !stays {
                states.push(State {
                    name: param.name.clone(),
                    initial: initial.clone(),
                    role: None,
                    doc: param.doc.clone(),
                });
            }
            stays
        });
        rule.states.extend(states);
        Ok(Arc::new(rule))
    }
}
