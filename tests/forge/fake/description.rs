//! What GitHub's own description of its API says of a request and of an answer. It is cut from `@octokit/openapi`: see `openapi/cut.py`.

use super::http::Request;
use flate2::read::GzDecoder;
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, LazyLock, Mutex};

static DESCRIPTION: LazyLock<Description> = LazyLock::new(Description::read);

/// How deep what an answer needs is made up.
const DEEPEST: usize = 12;

/// By operation, status and what was said in short: the whole answer, and why GitHub would not give it.
type Answers = BTreeMap<(&'static str, u16, Vec<u8>), (Vec<u8>, Option<String>)>;

struct Description {
    /// By method and path, as `GET /repos/{owner}/{repo}`.
    operations: Map<String, Value>,
    components: Value,
    /// By the text of the schema.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
    answers: Mutex<Answers>,
}

/// One operation of the API.
#[derive(Clone, Copy)]
pub struct Operation {
    pub name: &'static str,
    says: &'static Value,
}

/// The operation that a request is of.
pub fn operation(request: &Request) -> Option<Operation> {
    let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let fits = |name: &str| {
        let (method, template) = name.split_once(' ').unwrap();
        let template: Vec<&str> = template.trim_matches('/').split('/').collect();
        let is_open = template.last() == Some(&"{path}") && path.len() > template.len();
        let pairs = || template.iter().zip(&path);
        method == request.method
            && (template.len() == path.len() || is_open)
            && pairs().all(|(wanted, found)| wanted.starts_with('{') || wanted == found)
    };
    let found = DESCRIPTION.operations.iter().filter(|(name, _)| fits(name));
    // What is written out is meant before what stands for anything.
    let (name, says) = found.min_by_key(|(name, _)| name.matches('{').count())?;
    Some(Operation { name, says })
}

impl Operation {
    /// Why GitHub would not take this request.
    pub fn refuses(self, request: &Request) -> Option<String> {
        // A file is asked for as it is at the same address at which it is described.
        let is_file = self.name == "GET /repos/{owner}/{repo}/releases/assets/{asset_id}";
        let accept = if is_file { "application/octet-stream" } else { "application/vnd.github+json" };
        let headers = [("accept", accept), ("x-github-api-version", "2022-11-28")];
        let wrong = headers.iter().find(|(name, value)| request.header(name) != Some(value)).map(|(name, _)| format!("no `{name}`"));
        let nameless = || request.header("user-agent").is_none_or(str::is_empty).then(|| "no `user-agent`".to_owned());
        wrong
            .or_else(nameless)
            .or_else(|| self.refuses_path(request))
            .or_else(|| self.refuses_query(request))
            .or_else(|| self.refuses_body(request))
    }

    fn parameters(self, place: &'static str) -> impl Iterator<Item = (&'static str, &'static Value)> {
        let all = self.says["parameters"].as_array().unwrap().iter();
        all.filter(move |parameter| parameter["in"] == place).map(|parameter| (parameter["name"].as_str().unwrap(), parameter))
    }

    fn refuses_path(self, request: &Request) -> Option<String> {
        let template = self.name.split_once(' ').unwrap().1;
        let values: BTreeMap<&str, &str> = template.trim_matches('/').split('/').zip(request.path.trim_matches('/').split('/')).collect();
        self.parameters("path").find_map(|(name, parameter)| {
            let value = values.get(format!("{{{name}}}").as_str()).copied().unwrap_or_default();
            refuses_text(name, value, &parameter["schema"])
        })
    }

    fn refuses_query(self, request: &Request) -> Option<String> {
        let known: BTreeMap<&str, &Value> = self.parameters("query").collect();
        let wrong = request.query.iter().find_map(|(name, value)| match known.get(name.as_str()) {
            None => Some(format!("no parameter `{name}`")),
            Some(parameter) => refuses_text(name, value, &parameter["schema"]),
        });
        let too_many = || request.query.get("per_page").and_then(|size| size.parse().ok()).is_some_and(|size: u64| size > 100);
        wrong.or_else(|| too_many().then(|| "no more than 100 fit on a page".to_owned()))
    }

    fn refuses_body(self, request: &Request) -> Option<String> {
        let schema = &self.says["request"];
        if request.body.is_empty() {
            return self.says["needsBody"].as_bool().unwrap().then(|| "no body".to_owned());
        }
        let kinds = self.says["kinds"].as_array().unwrap();
        if kinds.iter().any(|kind| kind.as_str() == request.header("content-type")) {
            return None;
        }
        if schema.is_null() {
            return Some("a body that nobody reads".to_owned());
        }
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else { return Some("the body is no JSON".to_owned()) };
        let unknown = || {
            let known = schema["properties"].as_object()?;
            let name = body.as_object()?.keys().find(|name| !known.contains_key(*name))?;
            Some(format!("no property `{name}`"))
        };
        invalid(schema, &body).or_else(unknown)
    }

    /// An answer with everything that GitHub always says beside what matters here; made and judged once.
    pub fn completed(self, status: u16, body: &[u8]) -> (Vec<u8>, Option<String>) {
        let key = (self.name, status, body.to_vec());
        if let Some(known) = DESCRIPTION.answers.lock().unwrap().get(&key) {
            return known.clone();
        }
        let whole = complete(self.answer(status), serde_json::from_slice(body).unwrap_or(Value::Null), 0);
        let said = if body.is_empty() { Vec::new() } else { whole.to_string().into_bytes() };
        let judged = (said, self.forbids(status, &whole));
        DESCRIPTION.answers.lock().unwrap().insert(key, judged.clone());
        judged
    }

    /// Why GitHub would not answer like this.
    fn forbids(self, status: u16, body: &Value) -> Option<String> {
        let schema = self.answer(status);
        if schema.is_null() {
            let is_known = status >= 400 || self.says["responses"].get(status.to_string()).is_some();
            return (!is_known).then(|| format!("it never answers {status}"));
        }
        invalid(schema, body)
    }

    fn answer(self, status: u16) -> &'static Value {
        &self.says["responses"][status.to_string()]
    }
}

impl Description {
    fn read() -> Self {
        let mut text = String::new();
        GzDecoder::new(&include_bytes!("../openapi/openapi.json.gz")[..]).read_to_string(&mut text).unwrap();
        let mut whole: Value = serde_json::from_str(&text).unwrap();
        let Value::Object(operations) = whole["operations"].take() else { panic!("no operations") };
        Self { operations, components: whole["components"].take(), validators: Mutex::default(), answers: Mutex::default() }
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let made = validators.entry(schema.to_string()).or_insert_with(|| {
            let whole = json!({"allOf": [schema], "components": self.components});
            Arc::new(jsonschema::options().with_draft(Draft::Draft4).build(&whole).unwrap())
        });
        Arc::clone(made)
    }
}

fn invalid(schema: &Value, value: &Value) -> Option<String> {
    let validator = DESCRIPTION.validator(schema);
    validator.iter_errors(value).next().map(|error| format!("`{}`: {}", error.instance_path(), error))
}

fn refuses_text(name: &str, text: &str, schema: &Value) -> Option<String> {
    let number = || text.parse::<i64>().map(Value::from).ok();
    let candidates = [Some(Value::from(text)), number(), text.parse::<bool>().map(Value::from).ok()];
    let is_taken = candidates.into_iter().flatten().any(|value| invalid(schema, &value).is_none());
    (!is_taken || text.is_empty()).then(|| format!("`{name}` is not `{text}`"))
}

/// What a schema says, where it only names another.
fn named(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        Some(name) => named(&DESCRIPTION.components["schemas"][name.rsplit('/').next().unwrap()]),
        None => schema,
    }
}

fn options(schema: &'static Value) -> Option<&'static Vec<Value>> {
    schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array())
}

/// The value with whatever the schema asks for beside.
fn complete(schema: &'static Value, value: Value, depth: usize) -> Value {
    let schema = named(schema);
    if let Some(options) = options(schema) {
        let mut completed = options.iter().map(|option| (option, complete(option, value.clone(), depth)));
        let fits = completed.find(|(option, value)| invalid(option, value).is_none());
        return fits.map_or(value, |(_, value)| value);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return parts.iter().fold(value, |value, part| complete(part, value, depth));
    }
    match value {
        Value::Object(mut object) => {
            for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                if !object.contains_key(name) {
                    object.insert(name.to_owned(), made_up(&schema["properties"][name], depth + 1));
                }
            }
            let known = schema["properties"].as_object();
            let told = object.into_iter().map(|(name, value)| {
                let schema = known.and_then(|known| known.get(&name));
                let value = schema.map_or_else(|| value.clone(), |schema| complete(schema, value.clone(), depth + 1));
                (name, value)
            });
            Value::Object(told.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| complete(&schema["items"], item, depth + 1)).collect()),
        other => other,
    }
}

/// Something that the schema takes, and nobody reads.
fn made_up(schema: &'static Value, depth: usize) -> Value {
    let schema = named(schema);
    if depth > DEEPEST {
        return Value::Null;
    }
    if let Some(options) = options(schema) {
        let may_be_null = options.iter().any(|option| option["type"] == "null");
        return if may_be_null { Value::Null } else { made_up(&options[0], depth + 1) };
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let made = parts.iter().map(|part| made_up(part, depth + 1));
        return made.reduce(merged).unwrap_or(Value::Null);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("object") => complete(schema, json!({}), depth),
        Some("array") => json!([]),
        Some("string") => match schema["format"].as_str() {
            Some("uri") => json!("https://example.com/"),
            Some("date-time") => json!("2026-01-05T09:00:00Z"),
            _ => json!("x"),
        },
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(false),
        _ if schema["properties"].is_object() => complete(schema, json!({}), depth),
        _ => Value::Null,
    }
}

fn merged(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            one.extend(other);
            Value::Object(one)
        }
        (one, _) => one,
    }
}
