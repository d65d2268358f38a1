//! Every known method, made from the table: what is missing completes it, and says with which statements.

use super::methods::{METHODS, Method, Need, On};
use super::only_reads;
use crate::access::{Budget, Formulas};
use crate::document::Place;
use crate::systems::aws::knowledge::{self, Level};
use crate::systems::aws::{Action, Attachment, Aws, Clause, Condition, Effect, Grant, Patterns, Resource, Rules, Slot, Statement};
use crate::systems::{Found, Kind, Region, Severity, System};
use std::collections::BTreeSet;

/// A holder that the method can be about.
fn holder(method: &Method) -> &'static str {
    match method.needs[0].on {
        On::OwnUser => "user/deploy",
        On::OwnGroup => "group/deploy",
        _ => "role/deploy",
    }
}

fn resource(need: &Need) -> &'static str {
    match need.on {
        On::Anything => "*",
        On::Role => "arn:aws:iam::111122223333:role/other",
        On::ManyRoles => "arn:aws:iam::111122223333:role/team-*",
        On::User => "arn:aws:iam::111122223333:user/other",
        On::Group => "arn:aws:iam::111122223333:group/other",
        On::Policy => "arn:aws:iam::111122223333:policy/other",
        On::OwnRole => "arn:aws:iam::111122223333:role/deploy",
        On::OwnUser => "arn:aws:iam::111122223333:user/deploy",
        On::OwnGroup => "arn:aws:iam::111122223333:group/deploy",
    }
}

fn place(number: usize) -> Place {
    Place { line: u32::try_from(number).unwrap() + 1, column: 1, ..Place::file("policy.json") }
}

fn action(need: &Need) -> String {
    need.words().each_ref().map(ToString::to_string).join(":")
}

/// A statement for each need but one, each on a line of its own.
fn rules(method: &Method, without: Option<usize>, service: impl Fn(&str) -> String) -> Rules {
    let attachment = Attachment { realm: "r".into(), holder: Some(holder(method).into()), slot: Slot::Identity };
    let grant = |(number, need): (usize, &Need)| {
        let pinned = need.to.iter().map(|to| Clause::new("StringEquals", "iam:PassedToService", [service(to)]));
        let statement = Statement {
            effect: Effect::Allow,
            principals: Patterns::any(),
            actions: Patterns::new(false, vec![Action::parse(&action(need)).unwrap()]),
            resources: Patterns::new(false, vec![Resource::parse(resource(need), true).unwrap()]),
            condition: Condition::new(pinned.collect()),
        };
        Grant { attachment: attachment.clone(), statement: statement.into(), origin: place(number) }
    };
    let needs = method.needs.iter().enumerate().filter(|(number, _)| Some(*number) != without);
    Rules { grants: needs.map(grant).collect(), documents: [attachment.clone()].into(), ..Rules::default() }
}

fn gained(base: &Rules, head: &Rules) -> Vec<Region> {
    let mut regions = Vec::new();
    for subject in Aws::subjects(&[base, head]) {
        let mut formulas = Formulas::new(Budget::default());
        let mut cells = Vec::new();
        for cell in Aws::cells(&subject, &mut Budget::default()).unwrap() {
            let [before, after] = [0, 1].map(|side| Aws::allows(&subject, side, &cell, &mut formulas).unwrap());
            let gained = formulas.without(after, before).unwrap();
            let gained = Aws::possible(&subject, gained, &mut formulas).unwrap();
            cells.extend((!gained.is_false()).then_some((cell, gained)));
        }
        regions.extend(Aws::regions(&subject, &Found { kind: Kind::Gained, cells: &cells }, &mut formulas).unwrap());
    }
    regions
}

#[test]
fn what_only_reads_is_what_a_person_has_looked_at() {
    let reads = knowledge::actions_of(Level::PermissionsManagement).filter(only_reads);
    let mut reads: Vec<String> = reads.map(|action| format!("{}:{}", action.service.prefix, action.name)).collect();
    reads.sort_unstable();
    insta::assert_snapshot!(reads.join("\n"), @r"
    arc-region-switch:GetResourcePolicy
    backup:ListIndexedRecoveryPointsForSearch
    backup:SearchRecoveryPoint
    billing:GetResourcePolicy
    fsx:GetResourcePolicy
    glue:BatchGetStageFiles
    glue:DescribeConnectionType
    glue:DescribeEntity
    glue:GetDataPreviewStatement
    glue:GetEnvironment
    glue:GetExecutors
    glue:GetExecutorsThreads
    glue:GetLogParsingStatus
    glue:GetNotebookInstanceStatus
    glue:GetQueries
    glue:GetQuery
    glue:GetRecipeAction
    glue:GetStage
    glue:GetStageAttempt
    glue:GetStageAttemptTaskList
    glue:GetStageAttemptTaskSummary
    glue:GetStageFiles
    glue:GetStages
    glue:GetStorage
    glue:GetStorageUnit
    glue:ListConnectionTypes
    glue:ListEntities
    monitron:ListProjectAdminUsers
    quicksight:DescribeKnowledgeBasePermissions
    quicksight:DescribeSpacePermissions
    quicksight:DescribeTopicPermissions
    ssm-sap:GetResourcePermission
    ");
}

#[test]
fn whatever_is_missing_of_a_method_completes_it_with_the_statements_that_were_there() {
    for method in METHODS.iter() {
        for missing in 0..method.needs.len() {
            let found = gained(&rules(method, Some(missing), str::to_owned), &rules(method, None, str::to_owned));
            let told = found.iter().flat_map(|region| &region.completes).find(|one| one.method == method.id);
            let told = told.unwrap_or_else(|| panic!("{} is not completed by {}", method.id, action(&method.needs[missing])));
            let others: BTreeSet<Place> = (0..method.needs.len()).filter(|other| *other != missing).map(place).collect();
            assert_eq!(told.with, others, "{}", method.id);
            assert!(found.iter().any(|region| region.reasons.contains("privilege-escalation") && region.severity >= Severity::Medium));
        }
    }
}

#[test]
fn a_method_of_which_something_is_missing_is_not_complete() {
    for method in METHODS.iter() {
        for missing in 0..method.needs.len() {
            let found = gained(&Rules::default(), &rules(method, Some(missing), str::to_owned));
            assert!(!found.iter().flat_map(|region| &region.completes).any(|one| one.method == method.id), "{}", method.id);
        }
    }
}

#[test]
fn a_role_that_may_only_be_passed_to_another_service_completes_nothing() {
    for method in METHODS.iter().filter(|method| method.needs[0].to.is_some()) {
        let found = gained(&Rules::default(), &rules(method, None, |_| "other.amazonaws.com".to_owned()));
        assert!(!found.iter().flat_map(|region| &region.completes).any(|one| one.method == method.id), "{}", method.id);
    }
}

#[test]
fn everything_on_everything_completes_every_method_that_is_not_part_of_another() {
    let attachment = Attachment { realm: "r".into(), holder: Some("role/deploy".into()), slot: Slot::Identity };
    let statement = Statement {
        effect: Effect::Allow,
        principals: Patterns::any(),
        actions: Patterns::any(),
        resources: Patterns::any(),
        condition: Condition::default(),
    };
    let grant = Grant { attachment: attachment.clone(), statement: statement.into(), origin: place(0) };
    let head = Rules { grants: vec![grant], documents: [attachment].into(), ..Rules::default() };
    let found = gained(&Rules::default(), &head);
    let told = &found[0].completes;
    assert!(told.len() > 60, "{}", told.len());
    assert!(told.iter().all(|one| one.with.is_empty()));
}
