//! A rule with settings that change or are vectors, as a recorded run has them.

use super::definition::{Rule, State};
use crate::{
    error::{Result, Source},
    lang::parse::expression,
};
use std::sync::Arc;

impl Rule {
    /// The same rule with some settings as states, which no line assigns and which begin at 0: vectors, with a value of
    /// their own for each parameter, and numbers, which may change from one iteration to the next.
    ///
    /// Lines read them under the same names, element by element. A setting that the beginning of a state depends on
    /// stays a setting.
    ///
    /// # Errors
    /// None for rules that compile.
    pub fn with_settings_as_states(
        self: &Arc<Self>,
        vectors: &[&str],
        numbers: &[&str],
    ) -> Result<Arc<Self>> {
        let mut rule = Self::clone(self);
        let vector = expression(&Source::new("settings of groups", "0*w"))?;
        let number = expression(&Source::new("settings of an iteration", "0"))?;
        let mut kept = Vec::new();
        for param in std::mem::take(&mut rule.params) {
            let name = param.name.as_str();
            let initial = if vectors.contains(&name) {
                &vector
            } else {
                &number
            };
            let is_wanted = vectors.contains(&name) || numbers.contains(&name);
            if !is_wanted || self.states.iter().any(|it| it.initial.mentions(name)) {
                kept.push(param);
                continue;
            }
            rule.states.push(State {
                name: param.name.clone(),
                initial: initial.clone(),
                role: None,
                doc: param.doc.clone(),
            });
            rule.recorded.push(param);
        }
        rule.params = kept;
        Ok(Arc::new(rule))
    }

    /// The same rule with these states as vectors: one number for each parameter, where the state is one for all of them.
    ///
    /// # Errors
    /// None for rules that compile.
    pub fn with_states_as_vectors(self: &Arc<Self>, names: &[&str]) -> Result<Arc<Self>> {
        let mut rule = Self::clone(self);
        for state in &mut rule.states {
            if names.contains(&state.name.as_str()) {
                let initial = self.source.slice(state.initial.span);
                let text = format!("0*w + ({initial})");
                state.initial = expression(&Source::new("a state of each parameter", text))?;
            }
        }
        Ok(Arc::new(rule))
    }
}
