//! The words by which a resource, an attribute or a text looks like access, where no table says what it is.
//!
//! The rules are those of docs/formats.md. Whoever is not sure is suspected.

use memchr::memmem;

/// Words of a type that is about access, between the underscores of its name.
const OF_TYPES: &[&str] = &[
    "access",
    "acl",
    "acls",
    "admin",
    "admins",
    "administrator",
    "administrators",
    "assignment",
    "assignments",
    "auth",
    "authentication",
    "authorization",
    "authorizer",
    "collaborator",
    "collaborators",
    "delegated",
    "delegation",
    "entitlement",
    "entitlements",
    "federated",
    "federation",
    "grant",
    "grants",
    "iam",
    "invitation",
    "lakeformation",
    "member",
    "members",
    "membership",
    "memberships",
    "oidc",
    "permission",
    "permissions",
    "policies",
    "policy",
    "principal",
    "principals",
    "privilege",
    "privileges",
    "rbac",
    "role",
    "roles",
    "saml",
    "share",
    "sharing",
    "ssoadmin",
    "trusted",
    "verifiedaccess",
    "verifiedpermissions",
    "visibility",
];

/// Providers that are about nothing else than who may do what.
const PROVIDERS: &[&str] = &[
    "auth0",
    "authentik",
    "azuread",
    "boundary",
    "googleworkspace",
    "jumpcloud",
    "keycloak",
    "okta",
    "onelogin",
    "teleport",
    "vault",
    "zitadel",
];

/// Whether the name of a type says that it is about access.
pub(super) fn is_type(name: &str) -> bool {
    let mut words = name.split('_');
    let is_provider = words.clone().next().is_some_and(|provider| PROVIDERS.contains(&provider));
    let is_user = name.ends_with("_user") || name.ends_with("_users");
    let lets_in = name.contains("_deploy_key") || name.contains("_deploy_token");
    is_provider || is_user || lets_in || words.any(|word| OF_TYPES.contains(&word))
}

/// Attributes that hold access, at whatever depth: with one of them, all of a resource counts.
const HOLDING: &[&str] = &[
    "access_control",
    "access_policies",
    "access_policy",
    "acl",
    "acls",
    "assume_role_policy",
    "grant",
    "grants",
    "iam_bindings",
    "iam_policy",
    "inline_policies",
    "inline_policy",
    "managed_policy_arns",
    "mapAccounts",
    "mapRoles",
    "mapUsers",
    "permission_set",
    "permissions",
    "permissions_boundary",
    "policies",
    "policy",
    "policy_arns",
    "policy_data",
    "policy_document",
    "policy_documents",
    "policy_json",
    "policy_text",
    "principal",
    "principals",
    "resource_policy",
    "role_binding",
    "role_bindings",
    "roleDefinitionId",
    "role_definition_id",
    "role_definition_name",
    "trust_policy",
];

/// Whether an attribute of that name holds access.
pub(super) fn holds_access(name: &str) -> bool {
    let ends = ["_data", "_document", "_documents", "_json", "_text"];
    let is_written_policy = || ends.iter().any(|end| name.strip_suffix(end).is_some_and(|what| what.ends_with("_policy")));
    HOLDING.contains(&name) || is_written_policy()
}

/// Words of attributes that open something, between underscores. Many resources have one, so that only its own change counts.
const OPENING: &[&str] = &[
    "acl",
    "acls",
    "admin",
    "admins",
    "administrator",
    "administrators",
    "anonymous",
    "authorization",
    "authorizations",
    "authorizer",
    "bindings",
    "collaborators",
    "federated",
    "grantee",
    "grantees",
    "grants",
    "impersonate",
    "impersonation",
    "member",
    "members",
    "oidc",
    "openid",
    "permission",
    "permissions",
    "principal",
    "principals",
    "privilege",
    "privileges",
    "rbac",
    "roles",
    "saml",
    "superuser",
    "trusted",
    "unauthenticated",
    "visibility",
];

/// How the names of attributes end that hold what somebody proves to be an account by, as `admin_username` of a machine.
const CREDENTIALS: &[&str] = &["_username", "_password", "_login", "_key", "_keys"];

/// Attributes that open something, by their whole names.
const OPENING_NAMES: &[&str] = &[
    "access",
    "account_ids",
    "allow_nested_items_to_be_public",
    "administrative",
    "authentication_mode",
    "authentication_type",
    "auth_type",
    "client_authentication",
    "enable_legacy_abac",
    "enabled_policy_types",
    "entity",
    "invoker_iam_disabled",
    "launch_permission",
    "matching_rule",
    "private",
    "public",
    "role_names",
    "shared_accounts",
    "special_group",
];

/// Whether an attribute of that name opens something to somebody.
pub(super) fn opens(name: &str) -> bool {
    let is_of_access = [name.strip_suffix("_level"), name.strip_suffix("_type"), name.strip_suffix("_string"), Some(name)]
        .into_iter()
        .flatten()
        .any(|name| name == "access" || name.strip_suffix("_access").is_some_and(|what| !what.ends_with("network")));
    let is_credential = CREDENTIALS.iter().any(|end| name.ends_with(end));
    is_of_access || OPENING_NAMES.contains(&name) || (!is_credential && name.split('_').any(|word| OPENING.contains(&word)))
}

/// What an attribute says as long as it holds access back, by its name.
const HOLDING_BACK: &[(&str, &str)] = &[
    ("iam_database_authentication_enabled", "true"),
    ("local_account_disabled", "true"),
    ("object_ownership", "BucketOwnerEnforced"),
    ("public_access_prevention", "enforced"),
    ("role_based_access_control_enabled", "true"),
];

/// What an attribute of that name says as long as it holds access back, if it does such a thing.
pub(super) fn holds_back(name: &str) -> Option<&'static str> {
    HOLDING_BACK.iter().find(|(attribute, _)| *attribute == name).map(|(_, value)| *value)
}

/// Attributes of a type that decide from where access comes to it, so that it counts where they change.
pub(super) fn opens_in(kind: &str) -> &'static [&'static str] {
    match kind {
        "aws_elasticache_replication_group" => &["auth_token", "user_group_ids"],
        "aws_elasticache_serverless_cache" => &["user_group_id"],
        "aws_organizations_account" | "aws_organizations_organizational_unit" => &["parent_id"],
        "aws_organizations_organization" => &["feature_set"],
        _ => &[],
    }
}

/// Whether what is opened by an attribute is opened by this value of it: the role that something runs as is named by its ARN or path.
pub(super) fn is_role(name: &str, value: &str) -> bool {
    (name == "role" || name.ends_with("_role")) && !value.is_empty() && !value.contains([':', '/', '$'])
}

/// Whether a text speaks of access in the words of a system, so that all that it stands in counts: a policy of AWS, a manifest of Kubernetes, the map of
/// users of a cluster, or everybody.
pub(super) fn is_in_words_of_a_system(text: &str) -> bool {
    let has = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let has_policy_arn = || has(":iam::") && has(":policy/");
    has("rbac.authorization.k8s.io")
        || has("\"aws-auth\"")
        || has("CAPABILITY_IAM")
        || has("CAPABILITY_NAMED_IAM")
        || has("allUsers")
        || has("allAuthenticatedUsers")
        || has("system:masters")
        || has("Microsoft.Authorization/role")
        || has_policy_arn()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_told_by_a_word_of_its_name_or_by_its_provider() {
        for name in ["google_project_iam_member", "azurerm_role_assignment", "okta_user_type", "snowflake_user", "tfe_team_access"] {
            assert!(is_type(name), "{name}");
        }
        for name in
            ["aws_instance", "aws_cognito_user_pool", "aws_lambda_function", "google_compute_instance", "azurerm_linux_virtual_machine"]
        {
            assert!(!is_type(name), "{name}");
        }
    }

    #[test]
    fn an_attribute_opens_something_by_a_word_or_by_what_it_is_of() {
        for name in ["visibility_level", "allowed_principals", "container_access_type", "group_access", "access", "special_group", "roles"]
        {
            assert!(opens(name), "{name}");
        }
        for name in [
            "access_logs",
            "access_key",
            "public_network_access",
            "public_ip",
            "iam_instance_profile",
            "role_arn",
            "tags",
            "owner",
            "admin_username",
        ] {
            assert!(!opens(name), "{name}");
        }
        assert!(holds_access("resource_policy_json") && !holds_access("scaling_policy"));
        assert!(is_role("default_role", "ACCOUNTADMIN") && !is_role("role", "arn:aws:iam::111122223333:role/x") && !is_role("role", ""));
    }
}
