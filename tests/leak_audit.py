"""Look for what tells real from fake in everything that a participant's browser receives, but the sound itself."""

import base64
import codecs
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np

# What every sound's answer carries. Values may differ only as drawn at random, or with the samples (the checksum).
SOUND_HEADERS = {
    "accept-ranges",
    "cache-control",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "referrer-policy",
    "server",
    "connection",
    "x-checksum",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
}
N_PERMUTATIONS = 5000
ALPHA = 0.001  # of the whole audit, by the largest of all features: one false alarm in a thousand runs


@lru_cache(maxsize=1000)
def encodings(secret: str) -> dict[str, bytes]:
    """Return the secret as it could be hidden: plain, turned round, in hex, Base64 (at each of its three places) ..."""
    raw = secret.encode()
    forms = {
        "plain": raw,
        "upper": raw.upper(),
        "lower": raw.lower(),
        "reversed": raw[::-1],
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "percent": "".join(f"%{byte:02X}" for byte in raw).encode(),
        "quoted": quote(secret, safe="").encode(),
        "rot13": codecs.encode(secret, "rot13").encode(),
        "utf-16-le": secret.encode("utf-16-le"),
        "utf-16-be": secret.encode("utf-16-be"),
        "html": "".join(f"&#{ord(char)};" for char in secret).encode(),
        "json": "".join(f"\\u{ord(char):04x}" for char in secret).encode(),
    }
    for shift in range(3):
        # What stands before and behind changes the letters at the edges: they are cut off.
        coded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        forms[f"base64+{shift}"] = coded[-(-8 * shift // 6) : len(coded) - 1].encode()
        forms[f"base64url+{shift}"] = forms[f"base64+{shift}"].translate(bytes.maketrans(b"+/", b"-_"))
    return {name: form for name, form in forms.items() if len(form) >= 6}


def find_canaries(content: bytes, canaries: Iterable[str]) -> list[str]:
    """Return which canaries stand in the bytes, and how they are written."""
    return [f"{canary} ({name})" for canary in canaries for name, form in encodings(canary).items() if form in content]


def wav_chunks(content: bytes) -> list[bytes]:
    """Return the names of a WAV file's chunks in their order."""
    names, at = [], 12
    while at + 8 <= len(content):
        names.append(content[at : at + 4])
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return names


@dataclass
class Heard:
    """What a browser learns of one sound without listening to it."""

    token: str
    order: int
    size: int
    latency_s: float
    headers: dict[str, str]
    body: bytes


@dataclass
class Audit:
    """Two people's sessions of one study, and what they give away. `is_fake` knows the truth behind a token."""

    base_url: str
    slug: str
    is_fake: Callable[[str], bool]
    canaries: list[str]
    findings: list[str] = field(default_factory=list)

    def run(self) -> list[str]:
        first, others = self._session(), set(self._begin()[1])
        shared = {each.token for each in first} & others
        if shared:
            self.findings.append(f"{len(shared)} tokens are shared by two people")
        for heard in first:
            self._look_at(heard)
        p = permutation_p(features(first), np.array([self.is_fake(each.token) for each in first]))
        if p < ALPHA:
            self.findings.append(f"sizes, headers, tokens, order or latency predict the label (p = {p:.4f})")
        return self.findings

    def _session(self) -> list[Heard]:
        """Begin a session, and fetch every sound of its block."""
        page, tokens = self._begin()
        with httpx.Client(base_url=self.base_url, timeout=60) as client:
            return [self._hear(client, page, token, order) for order, token in enumerate(tokens)]

    def _begin(self) -> tuple[str, list[str]]:
        """Start a session and go to its first trial; return its address and the sounds of the block."""
        with httpx.Client(base_url=self.base_url, timeout=60) as client:
            started = client.post(f"/s/{self.slug}/start/")
            page = started.headers["location"]
            self._scan(started, "start")
            self._scan(client.get(f"/s/{self.slug}/"), "landing")
            self._scan(client.get(page), "page")
            state: dict[str, Any] = {}
            steps = (
                ("device", {"kind": "desktop", "audio": True}),
                ("consent", {"agree": True, "ticks": []}),
                ("instructions", {"answers": {}}),
            )
            for number, (action, body) in enumerate(steps):
                answer = client.post(f"{page}act/{action}/", json={"key": f"audit-{number:04d}", **body})
                self._scan(answer, action)
                state = answer.json()
            return page, [*state["trial"]["sounds"], *state["trial"]["ahead"]]

    def _hear(self, client: httpx.Client, page: str, token: str, order: int) -> Heard:
        began = time.perf_counter()
        answer = client.get(f"{page}sound/{token}")
        latency_s = time.perf_counter() - began
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Heard(token, order, len(answer.content), latency_s, headers, answer.content)

    def _scan(self, answer: httpx.Response, what: str) -> None:
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
        self._found(what, head + b"\n\n" + answer.content)

    def _look_at(self, heard: Heard) -> None:
        unknown = set(heard.headers) - SOUND_HEADERS
        if unknown:
            self._note(f"a sound has the header {', '.join(sorted(unknown))}")
        chunks = wav_chunks(heard.body)
        if chunks != [b"fmt ", b"data"]:
            self._note(f"a sound has the chunks {chunks}")
        head = "\n".join(f"{name}: {value}" for name, value in heard.headers.items()).encode()
        self._found("sound", head + b"\n\n" + heard.body)

    def _found(self, what: str, content: bytes) -> None:
        for canary in find_canaries(content, self.canaries):
            self._note(f"{what} holds {canary}")

    def _note(self, finding: str) -> None:
        if finding not in self.findings:
            self.findings.append(finding)


def features(heard: list[Heard]) -> np.ndarray:
    """Return (n_sounds, n_features): all that can be ordered, each text as numbers, ranked."""
    columns = [
        [each.order for each in heard],
        [each.size for each in heard],
        [each.latency_s for each in heard],
        *([ord(each.token[place]) for each in heard] for place in range(min(len(each.token) for each in heard))),
    ]
    for name in sorted({name for each in heard for name in each.headers}):
        values = [each.headers.get(name, "") for each in heard]
        columns.append([len(value) for value in values])
        for place in range(min(len(value) for value in values)):
            columns.append([ord(value[place]) for value in values])
    # Ties get their mean rank, so that what is alike is no evidence.
    ranked = [_mean_ranks(np.asarray(column, dtype=float)) for column in columns if len(set(column)) > 1]
    return np.array(ranked).T


def _mean_ranks(values: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts) + (ends - 1))[inverse] / 2


def permutation_p(ranks: np.ndarray, is_fake: np.ndarray, *, seed: int = 1) -> float:
    """Return the probability that labels dealt at random are told apart as well as the true ones.

    The statistic is the largest |AUC - 1/2| over all features (Westfall & Young 1993), so the number of features costs
    no false alarms. The order's own runs are looked at, too: labels that alternate are as telling as labels in a row.
    """
    rng = np.random.default_rng(seed)
    n, n_fake = len(is_fake), int(is_fake.sum())
    if 0 in (n_fake, n - n_fake):
        raise ValueError("both labels are needed")
    scaled = (ranks - ranks.mean(axis=0)) / np.maximum(ranks.std(axis=0), 1e-12)

    def statistic(labels: np.ndarray) -> float:
        separations = np.abs(labels @ scaled - labels.sum() * scaled.mean(axis=0)) / np.sqrt(n)
        n_changes = np.count_nonzero(labels[1:] != labels[:-1])
        expected, sd = 2 * n_fake * (n - n_fake) / n, np.sqrt(n) / 2
        return float(max(separations.max(initial=0.0), abs(n_changes - expected) / sd / 2))

    observed = statistic(is_fake.astype(float))
    dealt = [statistic(rng.permutation(is_fake).astype(float)) for _ in range(N_PERMUTATIONS)]
    return float((1 + sum(each >= observed for each in dealt)) / (1 + N_PERMUTATIONS))
