"""A finding whose lists may be empty: what the notebook shows of each."""

from __future__ import annotations

from insight.core.display import Display
from insight.core.finding import Finding


class BriefFinding(Finding):
    """The finding of a brief; each of its lists is a table, or a note where it is empty."""

    def listed(self, name: str) -> Display:
        """A list as its table; an empty one as the sentence that says so, without headings and download.

        Raises
        ------
        UsageError
            If there is no such list, naming the notes there are.
        """
        return self.table(name) if name in self.tables else self.note(name)
