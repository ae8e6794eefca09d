"""What is written to an alias, what is read of it, and the revision between the two."""

from __future__ import annotations

from tests.agreement.account import Account
from tests.agreement.function import NO_WEIGHTS, STALE, at, conflict, live, not_found, published, refusal_of
from tests.agreement.listing import check

_MISSING = "ResourceNotFoundException"


@check("1.2.1")
def a_write_may_be_of_any_part_or_of_none(account: Account) -> None:
    """Only the two names are required. Source: botocore's model, UpdateAliasRequest, 1.43.106."""
    function = live(account)
    for changes in (
        {},
        {"FunctionVersion": "2"},
        {"Description": "mine"},
        at({"1": 0.5}),
        {"RoutingConfig": NO_WEIGHTS},
    ):
        assert function.move(**changes)["Name"] == "live"
    found = function.read()
    assert (found["FunctionVersion"], found["Description"]) == ("2", "mine")


@check("1.2.2")
def what_a_write_leaves_out_stays_as_it_was(account: Account) -> None:
    """The weights too. Source: LocalStack's snapshots of AWS, test_alias_lifecycle, 2023-11."""
    function = live(account)
    function.move(**at({"2": 0.1}), Description="mine")
    changed = function.move(Description="still mine")
    for found in (changed, function.read()):
        assert found["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.1}}
        assert (found["FunctionVersion"], found["Description"]) == ("1", "still mine")


@check("1.2.2")
def empty_weights_take_them_away(account: Account) -> None:
    """An answer then has no RoutingConfig at all. Source: LocalStack's snapshots of AWS, update_alias_1_1, 2023-11."""
    function = live(account, {"2": 0.1})
    assert "RoutingConfig" not in function.move(RoutingConfig=NO_WEIGHTS)
    assert "RoutingConfig" not in function.read()
    assert "RoutingConfig" not in function.point("other", weights={})


@check("1.2.2", unverified="whether it takes the weights away")
def a_routing_without_weights_is_no_error(account: Account) -> None:
    """Nothing in it is required. Source: botocore's model, AliasRoutingConfiguration, 1.43.106."""
    assert live(account, {"2": 0.1}).move(RoutingConfig={})["FunctionVersion"] == "1"


@check("1.2.3")
def every_write_gives_a_new_revision(account: Account) -> None:
    """Also one that changes nothing. Source: LocalStack's snapshots of AWS, update_alias_1_2, 2023-11."""
    function = live(account)
    revisions = [function.read()["RevisionId"], function.read()["RevisionId"]]
    revisions += [function.move(FunctionVersion="1")["RevisionId"] for _ in range(3)]
    assert len(set(revisions)) == 4
    assert function.read()["RevisionId"] == revisions[-1]


@check("1.2.4")
def a_write_under_another_revision_is_refused_and_changes_nothing(account: Account) -> None:
    """412. Source: LocalStack's snapshots of AWS, test_alias_lifecycle, 2023-11."""
    function = live(account)
    read = function.read()["RevisionId"]
    theirs = function.move(Description="theirs", RevisionId=read)["RevisionId"]
    expected = (412, "PreconditionFailedException", STALE)
    assert refusal_of(lambda: function.move(FunctionVersion="2", RevisionId=read)) == expected
    found = function.read()
    assert (found["FunctionVersion"], found["RevisionId"]) == ("1", theirs)


@check("1.2.4")
def of_two_writes_under_one_revision_the_first_wins(account: Account) -> None:
    """A revision is good for one write, also where that changed nothing. Source: LocalStack's snapshots of AWS,
    2023-11.
    """
    function = live(account)
    read = function.read()["RevisionId"]
    function.move(RevisionId=read)
    assert refusal_of(lambda: function.move(RevisionId=read))[0] == 412


@check("1.2.5")
def an_alias_that_does_not_exist_is_not_found_in_the_words_of_each_call(account: Account) -> None:
    """404. Source: LocalStack's snapshots of AWS, alias_does_not_exist_esc, 2023-11; test_non_existent_alias_update,
    2024-11.
    """
    function = published(account, "v1")
    assert refusal_of(function.read) == (404, _MISSING, f"Cannot find alias arn: {function.arn}:live")
    assert refusal_of(function.move) == (404, _MISSING, f"Alias not found: {function.arn}:live")


@check("1.2.5")
def an_alias_is_made_once(account: Account) -> None:
    """201, and then 409. Source: LocalStack's snapshots of AWS, routing_config_exc_already_exist, 2025-11-25."""
    function = published(account, "v1")
    made = function.point()
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert refusal_of(function.point) == conflict(f"Alias already exists: {function.arn}:live")


@check("1.2.5")
def an_alias_shows_its_arn_its_version_and_an_empty_description(account: Account) -> None:
    """Source: LocalStack's snapshots of AWS, create_alias_1_3 and get_alias_1_3, 2023-11."""
    function = published(account, "v1")
    made, found = function.point(), function.read()
    for answer in (made, found):
        del answer["ResponseMetadata"]
        assert answer.pop("RevisionId")
    expected = {"AliasArn": f"{function.arn}:live", "Name": "live", "FunctionVersion": "1", "Description": ""}
    assert made == found == expected


@check("1.2.6")
def a_name_has_letters_digits_hyphens_and_underscores_and_is_no_number(account: Account) -> None:
    """A date is a name. Source: botocore's model, Alias, 1.43.106; LocalStack's snapshots of AWS, 2023-11."""
    function = published(account, "v1")
    for name in ("2024", "a.b", "a b"):
        status, code, _ = refusal_of(lambda name=name: function.point(name))
        assert (name, status, code) == (name, 400, "ValidationException")
    assert [function.point(name)["Name"] for name in ("2024-01-02", "live_2")] == ["2024-01-02", "live_2"]


@check("1.2.6")
def a_description_has_256_characters_at_most(account: Account) -> None:
    """Source: botocore's model, Description, 1.43.106."""
    function = live(account)
    assert function.move(Description="x" * 256)["Description"] == "x" * 256
    status, code, text = refusal_of(lambda: function.move(Description="x" * 257))
    assert (status, code) == (400, "ValidationException")
    assert "at 'description' failed to satisfy constraint" in text
    assert "less than or equal to 256" in text


@check("1.2.5")
def a_function_is_read_by_its_alias_as_the_version_under_the_aliases_name(account: Account) -> None:
    """All is the version's, its revision too, but the ARN. Source: LocalStack's snapshots of AWS,
    get_function_alias_1_1, 2023-11.
    """
    function = live(account, {"2": 1.0})
    version = function.configuration("1")
    expected = {**version, "FunctionArn": f"{function.arn}:live"}
    assert version["FunctionArn"] == f"{function.arn}:1"
    assert function.configuration("live") == expected
    assert function.call("get_function", Qualifier="live")["Configuration"] == expected


@check("1.2.5")
def what_no_alias_and_no_version_is_called_is_no_function(account: Account) -> None:
    """Source: LocalStack's snapshots of AWS, get_function_alias_notfound_exc, 2023-11."""
    function = published(account, "v1")
    for name in ("live", "7"):
        for operation in ("get_function", "get_function_configuration", "invoke"):
            found = refusal_of(lambda name=name, operation=operation: function.call(operation, Qualifier=name))
            assert (operation, found) == (operation, not_found(f"{function.arn}:{name}"))


@check("1.2.5")
def aliases_are_listed_as_they_are_read(account: Account) -> None:
    """Source: LocalStack's snapshots of AWS, list_aliases_for_fnname, 2023-11."""
    function = live(account, {"2": 0.2})
    function.point("previous")
    listed = function.call("list_aliases")["Aliases"]
    read = [function.read(name) for name in ("live", "previous")]
    assert sorted(listed, key=lambda each: each["Name"]) == [
        {member: value for member, value in each.items() if member != "ResponseMetadata"} for each in read
    ]
