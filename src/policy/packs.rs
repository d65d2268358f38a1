//! Policies that come with Countersign, to be included: `include: [pack:NAME]`.

/// A policy to include. It names the groups, windows and environments that it needs, and defines none.
#[derive(Debug)]
pub struct Pack {
    /// What stands after `pack:`.
    pub name: &'static str,
    /// The file under `policies/`.
    pub text: &'static str,
}

/// Before the name of a pack.
pub const PREFIX: &str = "pack:";

/// All packs, by name.
pub const PACKS: &[Pack] = &[
    Pack { name: "github-organisation", text: include_str!("../../policies/github-organisation.yml") },
    Pack { name: "kubernetes-production", text: include_str!("../../policies/kubernetes-production.yml") },
    Pack { name: "least-privilege-aws", text: include_str!("../../policies/least-privilege-aws.yml") },
    Pack { name: "soc2-cc6-cc8", text: include_str!("../../policies/soc2-cc6-cc8.yml") },
    Pack { name: "sox-itgc", text: include_str!("../../policies/sox-itgc.yml") },
];

/// The pack that an entry of `include:` names.
pub fn named(entry: &str) -> Option<&'static Pack> {
    let name = entry.strip_prefix(PREFIX)?;
    PACKS.iter().find(|pack| pack.name == name)
}
