"""Find the 82 clips of the paper's listening test, or download them, or make a stand-in."""

import csv
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

from studyapp.sound.procedural import SAMPLE_RATE_HZ, make_corpus
from studyapp.sound.wav import encode_pcm16

TABLE = Path(__file__).with_name("companion_clips.csv")
COMPANION_URL = (
    "https://raw.githubusercontent.com/mathieulagrange/audioFoleyDeepFake/"
    "82e84b20601ce2120a49e17e272368bd401d28db/Interesting%20Sounds%20Clap-2023/"
)
TIMEOUT_S = 10.0
MAX_CLIP_BYTES = 1 << 20
N_CONNECTIONS = 4
STAND_IN_SEED = 2023
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class DemoClips:
    """Where the demonstration's clips stand.

    path: a folder that `import_stimuli` reads with layout "auto". is_stand_in: whether they are synthetic. origin: a
    sentence for the terminal and the site. problems: why a better source could not be used.
    """

    path: Path
    is_stand_in: bool
    origin: str
    problems: tuple[str, ...] = ()


class DownloadFailed(Exception):
    """The companion repository could not be reached, or sent other bytes than it should."""


def find_or_make_clips(
    *,
    folders: Sequence[Path],
    cache_dir: Path,
    url: str = COMPANION_URL,
    timeout_s: float = TIMEOUT_S,
    progress: Progress | None = None,
) -> DemoClips:
    """Return the clips: of the first folder that has all of them and the manifest, else downloaded, else stand-ins.

    The last two stand in cache_dir, and are fetched or made once. A clip counts, on the disk and from the network, only
    when its SHA-256 is the one in the table; the downloaded folder appears whole or not at all.
    """
    problems: list[str] = []
    for folder in folders:
        n_found = _count_clips(folder)
        if n_found == len(_table()) and (folder / "manifest.csv").is_file():
            origin = f"the clips in the folder {folder.name}"
            return DemoClips(path=folder, is_stand_in=False, origin=origin, problems=tuple(problems))
        problems.append(f"{folder} holds {n_found} of the {len(_table())} clips, and it takes all, with manifest.csv")
    downloaded = cache_dir / "dcase2023-misclassified"
    try:
        if not downloaded.is_dir():
            download_clips(downloaded, url=url, timeout_s=timeout_s, progress=progress)
        return DemoClips(
            path=downloaded,
            is_stand_in=False,
            origin="the clips of the paper's companion repository",
            problems=tuple(problems),
        )
    except DownloadFailed as error:
        problems.append(f"the download from the companion repository failed: {error}")
    made = cache_dir / "stand-in"
    if not made.is_dir():
        make_stand_in(made)
    return DemoClips(
        path=made,
        is_stand_in=True,
        origin="synthetic stand-ins made by rule, since the real clips could not be had",
        problems=tuple(problems),
    )


def download_clips(folder: Path, *, url: str, timeout_s: float, progress: Progress | None = None) -> None:
    """Fetch every clip of the table into the folder, with its manifest. Raises DownloadFailed and leaves nothing."""
    rows = _table()
    with _Appearing(folder) as partial, httpx.Client(timeout=timeout_s, follow_redirects=True) as client:
        _fetch(client, url, rows[0], partial)  # alone: without a network, this fails at once
        with ThreadPoolExecutor(N_CONNECTIONS) as pool:
            fetches = [pool.submit(_fetch, client, url, row, partial) for row in rows[1:]]
            try:
                for done, fetch in enumerate(fetches, start=2):
                    fetch.result()
                    if progress is not None:
                        progress(done, len(rows))
            except DownloadFailed:
                pool.shutdown(cancel_futures=True)
                raise
        shutil.copyfile(TABLE, partial / "manifest.csv")


def make_stand_in(folder: Path) -> None:
    """Write the procedural corpus in the layout of folders."""
    with _Appearing(folder) as partial:
        for clip in make_corpus(seed=STAND_IN_SEED):
            place = partial / clip.label.value / clip.generator / clip.category
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{clip.number:02d}.wav").write_bytes(encode_pcm16(clip.samples, SAMPLE_RATE_HZ))


def _table() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _count_clips(folder: Path) -> int:
    """Return how many clips of the table stand in the folder, by name and content."""
    paths = [(folder / row["path"], row["sha256"]) for row in _table()]
    return sum(path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest for path, digest in paths)


class _Appearing:
    """A temporary folder beside `folder` that takes its name when all went well, and disappears otherwise."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))

    def __enter__(self) -> Path:
        return self._partial

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None and not self._folder.exists():
            self._partial.chmod(0o755)
            self._partial.rename(self._folder)
        else:
            shutil.rmtree(self._partial, ignore_errors=True)


def _fetch(client: httpx.Client, url: str, row: dict[str, str], folder: Path) -> None:
    address = url + quote(row["source_path"])
    try:
        with client.stream("GET", address) as response:
            response.raise_for_status()
            content = bytearray()
            for part in response.iter_bytes():
                content += part
                if len(content) > MAX_CLIP_BYTES:
                    raise DownloadFailed(f"{address} is larger than {MAX_CLIP_BYTES} bytes")
    except httpx.HTTPError as error:
        raise DownloadFailed(f"{address}: {error or type(error).__name__}") from None
    digest = hashlib.sha256(content).hexdigest()
    if digest != row["sha256"]:
        raise DownloadFailed(f"{address} has the SHA-256 {digest}, not {row['sha256']}")
    path = folder / row["path"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
