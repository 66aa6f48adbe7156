"""Run all tests: JavaScript; Python on PostgreSQL and Redis where they answer here; Python on the embedded default.

The pass on PostgreSQL leaves out the tests marked `once`: those that touch no database, browser and encoder tests.
Arguments go to pytest; with any given, only the pass on the embedded default runs. Otherwise one pytest process runs on
each core, each with a database and a data folder of its own; tests of one file stay together.
"""

import os
import subprocess
import sys

import psycopg
import redis

from tests.prepare import javascript_tests, run_node

POSTGRES = os.environ.get("EARWITNESS_TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
ON_ALL_CORES = ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")  # the order is that of tests/order.py
REDIS = os.environ.get("EARWITNESS_TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


def problem_with_postgresql() -> str:
    """Return "" when the server can be used, else why not."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.Error as error:
        return str(error).strip().splitlines()[-1]
    return ""


def problem_with_redis() -> str:
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        return str(error)
    return ""


def run_pytest(arguments: list[str], environment: dict[str, str]) -> int:
    # The default pass must be the embedded one, whatever the caller's environment says.
    base = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    # Threads that each believe to have all cores would only wait for each other.
    base.setdefault("OMP_NUM_THREADS", "1")
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, env={**base, **environment}, check=False).returncode


def main() -> int:
    if sys.argv[1:]:
        return run_pytest(sys.argv[1:], {})
    print("== JavaScript ==", flush=True)
    failed = run_node("--test", *javascript_tests()) != 0
    services: dict[str, str] = {}
    for name, variable, url, problem in (
        ("PostgreSQL", "DATABASE_URL", POSTGRES, problem_with_postgresql()),
        ("Redis", "REDIS_URL", REDIS, problem_with_redis()),
    ):
        if problem:
            print(f"\n{name} cannot be used here, and is left out: {problem}", flush=True)
        else:
            services[variable] = url
    names = " and ".join({"DATABASE_URL": "PostgreSQL", "REDIS_URL": "Redis"}[variable] for variable in services)
    if services:
        print(f"\n== Python, on {names} ==", flush=True)
        failed |= run_pytest([*ON_ALL_CORES, "-m", "not once"], services) != 0
    print(
        f"\nThis run: JavaScript; {names or 'no second database'}; last, SQLite and the filesystem broker.", flush=True
    )
    print("\n== Python, on SQLite and the filesystem broker ==", flush=True)
    last_failed = run_pytest([*ON_ALL_CORES], {}) != 0
    if failed:
        print("\nFAILED in an earlier part: see above.", flush=True)
    return int(failed or last_failed)


if __name__ == "__main__":
    sys.exit(main())
