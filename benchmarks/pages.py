"""How long the server takes for each page of the experimenter, with 5,000 stimuli and 2,000 sessions."""

import os
import subprocess
import sys
import tempfile
from statistics import median
from time import perf_counter

N = 5
LIMIT_MS = 300
PLAIN = {"study_new", "studies", "stimulus_sets", "home", "power"}
OF_STUDY = (
    "study",
    "study_edit",
    "study_power",
    "study_plan",
    "study_pilot",
    "study_monitor",
    "study_people",
    "study_link",
    "study_analysis",
)


def measure() -> str:
    """Run the measurement in a process with a database of its own, and return its section."""
    with tempfile.TemporaryDirectory(prefix="earwitness-bench-") as folder:
        environment = {name: text for name, text in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        environment |= {"EARWITNESS_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "studyapp.settings"}
        found = subprocess.run(
            [sys.executable, "-m", "benchmarks.pages"], env=environment, check=True, capture_output=True, text=True
        )
    return found.stdout


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.urls import NoReverseMatch, reverse

    from benchmarks.page_data import N_SESSIONS, N_STIMULI, fill
    from studyapp.models import StoredAnalysis
    from studyapp.services.stored_analyses import compute_stored

    call_command("migrate", verbosity=0)
    owner, large, study = fill()
    owner.is_staff = owner.is_superuser = True
    owner.save()
    client = Client(headers={"host": "localhost"})
    client.force_login(owner)
    addresses = {name: reverse(name) for name in sorted(PLAIN)}
    for name in OF_STUDY:
        try:
            addresses[name] = reverse(name, args=[study.slug])
        except NoReverseMatch:
            print(f"no page {name}", file=sys.stderr)
    addresses["stimulus_set"] = reverse("stimulus_set", args=[large.slug])
    addresses["stimulus_set, page 60, by level"] = f"{addresses['stimulus_set']}?sort=level&page=60"
    addresses["admin: stimuli"] = reverse("admin:studyapp_stimulus_changelist")
    addresses["admin: sessions"] = reverse("admin:studyapp_session_changelist")
    client.get(addresses["study_analysis"])  # asks for the stored analysis, which the page then shows
    for stored in StoredAnalysis.objects.all():
        compute_stored(analysis_id=stored.pk)
    rows = []
    for name, address in addresses.items():
        times = []
        for _ in range(N + 1):
            started = perf_counter()
            response = client.get(address)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            times.append(1000 * (perf_counter() - started))
        if response.status_code != 200:
            print(f"{address} answers {response.status_code}", file=sys.stderr)
        usual = median(times[1:])
        rows.append(
            f"| {name} | {times[0]:.0f} | {usual:.0f}{' **over**' * (usual > LIMIT_MS)} | {len(body) / 1000:.0f} |"
        )
    print(
        "\n".join(
            [
                "## Pages of the experimenter, with much data",
                "",
                f"{N_STIMULI:,} stimuli in a set, a study with {N_SESSIONS:,} sessions; SQLite, Django's test client "
                f"in one process (no socket): the first time, and the median of {N} more. The aim is {LIMIT_MS} ms.",
                "",
                "| page | first, ms | ms | kB |",
                "|---|---|---|---|",
                *rows,
                "",
            ]
        )
    )


if __name__ == "__main__":
    main()
