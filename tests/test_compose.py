"""docker-compose.yml keeps its promises. Whether what it starts does the work: test_compose_processes.py."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studyapp import settings
from tests.compose_file import (
    COMPOSE_FILE,
    ROOT,
    SECRETS,
    VARIABLES,
    MissingVariable,
    read_compose,
    seconds,
    variables_asked_for,
)
from tests.prepare import check_compose

pytestmark = pytest.mark.once

OURS = ("web", "worker", "worker-gpu", "migrate", "backup")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_compose(VARIABLES)


def test_compose_accepts_the_file(capfd: pytest.CaptureFixture[str]) -> None:
    failed = check_compose()
    assert not failed, capfd.readouterr().out


def test_a_file_with_an_unknown_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "docker-compose.yml"
    damaged.write_text(COMPOSE_FILE.read_text().replace("read_only:", "readonly:"))
    monkeypatch.setattr("tests.prepare.COMPOSE_FILE", damaged)
    assert check_compose() == 1


def test_the_proxy_accepts_its_file() -> None:
    command = [str(Path(sys.executable).parent / "caddy"), "validate", "--adapter", "caddyfile", "--config"]
    environment = {**os.environ, "SITE_HOST": "localhost"}
    done = subprocess.run(
        [*command, str(ROOT / "deploy/Caddyfile")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(VARIABLES.keys() - {"MIN_FREE_GB"}))
def test_what_has_no_default_must_be_set(name: str) -> None:
    with pytest.raises(MissingVariable, match=name):
        read_compose({key: value for key, value in VARIABLES.items() if key != name})


def test_no_secret_has_a_default() -> None:
    asked = variables_asked_for()
    secret = {name for name in asked if re.search(r"KEY|PASSWORD|TOKEN|SECRET", name)}
    assert secret >= SECRETS.keys()
    assert {name: asked[name] for name in secret if asked[name]} == {}


def test_every_variable_is_explained() -> None:
    explained = (ROOT / "docs/deployment.md").read_text()
    assert [name for name in variables_asked_for() if f"`{name}`" not in explained] == []


def test_every_service_keeps_to_itself(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped"), name
        assert "privileged" not in service, name


def test_only_the_proxy_is_root_and_only_it_can_be_reached(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert [name for name, service in services.items() if "user" not in service] == ["proxy"]
    assert {services[name]["user"] for name in OURS} == {"10001:10001"}
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert compose["networks"]["inside"]["internal"] is True
    assert {name for name in services if services[name]["networks"] == ["inside"]} == {"db", "redis", "migrate"}


def test_every_service_that_stays_has_a_health_check(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        check = service["healthcheck"]
        assert check == {"disable": True} if name == "migrate" else seconds(check["interval"]) > 0, name
    assert "/healthz" in str(compose["services"]["web"]["healthcheck"]), "a worker that is away must not stop the site"


def test_images_are_pinned_to_a_version(compose: dict[str, Any]) -> None:
    images = {name: service["image"] for name, service in compose["services"].items()}
    for image in images.values():
        assert re.fullmatch(r"[a-z]+:\d+\.\d+[a-z0-9.-]*", image), image
    assert {images[name] for name in OURS} == {f"earwitness:{settings.VERSION}"}
    base = re.search(r"^ARG BASE=(.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert base and re.fullmatch(r"python:3\.11\.\d+-slim-\w+", base[1])


def test_the_client_in_the_image_can_dump_the_database(compose: dict[str, Any]) -> None:
    server = re.match(r"postgres:(\d+)", compose["services"]["db"]["image"])
    client = re.search(r"postgresql-client-(\d+)", (ROOT / "Dockerfile").read_text())
    assert server and client and int(client[1]) >= int(server[1])


def test_the_image_holds_what_the_dockerfile_copies_and_nothing_else() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    wanted = {name for line in copied for name in line.split()}
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    assert {line[1:] for line in lines if line.startswith("!")} == wanted
    assert all((ROOT / name).exists() for name in wanted)


def test_both_queues_are_served_with_and_without_a_gpu() -> None:
    def queues(**more: str) -> list[str]:
        services = read_compose(VARIABLES | more)["services"]
        commands = [services[name]["command"] for name in ("worker", "worker-gpu")]
        return [command[command.index("-Q") + 1] for command in commands]

    assert queues() == ["default,gpu", "gpu"]
    assert queues(WORKER_QUEUES="default") == ["default", "gpu"]
    gpu = read_compose(VARIABLES)["services"]["worker-gpu"]
    (device,) = gpu["deploy"]["resources"]["reservations"]["devices"]
    assert (gpu["profiles"], device["driver"], device["capabilities"]) == (["gpu"], "nvidia", ["gpu"])
