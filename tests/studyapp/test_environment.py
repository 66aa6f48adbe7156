"""Environment values that cannot be meant are refused with the name of the variable."""

from pathlib import Path

import pytest

from studyapp.environment import (
    BadEnvironment,
    read_bool,
    read_choice,
    read_dir,
    read_hosts,
    read_origins,
    read_url,
)

pytestmark = pytest.mark.once


def test_reads_truth_values_and_defaults() -> None:
    assert read_bool({"X": "yes"}, "X", default=False) is True
    assert read_bool({"X": "0"}, "X", default=True) is False
    assert read_bool({}, "X", default=True) is True


def test_refuses_a_truth_value_that_is_neither() -> None:
    with pytest.raises(BadEnvironment, match="DEBUG='maybe'"):
        read_bool({"DEBUG": "maybe"}, "DEBUG", default=False)


def test_refuses_an_unknown_choice_and_lists_the_known_ones() -> None:
    with pytest.raises(BadEnvironment, match="INFO, DEBUG"):
        read_choice({"LOG_LEVEL": "loud"}, "LOG_LEVEL", default="INFO", allowed=("INFO", "DEBUG"))


@pytest.mark.parametrize("raw", ["https://x.org", "x.org:8000", "a b", "x.org/path", "", " , "])
def test_refuses_hosts_that_are_no_host_names(raw: str) -> None:
    with pytest.raises(BadEnvironment, match="ALLOWED_HOSTS"):
        read_hosts({"ALLOWED_HOSTS": raw}, "ALLOWED_HOSTS", default="")


def test_reads_hosts() -> None:
    assert read_hosts({"H": "a.org, .b.org,[::1]"}, "H", default="") == ["a.org", ".b.org", "[::1]"]


@pytest.mark.parametrize("raw", ["mysql://x/y", "nonsense", "/tmp/db.sqlite3", "postgresql://[::1/db"])
def test_refuses_a_database_of_another_kind(raw: str) -> None:
    with pytest.raises(BadEnvironment, match=r"DATABASE_URL (must start with|is not a URL)"):
        read_url({"DATABASE_URL": raw}, "DATABASE_URL", schemes=("sqlite", "postgresql"))


@pytest.mark.parametrize("raw", ["x.org", "ftp://x.org", "https://x.org/path"])
def test_refuses_origins_that_are_none(raw: str) -> None:
    with pytest.raises(BadEnvironment, match="CSRF_TRUSTED_ORIGINS"):
        read_origins({"CSRF_TRUSTED_ORIGINS": raw}, "CSRF_TRUSTED_ORIGINS")


def test_refuses_a_file_where_a_folder_must_stand(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(BadEnvironment, match="not a folder"):
        read_dir({"EARWITNESS_DATA_DIR": str(file)}, "EARWITNESS_DATA_DIR", default=tmp_path)
