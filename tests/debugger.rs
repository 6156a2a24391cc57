//! What one expects of a debugger, as stories: commands in, answers out.

mod debugger {
    pub mod bench;
    mod bursts;
    mod claims;
    mod commands;
    mod completion;
    mod edits;
    mod elements;
    mod explaining;
    mod expressions;
    mod halting;
    mod help;
    mod interruption;
    mod lanes;
    mod minima;
    mod past;
    mod precision;
    mod properties;
    mod quadratics;
    pub mod saving;
    mod schedules;
    mod stops;
    mod stories;
    mod theory;
    mod time;
}
