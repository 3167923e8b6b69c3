"""When a volume says that a return is hardly whole."""

from insight.studies._volumes import has_jumped


def test_a_volume_jumps_outside_the_limits_and_a_missing_one_does_not() -> None:
    assert [has_jumped(100, now) for now in (59, 60, 160, 161)] == [True, False, False, True]
    assert not has_jumped(float("nan"), 100)
    assert not has_jumped(100, float("nan"))
    assert not has_jumped(0, 100)
