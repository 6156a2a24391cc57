//! Settings of rules that each step some tensors of a run.

use crate::{
    error::Result, lang::identifier::identifier, rule, runs::RuleTensors, scenario::Target,
};

/// True if the setting `target` is one of the rule of `of`: its lane is that rule, or there is none and the rule has such a
/// setting, or none of `all` has, which the rule then says.
///
/// # Errors
/// A rule that there is not.
pub(super) fn is_of(target: &Target, of: &RuleTensors, all: &[RuleTensors]) -> Result<bool> {
    if let Some(lane) = &target.lane {
        let is_one = |it: &RuleTensors| *lane == it.rule || *lane == identifier(&it.rule);
        return Ok(is_one(of) || !all.iter().any(is_one));
    }
    let has = |it: &RuleTensors| -> Result<bool> {
        Ok(rule::load(&it.rule)?.declaration(&target.name).is_some())
    };
    let mut others = Vec::new();
    for it in all {
        others.push(has(it)?);
    }
    Ok(has(of)? || !others.contains(&true))
}
