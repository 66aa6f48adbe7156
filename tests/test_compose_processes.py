"""What docker-compose.yml starts does the work: the same commands and environment as plain processes, without Docker.

The database is one of its own on the PostgreSQL of this machine; Redis and the reverse proxy are the file's own.
"""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.compose_file import ROOT, SECRETS, VARIABLES, read_compose
from tests.compose_processes import Services, scratch_folder
from tests.installation import write_clips
from tests.run import POSTGRES, problem_with_postgresql

pytestmark = pytest.mark.once

STUDY = {
    "slug": "compose",
    "title": "Compose",
    "stimulus_set": "sounds",
    "screening": {"n_trials": 2, "pass_mark": 1},
}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Make a database and its owner, who is nobody special; give the name of both. NAME_restored is a second one."""
    if problem := problem_with_postgresql():
        pytest.skip(f"no PostgreSQL here: {problem}")
    name = f"earwitness_compose_test_{os.getpid()}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        password = sql.Literal(SECRETS["POSTGRES_PASSWORD"])
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), password))
        databases = [sql.Identifier(each) for each in (name, f"{name}_restored")]
        for each in databases:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(each, sql.Identifier(name)))
        try:
            yield name
        finally:
            for each in databases:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(each))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


class Site:
    """The services, and the addresses at which two of them are reached."""

    def __init__(self, compose: dict[str, Any], folder: Path, database: str) -> None:
        server, password = urlsplit(POSTGRES), SECRETS["POSTGRES_PASSWORD"]
        web, admin, self.redis = free_port(), free_port(), free_port()
        plain, encrypted = free_port(), free_port()
        self.inside, self.outside, self.unencrypted = (
            f"http://127.0.0.1:{web}",
            f"https://localhost:{encrypted}",
            f"http://localhost:{plain}",
        )
        places = {
            f"earwitness:{password}@db:5432/earwitness": (
                f"{database}:{password}@{server.hostname}:{server.port or 5432}/{database}"
            ),
            "redis:6379": f"127.0.0.1:{self.redis}",
            "6379": str(self.redis),
            "0.0.0.0:8000": f"127.0.0.1:{web}",
            "127.0.0.1:8000": f"127.0.0.1:{web}",
            "127.0.0.1:2019": f"127.0.0.1:{admin}",
        }
        # The proxy's own file, with ports that anybody may use.
        ports = f"{{\n\thttp_port {plain}\n\thttps_port {encrypted}\n\tadmin 127.0.0.1:{admin}\n"
        caddyfile = (ROOT / "deploy/Caddyfile").read_text().replace("{\n", ports, 1)
        files = {"/etc/caddy/Caddyfile": caddyfile.replace("web:8000", f"127.0.0.1:{web}")}
        self.services = Services(compose, folder=folder, places=places, files=files)

    @property
    def authority(self) -> Path:
        return self.services.folder_of("proxy", "/data") / "caddy/pki/authorities/local/root.crt"

    def ask(self, url: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of an answer; redirections are not followed."""
        context = ssl.create_default_context(cafile=self.authority) if url.startswith("https") else None

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_: Any) -> None:
                return None

        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), Stay)
        try:
            with opener.open(urllib.request.Request(url, headers={"Accept-Encoding": "gzip"}), timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def is_ready(self) -> bool:
        try:
            return self.ask(f"{self.inside}/readyz")[0] == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def site(database: str) -> Iterator[Site]:
    """Start what `docker compose up` starts, in its order, until the site is ready."""
    if not shutil.which("redis-server") or not shutil.which("redis-cli"):
        pytest.skip("redis-server is not installed here")
    with scratch_folder() as folder:
        made = Site(read_compose(VARIABLES), folder, database)
        services = made.services
        try:
            services.start("redis")
            services.wait("redis", lambda: services.is_healthy("redis"), timeout_s=20)
            services.run("migrate")
            services.start("web")
            services.start("worker")
            services.wait("web", lambda: services.is_healthy("web"), timeout_s=60)
            services.wait("worker", lambda: services.is_healthy("worker"), timeout_s=120)
            services.wait("web", made.is_ready, timeout_s=60)
            services.start("proxy")
            services.wait("proxy", made.authority.is_file, timeout_s=30)
            yield made
        finally:
            services.stop_all()


def test_redis_wants_the_password_and_evicts_nothing(site: Site) -> None:
    ask = ["redis-cli", "-p", str(site.redis), "config", "get", "maxmemory-policy"]
    without = {key: value for key, value in os.environ.items() if key != "REDISCLI_AUTH"}
    refused = subprocess.run(ask, env=without, capture_output=True, text=True, check=False)
    assert "NOAUTH" in refused.stdout + refused.stderr
    assert "noeviction" in site.services.run("redis", ask)
    assert "yes" in site.services.run("redis", [*ask[:-1], "appendonly"])


def test_the_proxy_ends_tls_and_shows_nothing_of_the_inside(site: Site) -> None:
    site.services.wait("proxy", lambda: site.ask(f"{site.outside}/healthz")[0] == 200, timeout_s=30)
    assert shutil.which("wget") is None or site.services.is_healthy("proxy")
    status, headers, _ = site.ask(f"{site.unencrypted}/accounts/login/")
    assert (status, headers["Location"]) == (308, "https://localhost/accounts/login/")
    assert [site.ask(f"{site.outside}/{path}")[0] for path in ("metrics", "readyz")] == [404, 404]
    status, headers, body = site.ask(f"{site.outside}/accounts/login/")
    assert (status, headers.get("Content-Encoding")) == (200, None)
    assert "Strict-Transport-Security" in headers
    assert "Secure" in headers["Set-Cookie"]
    styles = re.search(rb'href="(/static/[^"]+\.css)"', body)
    assert styles and site.ask(site.outside + styles[1].decode())[0] == 200, "static files are collected and served"


@pytest.mark.timeout(900)
def test_the_chain_from_sounds_to_answers_and_their_backup(site: Site) -> None:
    services, folder = site.services, site.services.folder_of("web", "/tmp")
    write_clips(folder / "clips")
    (folder / "study.yaml").write_text(json.dumps(STUDY))
    manage, django = ["python", "manage.py"], {"DJANGO_SETTINGS_MODULE": "studyapp.settings"}
    services.run("web", [*manage, "import_stimuli", str(folder / "clips"), "--set", "sounds", "--layout", "folders"])
    said = services.run("web", ["python", "-m", "tests.detector.worker_job", str(folder / "clips")], **django)
    assert json.loads(said.splitlines()[-1]) == {"embedding": "done", "training": "done", "runs": 2}

    services.run("web", [*manage, "create_study", str(folder / "study.yaml")])
    services.run("web", [*manage, "launch_study", "compose"])
    trust = {"SSL_CERT_FILE": str(site.authority)}
    asked = ["simulate_participants", "compose", "--n", "3", "--seed", "1", "--url", site.outside]
    assert "3 completed" in services.run("web", [*manage, *asked], **trust)

    assert not services.is_healthy("backup")
    services.start("backup")
    services.wait("backup", lambda: services.is_healthy("backup"), timeout_s=120)
    services.stop("backup")
    (manifest,) = services.folder_of("backup", "/backups").glob("backup-*/manifest.json")
    made = json.loads(manifest.read_text())
    assert made["engine"] == "postgresql"
    assert made["rows"]["studyapp_session"] == 3
    assert {each["name"].split("/")[0] for each in made["media"]} >= {"audio", "presentation"}

    elsewhere = {"DATABASE_URL": f"{services.environment('web')['DATABASE_URL']}_restored"}
    elsewhere["EARWITNESS_DATA_DIR"] = str(folder / "restored")
    services.run("migrate", [*manage, "restore", str(manifest.parent)], **elsewhere)
    stored = [path for path in (folder / "restored/media").rglob("*") if path.is_file()]
    assert len(stored) == len(made["media"])


def test_services_end_in_time_and_a_worker_that_is_away_is_seen(site: Site) -> None:
    services = site.services
    for name in ("web", "worker"):
        assert services.is_healthy(name)
    services.stop("worker")
    assert not services.is_healthy("worker")
    assert services.is_healthy("web"), "the site goes on without a worker"
    status, _, body = site.ask(f"{site.inside}/readyz")
    assert (status, json.loads(body)["failed"]) == (503, ["worker"])
    for name in ("proxy", "web", "redis"):
        services.stop(name)
