//! JSON Pointers (RFC 6901), with `*` for each entry of a list.

use std::str::FromStr;

use serde_json::Value;

/// A place in a JSON text: `/data/items`, `/committees/*/id`; the empty pointer is the whole of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

impl FromStr for Pointer {
    type Err = String;

    fn from_str(text: &str) -> Result<Pointer, String> {
        if text.is_empty() {
            return Ok(Pointer::default());
        }
        let steps = text.strip_prefix('/').ok_or("a JSON Pointer, which begins with / (\"/id\", \"/organ/namn\")")?;
        Ok(Pointer(steps.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect()))
    }
}

impl Pointer {
    /// What stands there; `null` counts as nothing.
    pub fn first<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.all(value).into_iter().next()
    }

    /// All that stands there: several values where the pointer has a `*`.
    pub fn all<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        let mut found = vec![value];
        for step in &self.0 {
            found = found.into_iter().flat_map(|value| below(value, step)).collect();
        }
        found.retain(|value| !value.is_null());
        found
    }
}

fn below<'a>(value: &'a Value, step: &str) -> Vec<&'a Value> {
    match value {
        Value::Array(items) if step == "*" => items.iter().collect(),
        Value::Array(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)).into_iter().collect(),
        Value::Object(entries) => entries.get(step).into_iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_leads_to_what_it_says() {
        let value = json!({"a": {"b/c": [1, 2]}, "m": [{"id": 5}, {"id": null}, {"id": 7}], "": 3, "n": null});
        let cases = [
            ("/a/b~1c/1", vec![json!(2)]),
            ("/m/*/id", vec![json!(5), json!(7)]),
            ("/", vec![json!(3)]),
            ("/n", vec![]),
            ("/a/x", vec![]),
            ("/m/9/id", vec![]),
        ];
        for (text, expect) in cases {
            let pointer: Pointer = text.parse().unwrap();
            assert_eq!(pointer.all(&value).into_iter().cloned().collect::<Vec<_>>(), expect, "{text}");
        }
        assert!("id".parse::<Pointer>().is_err());
    }
}
