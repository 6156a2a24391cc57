//! What has been changed by hand.

use crate::value::Value;
use serde::Serialize;
use std::fmt;

/// A setting or a variable that has been set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Set {
    /// The lane in which it is another one now: the fork where one was made.
    pub lane: String,
    /// The setting, the variable, or the element of one.
    pub name: String,
    /// Its value before.
    pub old: Value,
    /// Its value now.
    pub new: Value,
    /// When.
    pub t: u64,
    /// The lane that was forked, where the change was made in its past.
    pub forked_from: Option<String>,
}

/// An edit that has been taken back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Undone {
    /// The lane.
    pub lane: String,
    /// What had been set.
    pub name: String,
    /// When.
    pub t: u64,
    /// A lane that it runs like from then on, as a fork runs like its parent.
    pub same_as: Option<String>,
}

/// A lane that has been forked off another one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forked {
    /// The new lane.
    pub lane: String,
    /// The lane whose past it shares.
    pub from: String,
    /// Up to when.
    pub t: u64,
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.forked_from.is_some() {
            write!(f, "forked lane `{}` from here; ", self.lane)?;
        }
        let (old, new) = (self.old.flat(), self.new.flat());
        write!(f, "{}: {old} -> {new} at t = {}", self.name, self.t)
    }
}

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = self.name.split('[').next().unwrap_or("");
        write!(f, "took back the edit of {variable} at t = {}", self.t)?;
        match &self.same_as {
            Some(other) => write!(f, "; lane `{}` stays, the same as `{other}`", self.lane),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Forked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "lane `{}` forks from `{}` at t = {}",
            self.lane, self.from, self.t
        )
    }
}
