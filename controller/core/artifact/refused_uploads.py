"""Uploads that no function's record may tell of: their key names no function, as ``check.out/x.zip`` or ``x.zip``.

Rules of the file:
- an upload is known by the text that its key has where the function's name should be. A name that was made to fit
  would be another function's: the record of check_out is not for whoever dropped at check.out, nor are its people;
- only the newest are kept, in one row of the table: whoever drops nonsense all day costs no more than that. The log
  tells of all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from controller.core.artifact.object_keys import function_written

MOST = 50
"""With keys and texts of the longest kind they take half of what an item may have."""


@dataclass(frozen=True, slots=True)
class RefusedUpload:
    """An object of S3 that is not deployed, and why. ``meant`` is what its key has for the function's name."""

    meant: str
    bucket: str
    key: str
    version_id: str | None
    at: datetime
    text: str

    @property
    def identity(self) -> tuple[str, ...]:
        """What the same upload has again where its event comes twice; without a version each time is another."""
        return self.bucket, self.key, self.version_id or self.at.isoformat()


@dataclass(frozen=True, slots=True)
class RefusedUploads:
    """The newest ones, newest first. ``revision`` counts the saves."""

    uploads: tuple[RefusedUpload, ...] = ()
    revision: int = 0

    def knows(self, upload: RefusedUpload) -> bool:
        """Was the same upload refused before?"""
        return any(each.identity == upload.identity for each in self.uploads)

    def with_newest(self, upload: RefusedUpload) -> RefusedUploads:
        """Returns them with one more, without the oldest where they would be too many."""
        return replace(self, uploads=(upload, *self.uploads)[:MOST])

    def meant_for(self, name: str) -> tuple[RefusedUpload, ...]:
        """Returns those whose key has this where the function's name should be: exactly, or as Lambda takes it.

        What is written ``checkout:live/x.zip`` is shown for "checkout:live" and for "checkout".
        """
        return tuple(each for each in self.uploads if name in (each.meant, function_written(each.meant)))
