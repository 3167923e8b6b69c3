"""Escaping, and the small card that nouns show in JupyterLab."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as _escape

SAMPLE_BANNER = "SAMPLE DATA - invented authorities, not real figures"


def escape(text: object) -> str:
    """Text safe to stand in HTML, attributes included."""
    return _escape(str(text), quote=True)


def card(title: str, facts: Iterable[tuple[str, str]], note: str | None = None, banner: str | None = None) -> str:
    """A titled list of facts as HTML; every argument is escaped.

    Parameters
    ----------
    title : str
    facts : iterable of (label, value)
    note : str, optional
        A sentence below the facts.
    banner : str, optional
        A warning above the title, in large letters.
    """
    parts = ['<div style="border:1px solid #b1b4b6;border-left:6px solid #1d4f91;padding:.6em 1em;max-width:60em">']
    if banner:
        parts.append(f'<p style="font-size:1.4em;font-weight:700;margin:0">{escape(banner)}</p>')
    parts.append(f'<p style="font-size:1.15em;font-weight:700;margin:.2em 0">{escape(title)}</p><dl style="margin:0">')
    parts += [f"<dt><b>{escape(label)}</b></dt><dd>{escape(value)}</dd>" for label, value in facts]
    parts.append("</dl>")
    if note:
        parts.append(f"<p>{escape(note)}</p>")
    return "".join([*parts, "</div>"])
