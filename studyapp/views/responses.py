"""Judgements gathered elsewhere, from a study's page: look at the table first, then import it."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from studyapp.errors import ImportFailed
from studyapp.forms.responses import ResponsesForm
from studyapp.reports.numbers import counted
from studyapp.services.response_import import ResponseImport, import_responses, preview_responses
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right

SHOWN = 10  # judgements of the preview


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def study_responses(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the form; with `do` = import store the judgements, else say what would be stored."""
    study = study_or_404(request.user, slug, Right.EDIT)
    form = ResponsesForm(request.POST or None, request.FILES or None)
    problems: list[str] = []
    preview = None
    if request.method == "POST" and form.is_valid():
        try:
            with tempfile.TemporaryDirectory(prefix="earwitness-responses-") as folder:
                text = form.cleaned_data["text"]
                path = Path(folder) / ("table.json" if text.lstrip().startswith(("[", "{")) else "table.csv")
                path.write_text(text, encoding="utf-8", newline="")
                given = {"path": path, "slug": slug, "mapping": form.cleaned_data["mapping"]}
                if request.POST.get("do") == "import":
                    messages.success(request, _words(import_responses(**given, actor=request.user)))
                    where = f"{reverse('study_analysis', args=[slug])}?origin=imported"
                    return redirect(where if study.may_see_results else reverse("study", args=[slug]))
                preview = preview_responses(**given)
        except ImportFailed as error:
            problems = str(error).splitlines()
    context = {
        "study": study,
        "form": form,
        "problems": problems,
        "preview": preview,
        "counts": _words(preview.counts) if preview else "",
        "shown": preview.rows[:SHOWN] if preview else [],
    }
    status = 400 if form.errors or problems else 200
    return render(request, "experimenter/study_responses.html", context, status=status)


def _words(found: ResponseImport) -> str:
    left = [
        f"{counted(found.n_left_out, 'row')} left out" if found.n_left_out else "",
        f"{counted(found.n_unanswered, 'judgement')} without an answer" if found.n_unanswered else "",
        f"{counted(found.n_partial, 'listener')} judged only some of the clips" if found.n_partial else "",
    ]
    first = (
        f"{counted(found.n_judgements, 'judgement')} of {counted(found.n_clips, 'clip')} by "
        f"{counted(found.n_listeners, 'listener')}"
    )
    return "; ".join([first, *filter(None, left)])
