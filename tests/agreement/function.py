"""The function of a check, with the calls that most checks make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.agreement.account import NUMBER, REGION, Account, Json

STALE = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
)
PENDING = "The operation cannot be performed at this time. The function is currently in the following state: Pending"
NO_WEIGHTS: Json = {"AdditionalVersionWeights": {}}

Refused = tuple[int, str, str]


class Function:
    """The function ``account.name``. It need not exist yet."""

    def __init__(self, account: Account) -> None:
        self.account, self.name = account, account.name
        self.arn = f"arn:aws:lambda:{REGION}:{NUMBER}:function:{self.name}"
        self.client = account.client("lambda")

    def call(self, operation: str, **parameters: Any) -> Any:
        return getattr(self.client, operation)(FunctionName=self.name, **parameters)

    def create(self, code: str = "v1", **settings: Any) -> Any:
        given = {
            "Role": self.account.role(),
            "Runtime": "python3.13",
            "Handler": "app.handler",
            "Code": {"ZipFile": self.account.code(code)},
        }
        return self.call("create_function", **given | settings)

    def update(self, code: str) -> None:
        """Brings other code to ``$LATEST`` and waits."""
        self.call("update_function_code", ZipFile=self.account.code(code))
        self.account.settle()

    def configure(self, **settings: Any) -> None:
        """Brings other settings to ``$LATEST`` and waits."""
        self.call("update_function_configuration", **settings)
        self.account.settle()

    def publish(self, code: str | None = None) -> str:
        """Publishes a version, with other code first if asked, waits, and returns its number."""
        if code is not None:
            self.update(code)
        number = str(self.call("publish_version")["Version"])
        self.account.settle()
        return number

    def configuration(self, qualifier: str | None = None) -> Any:
        found = self.call("get_function_configuration", **({} if qualifier is None else {"Qualifier": qualifier}))
        return {name: value for name, value in found.items() if name != "ResponseMetadata"}

    def point(self, alias: str = "live", version: str = "1", weights: dict[str, float] | None = None) -> Any:
        """Makes an alias."""
        return self.call(
            "create_alias", Name=alias, FunctionVersion=version, **({} if weights is None else at(weights))
        )

    def move(self, alias: str = "live", **changes: Any) -> Any:
        return self.call("update_alias", Name=alias, **changes)

    def read(self, alias: str = "live") -> Any:
        return self.call("get_alias", Name=alias)

    def served(self, count: int, qualifier: str = "live") -> list[str]:
        """Returns which version served each of ``count`` requests."""
        return [self.call("invoke", Qualifier=qualifier)["ExecutedVersion"] for _ in range(count)]


def at(weights: dict[str, float]) -> Json:
    """Returns the parameter that gives an alias these weights."""
    return {"RoutingConfig": {"AdditionalVersionWeights": weights}}


def created(account: Account) -> Function:
    """Returns a function that is ready and has no version."""
    function = Function(account)
    function.create()
    account.settle()
    return function


def published(account: Account, *codes: str) -> Function:
    """Returns a function with the versions 1 and 2, or with one for each of ``codes``."""
    function = created(account)
    for code in codes or ("v1", "v2"):
        function.publish(code)
    return function


def live(account: Account, weights: dict[str, float] | None = None) -> Function:
    """Returns a function with the versions 1 and 2, and the alias ``live`` on 1."""
    function = published(account)
    function.point(weights=weights)
    return function


def refusal_of(call: Callable[[], object]) -> Refused:
    """Returns the HTTP status, the code and the text of the error that ``call`` must end in."""
    with pytest.raises(ClientError) as caught:
        call()
    said = caught.value.response
    return said["ResponseMetadata"]["HTTPStatusCode"], said["Error"]["Code"], said["Error"]["Message"]


def not_found(arn: str) -> Refused:
    return 404, "ResourceNotFoundException", f"Function not found: {arn}"


def invalid(text: str) -> Refused:
    return 400, "InvalidParameterValueException", text


def conflict(text: str) -> Refused:
    return 409, "ResourceConflictException", text
