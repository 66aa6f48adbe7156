"""An object store on this machine, in a process of its own: moto's server, with an empty bucket."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import boto3

BUCKET = "earwitness-tests"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "not-secret", "S3_REGION": "us-east-1"}


@contextmanager
def object_store() -> Iterator[dict[str, str]]:
    """Give the environment variables that name the store."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **KEYS})
    try:
        _wait(url)
        client_of({"S3_ENDPOINT_URL": url}).create_bucket(Bucket=BUCKET)
        yield {"S3_BUCKET": BUCKET, "S3_ENDPOINT_URL": url, **KEYS}
    finally:
        server.terminate()
        server.wait(timeout=20)


def client_of(environment: dict[str, str]) -> "boto3.client":
    """Return a client of the store."""
    return boto3.client(
        "s3",
        endpoint_url=environment["S3_ENDPOINT_URL"],
        region_name=KEYS["S3_REGION"],
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def names_in(environment: dict[str, str]) -> dict[str, int]:
    """Return the size of every object by its name."""
    pages = client_of(environment).get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return {each["Key"]: each["Size"] for page in pages for each in page.get("Contents", [])}


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{url}/moto-api/", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the object store does not answer at {url}")
