//! Which templates of a chart, and of the charts inside it, decide about roles and bindings. Partial templates have one name for all.

use super::super::may_be::speaks_of_roles;
use super::template::{Template, related};
use std::collections::BTreeSet;
use std::ops::Range;

/// All templates, and which of them matter.
pub(super) struct Relevant {
    templates: Vec<Template>,
    marks: Vec<bool>,
}

impl Relevant {
    /// The templates that speak of roles or write a manifest that is handed in, those that call one which does, and all that any of these
    /// calls.
    pub(super) fn of(templates: Vec<Template>) -> Self {
        let defined: BTreeSet<&String> = templates.iter().flat_map(|template| &template.defines).collect();
        let calls = |one: &Template, other: &Template| !one.calls.is_disjoint(&other.defines);
        // What is not here may write anything.
        let is_handed = |template: &Template| template.writes || template.writes_by.iter().any(|name| !defined.contains(name));
        let mut hands_on: Vec<bool> = templates.iter().map(is_handed).collect();
        grow(&templates, &mut hands_on, &|template, other| !template.writes_by.is_disjoint(&other.defines));
        let starts =
            |(template, hands_on): (&Template, &bool)| speaks_of_roles(template.text.as_bytes()) || (template.is_rendered && *hands_on);
        let mut marks: Vec<bool> = templates.iter().zip(&hands_on).map(starts).collect();
        grow(&templates, &mut marks, &|template, other| calls(template, other));
        grow(&templates, &mut marks, &|template, other| calls(other, template));
        let read: BTreeSet<String> =
            templates.iter().zip(&marks).filter(|(_, is)| **is).flat_map(|(template, _)| template.values()).collect();
        let writes_one = |template: &Template| template.changed_values().iter().any(|path| read.iter().any(|value| related(path, value)));
        mark(&templates, &mut marks, &writes_one);
        grow(&templates, &mut marks, &|template, other| calls(other, template));
        if templates.iter().zip(&marks).any(|(template, is)| *is && template.calls_any) {
            mark(&templates, &mut marks, &|template| !template.is_rendered);
        }
        Self { templates, marks }
    }

    /// Those of a chart, by where they stand among all.
    pub(super) fn own(&self, range: &Range<usize>) -> Vec<&Template> {
        let all = self.templates.iter().zip(&self.marks).enumerate();
        all.filter(|(at, (_, is))| **is && range.contains(at)).map(|(_, (template, _))| template).collect()
    }

    /// Those, and all that they call, in whichever chart it stands: what calls a partial template hands it its own values.
    pub(super) fn read_by(&self, range: &Range<usize>) -> Vec<&Template> {
        let mut marks: Vec<bool> = (0..self.templates.len()).map(|at| range.contains(&at) && self.marks.get(at) == Some(&true)).collect();
        if self.templates.iter().zip(&marks).any(|(template, is)| *is && template.calls_any) {
            mark(&self.templates, &mut marks, &|template| !template.is_rendered);
        }
        grow(&self.templates, &mut marks, &|template, other| !other.calls.is_disjoint(&template.defines));
        self.templates.iter().zip(marks).filter(|(_, is)| *is).map(|(template, _)| template).collect()
    }
}

fn mark(templates: &[Template], marks: &mut [bool], is_one: &dyn Fn(&Template) -> bool) {
    templates.iter().zip(marks).for_each(|(template, mark)| *mark |= is_one(template));
}

/// Marks what belongs to a marked one, until nothing more does.
fn grow(templates: &[Template], marked: &mut Vec<bool>, belongs: &dyn Fn(&Template, &Template) -> bool) {
    loop {
        let by_some = |template: &Template| templates.iter().zip(&*marked).any(|(other, is)| *is && belongs(template, other));
        let more: Vec<bool> = templates.iter().zip(&*marked).map(|(template, is)| *is || by_some(template)).collect();
        if more == *marked {
            return;
        }
        *marked = more;
    }
}
