"""A record survives the table: what DynamoDB's types do to it is undone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from controller.aws.dynamodb.items import from_item, to_item
from controller.core.model import Phase
from controller.core.records.codec import from_record, to_record
from tests.builders import deployment, eventful, manifest


@pytest.mark.parametrize("phase", Phase)
def test_a_deployment_comes_back_from_the_table_as_it_was(phase: Phase) -> None:
    for before in (eventful(phase), deployment(phase)):
        assert from_record(from_item(to_item(to_record(before))), before.revision) == before


def test_fractions_in_the_manifest_survive_the_table() -> None:
    exact = manifest(
        strategy={"steps": [{"weight": 0.25, "hold": "1m"}]}, tests=[{"name": "ping", "payload": {"price": 0.1}}]
    )
    assert from_record(from_item(to_item(to_record(deployment(manifest=exact)))), 0).manifest == exact


def test_a_field_of_none_is_left_out() -> None:
    assert to_item({"a": None, "b": 1}) == {"b": {"N": "1"}}


@pytest.mark.parametrize("value", ["", "text", 0, -1, 10**20, True, [], [1, [None, "x"]], {"a": {"b": [1]}}, {}])
def test_a_value_comes_back_as_it_was(value: object) -> None:
    found = from_item(to_item({"value": value}))
    assert found == {"value": value}
    assert type(found["value"]) is type(value)


def test_a_number_that_is_not_whole_stays_exact() -> None:
    assert from_item({"value": {"N": "0.10"}}) == {"value": Decimal("0.10")}


def test_a_fraction_of_our_own_making_is_refused_and_not_rounded() -> None:
    with pytest.raises(TypeError, match="a float has no place in a record"):
        to_item({"seconds": 0.1})
