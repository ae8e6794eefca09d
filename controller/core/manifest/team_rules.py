"""The stack owner's rules for manifests, beside Slipway's own: the settings a team may choose.

Rules of the file:

- the rules apply to the manifests of zip and bucket, merged; the template's DefaultManifest is the owner's own;
- unreadable rules refuse every upload: an owner who meant to forbid something must not be ignored.

If only the bucket's manifest counts, a zip with a manifest is refused. Ignoring the manifest instead would mislead its
author.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.manifest.building import ManifestProblem
from controller.core.manifest.parsing import SECRETS, read_json
from controller.core.manifest.schema_errors import all_problems, in_one_line, schema_problem
from controller.core.manifest.settings import MANIFEST

_RULES = "the stack's parameter ManifestRules"


@dataclass(frozen=True, slots=True)
class ManifestRules:
    """``schema`` is a JSON Schema as text, empty for none; ``zip_may_say`` is False if only the bucket's manifest
    counts.
    """

    zip_may_say: bool = True
    schema: str = ""

    def check(
        self, in_zip: tuple[str, str | None], in_bucket: tuple[str, str | None], said: Mapping[str, object]
    ) -> None:
        """Raises ManifestProblem for a manifest that breaks the rules.

        ``in_zip`` and ``in_bucket`` are sources as in ``parsing.merged``, and ``said`` is their merged document.
        """
        if in_zip[1] is not None and not self.zip_may_say:
            raise ManifestProblem(
                f"found {in_zip[0]}, allowed: only {in_bucket[0]} (the stack's parameter ManifestFrom); leave it out of"
                " the zip"
            )
        if not self.schema:
            return
        problems = all_problems(said, self._readable(), secrets=SECRETS)
        if problems:
            raise ManifestProblem(f"{MANIFEST}: {in_one_line(problems)}, says {_RULES}")

    def _readable(self) -> object:
        schema = read_json(_RULES, self.schema)
        wrong = schema_problem(schema)
        if wrong:
            raise ManifestProblem(f"{_RULES} is not a JSON Schema: {wrong}; the stack's owner has to correct it")
        return schema
