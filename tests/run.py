"""Run all tests: JavaScript; Python on PostgreSQL and Redis where they answer here; Python on the embedded default.

The pass on PostgreSQL leaves out the tests marked `once`: those that touch no database, browser and encoder tests.
Arguments go to pytest; with any given, only the pass on the embedded default runs.
"""

import os
import subprocess
import sys

import psycopg
import redis

from tests.prepare import javascript_tests, run_node

POSTGRES = os.environ.get("EARWITNESS_TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("EARWITNESS_TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


def postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def redis_answers() -> bool:
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=3).ping()
    except redis.RedisError:
        return False
    return True


def run_pytest(arguments: list[str], environment: dict[str, str]) -> int:
    # The default pass must be the embedded one, whatever the caller's environment says.
    base = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, env={**base, **environment}, check=False).returncode


def main() -> int:
    if sys.argv[1:]:
        return run_pytest(sys.argv[1:], {})
    print("== JavaScript ==", flush=True)
    failed = run_node("--test", *javascript_tests()) != 0
    services: dict[str, str] = {}
    if postgres_answers():
        services["DATABASE_URL"] = POSTGRES
    if redis_answers():
        services["REDIS_URL"] = REDIS
    second = "PostgreSQL and Redis" if len(services) == 2 else "PostgreSQL" if "DATABASE_URL" in services else ""
    if second:
        print(f"\n== Python, on {second} ==", flush=True)
        failed |= run_pytest(["-m", "not once"], services) != 0
    else:
        print("\nPostgreSQL does not answer on its standard local port: the second pass is left out.", flush=True)
    print(
        f"\nThis run: JavaScript; {second or 'no second database'}; last, SQLite and the filesystem broker.", flush=True
    )
    print("\n== Python, on SQLite and the filesystem broker ==", flush=True)
    last_failed = run_pytest([], {}) != 0
    if failed:
        print("\nFAILED in an earlier part: see above.", flush=True)
    return int(failed or last_failed)


if __name__ == "__main__":
    sys.exit(main())
