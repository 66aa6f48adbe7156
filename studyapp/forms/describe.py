"""Read the description of an upload from the fields of its page."""

from typing import Any

from django.http import QueryDict

from studyapp.services.upload_table import FACTS, MAX_LABELS


def read_given(fields: QueryDict) -> dict[str, Any]:
    """Return what was chosen, as services take it; empty where nothing was. Values are not judged here.

    columns: fact -> number of the column. labels: word -> real or fake. constants: fact -> what it is in every row.
    """
    if "how" not in fields:
        return {}
    given: dict[str, Any] = {key: fields.get(key, "") for key in ("how", "label", "category", "generator", "table")}
    given["leave_out_missing"] = fields.get("leave_out_missing") == "1"
    if fields.get("columns_of", "") == given["table"] != "":  # not those of the table that was chosen before
        given["columns"] = {fact: fields.get(f"column-{fact}", "") for fact in FACTS}
    given["constants"] = {fact: fields.get(f"constant-{fact}", "") for fact in ("label", "category", "generator")}
    given["labels"] = {
        fields[f"word-{index}"]: fields.get(f"means-{index}", "")
        for index in range(MAX_LABELS)
        if f"word-{index}" in fields
    }
    return given
