//! Words of other debuggers and editors: they run the command meant, or say which that is.

/// Words that somebody may type out of habit.
#[derive(Debug, Clone, Copy)]
pub struct Habit {
    /// The words; of two, the first may be shortened as a command's name.
    pub words: &'static [&'static str],
    /// The command that is meant.
    pub means: Meaning,
}

/// The meaning of a habit.
#[derive(Debug, Clone, Copy)]
pub enum Meaning {
    /// The same as these words, before the rest of the line.
    Runs(&'static str),
    /// Nothing; the error's help says this.
    Says(&'static str),
}

use Meaning::{Runs, Says};

/// Those of gdb, pdb and vi.
#[rustfmt::skip]
pub const HABITS: &[Habit] = &[
    Habit { words: &["reverse-continue", "rev-continue"], means: Runs("rcontinue") },
    Habit { words: &["reverse-step", "reverse-next", "rs", "rn"], means: Runs("back") },
    Habit { words: &["reverse-stepi", "reverse-nexti", "rsi", "rni"], means: Runs("lineback") },
    Habit { words: &["stepi", "nexti", "si", "ni"], means: Runs("line") },
    Habit { words: &["advance"], means: Runs("until") },
    Habit { words: &["jump", "seek"], means: Runs("goto") },
    Habit { words: &["undisplay", "clear", "cl", "unwatch"], means: Runs("delete") },
    Habit { words: &["delete breakpoints", "delete display"], means: Runs("delete") },
    Habit { words: &["hbreak"], means: Runs("break") },
    Habit { words: &["thbreak"], means: Runs("tbreak") },
    Habit { words: &["rwatch", "awatch"], means: Runs("watch") },
    Habit { words: &["tracepoint", "dprintf"], means: Runs("trace") },
    Habit { words: &["inspect", "output", "eval", "pp"], means: Runs("print") },
    Habit { words: &["info breakpoints", "info watchpoints", "info display", "info break", "info b", "info watch"], means: Runs("info stops") },
    Habit { words: &["info locals", "info args", "info registers", "args"], means: Runs("info variables") },
    Habit { words: &["info threads", "info inferiors"], means: Runs("info lanes") },
    Habit { words: &["info frame", "info line", "info source", "info stack", "bt", "backtrace", "where", "frame", "longlist", "ll", "disassemble"], means: Runs("list") },
    Habit { words: &["set var", "set variable"], means: Runs("set") },
    Habit { words: &["show"], means: Runs("info") },
    Habit { words: &["thread", "switch"], means: Runs("lane") },
    Habit { words: &["q!", "quit!", "exit!", "kill"], means: Runs("quit") },
    Habit { words: &["wq", "x!"], means: Says("`save FILE`, and then `quit`") },
    Habit { words: &["write"], means: Runs("save") },
    Habit { words: &["apropos"], means: Runs("help") },
    Habit { words: &["run", "start", "starti", "go", "play"], means: Says("`continue` runs to the next stop, `step N` runs N iterations, `restart` goes back to t = 0") },
    Habit { words: &["finish"], means: Says("`step` finishes an iteration that has begun, `until EXPR` runs until EXPR holds") },
    Habit { words: &["return", "call"], means: Says("`set NAME=EXPR` changes a value, `print EXPR` shows one") },
    Habit { words: &["condition", "commands"], means: Says("`break line N if EXPR` has a condition, `trace EXPR` logs a value") },
    Habit { words: &["ptype", "whatis"], means: Says("`info variables` shows what each name is") },
    Habit { words: &["source", "load", "file", "attach"], means: Says("`eigenstep exec FILE` executes a file of commands, `eigenstep FILE` opens a session") },
    Habit { words: &["checkpoint"], means: Says("`fork` begins a lane here, `goto T` returns to any iteration") },
    Habit { words: &["echo", "printf"], means: Says("`print EXPR` shows a value, `display EXPR` at every stop") },
    Habit { words: &["catch", "handle", "signal"], means: Says("`break EXPR` stops when EXPR becomes true; a run stops by itself where numbers fail") },
    Habit { words: &["hook", "diff", "open", "exec", "serve", "rules", "losses", "essay", "snapshot", "check", "man"], means: Says("that is a command of the shell: `eigenstep COMMAND --help`") },
    Habit { words: &["redo"], means: Says("an edit that was undone is made again with `set`") },
];
