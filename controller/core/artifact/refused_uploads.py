"""Refused uploads without a function: the key names none, as in ``check.out/x.zip`` or ``x.zip``.

Rules of the file:

- an upload is listed under the text in the place of the function's name, never under a similar function. The record of
  check_out is not for uploads to check.out, and neither are the people who read it;
- only the newest uploads are kept, in one row of the table, so endless bad uploads cost no more. The log has all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from controller.core.artifact.object_keys import function_written

MAX_UPLOADS = 50
"""With keys and texts of the greatest length this many uploads take half of DynamoDB's largest item."""


@dataclass(frozen=True, slots=True)
class RefusedUpload:
    """An S3 object that is not deployed, and why. ``meant`` is the key's text in the place of the function's name."""

    meant: str
    bucket: str
    key: str
    version_id: str | None
    at: datetime
    text: str

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for an upload whose event comes twice; without a version id every event counts as another upload."""
        return self.bucket, self.key, self.version_id or self.at.isoformat()


@dataclass(frozen=True, slots=True)
class RefusedUploads:
    """The newest refused uploads, newest first. ``revision`` counts the saves."""

    uploads: tuple[RefusedUpload, ...] = ()
    revision: int = 0

    def knows(self, upload: RefusedUpload) -> bool:
        """Was the same upload refused before?"""
        return any(each.identity == upload.identity for each in self.uploads)

    def with_newest(self, upload: RefusedUpload) -> RefusedUploads:
        """Returns the uploads with one more, without the oldest beyond ``MAX_UPLOADS``."""
        return replace(self, uploads=(upload, *self.uploads)[:MAX_UPLOADS])

    def meant_for(self, name: str) -> tuple[RefusedUpload, ...]:
        """Returns the uploads for a name, exactly or in Lambda's spelling: ``checkout:live/x.zip`` is listed for
        "checkout:live" and for "checkout".
        """
        return tuple(each for each in self.uploads if name in (each.meant, function_written(each.meant)))
