//! The published schemas, by name.

use crate::attestation::{authorization, baseline};
use crate::report::{
    decision_json, doctor, explain_json, gaps, json, ledger, lookup, policy_json, policy_test, replay, round, simulation, verification,
    window_json,
};
use crate::{policy, proposal};

/// A schema, and the name under which it is published.
#[derive(Debug)]
pub struct Published {
    /// As it is asked for.
    pub name: &'static str,
    /// The file name below `docs/schemas`, without `.json`.
    pub file: &'static str,
    schema: fn() -> schemars::Schema,
}

/// Those of the files that people write, and then those of the output.
pub const SCHEMAS: [Published; 22] = [
    Published { name: "policy", file: "policy-v1", schema: policy::schema },
    Published { name: "people", file: "people-v1", schema: policy::people_schema },
    Published { name: "facts", file: "facts-v1", schema: proposal::schema },
    Published { name: "tests", file: "tests-v1", schema: policy::cases_schema },
    Published { name: "diff", file: "diff-v1", schema: json::schema },
    Published { name: "check", file: "check-v1", schema: decision_json::schema },
    Published { name: "round", file: "round-v1", schema: round::schema },
    Published { name: "doctor", file: "doctor-v1", schema: doctor::schema },
    Published { name: "explain", file: "explain-v1", schema: explain_json::schema },
    Published { name: "policy-check", file: "policy-check-v1", schema: policy_json::schema },
    Published { name: "policy-test", file: "policy-test-v1", schema: policy_test::schema },
    Published { name: "policy-simulate", file: "policy-simulate-v1", schema: simulation::schema },
    Published { name: "policy-replay", file: "policy-replay-v1", schema: replay::schema },
    Published { name: "window-next", file: "window-next-v1", schema: window_json::next_schema },
    Published { name: "window-lint", file: "window-lint-v1", schema: window_json::lint_schema },
    Published { name: "window-explain", file: "window-explain-v1", schema: window_json::explain_schema },
    Published { name: "verify", file: "verify-v1", schema: verification::schema },
    Published { name: "ledger-verify", file: "ledger-verify-v1", schema: ledger::schema },
    Published { name: "lookup", file: "lookup-v1", schema: lookup::schema },
    Published { name: "gaps", file: "gaps-v1", schema: gaps::schema },
    Published { name: "baseline", file: "baseline-v1", schema: baseline::schema },
    Published { name: "authorization", file: "authorization-v1", schema: authorization::schema },
];

impl Published {
    /// The schema as it is published, with a line end.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty((self.schema)().as_value())? + "\n")
    }
}
