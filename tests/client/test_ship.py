"""``ship`` checks here, uploads once, and waits for the end of its own deployment; ``plan`` deploys nothing."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.core.model import Phase
from tests.client.account import Account
from tests.cloud.steps import QUICK, Behave, Drop, Live, Until
from tests.cloud.story import Story
from tests.cloud.zips import zipped

Made = Callable[..., str]
SLOW = {"steps": [{"weight": 20, "hold": "20m"}], "bake": "3m"}


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Writes a zip of that code; ``changes`` are sections of the manifest in place of QUICK's."""

    def make(code: str, **changes: object) -> str:
        file = tmp_path / f"{code}.zip"
        file.write_bytes(zipped(code, {**QUICK, **changes}))
        return str(file)

    return make


@pytest.fixture
def account() -> Account:
    """checkout serves version 1."""
    return Account(Story().play([Live("v1")]))


def test_a_good_release_is_followed_to_its_end_and_is_0(
    account: Account, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.run("ship", "checkout", made("v2"), "--watch") == 0
    assert account.story.phase() is Phase.SUCCEEDED
    printed = capsys.readouterr().out
    assert "80 % v1, 20 % v2" in printed
    assert printed.splitlines()[-1].endswith("checkout:live#1 ended as SUCCEEDED")


def test_a_bad_release_is_followed_to_its_end_and_is_1(
    account: Account, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    account.story.play([Behave("v2", error="ValueError")])
    assert account.run("ship", "checkout", made("v2", tests=[]), "--watch") == 1
    assert account.story.phase() is Phase.ROLLED_BACK
    assert "is firing" in capsys.readouterr().out


def test_a_release_whose_test_fails_is_1(account: Account, made: Made) -> None:
    account.story.play([Behave("v2", error="ValueError")])
    assert account.run("ship", "checkout", made("v2"), "--watch") == 1
    assert account.story.phase() is Phase.FAILED


def test_without_watch_the_drop_is_all_and_is_0(
    account: Account, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.run("ship", "checkout", made("v2")) == 0
    assert account.asked == []
    assert "dropped s3://drop/checkout/v2.zip, version version-1" in capsys.readouterr().err


def test_a_zip_that_would_be_refused_is_not_uploaded(
    account: Account, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {**QUICK["function"], "Handler": "main.handler"}  # type: ignore[dict-item]
    assert account.run("ship", "checkout", made("v2", function=wrong)) == 1
    assert account.uploads == []
    assert capsys.readouterr().err.startswith("slipway: nothing is uploaded: the handler main.handler needs main.py")


def test_what_the_function_has_may_be_said_for_the_check(account: Account, made: Made) -> None:
    wrong = {**QUICK["function"], "Handler": "main.handler"}  # type: ignore[dict-item]
    assert account.run("ship", "checkout", made("v2", function=wrong), "--layers") == 0


def test_the_upload_states_its_sha256_and_who_ships_it_and_why(account: Account, made: Made) -> None:
    file = made("v2")
    account.run("ship", "checkout", file, "--why", "orders of more than 99 items")
    (upload,) = account.uploads
    assert upload["Key"] == "checkout/v2.zip"
    assert upload["Metadata"] == {
        "sha256": hashlib.sha256(Path(file).read_bytes()).hexdigest(),
        "who": "alice",
        "why": "orders of more than 99 items",
    }


def test_a_zip_may_have_another_name_in_the_bucket(account: Account, made: Made) -> None:
    account.run("ship", "checkout", made("v2"), "--name", "build-1.4.2.zip", "--who", "bob", "--signature", "c2ln")
    (upload,) = account.uploads
    assert upload["Key"] == "checkout/build-1.4.2.zip"
    assert (upload["Metadata"]["who"], upload["Metadata"]["signature"]) == ("bob", "c2ln")


@pytest.mark.parametrize(
    "wrong", [("--why", "für alle"), ("--who", "José"), ("--why", "two\nlines"), ("--why", "w" * 201)], ids=repr
)
def test_what_s3_takes_in_no_metadata_is_2(account: Account, made: Made, wrong: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as ended:
        account.run("ship", "checkout", made("v2"), *wrong)
    assert (ended.value.code, account.uploads) == (2, [])


def test_a_name_that_is_no_file_is_2(account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, told in ((tmp_path, "is a folder: zip what is in it"), (tmp_path / "none.zip", "is no file")):
        with pytest.raises(SystemExit) as ended:
            account.run("ship", "checkout", str(name))
        assert ended.value.code == 2
        assert told in capsys.readouterr().err


def test_the_deployment_of_the_upload_is_followed_and_no_newer_one(account: Account, made: Made) -> None:
    account.story.deliveries.clear()
    account.pauses = iter([lambda: account.story.play([Until(Phase.SHIFTING), Drop("v3")])])
    assert account.run("ship", "checkout", made("v2"), "--watch") == 1
    first = account.story.deployments()[0]
    assert (first.phase, first.artifact.key) == (Phase.ROLLED_BACK, "checkout/v2.zip")


def test_a_pipeline_that_is_run_again_follows_the_deployment_of_the_same_bytes(
    account: Account, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    account.run("ship", "checkout", made("v2"))
    account.story.play([Until(Phase.SHIFTING)])
    assert account.run("ship", "checkout", made("v2"), "--watch") == 0
    printed = capsys.readouterr().out
    assert "is deploying these very bytes already, and goes on; following checkout:live#1" in printed
    assert printed.splitlines()[-1].endswith("checkout:live#1 ended as SUCCEEDED")


def test_another_alias_than_expected_is_found(account: Account, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    account.story.cloud.callers["checkout", "blue"] = 60
    assert account.run("ship", "checkout", made("v2", alias="blue", strategy=SLOW), "--watch", "--alias", "green") == 0
    assert "the deployment is checkout:blue#1" in capsys.readouterr().out


def test_an_upload_that_nobody_hears_of_is_3_in_the_end(
    account: Account, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    account.story.cloud.storage._events = []  # S3 sends no event
    assert account.run("ship", "checkout", made("v2"), "--watch") == 3
    told = capsys.readouterr().err
    assert "in ten minutes no deployment of checkout/v2.zip" in told
    assert "`slipway deploy --key checkout/v2.zip --version version-1` needs no event" in told


def test_json_is_one_object_with_the_end(account: Account, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    account.run("ship", "checkout", made("v2"), "--watch", "--json")
    printed = json.loads(capsys.readouterr().out)
    assert (printed["ok"], printed["deployment"], printed["phase"]) == (True, "checkout:live#1", "SUCCEEDED")
    assert printed["key"] == "checkout/v2.zip"


# -- plan -------------------------------------------------------------------------------------------------------------


def test_plan_uploads_where_nothing_is_deployed_from(
    account: Account, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.run("plan", "checkout", made("v2")) == 0
    (upload,) = account.uploads
    assert upload["Key"] == ".plan/checkout/v2.zip"
    assert "checkout:live  would deploy" in capsys.readouterr().out
    account.story.minute()
    assert account.story.deployments() == []


def test_a_plan_that_would_be_refused_is_1(account: Account, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {**QUICK["function"], "Handler": "main.handler"}  # type: ignore[dict-item]
    assert account.run("plan", "checkout", made("v2", function=wrong)) == 1
    assert "needs main.py" in capsys.readouterr().out


def test_plan_may_ask_about_an_object_of_the_bucket(account: Account, made: Made) -> None:
    account.run("ship", "checkout", made("v2"), "--watch")
    assert account.run("plan", "--key", "checkout/v2.zip") == 0
    assert len(account.uploads) == 1


def test_plan_about_nothing_is_2(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ((), ("checkout",)):
        with pytest.raises(SystemExit) as ended:
            account.run("plan", *arguments)
        assert ended.value.code == 2
        assert "FUNCTION and ZIP, or --key" in capsys.readouterr().err


# -- check ------------------------------------------------------------------------------------------------------------


def test_check_says_why_a_zip_would_be_refused(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    account = Account()
    assert account.run("check", made("v2")) == 0
    assert "would deploy" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    assert account.run("check", str(tmp_path / "empty.zip")) == 1
    assert "would refuse" in capsys.readouterr().out
    assert account.run("check", made("v2"), "--json") == 0
    assert json.loads(capsys.readouterr().out)["would"] == "deploy"
