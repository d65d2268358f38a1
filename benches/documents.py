#!/usr/bin/env python3
"""Writes IAM policies before and after a change, the same every time.

    benches/documents.py DIRECTORY [COUNT]

DIRECTORY/base and DIRECTORY/head get COUNT (10,000 unless given) documents each, of about 2 KB: policies of roles, of buckets and
queues, and trust policies, with wildcards, conditions and a Deny here and there. Every document means something else in head: an
action more or less, a narrower or a wider pattern, another condition, another statement.
"""
import copy
import json
import pathlib
import random
import sys

ACTIONS = {
    "s3": "GetObject PutObject DeleteObject ListBucket GetBucketPolicy PutObjectTagging GetObjectVersion AbortMultipartUpload",
    "dynamodb": "GetItem PutItem UpdateItem DeleteItem Query Scan BatchGetItem BatchWriteItem DescribeTable",
    "sqs": "SendMessage ReceiveMessage DeleteMessage GetQueueAttributes ChangeMessageVisibility PurgeQueue",
    "sns": "Publish Subscribe Unsubscribe GetTopicAttributes ListSubscriptionsByTopic",
    "kms": "Encrypt Decrypt ReEncryptFrom GenerateDataKey DescribeKey CreateGrant",
    "logs": "CreateLogGroup CreateLogStream PutLogEvents DescribeLogStreams FilterLogEvents PutRetentionPolicy",
    "ec2": "DescribeInstances StartInstances StopInstances RunInstances CreateTags TerminateInstances AttachVolume",
    "lambda": "InvokeFunction GetFunction UpdateFunctionCode ListVersionsByFunction PublishVersion",
    "secretsmanager": "GetSecretValue DescribeSecret PutSecretValue RotateSecret",
    "iam": "PassRole GetRole ListRoles ListAttachedRolePolicies CreateServiceLinkedRole",
}
RESOURCES = {
    "s3": "arn:aws:s3:::{name}-data/*",
    "dynamodb": "arn:aws:dynamodb:eu-west-1:{account}:table/{name}",
    "sqs": "arn:aws:sqs:eu-west-1:{account}:{name}-*",
    "sns": "arn:aws:sns:*:{account}:{name}-events",
    "kms": "arn:aws:kms:eu-west-1:{account}:key/*",
    "logs": "arn:aws:logs:*:{account}:log-group:/aws/lambda/{name}:*",
    "ec2": "arn:aws:ec2:eu-west-1:{account}:instance/*",
    "lambda": "arn:aws:lambda:eu-west-1:{account}:function:{name}-*",
    "secretsmanager": "arn:aws:secretsmanager:eu-west-1:{account}:secret:{name}/*",
    "iam": "arn:aws:iam::{account}:role/{name}-*",
}
CONDITIONS = [
    {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"StringLike": {"aws:PrincipalTag/team": ["payments-*", "orders"]}, "Null": {"aws:PrincipalTag/team": "false"}},
    {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}},
    {"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-0123456789abcdef0"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}},
]
ABROAD = {"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}, "Bool": {"aws:ViaAWSService": "false"}}
PLACEHOLDER_ACCOUNT = "111122223333"


def names(service, how_many, pick):
    """Distinct actions of a service; now and then one is a pattern."""
    chosen = [f"{service}:{name}" for name in pick.sample(ACTIONS[service].split(), how_many)]
    if pick.random() < 0.3:
        chosen.append(f"{service}:List*" if service != "s3" else "s3:GetBucket*")
    return sorted(set(chosen))


def statement(service, name, pick):
    pattern = RESOURCES[service].format(name=name, account=PLACEHOLDER_ACCOUNT)
    suffixes = pick.sample(["eu", "us", "dr", "archive"], pick.randrange(3)) if name in pattern else []
    resources = [pattern] + [pattern.replace(name, f"{name}-{suffix}") for suffix in suffixes]
    made = {"Sid": f"{service.capitalize()}Access", "Effect": "Allow", "Action": names(service, pick.randint(2, 4), pick), "Resource": resources}
    if pick.random() < 0.35:
        made["Condition"] = copy.deepcopy(pick.choice(CONDITIONS))
    return made


def identity(name, pick):
    statements = [statement(service, name, pick) for service in pick.sample(sorted(ACTIONS), pick.randint(3, 6))]
    if pick.random() < 0.25:
        statements.append({"Sid": "NeverIdentity", "Effect": "Deny", "Action": ["iam:CreateUser", "iam:Delete*", "organizations:*"], "Resource": "*"})
    if pick.random() < 0.1:
        statements.append({"Sid": "HomeOnly", "Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*", "Condition": ABROAD})
    return statements


def of_resource(name, pick):
    service = pick.choice(["s3", "sqs"])
    statements = [statement(service, f"{name}-{number}", pick) for number in range(pick.randint(2, 4))]
    for number, made in enumerate(statements):
        made["Sid"] += str(number)
        made["Principal"] = {"AWS": [f"arn:aws:iam::{PLACEHOLDER_ACCOUNT}:role/{name}-{role}" for role in pick.sample(["app", "batch", "ops"], 2)]}
    pattern = RESOURCES[service].format(name=f"{name}-*", account=PLACEHOLDER_ACCOUNT)
    refused = {"Bool": {"aws:SecureTransport": "false"}}
    return statements + [
        {"Sid": "OnlyEncrypted", "Effect": "Deny", "Principal": "*", "Action": f"{service}:*", "Resource": pattern, "Condition": refused}
    ]


def trust(name, pick):
    statements = [{"Sid": "Service", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    for team in pick.sample(["app", "batch", "ops", "audit", "deploy"], pick.randint(2, 4)):
        statements.append({
            "Sid": team.capitalize(),
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:aws:iam::{PLACEHOLDER_ACCOUNT}:role/{name}-{team}-{number}" for number in range(pick.randint(1, 3))]},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {"StringEquals": {"sts:ExternalId": f"{name}-{team}"}},
        })
    return statements


def changed(statements, name, kind, pick):
    """The statements with one change that means something, chosen by `kind`."""
    after = copy.deepcopy(statements)
    is_trust = any("Resource" not in made for made in after)
    one = after[pick.randrange(1, len(after)) if is_trust else 0]
    if is_trust:
        one["Principal"]["AWS"].append(f"arn:aws:iam::{PLACEHOLDER_ACCOUNT}:role/{name}-new")
    elif kind < 3:
        one["Action"].append("cloudwatch:PutMetricData")
    elif kind < 5:
        one["Action"].pop(0)
    elif kind == 5:
        one["Resource"][0] += "/current"
    elif kind == 6:
        one["Resource"].append("*")
    elif kind == 7:
        one["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}
    elif kind == 8:
        added = {"Sid": "Added", "Effect": "Allow", "Action": ["ecr:GetAuthorizationToken", "ecr:Batch*"], "Resource": "*"}
        after.append({**added, "Principal": one["Principal"]} if "Principal" in one else added)
    else:
        one["Action"] = [one["Action"][0].split(":")[0] + ":*"]
    return after


def document(number):
    """A path, and its statements before and after."""
    pick = random.Random(number)
    name = f"{pick.choice(['payments', 'orders', 'search', 'mail', 'billing', 'fleet'])}{number:05}"
    kind, make = pick.choices([("role", identity), ("resource", of_resource), ("trust", trust)], [75, 15, 10])[0]
    before = make(name, pick)
    return f"account{number % 50:02}/{kind}/{name}.json", before, changed(before, name, number % 10, pick)


def write(root, path, statements):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n")


def main():
    root, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    for number in range(count):
        path, before, after = document(number)
        write(root / "base", path, before)
        write(root / "head", path, after)


if __name__ == "__main__":
    main()
