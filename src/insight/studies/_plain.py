"""Numbers as a store remembers them."""

from __future__ import annotations

from typing import Any


def ten_digits(content: Any) -> Any:
    """Plain JSON types with ten significant digits.

    The last digits of a sum depend on its order, and libraries keep some of theirs in sets; ten digits are far more
    than the data determine and few enough to be the same every time.

    >>> ten_digits({"a": (1 / 3, 2)})
    {'a': [0.3333333333, 2]}
    """
    if isinstance(content, float):
        return float(f"{content:.10g}")
    if isinstance(content, dict):
        return {key: ten_digits(value) for key, value in content.items()}
    return [ten_digits(value) for value in content] if isinstance(content, list | tuple) else content
