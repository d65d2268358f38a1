//! Requests near the policies of a pair: what their patterns match and just do not match, values on both sides of every bound, keys
//! that are missing, and keys with several values.

use super::condition::{Family, family, parts, vary};
use super::pair::{Pair, clauses, texts};
use super::random::Random;
use super::request::{ACCOUNT, Request, holder};
use super::text::{Context, arn_instance, instance, recase};
use countersign::systems::aws::Slot;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the policies of a pair speak of.
pub struct Vocabulary {
    slot: Slot,
    all: Words,
    /// Of each statement alone.
    each: Vec<Words>,
}

#[derive(Default)]
struct Words {
    actions: Vec<String>,
    resources: Vec<String>,
    principals: Vec<String>,
    /// By key in lower case: what is asked of it.
    keys: BTreeMap<String, Asked>,
}

#[derive(Default)]
struct Asked {
    values: Vec<(Family, String)>,
    /// By an operator for several values.
    several: bool,
    /// By an operator for one value, or as a variable.
    single: bool,
    /// As a variable.
    is_variable: bool,
}

impl Vocabulary {
    pub fn of(pair: &Pair) -> Self {
        let mut said = Self { slot: pair.slot, all: Words::default(), each: Vec::new() };
        for (statement, _) in pair.statements() {
            said.all.learn(statement);
            let mut words = Words::default();
            words.learn(statement);
            said.each.push(words);
        }
        said
    }

    /// Whether the key is given as a list: only where every operator that asks it can take one.
    pub fn is_list(&self, key: &str) -> bool {
        self.all.keys.get(&key.to_ascii_lowercase()).is_some_and(|asked| asked.several && !asked.single)
    }

    /// A request near one statement, or near any.
    pub fn request(&self, random: &mut Random) -> Request {
        let near = if self.each.is_empty() || random.chance(35) { &self.all } else { random.pick(&self.each) };
        let mut context = Context::new();
        for (key, asked) in &self.all.keys {
            let near = near.keys.get(key).filter(|asked| !asked.values.is_empty() && random.chance(75));
            if random.chance(if near.is_some() { 10 } else { 30 }) {
                continue;
            }
            let is_list = self.is_list(key) && random.chance(70);
            context.insert(key.clone(), near.unwrap_or(asked).value(is_list, random));
        }
        let action = match near.actions.as_slice() {
            [] => "s3:GetObject".to_owned(),
            _ if random.chance(3) => "zz:Unknown".to_owned(),
            actions => action(random.pick(actions).as_str(), random),
        };
        let resource = match near.resources.as_slice() {
            [] => "*".to_owned(),
            resources => arn_instance(random.pick(resources).as_str(), &context, random),
        };
        Request::new(self.slot, self.principal(near, random), action, resource, context)
    }

    fn principal(&self, near: &Words, random: &mut Random) -> String {
        if !matches!(self.slot, Slot::Resource | Slot::Trust) {
            return holder();
        }
        let words = if random.chance(30) { &self.all } else { near };
        let named: Vec<&String> = words.principals.iter().filter(|name| *name != "*").collect();
        if named.is_empty() || random.chance(15) {
            return format!("arn:aws:iam::{}:role/app", random.pick(&[ACCOUNT, "444455556666"]));
        }
        let name = random.pick(&named).as_str();
        match name.strip_suffix(":root") {
            Some(account) => format!("{account}:user/{}", random.pick(&["alice", "bob"])),
            None if name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()) => format!("arn:aws:iam::{name}:role/partner"),
            None => name.to_owned(),
        }
    }
}

impl Words {
    fn learn(&mut self, statement: &Value) {
        let all = |keys: [&str; 2]| keys.into_iter().flat_map(|key| texts(&statement[key])).map(str::to_owned).collect::<Vec<_>>();
        self.actions.extend(all(["Action", "NotAction"]));
        let resources = all(["Resource", "NotResource"]);
        for resource in &resources {
            self.variables_of(resource);
        }
        self.resources.extend(resources);
        for principal in ["Principal", "NotPrincipal"].map(|key| &statement[key]) {
            let of_kinds = principal.as_object().into_iter().flat_map(|kinds| kinds.values().flat_map(texts));
            self.principals.extend(of_kinds.map(str::to_owned));
        }
        for (operator, key, values) in clauses(statement) {
            for value in &values {
                self.variables_of(value);
            }
            let asked = self.keys.entry(key.to_ascii_lowercase()).or_default();
            let is_presence = family(&operator) == Family::Null;
            asked.several |= parts(&operator).0.is_some();
            asked.single |= parts(&operator).0.is_none() && !is_presence;
            asked.values.extend(values.into_iter().filter(|_| !is_presence).map(|value| (family(&operator), value)));
        }
    }

    fn variables_of(&mut self, text: &str) {
        for piece in text.split("${").skip(1) {
            let name = piece.split(['}', ',']).next().unwrap_or_default().trim().to_ascii_lowercase();
            if name.len() > 1 {
                let asked = self.keys.entry(name).or_default();
                asked.single = true;
                asked.is_variable = true;
                asked.values.extend(["alice", "a"].map(|name| (Family::Text, name.to_owned())));
            }
        }
    }
}

impl Asked {
    /// A text, or a list of texts.
    fn value(&self, is_list: bool, random: &mut Random) -> Value {
        if is_list { json!((0..random.below(4)).map(|_| self.one(random)).collect::<Vec<_>>()) } else { json!(self.one(random)) }
    }

    fn one(&self, random: &mut Random) -> String {
        if self.values.is_empty() {
            return random.pick(&["v", "w"]).to_string();
        }
        let (family, value) = random.pick(&self.values);
        let near = if random.chance(35) { vary(*family, value, random) } else { value.clone() };
        let nothing = Context::new();
        let value = match family {
            Family::Text => instance(&near, &nothing, random),
            Family::Arn => arn_instance(&near, &nothing, random).replace('*', "x"),
            Family::Address => address(&near, random),
            _ => near,
        };
        // The judge takes an empty value of a variable for none, and nobody has one.
        if value.is_empty() && self.is_variable { "a".to_owned() } else { value }
    }
}

fn action(pattern: &str, random: &mut Random) -> String {
    let Some((service, name)) = pattern.split_once(':') else {
        return random.pick(&["s3:GetObject", "iam:PassRole", "ec2:RunInstances"]).to_string();
    };
    let name = name.replace('*', random.pick::<&str>(&["", "a", "Object", "Tags", "Zz"])).replace('?', "a");
    let name = if name.is_empty() { "Any".to_owned() } else { name };
    let action = format!("{}:{name}", service.replace('*', "x").replace('?', "y"));
    if random.chance(10) { recase(&action, random) } else { action }
}

/// An address in the network, or right beside it.
fn address(network: &str, random: &mut Random) -> String {
    let (address, _) = network.split_once('/').unwrap_or((network, ""));
    if address.contains(':') || random.chance(40) {
        return address.to_owned();
    }
    let mut bytes: Vec<u8> = address.split('.').filter_map(|byte| byte.parse().ok()).collect();
    let at = random.below(bytes.len().max(1));
    if let Some(byte) = bytes.get_mut(at) {
        *byte = byte.wrapping_add(*random.pick(&[1, 255, 128]));
    }
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(".")
}
