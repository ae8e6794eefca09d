"""What makes a version, what does not, and which code is in it."""

from __future__ import annotations

import base64
import hashlib

from tests.agreement.account import Account
from tests.agreement.function import Function, conflict, created, invalid, not_found, published, refusal_of
from tests.agreement.listing import check


def _sha256(code: bytes) -> str:
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


@check("1.3.2")
def what_has_not_changed_is_not_published_again(account: Account) -> None:
    """201 with the old number, revision and description. Source: LocalStack's snapshots of AWS, third_publish_response,
    2023-11.
    """
    function = created(account)
    first = function.call("publish_version", Description="first")
    account.settle()
    again = function.call("publish_version", Description="again")
    assert (first["Version"], again["Version"]) == ("1", "1")
    assert (again["RevisionId"], again["Description"]) == (first["RevisionId"], "first")
    assert again["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert len(function.call("list_versions_by_function")["Versions"]) == 2


@check("1.3.3")
def a_setting_alone_makes_a_new_version(account: Account) -> None:
    """Even the description of the function. Source: LocalStack's snapshots of AWS, second_publish_response, 2023-11."""
    function = published(account, "v1")
    settings = (
        {"MemorySize": 256},
        {"Timeout": 9},
        {"Description": "other"},
        {"Environment": {"Variables": {"A": "1"}}},
    )
    numbers = []
    for setting in settings:
        function.configure(**setting)
        numbers.append(function.publish())
    assert numbers == ["2", "3", "4", "5"]


@check("1.3.1", unverified="section 16 has it as still to be tried on a live account")
def the_same_bytes_sent_again_are_no_change(account: Account) -> None:
    """A version is made only if code or configuration has changed since the last one. Source: botocore's model,
    PublishVersion, 1.43.106.
    """
    function = published(account, "v1")
    function.update("v1")
    assert function.publish() == "1"


@check("1.3.1")
def a_version_is_compared_with_the_last_one_and_no_other(account: Account) -> None:
    """Code that an older version has makes a new one. Source: botocore's model, PublishVersion, 1.43.106: "since the
    last version".
    """
    assert published(account, "v1", "v2").publish("v1") == "3"


@check("1.3.1")
def a_number_is_never_given_twice(account: Account) -> None:
    """Not even that of the last version, deleted. Source: DataBiosphere/azul #6259, 2024-05."""
    function = published(account, "v1", "v2")
    function.call("delete_function", Qualifier="2")
    assert function.publish("v3") == "3"


@check("1.3.4")
def a_publication_under_another_hash_is_refused(account: Account) -> None:
    """400, and both hashes are told. Source: LocalStack's snapshots of AWS, test_publish_with_wrong_sha256, 2023-11."""
    function = created(account)
    wrong, found = _sha256(b"other"), function.configuration()["CodeSha256"]
    text = (
        f"CodeSHA256 ({wrong}) is different from current CodeSHA256 in $LATEST ({found}). "
        "Please try again with the CodeSHA256 in $LATEST."
    )
    assert refusal_of(lambda: function.call("publish_version", CodeSha256=wrong)) == invalid(text)
    assert function.call("publish_version", CodeSha256=found)["Version"] == "1"


@check("4.4")
def the_hash_is_the_zips_digest_in_base64(account: Account) -> None:
    """The SHA256 of the deployment package. Source: botocore's model, FunctionConfiguration, 1.43.106."""
    function, code = created(account), account.code("v1")
    found = function.configuration()
    assert (found["CodeSha256"], found["CodeSize"]) == (_sha256(code), len(code))


@check("1.3.6")
def an_update_that_publishes_answers_with_the_version(account: Account) -> None:
    """Two things are in progress then. Source: LocalStack's snapshots of AWS, test_publish_with_update, 2023-11."""
    function = published(account, "v1")
    answer = function.call("update_function_code", ZipFile=account.code("v2"), Publish=True)
    assert (answer["Version"], answer["FunctionArn"]) == ("2", f"{function.arn}:2")
    assert (answer["State"], answer["StateReasonCode"]) == ("Pending", "Creating")
    assert function.configuration()["LastUpdateStatus"] == "InProgress"


@check("1.3.6")
def an_update_that_publishes_what_is_published_answers_with_the_old_version(account: Account) -> None:
    """Publish is the same as PublishVersion afterwards. Source: botocore's model, UpdateFunctionCode, 1.43.106."""
    function = published(account, "v1")
    assert function.call("update_function_code", ZipFile=account.code("v1"), Publish=True)["Version"] == "1"


@check("1.3.8", unverified="that the hash is told for an object of S3, too")
def a_dry_run_tells_the_hash_and_changes_nothing(account: Account) -> None:
    """Source: botocore's model, DryRun, 1.43.106; that the hash is that of what was sent: older API reference."""
    function, bucket, code = published(account, "v1"), account.bucket(), account.code("v2")
    account.upload(bucket, "k.zip", code)
    before = function.configuration()
    for sent in ({"ZipFile": code}, {"S3Bucket": bucket, "S3Key": "k.zip"}):
        assert function.call("update_function_code", DryRun=True, **sent)["CodeSha256"] == _sha256(code)
    assert function.configuration() == before


@check("1.3.9")
def an_object_version_pins_the_upload(account: Account) -> None:
    """Source: botocore's model, S3ObjectVersion, 1.43.106."""
    function, bucket = created(account), account.bucket()
    account.upload(bucket, "k.zip", account.code("v2"))
    pinned = account.client("s3").head_object(Bucket=bucket, Key="k.zip")["VersionId"]
    account.upload(bucket, "k.zip", account.code("v3"))
    function.call("update_function_code", S3Bucket=bucket, S3Key="k.zip", S3ObjectVersion=pinned)
    account.settle()
    assert function.configuration()["CodeSha256"] == _sha256(account.code("v2"))
    function.call("update_function_code", S3Bucket=bucket, S3Key="k.zip")
    assert function.configuration()["CodeSha256"] == _sha256(account.code("v3"))


@check("lambda")
def an_object_that_is_not_there_is_refused(account: Account) -> None:
    """400 in the words of S3, for an update and a creation. Source: the text as in public reports, 2026-11."""
    function, bucket, other = created(account), account.bucket(), Function(account)
    other.name = f"{account.name}-new"
    key = ("NoSuchKey", "The specified key does not exist.")
    missing = ("NoSuchBucket", "The specified bucket does not exist")
    for place, (code, message) in ((bucket, key), (f"{bucket}-gone", missing)):
        text = f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
        sent = {"S3Bucket": place, "S3Key": "k.zip"}
        assert refusal_of(lambda sent=sent: function.call("update_function_code", **sent)) == invalid(text)
        assert refusal_of(lambda sent=sent: other.create(Code=sent)) == invalid(text)


@check("lambda")
def what_is_no_zip_is_refused(account: Account) -> None:
    """400. Source: the text as in public reports, 2026-11."""
    text = "Could not unzip uploaded file. Please check your file, then try to upload again."
    function = created(account)
    assert refusal_of(lambda: function.call("update_function_code", ZipFile=b"not a zip")) == invalid(text)


@check("1.3.13")
def a_function_that_is_created_and_published_answers_with_version_1(account: Account) -> None:
    """Pending, and the function with it. Source: LocalStack's snapshots of AWS, create_response, 2025-11-25."""
    function = Function(account)
    made = function.create(Publish=True)
    assert (made["Version"], made["State"], made["StateReasonCode"]) == ("1", "Pending", "Creating")
    assert "LastUpdateStatus" not in made
    account.settle()
    assert function.configuration("1")["State"] == "Active"
    assert function.publish() == "1"


@check("lambda")
def a_function_is_created_once(account: Account) -> None:
    """201, and then 409. Source: LocalStack's snapshots of AWS, test_function_lifecycle, 2024-03; the text of the
    refusal as in public reports.
    """
    function = Function(account)
    made = function.create()
    assert (made["ResponseMetadata"]["HTTPStatusCode"], made["Version"]) == (201, "$LATEST")
    assert made["FunctionArn"] == function.arn
    assert refusal_of(function.create) == conflict(f"Function already exist: {function.name}")


@check("1.3.1")
def a_version_is_never_changed(account: Account) -> None:
    """Its code and its settings are those that it was published from. Source: developer guide, versions, 2026-11;
    measured in floci #2821, 2026-08.
    """
    function = published(account, "v1")
    before = function.configuration("1")
    function.update("v2")
    function.configure(Timeout=9, Description="other")
    function.publish()
    assert function.configuration("1") == before
    assert before["CodeSha256"] == _sha256(account.code("v1"))


@check("1.3.2")
def a_version_has_a_description_of_its_own(account: Account) -> None:
    """That of the publication, or else the function's. Source: LocalStack's snapshots of AWS,
    first_publish_get_function_config and second_publish_response, 2023-11.
    """
    function = created(account)
    function.call("publish_version", Description="first")
    account.settle()
    function.configure(Description="the function's")
    assert function.publish() == "2"
    found = [function.configuration(number)["Description"] for number in ("1", "2", "$LATEST")]
    assert found == ["first", "the function's", "the function's"]


@check("4.5")
def latest_is_listed_among_the_versions_and_no_state_of_any(account: Account) -> None:
    """The ARN of each has its qualifier, $LATEST's too. Source: LocalStack's snapshots of AWS,
    list_versions_result_end, 2023-11.
    """
    function = published(account, "v1", "v2")
    listed = function.call("list_versions_by_function")["Versions"]
    assert [each["Version"] for each in listed] == ["$LATEST", "1", "2"]
    assert [each["FunctionArn"] for each in listed] == [f"{function.arn}:{each['Version']}" for each in listed]
    assert [each["CodeSha256"] for each in listed] == [_sha256(account.code(code)) for code in ("v2", "v1", "v2")]
    assert [name for each in listed for name in each if name.startswith(("State", "LastUpdateStatus"))] == []


@check("4.5")
def versions_and_aliases_are_listed_by_the_page(account: Account) -> None:
    """Source: botocore's model, MaxItems, Marker and NextMarker, 1.43.106."""
    function = published(account, "v1", "v2")
    for operation, member in (("list_versions_by_function", "Versions"), ("list_aliases", "Aliases")):
        function.point(member)
        function.point(f"{member}-2")
        pages, marker = [], {}
        while len(pages) < 5:
            page = function.call(operation, MaxItems=1, **marker)
            pages.append(page[member])
            if not page.get("NextMarker"):
                break
            marker = {"Marker": page["NextMarker"]}
        whole = function.call(operation)
        assert [each for page in pages for each in page] == whole[member]
        assert all(len(page) <= 1 for page in pages)
        assert not whole.get("NextMarker")


@check("lambda")
def a_function_that_does_not_exist_is_not_found(account: Account) -> None:
    """Its ARN is told. Source: LocalStack's snapshots of AWS, delete_postdelete, 2024-03."""
    function = Function(account)
    for operation in ("get_function", "get_function_configuration", "publish_version", "list_aliases"):
        found = refusal_of(lambda operation=operation: function.call(operation))
        assert (operation, found) == (operation, not_found(function.arn))


@check("lambda")
def an_answer_shows_the_defaults_and_nothing_that_is_not_set(account: Account) -> None:
    """Source: LocalStack's snapshots of AWS, test_function_lifecycle, 2024-03."""
    found = created(account).configuration()
    assert (found["MemorySize"], found["Timeout"], found["Architectures"]) == (128, 3, ["x86_64"])
    assert (found["PackageType"], found["Description"]) == ("Zip", "")
    assert found["TracingConfig"] == {"Mode": "PassThrough"}
    assert found["EphemeralStorage"] == {"Size": 512}
    assert [
        name for name in ("Environment", "DeadLetterConfig", "VpcConfig", "Layers", "KMSKeyArn") if name in found
    ] == []


@check("lambda")
def a_dead_letter_queue_is_taken_away_by_an_empty_arn(account: Account) -> None:
    """It is not shown then. Source: Lambda API reference, UpdateFunctionConfiguration, 2026-11."""
    function = created(account)
    function.configure(DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"})
    assert "DeadLetterConfig" in function.configuration()
    function.configure(DeadLetterConfig={"TargetArn": ""})
    assert "DeadLetterConfig" not in function.configuration()


@check("4.2")
def every_version_counts_as_stored_code(account: Account) -> None:
    """Source: botocore's model, AccountUsage.TotalCodeSize, 1.43.106."""
    function = published(account, "v1")
    client = account.client("lambda")
    before = client.get_account_settings()["AccountUsage"]["TotalCodeSize"]
    function.publish("v2")
    after = client.get_account_settings()
    assert after["AccountUsage"]["TotalCodeSize"] - before == len(account.code("v2"))
    assert after["AccountLimit"]["TotalCodeSize"] > after["AccountUsage"]["TotalCodeSize"]
