import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.design.clip_tags import DEFAULT_TAGS, clean_tag, clean_tags, reason_items
from studyapp.design.config_task import Reasons

pytestmark = pytest.mark.once


@pytest.mark.parametrize("bad", ["", "  ", "x" * 61, 'a "quote"', "a\\b", "a\x00b", "\ud800"])
def test_rejects_what_is_no_tag(bad: str) -> None:
    with pytest.raises(ValueError, match="tag"):
        clean_tag(bad)


def test_a_tag_stands_once_and_not_more_than_twenty_do() -> None:
    assert clean_tags(["echo", " echo ", "hum"]) == ["echo", "hum"]
    with pytest.raises(ValueError, match="at most 20"):
        clean_tags([str(number) for number in range(21)])


def test_the_default_tags_become_words_for_participants() -> None:
    items = reason_items(DEFAULT_TAGS)
    assert [item["code"] for item in items] == [
        "echo",
        "non_target_sound",
        "static",
        "splice",
        "suspected_foley",
        "other",
    ]
    assert items[0]["label"] == "I hear an unnatural echo"
    assert [item["needs_text"] for item in items] == [False] * 5 + [True]


@given(st.lists(st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and "\x00" not in text), max_size=40))
def test_any_tags_make_a_menu_that_a_study_takes(texts: list[str]) -> None:
    tags = []
    for text in texts:
        try:
            tags.append(clean_tag(text))
        except ValueError:
            continue
    assert Reasons.model_validate({"items": reason_items(tags)}).items[-1].code == "other"
