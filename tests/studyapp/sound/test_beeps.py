import numpy as np
import pytest

from studyapp.sound.beeps import ONSETS_S, beeps

pytestmark = pytest.mark.once


@pytest.mark.parametrize("count", ONSETS_S)
def test_the_beeps_can_be_counted(count: int) -> None:
    sound = beeps(count, level_dbfs=-25.0)
    assert sound.shape == (132_300, 2)
    np.testing.assert_array_equal(sound[:, 0], sound[:, 1])
    sounding = np.convolve(np.abs(sound[:, 0]) > 1e-9, np.ones(441), mode="same") > 0
    assert np.count_nonzero(np.diff(sounding.astype(int)) == 1) == count
    beep = sound[round(ONSETS_S[count][0] * 44_100) :][:6615, 0]
    assert np.argmax(np.abs(np.fft.rfft(beep, 44_100))) == pytest.approx(1000, abs=3)
    assert 10 * np.log10(np.mean(beep**2)) == pytest.approx(-25.0, abs=1e-6)


def test_no_other_number_of_beeps_is_made() -> None:
    with pytest.raises(ValueError, match="only of 2, 3, 4, 5"):
        beeps(1, level_dbfs=-25.0)
