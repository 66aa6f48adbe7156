"""A stored file is read back as it was written, whichever way it was written, and any other is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from detector.ml.checkpoint import DTYPES, BadFile, digest, dump, dump_parts, parse

pytestmark = pytest.mark.once
ARRAYS = st.dictionaries(
    st.text(max_size=8),
    npst.arrays(st.sampled_from(sorted(DTYPES)), npst.array_shapes(min_dims=0, min_side=0, max_side=3)),
    max_size=5,
)


@given(ARRAYS, st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2))
def test_what_is_written_in_one_piece_or_in_parts_is_read_back(arrays: dict, facts: dict) -> None:
    for content in (dump(arrays, facts), b"".join(dump_parts(arrays, facts))):
        found, said = parse(content)
        assert said == facts and found.keys() == arrays.keys()
        for name, array in arrays.items():
            assert found[name].dtype == array.dtype and found[name].shape == array.shape
            assert found[name].tobytes() == array.tobytes()


def test_an_array_is_not_copied_on_its_way_out() -> None:
    array = np.zeros(1000, dtype=np.float32)
    _, view = dump_parts({"a": array}, {})
    array[:] = 1.0
    assert bytes(view) == np.ones(1000, dtype=np.float32).tobytes()


def test_a_changed_or_cut_file_is_refused() -> None:
    content = b"".join(dump_parts({"a": np.arange(4)}, {"b": 1}))
    with pytest.raises(BadFile, match="has changed"):
        parse(content, sha256=digest(b"other"))
    with pytest.raises(BadFile, match="cannot be read"):
        parse(content[:-1])
