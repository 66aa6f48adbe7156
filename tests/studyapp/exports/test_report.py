"""The report: the page's numbers in a file that asks nothing of anybody, the same bytes each time."""

import csv
import io
import json
import re
import subprocess
import sys
import time
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from studyapp.exports.pdf import PdfUnavailable, require_weasyprint
from studyapp.exports.report import Pdf, write_report
from studyapp.exports.work import export_planned
from studyapp.exports.written import ExportFailed
from studyapp.models import AuditEntry, StudyExport, StudyVersion
from studyapp.reports.analysis_page import analysis_page
from studyapp.services.analysis import analyze
from studyapp.services.withdrawal import withdraw_for
from studyapp.vocab import Label, Origin
from tests.factories import make_machine, make_session, make_user, make_version

pytestmark = pytest.mark.django_db
TITLE = 'Real <script>alert("x")</script> & fake'


@pytest.fixture
def version() -> StudyVersion:
    version = make_version(slug="study", owner=make_user("owner"), categories=("rain", "=1+1"))
    version.study.title = TITLE
    version.study.save()
    for number in range(3):
        make_session(
            version,
            says_fake=lambda frozen, at, n=number: (frozen.label == Label.FAKE) != (at == n),
            pseudonym=f"P{number}",
        )
    make_machine(version, is_right=lambda frozen, index: index > 2)
    return version


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


def needs_pdf() -> None:
    try:
        require_weasyprint()
    except PdfUnavailable as error:
        pytest.skip(str(error))


def test_the_report_has_the_numbers_of_the_page_and_of_the_analysis(version: StudyVersion, tmp_path: Path) -> None:
    write_report(study=version.study, folder=tmp_path)
    found, analysis = files_of(tmp_path), analyze(study=version.study)
    assert json.loads(found["analysis.json"]) == json.loads(json.dumps(analysis))
    text = unescape(found["report.html"].decode())
    shown = analysis_page(analysis)
    for words in (*shown["sentences"], *analysis["cautions"], TITLE):
        assert words in text
    numbers = dict(rows_of(found["numbers.csv"])[1:])
    assert (
        float(numbers["classes.fake.proportion_correct"]) == analysis["classes"]["fake"]["proportion_correct"] == 0.75
    )
    assert rows_of(found["tables/flow.csv"])[1:] == [[row[0], str(row[1])] for row in shown["flow_figure"]["rows"]]
    assert [row[0] for row in rows_of(found["tables/categories.csv"])[1:]] == ["'=1+1", "'=1+1", "rain", "rain"]
    shares = [row["proportion"] for row in analysis["reasons"]["shares"]]
    assert [float(row[2]) for row in rows_of(found["figures/reason-chart.csv"])[1:]] == shares
    facts = json.loads(found["provenance.json"])
    assert facts["versions"][0]["sha256"] == version.sha256 and facts["data_sha256"] in text


def test_nothing_in_it_reaches_out_and_no_text_becomes_code(version: StudyVersion, tmp_path: Path) -> None:
    write_report(study=version.study, folder=tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert not re.search(r"<(script|link|img|iframe|form|button|object|embed)\b|\bsrc=|@import|\son\w+=", page)
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', page))
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", page))
    assert "default-src 'none'" in page and page.count("<svg") == len(list((tmp_path / "figures").glob("*.svg"))) > 1
    in_tags = set(re.findall(r"<[^>]*?(https?://[^\"' >)]+)", page))  # references to papers name theirs in the text
    assert in_tags <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_written_again_it_has_the_same_bytes_and_other_data_have_others(version: StudyVersion, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_report(study=version.study, folder=tmp_path / name)
    first = files_of(tmp_path / "one")
    assert files_of(tmp_path / "two") == first
    sums = dict(reversed(line.split("  ")) for line in first["CHECKSUMS.sha256"].decode().splitlines())
    assert set(sums) == set(first) - {"CHECKSUMS.sha256"}
    make_session(version)
    write_report(study=version.study, folder=tmp_path / "two")  # takes the place of the earlier one
    other = files_of(tmp_path / "two")
    assert set(other) == set(first) and other["report.html"] != first["report.html"]


@pytest.mark.once
def test_a_pdf_written_a_second_later_has_the_same_bytes(version: StudyVersion, tmp_path: Path) -> None:
    needs_pdf()
    write_report(study=version.study, folder=tmp_path / "one", pdf=Pdf.NEEDED)
    time.sleep(1.1)
    write_report(study=version.study, folder=tmp_path / "two", pdf=Pdf.NEEDED)
    pdf = (tmp_path / "one/report.pdf").read_bytes()
    assert pdf == (tmp_path / "two/report.pdf").read_bytes() and pdf.startswith(b"%PDF-")


def test_without_weasyprint_it_says_so_and_writes_the_rest(
    version: StudyVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    write_report(study=version.study, folder=tmp_path / "rest", pdf=Pdf.IF_POSSIBLE)
    assert "pip install -r requirements-pdf.txt" in (tmp_path / "rest/README.txt").read_text()
    assert not (tmp_path / "rest/report.pdf").exists() and (tmp_path / "rest/report.html").exists()
    with pytest.raises(CommandError, match="WeasyPrint is not installed"):
        call_command("report_study", "study", out=tmp_path / "none", pdf=True)
    assert not (tmp_path / "none").exists()


def test_without_pango_it_says_what_to_install(tmp_path: Path) -> None:
    """Another process: what the machine's libraries are is found out once."""
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom studyapp.exports.pdf import require_weasyprint\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}require_weasyprint()"], capture_output=True, text=True, check=False
    )
    assert "PdfUnavailable" in done.stderr and "apt-get install libpango-1.0-0" in done.stderr


def test_a_study_without_answers_has_a_report_of_sentences(tmp_path: Path) -> None:
    write_report(study=make_version().study, folder=tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert "Nobody has taken part yet." in page and not re.search(r"\bnan\b", page.lower())
    assert {path.stem for path in (tmp_path / "figures").iterdir()} <= {"flow"}


def test_the_command_writes_it_and_refuses_what_it_cannot_write(version: StudyVersion, tmp_path: Path) -> None:
    call_command("report_study", "study", out=tmp_path / "out", origin="bot")
    assert json.loads((tmp_path / "out/provenance.json").read_bytes())["origin"] == "bot"
    with pytest.raises(CommandError, match="there is no study 'nothing'"):
        call_command("report_study", "nothing", out=tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.txt").write_text("mine")
    for place in ("full", "full/thesis.txt"):
        with pytest.raises(CommandError, match="name another folder"):
            call_command("report_study", "study", out=tmp_path / place)
    make_version(slug="other")
    with pytest.raises(CommandError, match="holds no earlier report of other"):
        call_command("report_study", "other", out=tmp_path / "out")
    assert (tmp_path / "full/thesis.txt").read_text() == "mine"


def test_it_is_asked_for_on_the_results_page_made_by_a_worker_and_forgotten_with_the_answers(
    version: StudyVersion, client: Client, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    client.force_login(version.study.owner)
    results = reverse("study_analysis", args=["study"])
    assert "Make the report" in client.get(results).content.decode()
    with django_capture_on_commit_callbacks():
        answer = client.post(reverse("ask_for_export", args=["study"]), {"format": "report", "origin": "live"})
    assert answer.status_code == 302 and answer["Location"] == f"{results}?origin=live#report"
    export = StudyExport.objects.get()
    page = client.get(results).content.decode()
    assert reverse("export_progress", args=["study", export.pk]) in page and "Make it anew" not in page
    assert export_planned(export_id=export.pk)
    assert "Download the report" in client.get(results).content.decode()
    answer = client.get(reverse("export_file", args=["study", export.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="study-live-report.zip"'
    content = b"".join(answer.streaming_content)  # type: ignore[arg-type]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {"study/report.html", "study/analysis.json", "study/figures/reason-chart.svg"} <= set(archive.namelist())
    assert AuditEntry.objects.filter(action="export_study", detail__format="report", object_id="study").count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_for(session=version.sessions.first(), actor=version.study.owner, reason="asked by mail")
    assert StudyExport.objects.get().file_name == ""
    assert "Its file was deleted since" in client.get(results).content.decode()


def test_a_study_that_was_never_launched_has_no_report(version: StudyVersion, tmp_path: Path) -> None:
    draft = type(version.study).objects.create(
        slug="draft", title="Draft", config={}, stimulus_set=version.study.stimulus_set
    )
    with pytest.raises(ExportFailed, match="never launched"):
        write_report(study=draft, folder=tmp_path / "out", origin=Origin.LIVE)
