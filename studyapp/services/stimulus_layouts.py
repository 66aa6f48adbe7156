"""The folder layouts that can be imported: the DCASE 2023 Task 7 record, and plain real/fake folders."""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from studyapp.errors import ImportFailed
from studyapp.services.stimulus_files import FoundFile, Listing, RefusedFile, is_audio_name, refuse_path, walk_folder
from studyapp.services.stimulus_manifest import MANIFEST_NAME, list_manifest
from studyapp.vocab import DCASE_2023_CATEGORIES, Label, Rejection

DATASET = "DCASE_2023_Challenge_Task_7_Dataset"
BASELINE = "DCASE_2023_Challenge_Task_7_Baseline"
BASELINE_GENERATOR = "baseline"
_SUBMISSION = re.compile(r"(?:.*/)?Submissions/(?P<track>[AB])/(?P<system>T[AB]Sys\d\d)/(?P<category>[^/]+)/[^/]+")
_RECORDED = re.compile(rf"(?:.*/)?{DATASET}/(?P<split>dev|eval)/(?P<category>[^/]+)/[^/]+")
_BASELINE = re.compile(rf"(?:.*/)?{BASELINE}/(?P<category>[^/]+)/[^/]+")
LAYOUTS = ("auto", "dcase2023", "folders", "manifest")
Files = list[tuple[str, Path]]


def list_files(path: Path, layout: str, *, include_baseline: bool = False) -> Listing:
    """Return what the layout finds below the path. Raises ImportFailed when there is nothing to import."""
    if layout not in LAYOUTS:
        raise ImportFailed(f"unknown layout {layout!r}; there are {', '.join(LAYOUTS)}")
    if not path.exists():
        raise ImportFailed(f"there is no {path}; give an existing folder, or a manifest file")
    if path.is_file():
        if layout not in ("auto", "manifest"):
            raise ImportFailed(f"{path} is a file; layout {layout} needs a folder")
        return list_manifest(path)
    files = list(walk_folder(path))
    chosen = _recognise(path, files) if layout == "auto" else layout
    if chosen == "manifest":
        return list_manifest(path / MANIFEST_NAME)
    found, refused = sort_files(files, chosen, include_baseline=include_baseline)
    if not found and not refused:
        raise ImportFailed(f"no audio file stands in {path} in the layout {chosen}")
    return Listing(layout=chosen, source=path.resolve().name, found=found, refused=refused)


def sort_files(
    files: Files, layout: str, *, include_baseline: bool = False
) -> tuple[list[FoundFile], list[RefusedFile]]:
    """Part files by a layout of folders: those to import, and those refused before they are opened."""
    return _sort_dcase(files, include_baseline=include_baseline) if layout == "dcase2023" else _sort_folders(files)


def _recognise(path: Path, files: Files) -> str:
    if (path / MANIFEST_NAME).is_file():
        return "manifest"
    known = folder_layout_of([name for name, _ in files])
    if known:
        return known
    raise ImportFailed(
        f"{path} has no layout that is known here: neither a {MANIFEST_NAME}, nor real/ and fake/ folders, or the "
        f"folders of the DCASE 2023 Task 7 record. Sort the files into real/<category>/ and "
        f"fake/<generator>/<category>/, or write a manifest with the columns path, label, category"
    )


def folder_layout_of(names: list[str]) -> str:
    """Return the layout that the names have: dcase2023, folders, or "" for neither."""
    if any(_SUBMISSION.fullmatch(name) or _RECORDED.fullmatch(name) for name in names):
        return "dcase2023"
    if any(name.split("/")[0].lower() in ("real", "fake") and "/" in name for name in names):
        return "folders"
    return ""


def _sort(files: Files, take: dict[str, FoundFile | RefusedFile]) -> tuple[list[FoundFile], list[RefusedFile]]:
    """Part the files into those to import and those refused; audio that no rule took is not in the layout."""
    found: list[FoundFile] = []
    refused: list[RefusedFile] = []
    for name, path in files:
        taken = take.get(name)
        if taken is None and not is_audio_name(name):
            continue
        bad = refuse_path(name, path)
        if bad is not None:
            refused.append(bad)
        elif isinstance(taken, FoundFile):
            found.append(taken)
        else:
            refused.append(taken or _outside(name, "stands outside the folders of the layout"))
    return found, refused


def _outside(name: str, detail: str) -> RefusedFile:
    return RefusedFile(name=name, reason=Rejection.NOT_IN_LAYOUT, detail=detail)


def _sort_folders(files: Files) -> tuple[list[FoundFile], list[RefusedFile]]:
    taken = {name: found for name, path in files if (found := _in_folders(name, path)) is not None}
    return _sort(files, taken)


def _in_folders(name: str, path: Path) -> FoundFile | RefusedFile | None:
    """Read real/<category>/… and fake/<generator>/<category>/…; folders below the category do not matter."""
    parts = PurePosixPath(name).parts
    kind = parts[0].lower()
    if kind == "real" and len(parts) >= 3:
        return FoundFile(path=path, name=name, label=Label.REAL, category=parts[1])
    if kind == "fake" and len(parts) >= 4:
        return FoundFile(path=path, name=name, label=Label.FAKE, category=parts[2], generator=parts[1])
    if kind == "real":
        return _outside(name, "no category folder: put it in real/<category>/") if is_audio_name(name) else None
    if kind == "fake" and is_audio_name(name):
        return _outside(name, "no generator or category folder: put it in fake/<generator>/<category>/")
    return None


def _sort_dcase(files: Files, *, include_baseline: bool) -> tuple[list[FoundFile], list[RefusedFile]]:
    groups = _source_groups(files)
    taken = {
        name: found
        for name, file in files
        if (found := _in_dcase(name, file, groups, include_baseline=include_baseline)) is not None
    }
    return _sort(files, taken)


def _in_dcase(
    name: str, path: Path, groups: dict[tuple[str, str, str], str], *, include_baseline: bool
) -> FoundFile | RefusedFile | None:
    match = _SUBMISSION.fullmatch(name) or _RECORDED.fullmatch(name) or _BASELINE.fullmatch(name)
    if match is None:
        return None
    facts = match.groupdict()
    category = facts["category"]
    if category not in DCASE_2023_CATEGORIES:
        return _outside(name, f"{category} is none of the challenge's seven classes") if is_audio_name(name) else None
    if "system" in facts:
        system = facts["system"]
        return FoundFile(
            path=path,
            name=name,
            label=Label.FAKE,
            category=category,
            generator=system,
            track=facts["track"],
            team=DCASE_2023_TEAMS.get(system, ""),
        )
    if "split" in facts:
        group = groups.get((facts["split"], category, PurePosixPath(name).name), "")
        return FoundFile(
            path=path, name=name, label=Label.REAL, category=category, original_split=facts["split"], source_group=group
        )
    if not include_baseline:
        return _outside(name, "the challenge's baseline is left out unless asked for")
    return FoundFile(
        path=path, name=name, label=Label.FAKE, category=category, generator=BASELINE_GENERATOR, team="DCASE organisers"
    )


def _source_groups(files: Files) -> dict[tuple[str, str, str], str]:
    """Return (split, category, file name) -> source recording, from DevMeta.csv and EvalMeta.csv where they stand.

    The tables are known to have stale rows and to disagree with the files, so a row that fits no file is passed over:
    it says nothing about any clip that is imported.
    """
    groups: dict[tuple[str, str, str], str] = {}
    for name, path in files:
        split = {"devmeta.csv": "dev", "evalmeta.csv": "eval"}.get(PurePosixPath(name).name.lower())
        if split is None or path.is_symlink():
            continue
        for row in _table_rows(name, path):
            current = PurePosixPath((row.get("current_file_path") or "").replace("\\", "/"))
            source = (row.get("original_file_name") or "").strip()
            category = _category_of(row.get("category") or current.parent.name)
            if source and category:
                corpus = (row.get("original_dataset") or "").strip()
                groups[split, category, current.name] = f"{corpus}/{source}"[:200] if corpus else source[:200]
    return groups


def _table_rows(name: str, path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a table. Raises ImportFailed when it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            yield from csv.DictReader(file)
    except (csv.Error, OSError) as error:
        raise ImportFailed(
            f"{name} cannot be read as CSV ({error}); nothing was imported. Mend the table, or take it out of the "
            "folder to import without its source recordings."
        ) from None


def _category_of(word: str) -> str:
    """Return the class that a table's word means: MovingMotorVehicle, Sneeze and the like; "" when none."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    for category in DCASE_2023_CATEGORIES:
        plain = category.replace("_", "")
        if letters and (letters == plain or letters == plain.removesuffix("cough")):
            return category
    return ""


def _teams(lines: Iterable[str]) -> dict[str, str]:
    return {system: team for line in lines for team, systems in [line.split(": ")] for system in systems.split()}


# Who built which system, from the challenge's table of submissions; several systems of one team are near twins.
DCASE_2023_TEAMS = _teams(
    """Chon_Gaudio: TASys02
Scheibler_LINE: TASys03
Lee_maum: TASys04 TASys05 TASys06 TASys07 TBSys20 TBSys21 TBSys22 TBSys23
Yi_SURREY: TASys08
Guan_HEU: TASys10 TASys11
Xie_SJTU: TBSys01 TBSys02 TBSys03 TBSys04
Wendner_JKU: TBSys05
Pillay_CMU: TBSys07
Chang_HYU: TBSys08 TBSys09
Chun_Chosun: TBSys11
Jung_KT: TBSys14 TBSys15 TBSys16 TBSys17
Kamath_NUS: TBSys18 TBSys19
Lee_MARG: TBSys24
QianXu_BIT&NUDT: TBSys25 TBSys26 TBSys27 TBSys28
Qianbin_BIT: TBSys29
Chung_KAIST: TBSys30
Bai_JLESS: TBSys31""".splitlines()
)
