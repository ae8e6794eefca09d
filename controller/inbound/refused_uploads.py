"""Reports uploads whose key names no function: by a notice, a row of the table, a log line, a count.

The count is the CloudWatch metric ``Slipway`` ``RefusedUploads``, by ``Stack``. It is part of the log line, in the
embedded metric format, and needs neither a call nor a permission. Source: CloudWatch user guide, embedded metric format
specification, 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.context import Context
from controller.core.artifact.object_keys import meant
from controller.core.artifact.refused_uploads import RefusedUpload, RefusedUploads
from controller.core.model import Conflict, Reason, Refused, Transient
from controller.core.model.events import ArtifactUploaded, Ignored

_ATTEMPTS = 5


class Refusals:
    """Reports and remembers refused uploads that have no function's record."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._aws = context.aws

    def keep(self, uploaded: ArtifactUploaded, reason: Reason) -> RefusedUpload | Ignored:
        """Returns the upload, reported and saved. Repeating gives Ignored, or reports again after an interruption.

        Raises Transient if AWS did not answer, and, after saving, if the notice has nowhere to go.
        """
        upload = RefusedUpload(
            meant(uploaded.key), uploaded.bucket, uploaded.key, uploaded.version_id, uploaded.happened_at, reason.text
        )
        known = self._aws.store.refused_uploads()
        if known.knows(upload):
            return Ignored(f"{uploaded.key}: this upload was refused before")
        untold = self._tell(upload)
        self._save(known, upload)
        if untold:
            raise Transient(str(untold)) from untold
        return upload

    def _tell(self, upload: RefusedUpload) -> Refused | None:
        try:
            self._aws.notices.send_refused(upload)
        except Refused as problem:
            return problem
        return None

    def _save(self, known: RefusedUploads, upload: RefusedUpload) -> None:
        for _ in range(_ATTEMPTS):
            try:
                return self._aws.store.save_refused_uploads(known.with_newest(upload))
            except Conflict:
                known = self._aws.store.refused_uploads()
                if known.knows(upload):
                    return None
        raise Transient(f"many uploads are being refused at once; {upload.key} is saved later")

    def line(self, upload: RefusedUpload) -> Mapping[str, object]:
        """Returns the log line of a refused upload, with the metric inside."""
        metric = {"Name": "RefusedUploads", "Unit": "Count"}
        counted = {"Namespace": "Slipway", "Dimensions": [["Stack"]], "Metrics": [metric]}
        return {
            "event": "upload",
            "refused": upload.text,
            "key": upload.key,
            "Stack": self._context.settings.alarm_prefix.rstrip("/"),
            "RefusedUploads": 1,
            "_aws": {"Timestamp": int(self._context.clock().timestamp() * 1000), "CloudWatchMetrics": [counted]},
        }
