//! Kubernetes RBAC from manifests to what is gained and lost, and the clever comparison beside the naive authorizer.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a manifest of a test that cannot be read fails the test")]

mod joined;
mod judge;
mod manifests;
mod model;
mod properties;
mod reading;
mod sentences;
mod table;
