"""The form that brings judgements gathered elsewhere into a study: the table, and what its columns and words mean."""

import io
from typing import Any, cast

from django import forms
from django.http import QueryDict

from studyapp.errors import ImportFailed
from studyapp.forms.account import styled
from studyapp.services.csv_text import decode_csv
from studyapp.services.response_mapping import mapping_of
from studyapp.services.response_rows import NAMES, REQUIRED

MOST_BYTES = 1 << 20  # of a table on this page; larger ones are imported by the command
COLUMNS = {
    "participant_id": "participant",
    "stimulus_id": "sound",
    "response": "answer",
    "reason": "reason",
    "reason_text": "reason in words",
    "confidence": "confidence",
    "rt_ms": "response time",
    "trial_order": "place in the session",
}
HELP = {
    "participant_id": "any text, such as Gorilla's Participant Private ID",
    "stimulus_id": "the sound's name, address, id or SHA-256",
    "response": "real or fake, in the words below",
    "reason": "code or label of the study's menu",
    "rt_ms": "in milliseconds",
    "trial_order": "needed where sounds were heard again",
}
_LINES = forms.Textarea(attrs={"rows": 2, "spellcheck": "false"})


class ResponsesForm(forms.Form):
    """A table as a file or as text; the file wins, and its text is kept for the second look."""

    file = forms.FileField(label="A CSV file, or jsPsych's JSON", required=False, help_text="At most 1 MiB.")
    text = forms.CharField(
        label="or its text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )
    fake = forms.CharField(label="Words for fake", initial="fake", help_text="Parted by commas; in any case.")
    real = forms.CharField(label="Words for real", initial="real", help_text="Parted by commas; in any case.")
    only = forms.CharField(
        label="Rows to read", required=False, widget=_LINES, help_text="HEADER=VALUE, one a line. Empty: every row."
    )
    reason_only = forms.CharField(
        label="Rows with reasons",
        required=False,
        widget=_LINES,
        help_text="HEADER=VALUE, where a reason stands in a row of its own, below its judgement.",
    )
    unanswered = forms.CharField(
        label="Words for no answer",
        required=False,
        help_text="Parted by commas, such as null. Counted, and not stored.",
    )
    rt_from = forms.ChoiceField(
        label="Response times count from", choices=[("onset", "the sound's start"), ("offset", "the sound's end")]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NAMES:
            self.fields[f"column_{name}"] = forms.CharField(
                label=f"Column of the {COLUMNS[name]}",
                required=name in REQUIRED,
                initial=name if name in REQUIRED else "",
                max_length=200,
                help_text=HELP.get(name, ""),
            )
        self.order_fields(["file", "text", *(f"column_{name}" for name in NAMES)])
        styled(self)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file = given.get("file")
        try:
            if file is not None:
                if file.size > MOST_BYTES:
                    raise ImportFailed("the file is larger than 1 MiB: use manage.py import_responses")
                given["text"] = decode_csv(file.name, file.read())
            if not given.get("text", "").strip():
                raise ImportFailed("Choose a file, or paste its text.")
            given["mapping"] = self._mapping(given)
        except ImportFailed as error:
            raise forms.ValidationError(str(error)) from None
        # What was in the file stands in the field for the text from now on.
        data = cast("QueryDict", self.data).copy()
        data["text"] = given["text"]
        self.data = data
        return given

    def _mapping(self, given: dict[str, Any]) -> Any:
        columns = {name: given.get(f"column_{name}", "").strip() for name in NAMES}
        return mapping_of(
            columns={name: header for name, header in columns.items() if header},
            fake=_parts(given.get("fake", "")),
            real=_parts(given.get("real", "")),
            only=_lines(given.get("only", "")),
            reason_only=_lines(given.get("reason_only", "")),
            unanswered=_parts(given.get("unanswered", "")),
            rt_from=given.get("rt_from", "onset"),
        )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in io.StringIO(text) if line.strip()]
