"""What a plain form says of each kind of setting, and how each is shown."""

import pytest
from pydantic import create_model

from studyapp.design.config_change import default_config, leaf_settings
from studyapp.design.config_fields import Setting, _setting, find_setting
from studyapp.design.editor_sections import find_section
from studyapp.forms.settings import Sources, do_in_list, make_rows, read_posted

pytestmark = pytest.mark.once
BARE = {"slug": "s", "title": "T", "stimulus_set": "x"}


def read(path, **posted):
    values, problems = read_posted((leaf_settings()[path],), {key.replace("__", "."): v for key, v in posted.items()})
    return values[path], problems


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("task.plays", "3", 3), ("task.plays", "x", "x"), ("task.plays", "", ""), ("task.plays", "1e999", "1e999"),
        ("analysis.alpha", "0.01", 0.01), ("analysis.alpha", "nan", "nan"), ("recruitment.quota", " ", None),
        ("end.completed.url", "", None), ("consent.text", "a\r\nb", "a\nb"),
        ("analysis.hypotheses", "A\n\n B ", ["A", "B"]),
        ("task.confidence", "on", True),
    ],
)  # fmt: skip
def test_a_field_is_read_as_the_configuration_takes_it(path, text, value):
    values, problems = read_posted((leaf_settings()[path],), {path: text})
    assert (values[path], problems) == (value, [])


def test_an_unticked_switch_and_several_choices():
    assert read("task.confidence") == (False, [])
    posted = {"analysis.primary_measures.discrimination": "x", "analysis.primary_measures.nothing": "x"}
    values, _ = read_posted(find_section("analysis").settings, posted)
    assert values["analysis.primary_measures"] == ["discrimination"]


def test_rows_of_lists_are_read_in_their_order_and_odd_names_are_left_alone():
    setting = leaf_settings()["task.reasons.items"]
    posted = {f"task.reasons.items.{n}.code": f"c{n}" for n in ("10", "2", "x", "-1", "99999999")}
    assert [item["code"] for item in read_posted((setting,), posted)[0]["task.reasons.items"]] == ["c2", "c10"]


def test_buttons_of_lists_inside_of_lists():
    values = {"q.items": [{"options": [{"v": 1}, {"v": 2}]}], "m.names": {"a": "A", "b": "B"}}
    assert do_in_list(values, "up q.items.0.options 1")
    assert do_in_list(values, "add q.items")
    assert do_in_list(values, "remove m.names 0")
    assert values == {"q.items": [{"options": [{"v": 2}, {"v": 1}]}, {}], "m.names": {"b": "B"}}
    for wrong in (
        "up q.items.7.options 1",
        "up q.items.0.options 0",
        "remove q.items 9",
        "up m.names 0",
        "add z",
        "x q.items 0",
    ):
        assert not do_in_list(values, wrong)


def test_problems_stand_at_their_row():
    problems = [
        ("task.reasons.items.1.code", "wrong"),
        ("task.category_names.rain", "too long"), ("analysis.hypotheses.0", "odd"),
    ]  # fmt: skip
    values = default_config(BARE) | {"title": "T"}
    values["task"]["category_names"] = {"rain": "Rain"}
    sources = Sources(values=values, defaults=default_config(BARE), problems=problems)
    items = make_rows((leaf_settings()["task.reasons.items"],), sources)[0].items
    assert [row.problems for row in items[1]] == [["wrong"], [], []]
    names = make_rows((leaf_settings()["task.category_names"],), sources)[0]
    assert (names.problems, names.differs) == (["rain: too long"], True)
    assert make_rows((leaf_settings()["analysis.hypotheses"],), sources)[0].problems == ["0: odd"]


def kind_of(annotation) -> Setting:
    schema = create_model("Made", it=(annotation, ...)).model_json_schema()
    return _setting("it", "it", schema["properties"]["it"], schema.get("$defs", {}))


def test_a_setting_of_a_new_kind_is_written_as_yaml():
    assert kind_of(dict[str, int]).kind == "map"
    assert kind_of(dict[str, list[int]]).kind == "yaml"
    assert kind_of(list[int]).kind == "yaml"
    assert kind_of(int | str).kind == "yaml"
    assert kind_of(list[str] | None).is_optional
    assert find_setting("analysis.alpha").allowed == "a number above 0 and below 0.5"
