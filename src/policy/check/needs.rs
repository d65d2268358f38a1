//! Names that a file needs from whoever includes it.

use super::super::file::Need;
use super::{Defined, names};
use crate::diagnostic::{Remarks, Way};
use std::sync::Arc;

/// Tells what is needed and nobody defines. From here on it counts as defined, so that each name is told once.
pub(super) fn check(needs: &[Need], defined: &mut Defined, remarks: &mut Remarks<'_>) {
    for (index, need) in needs.iter().enumerate() {
        let way = Way::root().key("needs").item(index);
        names::check(&need.purpose, &way.key("for"), remarks);
        let (what, name, key, is_missing) = match (&need.group, &need.window, &need.environment) {
            (Some(name), None, None) => ("group", name, "people: { groups: … }", defined.add_group(name)),
            (None, Some(name), None) => ("window", name, "windows: …", defined.windows.insert(Arc::from(name.as_str()))),
            (None, None, Some(name)) => {
                let is_missing = defined.environments.insert(Arc::from(name.as_str()));
                ("environment", name, "where: [{ environment: … }]", is_missing)
            }
            _ => {
                let message = "a need is one of `group`, `window` and `environment`";
                remarks.error(&way, "unclear-need", message, "write an entry for each");
                continue;
            }
        };
        if is_missing {
            let message = format!("this needs the {what} `{name}`, which nobody defines: {}", need.purpose);
            remarks.error(&way, "unmet-need", message, format!("define `{name}` under `{key}` in the policy that includes this"));
        }
    }
}
