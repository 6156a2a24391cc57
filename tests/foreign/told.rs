//! The numbers that causes tell in words, held against those that they have as data.

use serde_json::Value;

/// The numbers in `text` that are data: not parts of names, exponents, or the 1 of `1 - beta` and `1/sqrt(t)`.
fn numbers_told(text: &str) -> Vec<f64> {
    let outside_names: String = text.split('`').step_by(2).collect::<Vec<&str>>().join("`");
    let text = outside_names.as_str();
    let mut told = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find(|c: char| c.is_ascii_digit()) {
        let start = at + next;
        let before = text[..start].chars().next_back().unwrap_or(' ');
        let digits = |from: usize| {
            let rest = &text[from..];
            from + rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len())
        };
        let mut end = digits(start);
        if text[end..].starts_with('.') && digits(end + 1) > end + 1 {
            end = digits(end + 1);
        }
        for sign in ["e-", "e"] {
            if text[end..].starts_with(sign) && digits(end + sign.len()) > end + sign.len() {
                end = digits(end + sign.len());
            }
        }
        let after = &text[end..];
        let is_name = before.is_alphanumeric()
            || "_.^[".contains(before)
            || after.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && !after.starts_with("th)")
            || after.starts_with('.') && after[1..].starts_with(char::is_alphabetic);
        let number = &text[start..end];
        let is_notation = number == "1" && (after.starts_with(" - ") || after.starts_with('/'));
        // The second of `5, 10, ... 100 (every 5th)`, and the rest of a list that is cut short.
        let is_counted = after.starts_with(", ... ") || after.starts_with(" more ");
        if !is_name && !is_notation && !is_counted && !after.starts_with("-bit") {
            told.push(number.parse().unwrap());
        }
        at = end;
    }
    told
}

/// The numbers of `value` outside of its texts.
fn numbers_of(value: &Value, found: &mut Vec<f64>) {
    match value {
        Value::Number(it) => found.extend(it.as_f64()),
        Value::Array(all) => all.iter().for_each(|it| numbers_of(it, found)),
        Value::Object(fields) => {
            for (name, it) in fields {
                if name != "text" {
                    numbers_of(it, found);
                }
            }
        }
        _ => {}
    }
}

/// Texts of `value` with the object that they stand in.
fn texts<'a>(value: &'a Value, found: &mut Vec<(&'a str, &'a Value)>) {
    match value {
        Value::Array(all) => all.iter().for_each(|it| texts(it, found)),
        Value::Object(fields) => {
            match fields.get("text") {
                Some(Value::String(text)) => found.push((text, value)),
                Some(Value::Object(sides)) => {
                    found.extend(sides.values().filter_map(|it| Some((it.as_str()?, value))));
                }
                _ => {}
            }
            fields.values().for_each(|it| texts(it, found));
        }
        _ => {}
    }
}

/// Checks that every number which a cause, or a line without a name, tells in words is a field of it; returns how
/// many numbers there were.
pub fn check_numbers(diagnosis: &Value) -> usize {
    let mut all = Vec::new();
    for part in ["explanations", "nearest", "partial", "open"] {
        texts(&diagnosis[part], &mut all);
    }
    let mut checked = 0;
    for (text, whole) in all {
        let mut fields = Vec::new();
        numbers_of(whole, &mut fields);
        // Shares are told in percent.
        fields.extend(whole["share"].as_f64().map(|share| (share * 100.0).round()));
        for told in numbers_told(text) {
            let is_same = |it: &f64| (told - it.abs()).abs() <= 2e-4 * it.abs();
            assert!(fields.iter().any(is_same), "{told} in no field: {whole:#}");
            checked += 1;
        }
    }
    checked
}

/// Checks that the best explanation was led on its own steps, or says why it could not be, and that the claim of it says
/// the same; returns true where it is unknown.
pub fn is_doubted(report: &Value) -> bool {
    let claims = report["claims"].as_array().unwrap();
    let Some(claim) = claims.iter().find(|it| it["kind"] == "explained_by") else {
        return false;
    };
    let best = &report["diagnosis"]["explanations"][0];
    let (verdict, alone) = (&claim["verdict"], &best["alone"]);
    if verdict == "fails" {
        assert!(!best["fails_at"].is_null(), "{report:#}");
        return false;
    }
    match (alone["found"].as_f64(), alone["most"].as_f64()) {
        (Some(found), Some(most)) if most < 0.1 => {
            assert_eq!(verdict == "holds", found <= most, "{report:#}");
        }
        (Some(_), _) => assert!(verdict["unknown"]["rounding"].is_object(), "{report:#}"),
        _ => assert_eq!(&verdict["unknown"]["unchecked"], alone, "{report:#}"),
    }
    verdict != "holds"
}
