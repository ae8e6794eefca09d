"""A trail that logs management events, as most accounts have: without one CloudTrail tells EventBridge nothing."""

from __future__ import annotations

from local.server import EmbeddedAws

_NAME = "management-events"


def log_calls(aws: EmbeddedAws) -> None:
    """Makes the trail of the embedded account, and its bucket, and starts it. Repeating changes nothing."""
    trails = aws.client("cloudtrail")
    if not trails.describe_trails(trailNameList=[_NAME])["trailList"]:
        aws.client("s3").create_bucket(Bucket=f"slipway-{_NAME}")
        trails.create_trail(Name=_NAME, S3BucketName=f"slipway-{_NAME}")
    trails.start_logging(Name=_NAME)
