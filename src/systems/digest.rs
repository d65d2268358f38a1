//! One way to give a content a short name.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// SHA-256 over parts, each preceded by its length, in hexadecimal.
pub fn content_digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
