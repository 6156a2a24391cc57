//! Enough of JSON Schema 2020-12 to hold answers to their schema: a keyword that it does not know is an
//! error, so that nothing is let through unseen.

use serde_json::Value;

/// A schema with its definitions.
pub struct Schema(Value);

/// Keywords that say nothing about what is allowed.
const NOTES: [&str; 6] = [
    "$schema",
    "title",
    "description",
    "$defs",
    "default",
    "format",
];

impl Schema {
    pub fn new(schema: Value) -> Self {
        Self(schema)
    }

    pub fn check(&self, value: &Value) -> Result<(), String> {
        self.holds(&self.0, value, "")
    }

    fn holds(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let Value::Object(keywords) = schema else {
            return match schema {
                Value::Bool(true) => Ok(()),
                _ => Err(format!("{at}: nothing is allowed here")),
            };
        };
        let fail = |what: &str| Err(format!("{at}: {what}: {value}"));
        for (keyword, rule) in keywords {
            match keyword.as_str() {
                note if NOTES.contains(&note) => {}
                "$ref" => {
                    let path = rule.as_str().unwrap().trim_start_matches('#');
                    let target = self.0.pointer(path).expect("a definition");
                    self.holds(target, value, at)?;
                }
                "type" => {
                    let allowed: Vec<&str> = match rule {
                        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
                        one => vec![one.as_str().unwrap()],
                    };
                    if !allowed.iter().any(|it| is_of(value, it)) {
                        return fail(&format!("not {}", allowed.join(" or ")));
                    }
                }
                "const" if rule != value => return fail(&format!("not {rule}")),
                "enum" if !rule.as_array().unwrap().contains(value) => {
                    return fail(&format!("not of {rule}"));
                }
                "const" | "enum" => {}
                "anyOf" | "oneOf" => {
                    let results = rule.as_array().unwrap().iter();
                    let results: Vec<_> = results.map(|it| self.holds(it, value, at)).collect();
                    let fits = results.iter().filter(|it| it.is_ok()).count();
                    if fits == 0 {
                        let deepest = results.into_iter().filter_map(Result::err);
                        let deepest = deepest.max_by_key(|flaw| flaw.find(": "));
                        return Err(deepest.unwrap_or_default());
                    }
                    if keyword == "oneOf" && fits > 1 {
                        return fail("fits more than one form");
                    }
                }
                "allOf" => {
                    for part in rule.as_array().unwrap() {
                        self.holds(part, value, at)?;
                    }
                }
                "required" => {
                    for name in rule.as_array().unwrap() {
                        let name = name.as_str().unwrap();
                        if value.get(name).is_none() {
                            return fail(&format!("has no `{name}`"));
                        }
                    }
                }
                "properties" => {
                    for (name, inner) in rule.as_object().unwrap() {
                        if let Some(field) = value.get(name) {
                            self.holds(inner, field, &format!("{at}/{name}"))?;
                        }
                    }
                }
                "additionalProperties" => {
                    let known = keywords.get("properties").and_then(Value::as_object);
                    for (name, field) in value.as_object().into_iter().flatten() {
                        if known.is_none_or(|known| !known.contains_key(name)) {
                            self.holds(rule, field, &format!("{at}/{name}"))?;
                        }
                    }
                }
                "items" | "prefixItems" | "minItems" | "maxItems" | "minimum" => {
                    self.holds_within(keyword, rule, value, at)?;
                }
                other => panic!("the schema has `{other}`, which is not looked at here"),
            }
        }
        Ok(())
    }

    /// The keywords of arrays, and bounds of sizes.
    fn holds_within(
        &self,
        keyword: &str,
        rule: &Value,
        value: &Value,
        at: &str,
    ) -> Result<(), String> {
        let items = || value.as_array().into_iter().flatten().enumerate();
        match keyword {
            "items" => {
                for (index, item) in items() {
                    self.holds(rule, item, &format!("{at}/{index}"))?;
                }
                return Ok(());
            }
            "prefixItems" => {
                for (inner, (index, item)) in rule.as_array().unwrap().iter().zip(items()) {
                    self.holds(inner, item, &format!("{at}/{index}"))?;
                }
                return Ok(());
            }
            _ => {}
        }
        let size = match value {
            Value::Array(items) => u32::try_from(items.len()).map(f64::from).unwrap(),
            Value::Number(number) => number.as_f64().unwrap(),
            // Bounds are for what has a size.
            _ => return Ok(()),
        };
        let limit = rule.as_f64().unwrap();
        let fits = if keyword == "maxItems" {
            size <= limit
        } else {
            size >= limit
        };
        if fits {
            Ok(())
        } else {
            Err(format!("{at}: {keyword} {limit}: {value}"))
        }
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    }
}
