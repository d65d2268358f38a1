//! A plan says what the policies in it say, and never what is secret.

use countersign::change::{Effort, compare_every, delta_digest};
use countersign::document::{Bounds, Syntax, parse};
use countersign::formats::terraform_plan::{Both, both};
use countersign::formats::{Reading, Setting, by_id};
use countersign::gate::{Form, Request, diff};
use countersign::systems::aws::Slot;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

const HOLDERS: &[&str] = &["a", "b"];
const ACTIONS: &[&str] = &["*", "s3:*", "s3:Get*", "s3:Put", "iam:PassRole"];
const RESOURCES: &[&str] = &["*", "arn:aws:s3:::a", "arn:aws:s3:::a*", "arn:aws:s3:::*b"];

/// The policies of each role: any number of documents.
type Side = BTreeMap<&'static str, Vec<Value>>;

fn policy() -> impl Strategy<Value = Value> {
    let statement = (prop::bool::weighted(0.3), prop::sample::select(ACTIONS), prop::sample::select(RESOURCES)).prop_map(
        |(denies, action, resource)| json!({ "Effect": if denies { "Deny" } else { "Allow" }, "Action": action, "Resource": resource }),
    );
    prop::collection::vec(statement, 0..3).prop_map(|statements| json!({ "Version": "2012-10-17", "Statement": statements }))
}

fn side() -> impl Strategy<Value = Side> {
    prop::collection::btree_map(prop::sample::select(HOLDERS), prop::collection::vec(policy(), 0..3), 0..3)
}

/// What the policies say when they are read one by one.
fn bare(side: &Side) -> Reading {
    let mut reading = Reading::default();
    for (role, policies) in side {
        for policy in policies {
            let setting = Setting {
                realm: Some("r".into()),
                holder: Some(format!("role/{role}").into()),
                slot: Some(Slot::Identity),
                ..Setting::default()
            };
            let file = parse("p.json", policy.to_string().as_bytes(), Syntax::Json, &Bounds::default()).unwrap();
            reading.join((by_id("aws-iam").unwrap().read)(&file, &setting));
        }
    }
    reading
}

/// How a policy gets to its role.
#[derive(Clone, Copy, Debug)]
enum Through {
    Inline,
    Attachment,
    Role,
}

/// An entry of `resource_changes`; none for what is on neither side.
fn change(kind: &str, name: &str, before: &Value, after: &Value) -> Option<Value> {
    marked(kind, name, [before, after], &json!({}))
}

fn marked(kind: &str, name: &str, [before, after]: [&Value; 2], sensitive: &Value) -> Option<Value> {
    let actions = match (before.is_null(), after.is_null()) {
        (true, true) => return None,
        (true, _) => "create",
        (_, true) => "delete",
        _ if before == after => "no-op",
        _ => "update",
    };
    let change = json!({ "actions": [actions], "before": before, "after": after, "after_unknown": {},
                         "before_sensitive": sensitive, "after_sensitive": sensitive });
    Some(json!({ "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "change": change }))
}

fn plan(base: &Side, head: &Side, through: Through) -> Value {
    let at = |side: &Side, role: &str, number: usize| side.get(role).and_then(|policies| policies.get(number)).map(Value::to_string);
    let mut changes = Vec::new();
    for role in HOLDERS {
        let numbers = 0..3;
        let inline = |side: &Side| -> Vec<Value> {
            numbers.clone().filter_map(|number| at(side, role, number)).map(|policy| json!({ "policy": policy })).collect()
        };
        if matches!(through, Through::Role) {
            let of = |side: &Side| json!({ "name": role, "inline_policy": inline(side) });
            changes.extend(change("aws_iam_role", role, &of(base), &of(head)));
            continue;
        }
        for number in numbers {
            let name = format!("{role}{number}");
            let arn = format!("arn:aws:iam::aws:policy/{name}");
            let of = |side: &Side, make: &dyn Fn(String) -> Value| at(side, role, number).map_or(Value::Null, make);
            if matches!(through, Through::Inline) {
                let make = |policy: String| json!({ "role": role, "policy": policy });
                changes.extend(change("aws_iam_role_policy", &name, &of(base, &make), &of(head, &make)));
                continue;
            }
            let policy = |policy: String| json!({ "name": name, "arn": arn, "policy": policy, "attachment_count": 1 });
            let attachment = |_| json!({ "role": role, "policy_arn": arn });
            changes.extend(change("aws_iam_policy", &name, &of(base, &policy), &of(head, &policy)));
            changes.extend(change("aws_iam_role_policy_attachment", &name, &of(base, &attachment), &of(head, &attachment)));
        }
    }
    json!({ "format_version": "1.2", "resource_changes": changes })
}

fn read(plan: &Value) -> Both {
    let setting = Setting { realm: Some("r".into()), ..Setting::default() };
    both(&Arc::from("plan.json"), plan.to_string().as_bytes(), &setting, &Bounds::default()).unwrap()
}

fn digest(before: &Reading, after: &Reading) -> String {
    delta_digest(&compare_every(&before.access, &after.access, &[], Effort::default()).entries)
}

proptest! {
    #[test]
    fn a_plan_changes_what_its_policies_change(
        base in side(),
        head in side(),
        through in prop::sample::select(vec![Through::Inline, Through::Attachment, Through::Role]),
    ) {
        let Both { before, after } = read(&plan(&base, &head, through));
        prop_assert_eq!(&after.diagnostics, &[]);
        prop_assert_eq!(digest(&before, &after), digest(&bare(&base), &bare(&head)), "{}", plan(&base, &head, through));
    }

    #[test]
    fn no_plan_is_too_broken_to_be_refused(cut in 0usize..2_000, byte in any::<u8>()) {
        let side = Side::from([("a", vec![json!({ "Version": "2012-10-17", "Statement": [] })])]);
        let mut bytes = plan(&side, &side, Through::Attachment).to_string().into_bytes();
        let at = cut % bytes.len();
        bytes[at] = byte;
        let path = Arc::from("plan.json");
        let _ = both(&path, &bytes, &Setting::default(), &Bounds::default());
        prop_assert!(both(&path, &bytes[..at], &Setting::default(), &Bounds::default()).is_err());
    }
}

/// Resources of many types, with that word wherever a text may stand.
fn secrets(text: &str) -> Vec<(&'static str, Value)> {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": format!("s3:{text}"), "Resource": "*" }] });
    vec![
        (
            "aws_iam_role",
            json!({ "name": text, "assume_role_policy": policy.to_string(), "inline_policy": [{ "policy": policy.to_string() }],
            "managed_policy_arns": [text], "permissions_boundary": text }),
        ),
        ("aws_iam_policy", json!({ "name": text, "arn": text, "policy": policy.to_string() })),
        ("aws_iam_policy", json!({ "name": text, "arn": text, "policy": text })),
        ("aws_iam_role_policy", json!({ "role": text, "policy": text })),
        ("aws_iam_role_policy_attachment", json!({ "role": text, "policy_arn": text })),
        ("aws_iam_policy_attachment", json!({ "roles": [text], "users": [text], "groups": [text], "policy_arn": text })),
        ("aws_iam_user_group_membership", json!({ "user": text, "groups": [text] })),
        ("aws_sqs_queue_policy", json!({ "queue_url": text, "policy": policy.to_string() })),
        ("aws_s3_bucket", json!({ "bucket": text, "acl": text, "grant": [{ "id": text }] })),
        ("aws_s3_access_point", json!({ "name": text, "public_access_block_configuration": [{ "block_public_acls": text }] })),
        ("aws_s3_bucket_ownership_controls", json!({ "bucket": text, "rule": [{ "object_ownership": text }] })),
        (
            "aws_api_gateway_rest_api",
            json!({ "name": text, "body": json!({ "x-amazon-apigateway-policy": policy, "info": text }).to_string() }),
        ),
        ("aws_api_gateway_rest_api", json!({ "name": text, "body": format!("x-amazon-apigateway-policy: [{text}") })),
        ("aws_kms_key_policy", json!({ "key_id": text, "policy": policy.to_string() })),
        ("google_storage_bucket", json!({ "name": text, "public_access_prevention": text, "visibility": text })),
        ("aws_organizations_policy", json!({ "name": text, "content": policy.to_string(), "type": text })),
        (
            "aws_lambda_permission",
            json!({ "function_name": text, "action": text, "principal": text, "source_arn": text, "qualifier": text }),
        ),
        ("kubernetes_cluster_role", json!({ "metadata": [{ "name": text }], "rule": [{ "verbs": [text], "resources": [text] }] })),
        (
            "kubernetes_role_binding",
            json!({ "metadata": [{ "name": text }], "role_ref": [{ "name": text }], "subject": [{ "name": text }] }),
        ),
        ("kubernetes_manifest", json!({ "manifest": { "apiVersion": "rbac.authorization.k8s.io/v1", "kind": text } })),
        ("kubectl_manifest", json!({ "yaml_body": format!("{text}: [") })),
        ("google_project_iam_member", json!({ "member": text })),
        ("helm_release", json!({ "values": [text] })),
    ]
}

fn secret_plan(sensitive: &Value) -> Value {
    let pairs = secrets("Hidden1").into_iter().zip(secrets("Hidden2")).enumerate();
    let changes: Vec<Value> = pairs
        .filter_map(|(number, ((kind, before), (_, after)))| marked(kind, &format!("n{number}"), [&before, &after], sensitive))
        .collect();
    json!({ "format_version": "1.2", "resource_changes": changes.clone(), "resource_drift": changes })
}

fn said(path: PathBuf) -> String {
    let request = Request { base: "/dev/null".into(), head: "/dev/null".into(), plans: vec![path], ..Request::of_sides_in("/".as_ref()) };
    let change = match diff(&request) {
        Ok(change) => change,
        Err(error) => return countersign::gate::details(&error) + &countersign::gate::explain(&error),
    };
    [Form::Text, Form::Json, Form::Markdown, Form::Sarif, Form::CodeQuality].map(|form| change.render(form, false).unwrap()).join("\n")
}

#[test]
fn what_is_secret_is_said_in_no_form() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plan.json");
    let text = secret_plan(&json!(true)).to_string();
    std::fs::write(&path, &text).unwrap();
    let told = said(path.clone());
    assert!(told.contains("undecided") && !told.to_lowercase().contains("hidden"), "{told}");
    // Nor is a line of a plan that cannot be read.
    std::fs::write(&path, &text[..text.len() - 40]).unwrap();
    let told = said(path.clone());
    assert!(told.contains("plan cannot be read") && !told.to_lowercase().contains("hidden"), "{told}");
    // What is not marked as secret is said: the test can fail.
    std::fs::write(&path, secret_plan(&json!(false)).to_string()).unwrap();
    assert!(said(path).to_lowercase().contains("hidden"));
}

#[test]
fn a_committed_plan_that_cannot_be_read_is_not_quoted() {
    let directory = tempfile::tempdir().unwrap();
    let text = secret_plan(&json!(true)).to_string();
    for cut in [text.len() - 40, "{\"format_version\":\"1.2\",\"res".len()] {
        // What is left of the second is no plan any more.
        let head = text[..cut].replace("\"res", "\"db\":\"Hidden");
        for (side, text) in [("base", &text), ("head", &head)] {
            std::fs::create_dir_all(directory.path().join(side)).unwrap();
            std::fs::write(directory.path().join(side).join("plan.json"), text).unwrap();
        }
        let change = diff(&Request::of_sides_in(directory.path())).unwrap();
        let forms = [Form::Text, Form::Json, Form::Markdown, Form::Sarif, Form::CodeQuality];
        let told = forms.map(|form| change.render(form, false).unwrap()).join("\n");
        assert!(told.contains("undecided") && !told.to_lowercase().contains("hidden"), "{told}");
    }
}

/// A plan of that many bytes, mostly about machines, in which one role gains something.
fn large(bytes: usize) -> String {
    let machine = |number: usize| json!({ "ami": "x", "tags": { "number": number, "text": "y".repeat(1_000) }, "ids": [1, 2, 3, 4] });
    let mut text = String::from("{\"format_version\":\"1.2\",\"resource_changes\":[");
    let role = |action: &str| json!({ "role": "r", "policy": json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] }).to_string() });
    text += &change("aws_iam_role_policy", "p", &role("s3:Get"), &role("s3:*")).unwrap().to_string();
    for number in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push(',');
        text += &change("aws_instance", &format!("m{number}"), &machine(number), &machine(number + 1)).unwrap().to_string();
    }
    text + "]}"
}

#[test]
fn a_plan_is_walked_and_may_hold_more_than_a_tree() {
    let text = large(2 << 20);
    let bounds = Bounds { nodes: 100, ..Bounds::default() };
    let Both { before, after } = both(&Arc::from("plan.json"), text.as_bytes(), &Setting::default(), &bounds).unwrap();
    assert_eq!(compare_every(&before.access, &after.access, &[], Effort::default()).entries.len(), 1);
    assert!(parse("plan.json", text.as_bytes(), Syntax::Json, &bounds).is_err());
}

/// `cargo test --release --test laws -- --ignored a_plan_of_256` says how long it takes.
#[test]
#[ignore = "takes long without optimization"]
fn a_plan_of_256_mebibytes_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plan.json");
    std::fs::write(&path, large((256 << 20) - (1 << 16))).unwrap();
    let told = said(path);
    assert!(told.contains("1 gained"), "{told}");
}
