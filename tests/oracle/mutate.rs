//! From one side to the next: the edits that people make, and some that they do not.

use super::condition;
use super::pair::{Document, Pair, Pool, statements, texts};
use super::random::Random;
use super::text::{recase, vary_action, vary_resource};
use countersign::systems::aws::Slot;
use serde_json::{Value, json};

/// A base of realistic policies, and a head that a few edits made of it.
pub fn pair(pool: &Pool, random: &mut Random) -> Pair {
    let slot = random.pick(&pool.documents).slot;
    let slot = if slot == Slot::Boundary && random.chance(50) { Slot::Identity } else { slot };
    let mut base = vec![pool.document(slot, random).clone()];
    if slot == Slot::Identity {
        for (slot, percent) in [(Slot::Identity, 40), (Slot::Identity, 15), (Slot::Boundary, 25)] {
            if random.chance(percent) {
                base.push(pool.document(slot, random).clone());
            }
        }
    }
    for _ in 0..random.below(4) {
        edit(&mut base, slot, pool, random);
    }
    // Edits in the words of the same policies overlap with what is there; those in the words of others mostly do not.
    let own = Pool { documents: base.clone() };
    let is_rich = own.documents.iter().any(|document| document.slot == slot)
        && own.documents.iter().all(|document| !statements(&document.policy).is_empty());
    let mut head = base.clone();
    for _ in 0..=random.below(if is_rich { 6 } else { 3 }) {
        edit(&mut head, slot, if is_rich && random.chance(65) { &own } else { pool }, random);
    }
    Pair { slot, base, head }
}

fn edit(documents: &mut Vec<Document>, slot: Slot, pool: &Pool, random: &mut Random) {
    if random.chance(4) && documents.len() < 3 {
        // A resource has one policy, and a boundary is one.
        if matches!(slot, Slot::Identity | Slot::ServiceControl) {
            documents.push(pool.document(slot, random).clone());
        }
    } else if random.chance(3) && !documents.is_empty() {
        documents.remove(random.below(documents.len()));
    } else if let Some(at) = (!documents.is_empty()).then(|| random.below(documents.len())) {
        let Document { slot, policy } = &mut documents[at];
        let mut list = statements(policy).to_vec();
        edit_statements(&mut list, *slot, pool, random);
        if random.chance(2) {
            policy["Version"] = json!("2008-10-17");
        }
        policy["Statement"] = if list.len() == 1 && random.chance(50) { list.remove(0) } else { Value::Array(list) };
    }
}

fn edit_statements(list: &mut Vec<Value>, slot: Slot, pool: &Pool, random: &mut Random) {
    if list.is_empty() {
        return list.push(pool.statement(slot, random));
    }
    let at = random.below(list.len());
    match random.below(20) {
        0 => drop(list.remove(at)),
        1 => list.push(pool.statement(slot, random)),
        2 => list.reverse(),
        3 => {
            let parts = split(&list[at], random);
            list.splice(at..=at, parts);
        }
        4 => {
            let other = list.remove(random.below(list.len()));
            if let Some(one) = list.last_mut() {
                merge(one, &other);
            } else {
                list.push(other);
            }
        }
        5..7 => {
            let mut copy = list[at].clone();
            if random.chance(50) {
                flip(&mut copy);
            }
            edit_statement(&mut copy, slot, pool, random);
            list.push(copy);
        }
        7 => flip(&mut list[at]),
        _ => edit_statement(&mut list[at], slot, pool, random),
    }
}

fn flip(statement: &mut Value) {
    statement["Effect"] = json!(if statement["Effect"] == "Allow" { "Deny" } else { "Allow" });
}

/// One statement for each action, or for each resource.
fn split(statement: &Value, random: &mut Random) -> Vec<Value> {
    let key = *random.pick(&["Action", "Resource"]);
    let list = texts(&statement[key]);
    if list.len() < 2 {
        return vec![statement.clone()];
    }
    let part = |text: &&str| {
        let mut part = statement.clone();
        part[key] = json!(text);
        part
    };
    list.iter().map(part).collect()
}

/// The actions and the resources of both, under the condition of the first.
fn merge(one: &mut Value, other: &Value) {
    for key in ["Action", "Resource"] {
        let joined = [texts(&one[key]), texts(&other[key])].concat();
        if one.get(key).is_some() && other.get(key).is_some() {
            one[key] = json!(joined);
        }
    }
}

fn edit_statement(statement: &mut Value, slot: Slot, pool: &Pool, random: &mut Random) {
    match random.below(10) {
        0..4 => condition::edit(statement, slot, pool, random),
        4..7 => edit_list(statement, ["Action", "NotAction"], slot, pool, random, vary_action),
        7 if statement.get("Principal").or_else(|| statement.get("NotPrincipal")).is_some() && slot != Slot::ResourceControl => {
            edit_principal(statement, slot, pool, random);
        }
        _ => edit_list(statement, ["Resource", "NotResource"], slot, pool, random, vary_resource),
    }
}

/// Edits the one of the two elements that is there.
fn edit_list(statement: &mut Value, keys: [&str; 2], slot: Slot, pool: &Pool, random: &mut Random, vary: fn(&str, &mut Random) -> String) {
    let Some(key) = keys.into_iter().find(|key| statement.get(key).is_some()) else { return };
    let mut list: Vec<String> = texts(&statement[key]).into_iter().map(str::to_owned).collect();
    let at = random.below(list.len().max(1));
    match random.below(8) {
        0 if list.len() > 1 => drop(list.remove(at)),
        1 => list.extend(texts(&pool.statement(slot, random)[key]).first().map(|text| (*text).to_owned())),
        2 => list.reverse(),
        3 if key.contains("Action") && !list.is_empty() => list[at] = recase(&list[at], random),
        4 if random.chance(40) => {
            let other = if key == keys[0] { keys[1] } else { keys[0] };
            statement.as_object_mut().unwrap().remove(key);
            return set(statement, other, list, random);
        }
        5 if !list.is_empty() => {
            let varied = vary(&list[at], random);
            list.push(varied);
        }
        _ if !list.is_empty() => list[at] = vary(&list[at], random),
        _ => {}
    }
    set(statement, key, list, random);
}

/// A list of one may stand as its item.
pub fn set(into: &mut Value, key: &str, mut list: Vec<String>, random: &mut Random) {
    into[key] = if list.len() == 1 && random.chance(60) { json!(list.remove(0)) } else { json!(list) };
}

/// Somebody else's principals, all of them, or the opposite.
fn edit_principal(statement: &mut Value, slot: Slot, pool: &Pool, random: &mut Random) {
    let object = statement.as_object_mut().unwrap();
    let key = if object.contains_key("Principal") { "Principal" } else { "NotPrincipal" };
    let value = object.remove(key).unwrap();
    let is_list = value.is_object() && value["AWS"] != "*";
    match random.below(6) {
        0 if is_list && key == "Principal" && object["Effect"] == "Deny" => drop(object.insert("NotPrincipal".to_owned(), value)),
        1 if key == "NotPrincipal" => drop(object.insert("Principal".to_owned(), value)),
        2 if key == "Principal" => drop(object.insert(key.to_owned(), json!({ "AWS": "*" }))),
        3 if is_list => {
            let mut value = value;
            for names in value.as_object_mut().unwrap().values_mut() {
                let mut list: Vec<String> = texts(names).into_iter().map(str::to_owned).collect();
                if list.len() > 1 && random.chance(60) {
                    list.remove(random.below(list.len()));
                }
                *names = json!(list);
            }
            object.insert(key.to_owned(), value);
        }
        _ => {
            let other = pool.statement(slot, random);
            let other = other.get("Principal").cloned().unwrap_or(value);
            object.insert("Principal".to_owned(), other);
        }
    }
}
