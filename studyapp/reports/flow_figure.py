"""Where the sessions went, as the boxes that CONSORT asks for: who came, who left and why, who is analysed."""

from typing import Any

BOX, LINE, GAP = 34, 16, 18  # heights in the figure's own units
WIDTH = 560
Row = tuple[str, int, int]
WORDS = {
    "failed_headphone": "headphone test not passed",
    "failed_attention": "attention trials failed",
    "no_consent": "did not consent",
    "ineligible": "not eligible",
    "device_unsuitable": "unsuitable device",
    "quota_full": "no place left",
    "duplicate": "had taken part before",
    "failed_channels": "check of left and right not passed",
    "manual": "left out by hand",
    "incomplete": "not completed",
}


def flow_figure(analysis: dict[str, Any]) -> dict[str, Any]:
    """Return the boxes from above with what left between them, each with its place (y) in the figure."""
    flow, counts = analysis["flow"], analysis["counts"]
    early = {outcome: n for outcome, n in flow["by_outcome"].items() if outcome != "completed"}
    boxes: list[dict[str, Any]] = [{"title": "Sessions started", "n": flow["started"], "left": []}]
    n_flagged_out = flow["flagged"] if analysis["leaves_out_flagged"] else 0
    n_kept = flow["analysed"] + n_flagged_out
    if analysis["includes_incomplete"]:
        n_excluded, reasons = flow["started"] - n_kept, flow["by_exclusion"]
    else:
        n_excluded, reasons = flow["completed"] - n_kept, flow["by_exclusion_of_completed"]
        boxes[0]["left"] = [
            _left("Ended before the end", flow["ended_early"], early),
            _left("Still open or abandoned", flow["open"], {}),
        ]
        boxes.append({"title": "Completed", "n": flow["completed"], "left": []})
    if not analysis["includes_excluded"]:
        boxes[-1]["left"].append(_left("Excluded", n_excluded, reasons))
    if analysis["includes_incomplete"]:
        n_gone = sum(left["n"] for left in boxes[-1]["left"])
        boxes[-1]["left"].append(_left("Withdrawn, or without an answer", flow["started"] - n_gone - n_kept, {}))
    boxes[-1]["left"].append(_left("Flagged", n_flagged_out, flow["by_flag"]))
    boxes.append({"title": "Analysed", "n": flow["analysed"], "left": [], "n_flagged": flow["flagged"] - n_flagged_out})
    y = 1
    for box in boxes:
        box["left"] = [left for left in box["left"] if left["n"]]
        box["y"], box["middle"] = y, y + BOX // 2
        y += BOX
        for left in box["left"]:
            left["y"], left["middle"] = y, y + BOX // 2
            left["height"] = BOX + LINE * len(left["lines"])
            left["lines"] = [(words, n, y + BOX + LINE * at) for at, (words, n) in enumerate(left["lines"])]
            y += left["height"] + GAP // 2
        y += GAP
        box["next_y"] = y
    boxes[-1]["is_last"] = True
    return {"boxes": boxes, "width": WIDTH, "height": y - GAP + 1, "box": BOX, "rows": _rows(boxes, counts)}


def _left(title: str, n: int, parts: dict[str, int]) -> dict[str, Any]:
    lines = [(WORDS.get(word, word.replace("_", " ")), k) for word, k in parts.items()]
    return {"title": title, "n": n, "lines": lines}


def _rows(boxes: list[dict[str, Any]], counts: dict[str, int]) -> list[Row]:
    """Return the same numbers as the rows of a table, each with how far it stands in."""
    rows: list[Row] = []
    for box in boxes:
        rows.append((box["title"], box["n"], 1))
        for left in box["left"]:
            rows.append((left["title"], left["n"], 3))
            rows += [(words, n, 5) for words, n, _ in left["lines"]]
        if box.get("n_flagged"):
            rows.append(("Flagged, and analysed", box["n_flagged"], 3))
    return [*rows, ("Listeners with an answer", counts["n_listeners"], 3), ("Judgements", counts["n_judgements"], 3)]
