"""Download a published checkpoint and take it in. A download that broke off goes on where it stopped."""

import fcntl
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from detector.ml.embeddings.spec import BadWeights, WeightsSource
from detector.models import Weights
from detector.services.weights import Added, add_weights, downloadable, problem_with_kept, scratch_dir
from detector.services.weights_check import check_source
from studyapp.errors import EarwitnessError

Progress = Callable[[int, int], None]
CHUNK_BYTES = 1 << 18
TIMEOUT_S = (10.0, 60.0)  # to connect, between two pieces
WHOLE = "identity"  # no compression on the way: a compressed answer cannot be continued


class FetchFailed(EarwitnessError):
    """The file could not be downloaded."""


class LicenceNotAccepted(EarwitnessError):
    """Nobody has agreed to the licence of the weights."""


def fetch_weights(
    *, name: str, accept_licence: bool, progress: Progress = lambda n_done, n_total: None, timeout_s: Any = TIMEOUT_S
) -> Added:
    """Download the source's file into the data folder, take it in as `add_weights` does, and delete the download.

    Weights that are here already, whole, are not downloaded again.

    progress: called with bytes so far and in all. A download that breaks off stays, and the next call asks the server
    for the rest; what comes is held to size and hash as a whole.

    Raises LicenceNotAccepted, FetchFailed (with what to do by hand), BadWeights when another file came, NotFound.
    """
    source = downloadable(name)
    kept = Weights.objects.filter(name=name).first()
    if kept is not None and source.sha256 in ("", kept.source_sha256) and not problem_with_kept(kept):
        return Added(weights=kept, is_new=False)
    if not accept_licence:
        raise LicenceNotAccepted(f"The weights {name} are under {source.licence} ({source.page}). Agree to it first.")
    path = scratch_dir() / f"{source.name.replace('/', '-')}.download"
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FetchFailed(f"Another fetch of {name} is running. Wait for it.") from None
        try:
            if file.tell() < source.n_bytes:
                _download(source, file, progress, timeout_s)
            file.flush()
            added = _taken_in(path, source)
        except FetchFailed:
            if not file.tell():
                path.unlink()
            raise
        path.unlink()
    return added


def _taken_in(path: Path, source: WeightsSource) -> Added:
    """Add the download. One that cannot be used is deleted: the next fetch would only meet it again."""
    try:
        try:
            with path.open("rb") as file:
                check_source(file, source)
        except BadWeights as error:
            raise BadWeights(
                f"{source.url} sent another file than the published one; it was deleted. {error}"
            ) from None
        return add_weights(name=source.name, path=path, origin=source.url)
    except BadWeights:
        path.unlink()
        raise


def _download(source: WeightsSource, file: BinaryIO, progress: Progress, timeout_s: Any) -> None:
    import pooch  # here, for it and requests are slow to import, and only this needs them
    import requests

    headers = {"Accept-Encoding": WHOLE}
    if file.tell():
        headers["Range"] = f"bytes={file.tell()}-"
    downloader = pooch.HTTPDownloader(
        progressbar=_Meter(file, source.n_bytes, progress),
        chunk_size=CHUNK_BYTES,
        headers=headers,
        timeout=timeout_s,
        hooks={"response": _start_anew_unless_continued(file)},
    )
    try:
        downloader(source.url, file, None)
    except (requests.RequestException, OSError) as error:
        raise FetchFailed(
            f"{source.url} could not be downloaded ({error or type(error).__name__}); {file.tell():,} of "
            f"{source.n_bytes:,} bytes are here, and the next try goes on from there. Without a network here, download "
            f"it on another machine and run `manage.py weights add {source.name} FILE`."
        ) from None


def _start_anew_unless_continued(file: BinaryIO) -> Callable[..., None]:
    """Return what looks at an answer's head: a server that does not know Range sends the file from its beginning."""

    def look(response: Any, *args: object, **kwargs: object) -> None:
        if response.status_code in (200, 416):  # 416: the server's file ends before ours does
            file.truncate(0)
            file.seek(0)  # for tell: what is written goes to the end anyhow

    return look


class _Meter:
    """What pooch tells its progress to. It ends a download that is larger than the file can be."""

    total = 0  # set by pooch: what this answer brings, not what the file has in all

    def __init__(self, file: BinaryIO, n_bytes: int, progress: Progress) -> None:
        self._file = file
        self._n_bytes = n_bytes
        self._progress = progress

    def update(self, n_bytes: int) -> None:
        n_done = self._file.tell()
        if n_done > self._n_bytes:
            self._file.truncate(0)
            self._file.seek(0)
            raise OSError(f"the server sends more than the {self._n_bytes:,} bytes of the published file")
        self._progress(n_done, self._n_bytes)

    def reset(self) -> None:
        pass

    def close(self) -> None:
        pass
