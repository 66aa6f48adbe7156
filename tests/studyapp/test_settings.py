"""What the settings promise, tried in processes of their own with an environment of their own."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

SHOW = (
    "import json; from django.conf import settings as s; engine = s.DATABASES['default']['ENGINE']; "
    "print(json.dumps({'engine': engine, 'broker': s.CELERY_BROKER_URL, 'key': s.SECRET_KEY}))"
)


def load_settings(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    base = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")}
    base |= {"DJANGO_SETTINGS_MODULE": "studyapp.settings", "EARWITNESS_DATA_DIR": str(tmp_path / "data")}
    return subprocess.run(
        [sys.executable, "-c", SHOW], env={**base, **environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.once
def test_default_is_sqlite_and_the_filesystem_broker(tmp_path: Path) -> None:
    shown = json.loads(load_settings(tmp_path).stdout)
    assert shown["engine"] == "django.db.backends.sqlite3"
    assert shown["broker"] == "filesystem://"


@pytest.mark.once
def test_urls_switch_to_postgresql_and_redis(tmp_path: Path) -> None:
    done = load_settings(
        tmp_path, DATABASE_URL="postgresql://u:p@db.example.org/e", REDIS_URL="redis://q.example.org/0"
    )
    shown = json.loads(done.stdout)
    assert shown["engine"] == "django.db.backends.postgresql"
    assert shown["broker"] == "redis://q.example.org/0"


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "mysql://x/y"),
        ("REDIS_URL", "http://x"),
        ("ALLOWED_HOSTS", "https://x.org"),
        ("LOG_LEVEL", "LOUD"),
        ("DATABASE_URL", "postgresql://[::1/db"),
        ("DATABASE_URL", "postgresql://host:notaport/db"),
        ("ALLOWED_HOSTS", ""),
        ("SECRET_KEY", "short"),
        ("EARWITNESS_DATA_DIR", "/dev/null/x"),
    ],
)
def test_bad_environment_value_stops_the_program_and_is_named(tmp_path: Path, name: str, value: str) -> None:
    done = load_settings(tmp_path, **{name: value})
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert name in done.stderr


@pytest.mark.once
def test_secret_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first, second = (json.loads(load_settings(tmp_path).stdout)["key"] for _ in range(2))
    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE((tmp_path / "data/secret_key").stat().st_mode) == 0o600


def test_sqlite_has_one_patient_writer_and_durable_commits(transactional_db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite only")
    assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    with connection.cursor() as cursor:
        values = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "foreign_keys", "busy_timeout")
        }
    assert values == {"synchronous": 2, "foreign_keys": 1, "busy_timeout": 20000}
