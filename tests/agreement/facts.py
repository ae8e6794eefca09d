"""The numbered facts of docs/contributing/aws-facts.md, and why some have no check.

Each point of section 1 needs a check, or a reason here. Facts missing on the page are cited by AWS's reference.
"""

from __future__ import annotations

import re
from pathlib import Path

_PAGE = (Path(__file__).parents[2] / "docs/contributing/aws-facts.md").read_text("utf-8")

SECTION_1 = re.findall(r"^- \*\*(1\.\d+\.\d+)\*\* ", _PAGE, re.MULTILINE)
"""The numbers of section 1's points, such as "1.2.4"."""

SECTIONS = re.findall(r"^### (\d+\.\d+) ", _PAGE, re.MULTILINE)

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
    "1.6.2": "advice; 1.2.7 keeps a version",
}

REFERENCES = {
    "cloudwatch": "CloudWatch API reference",
    "dynamodb": "DynamoDB API reference and developer guide",
    "events": "EventBridge API reference",
    "lambda": "Lambda API reference and developer guide",
    "s3": "S3 API reference and user guide",
    "sns": "SNS API reference",
}
"""AWS's references for facts missing on the page."""
