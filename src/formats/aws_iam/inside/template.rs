//! Templates of `CloudFormation` and of the frameworks that are written as such:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-reference.html>.
//!
//! Their values are worked out when a stack is made. The parts that are about access are undecided where they differ; the rest says
//! nothing.

use super::{Part, Walk, text_of};
use crate::document::Node;
use crate::systems::content_digest;
use memchr::memmem;
use std::collections::HashMap;

const RESOURCE: &str = "what this resource of a template gives is worked out when the stack is made";
const PROPERTY: &str = "this property of a template is worked out when the stack is made";
const REFERRED: &str = "a part of this template that is about access is made from this";

/// Services that are about nothing else than access.
const SERVICES: &[&str] =
    &["AccessAnalyzer", "IAM", "IdentityStore", "LakeFormation", "RAM", "RolesAnywhere", "SSO", "VerifiedPermissions"];

/// Words of a type of resource that is about access.
const TYPES: &[&str] = &["Access", "Authorizer", "Grant", "IdentityPool", "Member", "Permission", "Policy", "Principal", "Role", "Share"];

/// Types whose names have such a word, and that are about something else.
const OTHER_TYPES: &[&str] = &[
    "CachePolicy",
    "CloudFrontOriginAccessIdentity",
    "ContinuousDeploymentPolicy",
    "FirewallPolicy",
    "LifecyclePolicy",
    "NetworkInsightsAccessScope",
    "NetworkInsightsAccessScopeAnalysis",
    "OriginAccessControl",
    "OriginRequestPolicy",
    "ResponseHeadersPolicy",
    "ScalingPolicy",
];

/// Types that stand for templates which are somewhere else, and what SAM makes policies of.
const OTHER_MAKERS: &[&str] =
    &["AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet", "AWS::Serverless::Application", "AWS::Serverless::Connector"];

/// How a resource is marked of which a macro makes another one.
const MACROS: &[&str] = &["Fn::Transform", "!Transform"];

/// How the names of properties end that hold access.
const ENDINGS: &[&str] =
    &["Policy", "Policies", "PolicyDocument", "PolicyArn", "ManagedPolicyArns", "Principal", "Principals", "Permissions"];

/// Properties that open something to somebody.
const OPENING: &[&str] = &[
    "AccessConfig",
    "AccessControl",
    "AccessEntries",
    "AllowUnauthenticatedIdentities",
    "Auth",
    "AuthType",
    "AuthenticationType",
    "AuthorizationType",
    "Connectors",
    "PublicAccessBlockConfiguration",
];

/// Properties whose names end like those of access, and that are about something else.
const OTHERS: &[&str] = &[
    "BackupPolicy",
    "CreationPolicy",
    "DeletionPolicy",
    "LifecyclePolicy",
    "MinimumProtocolPolicy",
    "OriginProtocolPolicy",
    "RedrivePolicy",
    "RestartPolicy",
    "RetryPolicy",
    "ScalingPolicies",
    "ScalingPolicy",
    "SslPolicy",
    "TerminationPolicies",
    "UpdatePolicy",
    "UpdateReplacePolicy",
    "ViewerProtocolPolicy",
];

/// Whether the document is a template: it has resources of AWS. The version of the format may be left out.
pub(super) fn is_one(document: &Node) -> bool {
    let resources = document.get("Resources").and_then(Node::entries).unwrap_or_default();
    let is_resource = |(name, resource): &(Node, Node)| {
        let kind = kind_of(resource);
        kind.starts_with("AWS::") || is_module(kind) || text_of(name).starts_with("Fn::")
    };
    document.get("AWSTemplateFormatVersion").is_some() && document.get("Resources").is_some() || resources.iter().any(is_resource)
}

/// Whether these bytes are a template in YAML, which may be in a file of any name.
pub fn looks_like_one(bytes: &[u8]) -> bool {
    let starts = |line: &[u8]| line.starts_with(b"AWSTemplateFormatVersion:") || line.starts_with(b"Resources:");
    memmem::find(bytes, b"AWS::").is_some() && bytes.split(|byte| *byte == b'\n').any(starts)
}

pub(super) fn read(walk: &mut Walk, document: &Node) {
    for (section, node) in document.entries().unwrap_or_default() {
        let section = text_of(section);
        walk.under(section, |walk| match (section, node.entries()) {
            ("Resources", Some(resources)) => walk.resources(resources),
            ("Resources" | "Transform", _) if contains(node, "AWS::Include") || section == "Resources" => walk.add(node, RESOURCE),
            ("Globals", _) => walk.properties(node, String::new()),
            _ => walk.node(node),
        });
    }
    let referred = referred(document, &walk.found);
    walk.found.extend(referred);
}

impl Walk {
    fn resources(&mut self, resources: &[(Node, Node)]) {
        for (name, resource) in resources {
            self.under(text_of(name), |walk| if text_of(name).starts_with("Fn::") { walk.made(resource) } else { walk.resource(resource) });
        }
    }

    /// What a function makes resources of: of `Fn::ForEach` the last item is what they are alike in. All of it counts if that is about
    /// access, with what it goes through, and so does what cannot be taken apart.
    fn made(&mut self, node: &Node) {
        let alike = node.items().and_then(|items| items.last()?.entries());
        let before = self.found.len();
        if let Some(resources) = alike {
            self.resources(resources);
        }
        if alike.is_none() || self.found.len() > before {
            self.found.truncate(before);
            self.add(node, RESOURCE);
        }
    }

    fn resource(&mut self, resource: &Node) {
        let kind = kind_of(resource);
        let mut parts = kind.split("::").skip(1);
        let is_service = parts.next().is_some_and(|service| SERVICES.contains(&service));
        let is_type = parts.next().is_some_and(|name| !OTHER_TYPES.contains(&name) && TYPES.iter().any(|word| name.contains(word)));
        let is_made_elsewhere = || OTHER_MAKERS.contains(&kind) || is_module(kind);
        if is_service || is_type || is_made_elsewhere() || MACROS.iter().any(|mark| contains(resource, mark)) {
            return self.add(resource, RESOURCE);
        }
        self.properties(resource, resource.get("Condition").map(Node::canonical).unwrap_or_default());
    }

    /// What of a resource is about access, or of what SAM gives to all of a type.
    fn properties(&mut self, node: &Node, condition: String) {
        self.condition = Some(condition);
        self.node(node);
        self.condition = None;
    }
}

/// Why a property of that name is about access, if it is.
pub(super) fn told(name: &str) -> Option<&'static str> {
    let ends = || ENDINGS.iter().any(|end| name.ends_with(end)) && !OTHERS.contains(&name);
    // What a loop goes through stands beside what it makes.
    (OPENING.contains(&name) || ends() || name.starts_with("Fn::ForEach")).then_some(PROPERTY)
}

/// Whether a type is that of resources which are registered under one name.
fn is_module(kind: &str) -> bool {
    kind.ends_with("::MODULE")
}

fn kind_of(resource: &Node) -> &str {
    resource.get("Type").map_or("", text_of)
}

fn contains(node: &Node, word: &str) -> bool {
    node.canonical().contains(word)
}

/// Parameters, mappings and conditions that the parts which were found name, as in `${Name}`, and those that these are made from.
fn referred(document: &Node, found: &[Part]) -> Vec<Part> {
    let sections = ["Parameters", "Mappings", "Conditions", "Globals"].iter();
    let named = sections.flat_map(|section| document.get(section).and_then(Node::entries).unwrap_or_default());
    let mut named: HashMap<String, &Node> = named.map(|(name, node)| (text_of(name).to_owned(), node)).collect();
    let mut texts: Vec<String> = found.iter().map(|part| part.says.clone()).collect();
    let mut found = Vec::new();
    while let Some(text) = texts.pop() {
        for word in text.split(|letter: char| !letter.is_alphanumeric()) {
            if let Some(node) = named.remove(word) {
                let says = node.canonical();
                found.push(Part { span: node.span, digest: content_digest(&[word, &says]), says: says.clone(), why: REFERRED });
                texts.push(says);
            }
        }
    }
    found
}
