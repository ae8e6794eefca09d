"""The facts that the checks are of, by their numbers: what each is about, and why some have no check.

Section 1 of aws-facts.md is here whole, point by point: a point that the controller begins to rely on must get a check.
Of other sections, and of AWS's references, there is what has one.

Note: a fact is said and sourced by its checks, not here. Here is only what it is about.
"""

from __future__ import annotations

SECTION_1 = {
    "1.1.1": "a weighted alias: two versions, one role, one dead-letter queue, both published",
    "1.1.2": "the refusal of different roles",
    "1.1.3": "what that means for a change of role",
    "1.1.4": "an alias on $LATEST",
    "1.1.5": "the range of a weight",
    "1.1.6": "more than one weight",
    "1.1.7": "a weight on the alias's own version",
    "1.1.8": "the precision of a weight",
    "1.1.9": "an unknown version",
    "1.1.10": "the split is a probability",
    "1.1.11": "which version served",
    "1.2.1": "the members and errors of UpdateAlias",
    "1.2.2": "what a write leaves out, and empty weights",
    "1.2.3": "a new revision for every write",
    "1.2.4": "a wrong revision",
    "1.2.5": "missing and existing aliases",
    "1.2.6": "names and descriptions",
    "1.2.7": "deletion of a version under an alias",
    "1.2.8": "IAM cannot restrict UpdateAlias to one alias",
    "1.3.1": "no version without a change",
    "1.3.2": "the answer of a publication of no change",
    "1.3.3": "a setting alone is a change",
    "1.3.4": "a wrong CodeSha256",
    "1.3.5": "the members of UpdateFunctionCode",
    "1.3.6": "UpdateFunctionCode with Publish",
    "1.3.7": "no other guard on code than the revision",
    "1.3.8": "a dry run",
    "1.3.9": "S3ObjectVersion",
    "1.3.10": "SourceKMSKeyArn",
    "1.3.11": "PublishTo",
    "1.3.12": "S3ObjectStorageMode",
    "1.3.13": "CreateFunction with Publish",
    "1.4.1": "revisions: creation",
    "1.4.2": "revisions: the call of an update",
    "1.4.3": "revisions: the end of an update",
    "1.4.4": "revisions: a publication",
    "1.4.5": "revisions: a version becomes Active",
    "1.4.6": "revisions: a write to an alias",
    "1.4.7": "which revision to write under",
    "1.4.8": "weights that Lambda writes while it moves provisioned concurrency",
    "1.5.1": "the states",
    "1.5.2": "during an update",
    "1.5.3": "during a creation",
    "1.5.4": "boto3's waiters",
    "1.5.5": "a version that is Pending",
    "1.5.6": "how long things take",
    "1.5.7": "the safe order of a deployment",
    "1.5.8": "a weight on a version that is Pending",
    "1.6.1": "how long a change of an alias takes to be everywhere",
    "1.6.2": "the order of deletion",
}
"""The points of section 1, in order, those under another point counted where they stand."""

WITHOUT_A_CHECK = {
    "1.2.8": "the AWS in memory has no IAM; tests/contract looks at the template's permissions",
    "1.3.5": "botocore sends no other members",
    "1.3.10": "not used",
    "1.3.11": "not used",
    "1.3.12": "not used",
    "1.4.8": "the embedded AWS moves no provisioned concurrency; tests/cloud/test_lambda_aliases.py has the rule",
    "1.5.4": "the controller asks for states itself and uses no waiter",
    "1.5.6": "no fact: AWS gives no number",
    "1.6.1": "no fact: AWS gives no number",
    "1.6.2": "advice; what keeps a version is 1.2.7",
}

BEYOND = {
    "2.1": "dimensions of the metrics of Lambda",
    "2.2": "alarms and their states",
    "2.3": "quotas of CloudWatch",
    "2.4": "when alarms are evaluated",
    "3.1": "events of alarms",
    "3.3": "events of uploads",
    "3.4": "the order of uploads",
    "5": "provisioned concurrency",
    "6.1": "stored code",
    "9": "hashes",
    "10.10": "lists of versions and aliases",
    "cloudwatch": "CloudWatch API reference",
    "dynamodb": "DynamoDB API reference and developer guide",
    "events": "EventBridge API reference",
    "lambda": "Lambda API reference and developer guide",
    "s3": "S3 API reference and user guide",
    "sns": "SNS API reference",
}
"""Sections of aws-facts.md beyond the first, and the references of AWS for what that page does not have."""
