"""One description, shown twice: as plain text and as a card."""

from __future__ import annotations

from dataclasses import dataclass

from insight.core.html import card


@dataclass(frozen=True, slots=True)
class Description:
    """What a noun says of itself: a title, labelled facts, and perhaps a note and a banner."""

    title: str
    facts: tuple[tuple[str, str], ...]
    note: str | None = None
    banner: str | None = None

    def as_text(self) -> str:
        """The description in plain lines."""
        lines = [self.banner] if self.banner else []
        lines += [self.title, *(f"  {label}: {value}" for label, value in self.facts)]
        return "\n".join([*lines, f"  {self.note}"] if self.note else lines)

    def as_html(self) -> str:
        """The same facts as an HTML card."""
        return card(self.title, self.facts, note=self.note, banner=self.banner)


class Described:
    """Gives a noun its ``repr`` and its card from one ``describe()``."""

    def describe(self) -> Description:
        """Facts that both views show."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.describe().as_text()

    def _repr_html_(self) -> str:
        return self.describe().as_html()
