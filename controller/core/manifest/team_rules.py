"""What of a manifest a team may decide for itself: the rules that the stack's owner sets beside Slipway's own.

Rules of the file:
- they are about what the zip and the bucket say, merged; what the template's DefaultManifest says is its owner's;
- a rule that cannot be read refuses every upload: an owner who meant to forbid something must not be ignored.

A zip that brings a manifest where only the bucket's counts is refused, not stripped of it. Whoever packed it believes
that it counts.
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
    """``schema`` is a JSON Schema as text, empty where there is none; ``zip_may_say`` is False where only the bucket's
    manifest counts.
    """

    zip_may_say: bool = True
    schema: str = ""

    def check(
        self, in_zip: tuple[str, str | None], in_bucket: tuple[str, str | None], said: Mapping[str, object]
    ) -> None:
        """Raises ManifestProblem where a manifest says what its team may not decide. The texts are as ``merged`` takes
        them, and ``said`` is what it made of them.
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
            raise ManifestProblem(f"{_RULES} is not a JSON Schema: {wrong}; its owner corrects it")
        return schema
