"""The role of the functions that people drop into the local bucket: ``slipway-demo``.

The embedded AWS checks roles and their policies as AWS does. This one may be assumed by Lambda and may do
nothing more.
"""

from __future__ import annotations

import json

from local.server import EmbeddedAws

NAME = "slipway-demo"

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def demo_role(aws: EmbeddedAws) -> str:
    """Returns the role's ARN; makes the role where it is absent."""
    iam = aws.client("iam")
    try:
        role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(TRUST))
    except iam.exceptions.EntityAlreadyExistsException:
        role = iam.get_role(RoleName=NAME)
    return str(role["Role"]["Arn"])
