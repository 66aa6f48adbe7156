"""Two texts side by side: all that differs is shown, and little else."""

from hypothesis import given
from hypothesis import strategies as st

from studyapp.design.text_diff import MOST_WORDS, side_by_side


def shown(pieces):
    return "".join({"same": text, "changed": f"[{text}]", "left_out": "…"}[kind] for kind, text in pieces)


def compare(before, after):
    found = side_by_side(before, after)
    return tuple(shown([(each.kind, each.text) for each in side]) for side in (found.before, found.after))


def test_words_that_differ_are_marked_in_their_line():
    lines = [f"Line {n} of a long text.\n" for n in range(9)]
    before, after = "".join(lines), "".join(lines).replace("4 of a", "4 of no")
    assert compare(before, after) == (
        "…Line 3 of a long text.\nLine 4 of [a ]long text.\nLine 5 of a long text.\n…",
        "…Line 3 of a long text.\nLine 4 of [no ]long text.\nLine 5 of a long text.\n…",
    )


def test_two_places_far_apart_are_shown_without_what_is_between():
    lines = [f"{n}\n" for n in range(20)]
    after = ["new\n", *lines[:-1]]
    assert compare("".join(lines), "".join(after)) == ("0\n…18\n[19\n]", "[new\n]0\n…18\n")


def test_what_has_little_in_common_is_shown_whole():
    assert compare("the cat sat on the mat", "a dog, and the end") == (
        "[the cat sat on the mat]", "[a dog, and the end]",
    )  # fmt: skip
    assert compare("", "new") == ("", "[new]")
    assert compare("same", "same") == ("…", "…")


def test_very_long_lines_are_not_compared_word_by_word():
    words = "w " * (MOST_WORDS + 1)
    assert compare(words, f"{words}x") == (f"[{words}]", f"[{words}x]")


TEXTS = st.text("ab \n", max_size=30)


@given(before=TEXTS, after=TEXTS)
def test_what_is_the_same_is_the_same_on_both_sides(before, after):
    found = side_by_side(before, after)
    kept = [[(each.kind, each.text) for each in side if each.kind != "changed"] for side in (found.before, found.after)]
    assert kept[0] == kept[1]
    if before != after:
        assert any(each.kind == "changed" for each in (*found.before, *found.after))
    for text, side in ((before, found.before), (after, found.after)):
        position = 0
        for piece in side:
            position = text.index(piece.text, position) + len(piece.text)
