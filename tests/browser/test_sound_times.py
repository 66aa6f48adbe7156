"""The times that the sound engine reports, against what an OfflineAudioContext rendered: the same to the sample."""

from typing import Any

import pytest

from tests.browser.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.once]

# The page's own module plays into an offline context; the rendered samples say when there was sound.
RENDER = """
async ({rate, lengths, gapS, fadeInS, loop, moduleChange}) => {
  const context = new OfflineAudioContext(1, rate * 3, rate);
  const {AudioEngine} = await import("/static/js/participant/audio-engine.js");
  const engine = new AudioEngine(context, {wait: () => new Promise(() => {})});
  const buffers = lengths.map((length, index) => {
    const buffer = context.createBuffer(1, length, rate);
    buffer.getChannelData(0).fill(0.25 * (index + 1));
    return buffer;
  });
  const told = engine.play(buffers.length > 1 ? buffers : buffers[0], {gapS, fadeInS, loop});
  const samples = (await context.startRendering()).getChannelData(0);
  const runs = [];
  for (let at = 0; at < samples.length; at += 1) {
    if (samples[at] === 0) continue;
    const start = at;
    while (at < samples.length && samples[at] !== 0) at += 1;
    runs.push([start, at, samples[Math.floor((start + at) / 2)]]);
  }
  return {starts: told.starts.map((start) => start * rate), end: told.endsAt * rate, onset: told.startsAt * rate, runs};
}
"""


def render(walker: Walker, **options: Any) -> dict[str, Any]:
    walker.page.goto(walker.site.start_session("short"))
    walker.see(step="consent")
    settings = {"rate": 48_000, "lengths": [4800], "gapS": 0, "fadeInS": 0, "loop": False}
    found: dict[str, Any] = walker.page.evaluate(RENDER, settings | options)
    return found


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("length", [1, 4801])
def test_a_sound_is_heard_from_the_first_sample_that_is_reported_to_the_last(
    walker: Walker, rate: int, length: int
) -> None:
    found = render(walker, rate=rate, lengths=[length])
    ((start, end, level),) = found["runs"]
    assert level == 0.25
    assert start == found["onset"] == found["starts"][0] == pytest.approx(round(found["onset"]), abs=1e-6)
    assert end == pytest.approx(found["end"], abs=1e-6)
    assert end - start == length


@pytest.mark.parametrize("gap_s", [0.5, 0.25, 0.01])
def test_a_sequence_keeps_its_gap_to_the_sample(walker: Walker, gap_s: float) -> None:
    found = render(walker, rate=44_100, lengths=[3001, 2000], gapS=gap_s)
    (first, second) = found["runs"]
    assert [first[0], second[0]] == pytest.approx(found["starts"], abs=1e-6)
    assert second[0] - first[1] == round(gap_s * 44_100)
    assert second[1] == pytest.approx(found["end"], abs=1e-6)
    assert (first[2], second[2]) == (0.25, 0.5)


def test_a_faded_loop_starts_where_it_is_reported_and_has_no_end(walker: Walker) -> None:
    found = render(walker, lengths=[2400], fadeInS=1.0, loop=True)
    ((start, end, _),) = found["runs"]
    # The fade's first sample has gain zero.
    assert start == pytest.approx(found["onset"] + 1, abs=1e-6)
    assert end == 3 * 48_000
    assert found["end"] == float("inf")
