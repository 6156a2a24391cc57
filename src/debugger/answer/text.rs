//! Answers as text for people: every sentence that an answer is told in.

mod changed;
mod explained;
mod prediction;
mod report;
mod stopped;
mod tables;
