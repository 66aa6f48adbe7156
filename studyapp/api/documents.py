"""The OpenAPI document, with the refusals of every operation, and what the API's page shows of it."""

from collections import defaultdict
from typing import Any

from ninja import NinjaAPI

from studyapp.api.problems import TITLES

REFUSALS = ("400", "401", "403", "404", "409", "413", "422")
PREFIX = "/api/v1/"


def openapi_document(api: NinjaAPI) -> dict[str, Any]:
    """Return the document; each operation names its refusals, which all look alike."""
    document: dict[str, Any] = api.get_openapi_schema(path_prefix=PREFIX)
    schemas = document["components"]["schemas"]
    schemas["RefusedPart"] = {
        "type": "object",
        "required": ["path", "message"],
        "properties": {"path": {"type": "string"}, "message": {"type": "string"}, "line": {"type": "integer"}},
    }
    schemas["Refusal"] = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What is wrong, and what to do."},
            "problems": {"type": "array", "items": {"$ref": "#/components/schemas/RefusedPart"}},
        },
    }
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    for operations in document["paths"].values():
        for operation in operations.values():
            for status in REFUSALS:
                operation["responses"].setdefault(status, {"description": TITLES[int(status)], "content": content})
    return document


def endpoints(document: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return (group, its operations) for the page."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups[operation["tags"][0]].append(
                {
                    "method": method.upper(),
                    "path": path,
                    "id": operation["operationId"],
                    "summary": operation["summary"],
                    "parameters": [_parameter(each) for each in operation.get("parameters", [])],
                    "body": ", ".join(operation.get("requestBody", {}).get("content", {})),
                }
            )
    return list(groups.items())


def _parameter(given: dict[str, Any]) -> dict[str, Any]:
    schema = given["schema"]
    allowed = schema.get("enum", [])
    return {
        "name": given["name"],
        "place": given["in"],
        "is_required": given.get("required", False),
        "words": given.get("description") or schema.get("description", ""),
        "allowed": ", ".join(str(each) for each in allowed),
    }
