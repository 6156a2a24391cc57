//! Mutations of eps: inside or outside the root, before or after the correction, or absent.

use crate::diff::{
    diagnosis::bank::{Bank, Values},
    finding::CauseKind,
};

pub(super) fn add(bank: &mut Bank, values: Values) {
    for guard in bank.anatomy.guards.clone() {
        // What is 0 stands nowhere.
        if values(&guard.eps) == Some(0.0) {
            continue;
        }
        let eps = guard.eps.as_str();
        let inner = bank.anatomy.text(guard.guarded);
        let second = bank.anatomy.second_correction().map(str::to_owned);
        let (square, root) = if guard.is_inside {
            (inner.to_owned(), format!("sqrt({inner})"))
        } else {
            (format!("({inner})^2"), format!("({inner})"))
        };
        let here = if guard.is_inside {
            format!("{eps} inside the square root")
        } else {
            format!("{eps} outside the square root")
        };
        let mut forms = vec![
            (
                format!("{eps} inside the square root"),
                format!("sqrt({square} + {eps})"),
            ),
            (
                format!("{eps} outside the square root"),
                format!("({root} + {eps})"),
            ),
            (
                format!("{eps}^2 inside the square root"),
                format!("sqrt({square} + {eps}^2)"),
            ),
            (
                format!("max(root, {eps}) in place of a sum"),
                format!("max({root}, {eps})"),
            ),
            (format!("no {eps}"), root.clone()),
        ];
        if let Some(second) = second {
            forms.push((
                format!("{eps} added to the root before the bias correction (scaled by 1/sqrt({second}))"),
                format!("({root} + {eps}/sqrt({second}))"),
            ));
            forms.push((
                format!("{eps} inside the square root before the bias correction (scaled by 1/({second}))"),
                format!("sqrt({square} + {eps}/({second}))"),
            ));
            forms.push((
                format!("{eps} scaled by sqrt({second})"),
                format!("({root} + {eps}*sqrt({second}))"),
            ));
        }
        for (what, text) in forms {
            if what != here {
                let edit = bank.edit().replace(guard.span, text);
                bank.add(CauseKind::Eps, what, here.clone(), edit);
            }
        }
    }
}
