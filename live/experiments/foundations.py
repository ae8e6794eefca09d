"""What the experiments stand on: the role of the run's functions, a bucket, and the stack itself."""

from __future__ import annotations

import json

from live.run import TAG, Run
from live.waiting import Steps

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def role_and_bucket(run: Run) -> Steps:
    """Makes the role, which may do nothing at all, and the versioned bucket for packages."""
    iam, s3 = run.client("iam"), run.client("s3")
    tags = [{"Key": TAG, "Value": run.name}]
    made = iam.create_role(RoleName=f"{run.name}-probe", AssumeRolePolicyDocument=json.dumps(_TRUST), Tags=tags)
    run.role = str(made["Role"]["Arn"])
    # us-east-1 is the one Region that must not be named. Source: S3 API reference, CreateBucket, 2026-11.
    place = {"CreateBucketConfiguration": {"LocationConstraint": run.aws.region}}
    s3.create_bucket(Bucket=run.packages, **({} if run.aws.region == "us-east-1" else place))
    s3.put_bucket_tagging(Bucket=run.packages, Tagging={"TagSet": tags})
    s3.put_bucket_versioning(Bucket=run.packages, VersioningConfiguration={"Status": "Enabled"})
    yield from ()


def stack(run: Run) -> Steps:
    """Deploys template.yaml; its controller may touch the run's functions and no others."""
    run.parameters = {
        "FunctionPrefix": f"{run.name}-",
        "HookPrefix": f"{run.name}-hook-",
        "AllowedRoles": run.role,
        "LogRetentionDays": "1",
    }
    run.stack = yield from run.installer.deploy(run.name, run.parameters)
