"""A soak calls a line flat that is, whatever single samples say, and one that climbs by what a report adds."""

import pytest

from benchmarks.soak import FLAT_MEGABYTES, Sample, judged, line


def _samples(*megabytes: float) -> list[Sample]:
    return [
        Sample(at=float(place), receipts=1000 * place, behind=0, megabytes={"routing": held}, files={"routing": 20})
        for place, held in enumerate(megabytes)
    ]


def test_single_peaks_do_not_make_a_line_climb() -> None:
    """Memory is sampled while garbage waits to be collected: one sample of many says nothing."""
    values = [100.0, 180.0, 101.0, 99.0, 100.0] * 6

    assert line(values, 30, FLAT_MEGABYTES).flat


@pytest.mark.parametrize(("per_sample", "flat"), [(0.0, True), (0.01, True), (2.0, False)])
def test_a_slow_climb_is_seen_behind_the_noise(per_sample: float, flat: bool) -> None:  # noqa: FBT001
    values = [100 + place * per_sample + (place % 3) for place in range(100)]

    assert line(values, 100, 0).flat is flat


def test_what_each_thousand_reports_add_is_said() -> None:
    """A process that keeps the record grows with it; what matters is by how much."""
    found = line([100 + 3.0 * place for place in range(101)], 100, FLAT_MEGABYTES)

    assert found.per_thousand_reports == pytest.approx(3.0, rel=0.05)
    assert not found.flat


def test_the_warming_up_is_left_out() -> None:
    """Programs that have just begun fill their caches: judged with it, nothing would ever be flat."""
    found = judged(_samples(*(10.0 * place for place in range(10)), *([100.0] * 91)))

    assert found["megabytes"]["routing"].flat
    assert found["files"]["routing"].flat


def test_a_process_that_was_not_there_all_the_time_is_not_judged() -> None:
    samples = _samples(*[50.0] * 20)
    gone = samples[12]
    samples[12] = Sample(gone.at, gone.receipts, gone.behind, {}, {})

    assert judged(samples) == {"megabytes": {}, "files": {}}
