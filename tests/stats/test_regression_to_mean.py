"""One unit's change beside those that started alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import change_beside_alike


def drawn(
    n: int = 150, *, noise: float = 1.0, shift: float = 0.0, seed: int = 1
) -> tuple[dict[str, float], dict[str, float]]:
    """Units whose true level (standard deviation 1 around 10) stays, apart from a common shift, seen with noise."""
    generator = np.random.default_rng(seed)
    level = generator.normal(10, 1, size=n)
    first, last = level + generator.normal(0, noise, n), level + shift + generator.normal(0, noise, n)
    names = [f"unit {number:03d}" for number in range(n)]
    return dict(zip(names, first.tolist(), strict=True)), dict(zip(names, last.tolist(), strict=True))


def test_extremes_drift_back_as_galton_found() -> None:
    """Nothing changed. Level and noise vary alike, so the change to expect is minus half the start's distance."""
    starts, ends = drawn(4000)
    found = change_beside_alike(starts, ends=ends, focal="unit 000")
    assert found.slope == pytest.approx(-0.5, abs=0.03)
    highest = max(starts, key=lambda key: starts[key])
    top: Any = change_beside_alike(starts, ends=ends, focal=highest)
    assert top.expected.value == pytest.approx(-0.5 * (starts[highest] - 10), abs=0.15)
    assert top.peer_change.value < -1


def test_where_nothing_is_noise_nothing_drifts_back() -> None:
    starts, ends = drawn(300, noise=1e-6, shift=0.4)
    found = change_beside_alike(starts, ends=ends, focal="unit 000")
    assert found.slope == pytest.approx(0, abs=1e-4)
    assert found.expected.value == pytest.approx(0.4, abs=1e-4)


def test_the_line_is_that_of_end_on_start_less_one_and_its_interval_that_of_statsmodels() -> None:
    import statsmodels.api as sm

    starts, ends = drawn(60)
    names = [name for name in starts if name != "unit 007"]
    x, y = np.array([starts[name] for name in names]), np.array([ends[name] - starts[name] for name in names])
    fitted = sm.OLS(y, sm.add_constant(x)).fit()
    one = fitted.get_prediction(np.array([[1.0, starts["unit 007"]]])).summary_frame(alpha=0.05).iloc[0]
    found = change_beside_alike(starts, ends=ends, focal="unit 007")
    assert found.slope == pytest.approx(fitted.params[1])
    assert (found.expected.value, found.expected.low, found.expected.high) == pytest.approx(
        (one["mean"], one["obs_ci_lower"], one["obs_ci_upper"])
    )


def test_the_unit_itself_is_not_among_its_peers_and_does_not_bend_the_line() -> None:
    starts, ends = drawn(80)
    wild = {**ends, "unit 005": 1e6}
    both: list[Any] = [change_beside_alike(starts, ends=each, focal="unit 005") for each in (ends, wild)]
    calm, odd = both
    assert "unit 005" not in odd.peers
    assert (odd.slope, odd.peer_change) == (calm.slope, calm.peer_change)
    assert odd.beyond_expected == pytest.approx(odd.change - odd.expected.value)


def test_the_nearest_are_the_nearest_and_ties_come_along() -> None:
    starts = {f"u{number}": float(number) for number in range(20)} | {"x": 10.2, "twin": 12.0}
    ends = {name: value + 1 + 0.1 * (value % 3) for name, value in starts.items()}
    found = change_beside_alike(starts, ends=ends, focal="x", k=3)
    assert found.peers == ("u10", "u11", "u9")
    wider = change_beside_alike(starts, ends=ends, focal="x", k=4)
    assert set(wider.peers) == {"u10", "u11", "u9", "u12", "twin"}
    assert wider.peers_are == "the 5 with the nearest start"


def test_the_same_fifth() -> None:
    starts = {f"u{number:02d}": float(number) for number in range(50)}
    ends = {name: value - 0.1 * (number % 4) for number, (name, value) in enumerate(starts.items())}
    found = change_beside_alike(starts, ends=ends, focal="u49", peers="fifth")
    assert set(found.peers) == {f"u{number}" for number in range(40, 49)}
    assert found.peers_are == "the 9 others in the highest fifth of the starts"


def test_how_many_moved_as_far_is_counted_in_the_same_direction() -> None:
    starts = {f"u{number}": 10.0 + number / 100 for number in range(12)} | {"x": 10.0}
    ends = {name: value + (-3.0 if number % 2 else 3.0) for number, (name, value) in enumerate(starts.items())}
    found = change_beside_alike(starts, ends={**ends, "x": 8.0}, focal="x", k=10)
    assert found.change == -2
    assert found.n_peers_moved_as_far == 5


def test_units_without_both_numbers_are_counted() -> None:
    starts, ends = drawn(30)
    found = change_beside_alike({**starts, "p": None, "q": 3.0}, ends={**ends, "r": 4.0}, focal="unit 000")
    assert (found.n_units, found.n_left_out) == (29, 3)


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"focal": "nobody"}, UsageError),
        ({"peers": "all"}, UsageError),
        ({"k": 1}, UsageError),
        ({"level": 2.0}, UsageError),
    ],
)
def test_a_wrong_call_is_refused(how: dict[str, Any], error: type[Exception]) -> None:
    starts, ends = drawn(30)
    with pytest.raises(error):
        change_beside_alike(starts, **{"ends": ends, "focal": "unit 000"} | how)


def test_too_few_others_or_equal_starts_are_refused() -> None:
    starts, ends = drawn(10)
    with pytest.raises(NotEnoughData):
        change_beside_alike(starts, ends=ends, focal="unit 000")
    same = dict.fromkeys(drawn(30)[0], 5.0)
    with pytest.raises(NotEnoughData):
        change_beside_alike(same, ends=drawn(30)[1], focal="unit 000")
