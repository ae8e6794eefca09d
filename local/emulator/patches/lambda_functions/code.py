"""Answers for packages as AWS does: refuses an absent one, hashes a dry run, gives each version its own.

Note: ``DryRun`` says what the hash of the submitted package would be, and changes nothing, not even the revision.
Source: API reference, UpdateFunctionCode, DryRun, 2026-11.
"""

from __future__ import annotations

import base64
import io
import os
import zipfile
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc, s3
from ministack.services.cloudformation import provisioners

from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.answers import Answer, document_of, refused, success
from local.emulator.rules.lambda_.code_source import NO_SOURCE, CodeAbsent, absent, has_source, identity

Record = dict[str, Any]


def replace_code() -> None:
    """Replaces how MiniStack finds, checks and hands out packages."""
    replace(lambda_svc, "_fetch_code_from_s3", ("bucket", "key", "version_id"), _fetch)
    replace(lambda_svc, "_create_function", ("data",), _create)
    replace(lambda_svc, "_update_code", ("name", "data"), _update)
    replace(lambda_svc, "_get_function", ("name", "qualifier"), _get)
    replace(lambda_svc, "serve_function_code", ("func_name", "account_id", "region"), _serve)
    replace(provisioners, "_zip_inline", ("source", "handler", "runtime"), _zip_inline)


def _fetch(original: Callable[..., bytes | None]) -> Callable[..., bytes]:
    @wraps(original)
    def fetch(bucket: str, key: str, version_id: str | None = None) -> bytes:
        package = original(bucket, key, version_id)
        if package is None:
            found = s3._buckets.get(bucket)
            raise absent(found is not None, found is not None and s3._get_object_data(bucket, key) is not None)
        return package

    return fetch


def _create(original: Callable[[Record], Answer]) -> Callable[[Record], Answer]:
    @wraps(original)
    def create(data: Record) -> Answer:
        if not has_source(data.get("Code") or {}):
            return NO_SOURCE.answer()
        try:
            return original(data)
        except CodeAbsent as missing:
            return missing.refusal.answer()

    return create


def _update(original: Callable[[str, Record], Answer]) -> Callable[[str, Record], Answer]:
    @wraps(original)
    def update(name: str, data: Record) -> Answer:
        if not has_source(data):
            return NO_SOURCE.answer()
        function = lambda_svc._functions.get(name)
        try:
            if function is not None and data.get("DryRun"):
                return _dry_run(function["config"], data)
            return original(name, data)
        except CodeAbsent as missing:
            return missing.refusal.answer()

    return update


def _dry_run(config: Record, data: Record) -> Answer:
    stale: Answer | None = lambda_svc._check_revision(config, data)
    if stale is not None:
        return stale
    package = _submitted(data)
    unreadable: Answer | None = lambda_svc._reject_unreadable_zip(package)
    return unreadable or success({**config, **identity(package)})


def _submitted(data: Mapping[str, Any]) -> bytes:
    if "ZipFile" in data:
        return base64.b64decode(data["ZipFile"])
    package: bytes = lambda_svc._fetch_code_from_s3(data["S3Bucket"], data["S3Key"], data.get("S3ObjectVersion"))
    return package


def _get(original: Callable[[str, str | None], Answer]) -> Callable[[str, str | None], Answer]:
    @wraps(original)
    def get(name: str, qualifier: str | None = None) -> Answer:
        answer = original(name, qualifier)
        if refused(answer):
            return answer
        document = document_of(answer)
        if "Location" in document["Code"]:
            document["Code"]["Location"] = _location(name, document["Configuration"]["Version"])
        return success(document)

    return get


def _location(name: str, version: str) -> str:
    place = f"/_ministack/lambda-code/{get_account_id()}/{get_region()}/{name}:{version}"
    return f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}{place}"


def _serve(original: Callable[..., Answer]) -> Callable[..., Answer]:
    @wraps(original)
    def serve(func_name: str, account_id: str | None = None, region: str | None = None) -> Answer:
        name, _, version = func_name.partition(":")
        function = lambda_svc._functions.get_scoped(account_id, region, name)
        record, _config = lambda_svc._effective_func_record_for_qualifier(function, version)
        if not version or record is None:
            return original(name, account_id, region)
        return 200, {"Content-Type": "application/zip"}, record["code_zip"]

    return serve


def _zip_inline(original: Callable[..., bytes | None]) -> Callable[..., bytes | None]:
    """Code that stands in a template is readable by Lambda's user; MiniStack zips it with mode 0600."""

    @wraps(original)
    def zip_inline(source: str | None, handler: str, runtime: str = "python3.13") -> bytes | None:
        package = original(source, handler, runtime)
        if package is None:
            return None
        written = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(package)) as given, zipfile.ZipFile(written, "w") as archive:
            for entry in given.infolist():
                content = given.read(entry)
                entry.external_attr = 0o100644 << 16
                archive.writestr(entry, content)
        return written.getvalue()

    return zip_inline
