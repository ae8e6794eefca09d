"""The hash that an uploader states, and the one that Lambda says."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from controller.core.artifact.checksums import in_hex, other_bytes, stated_sha256
from tests.builders import artifact

ZIP = b"the bytes of a zip"
HEXADECIMAL = hashlib.sha256(ZIP).hexdigest()
BASE64 = "TaAE2b73TGRfv2goXSj0OQUYKp3sHlYha9cCeHWMcvo="


def test_what_sha256sum_prints_is_what_lambda_calls_code_sha256() -> None:
    assert stated_sha256({"sha256": HEXADECIMAL}) == stated_sha256({"sha256": HEXADECIMAL.upper()}) == BASE64


def test_what_lambda_shows_is_taken_as_it_is() -> None:
    assert stated_sha256({"sha256": BASE64}) == BASE64


def test_nothing_is_stated_by_other_metadata() -> None:
    assert stated_sha256({"built-by": "ci"}) is None


@pytest.mark.parametrize("text", ["", "abc", HEXADECIMAL[1:], HEXADECIMAL + "0", "g" * 64, BASE64[:-1]])
def test_what_is_no_sha256_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(
        ValueError, match=f"has {len(text)} characters as sha256, allowed: the 64 hexadecimal"
    ) as refused:
        stated_sha256({"sha256": text})
    assert not text or text not in str(refused.value)


def test_the_bytes_that_were_stated_are_not_other_bytes() -> None:
    assert other_bytes(artifact(stated_sha256=BASE64), BASE64) is None


def test_where_nothing_is_stated_all_bytes_are_right() -> None:
    assert other_bytes(artifact(), BASE64) is None


def test_other_bytes_are_said_with_both_hashes() -> None:
    other = hashlib.sha256(b"other")
    reason = other_bytes(artifact(stated_sha256=BASE64), base64.b64encode(other.digest()).decode())
    assert reason and f"SHA-256 {other.hexdigest()} and its metadata states {HEXADECIMAL}" in reason.text


def test_the_glossary_has_the_command_that_turns_lambdas_hash_into_what_sha256sum_prints() -> None:
    page = (Path(__file__).parents[2] / "docs" / "contributing" / "glossary.md").read_text("utf-8")
    (command,) = re.findall(r"`(echo CODESHA256 .*?)`", page)
    asked = command.replace("\\|", "|").replace("CODESHA256", BASE64)
    told = subprocess.run(["bash", "-c", asked], check=True, capture_output=True, text=True)
    assert told.stdout == HEXADECIMAL


def test_people_are_shown_a_hash_as_sha256sum_prints_it() -> None:
    assert in_hex(BASE64) == HEXADECIMAL
    assert in_hex("no hash") == "no hash"
