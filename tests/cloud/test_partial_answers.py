"""AWS answers a batch in part, and says what is missing."""

from __future__ import annotations

from typing import Any

from tests.builders import NOW, after
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Fault
from tests.cloud.table import TABLE
from tests.cloud.under_way import under_way


def test_half_of_a_batch_is_there_and_the_keys_of_the_rest_are_told(cloud: Cloud) -> None:
    keys = [{"pk": {"S": f"{name}:live"}, "sk": {"S": "deployment#000042"}} for name in ("alpha", "beta", "gamma")]
    for key in keys:
        under_way(cloud, key["pk"]["S"].partition(":")[0])
    cloud.fail(len(cloud.calls), Fault.IN_PART)
    answer = cloud.client("dynamodb").batch_get_item(RequestItems={TABLE: {"Keys": keys}})
    assert [item["pk"] for item in answer["Responses"][TABLE]] == [keys[0]["pk"]]
    assert answer["UnprocessedKeys"][TABLE]["Keys"] == keys[1:]


def test_half_of_the_series_have_points_and_the_others_say_that_they_could_not_be_read(cloud: Cloud) -> None:
    metric = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": []}
    stat: dict[str, Any] = {"Metric": metric, "Period": 60, "Stat": "Sum"}
    queries: list[Any] = [{"Id": name, "MetricStat": stat} for name in ("a", "b")]
    cloud.fail(len(cloud.calls), Fault.IN_PART)
    answer = cloud.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=NOW, EndTime=after(minutes=5)
    )
    assert [each["StatusCode"] for each in answer["MetricDataResults"]] == ["Complete", "InternalError"]
