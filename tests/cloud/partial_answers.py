"""Answers that AWS gives in part: some of a batch is left out, and the caller is to ask for the rest again.

Sources: DynamoDB API reference, BatchGetItem, UnprocessedKeys; CloudWatch API reference, MetricDataResult, StatusCode
InternalError; 2026-11. Which part is left out is not documented; here it is the second half, and all of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.cloud.faults import Json


def in_part(operation: str, parameters: Json, answer: Json) -> Json:
    """Returns the first half of an answer, which says what is missing. Only for the operations of ``CUT``."""
    return CUT[operation](parameters, answer)


def _batch_get_item(parameters: Json, answer: Json) -> Json:
    ((table, asked),) = parameters["RequestItems"].items()
    kept = len(asked["Keys"]) // 2
    first = asked["Keys"][:kept]
    found = [item for item in answer["Responses"][table] if {name: item[name] for name in asked["Keys"][0]} in first]
    left = {table: {**asked, "Keys": asked["Keys"][kept:]}}
    return {"Responses": {table: found}, "UnprocessedKeys": left}


def _get_metric_data(_parameters: Json, answer: Json) -> Json:
    results = answer["MetricDataResults"]
    kept = len(results) // 2
    missing = [{**each, "Timestamps": [], "Values": [], "StatusCode": "InternalError"} for each in results[kept:]]
    return {**answer, "MetricDataResults": [*results[:kept], *missing]}


CUT: Mapping[str, Callable[[Json, Json], Json]] = {"BatchGetItem": _batch_get_item, "GetMetricData": _get_metric_data}
"""The operations that may be answered in part."""
