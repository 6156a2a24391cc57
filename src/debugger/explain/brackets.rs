//! Operators with their operands in a row, in brackets where those around bind tighter.

use crate::lang::syntax::{Infix, MINUS, NOT, Prefix};

/// The binding of what is no operation: tighter than any operator.
pub(super) const TIGHTEST: u8 = 9;

/// `-a` or `not a`, where an operator around it binds as `floor`; `operand` writes a for a binding.
pub(super) fn prefix(operator: Prefix, floor: u8, operand: impl FnOnce(u8) -> String) -> String {
    let (sign, binding) = match operator {
        Prefix::Minus => ("-", MINUS),
        Prefix::Not => ("not ", NOT),
    };
    bracket(format!("{sign}{}", operand(binding)), binding, floor)
}

/// The binding around the first operand of a chain that goes on with `operator`; `atomic` for a name or an element.
pub(super) fn left(operator: Option<Infix>, atomic: bool) -> u8 {
    let binding = operator.map_or(TIGHTEST, Infix::binding);
    match (operator == Some(Infix::Power), atomic) {
        (true, _) => binding + 1,
        // A sign in front of a product reads well without brackets.
        (false, true) => binding.min(Infix::Plus.binding()),
        (false, false) => binding,
    }
}

/// `first op ... op last`, where an operator around it binds as `floor`; `write` writes an operand for a binding.
pub(super) fn chain<'a, T: 'a>(
    first: String,
    rest: impl IntoIterator<Item = (Infix, &'a T)>,
    floor: u8,
    write: impl Fn(&T, u8) -> String,
) -> String {
    let mut text = first;
    let mut binding = TIGHTEST;
    for (operator, operand) in rest {
        binding = operator.binding();
        let is_power = operator == Infix::Power;
        let right = write(operand, if is_power { binding } else { binding + 1 });
        let symbol = operator.symbol();
        if binding >= Infix::Times.binding() && operator != Infix::At {
            text = format!("{text}{symbol}{right}");
        } else {
            text = format!("{text} {symbol} {right}");
        }
    }
    if text.starts_with('-') && floor > Infix::Plus.binding() {
        return format!("({text})");
    }
    bracket(text, binding, floor)
}

fn bracket(text: String, binding: u8, floor: u8) -> String {
    if binding < floor {
        format!("({text})")
    } else {
        text
    }
}
