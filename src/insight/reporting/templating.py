"""The templates' surroundings: escaping always on, one style sheet, a policy that forbids everything else."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

_FOLDER = Path(__file__).with_name("templates")
STYLES = ("style.css",)
"""Of a study's page; the pages around them have a few rules more."""
# Control characters, half characters, and those that turn the direction of the text after them: shown as U+FFFD.
_UNSEEN = dict.fromkeys(
    [
        *(code for code in range(0x20) if chr(code) not in "\n\t"),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xD800, 0xE000),
    ],
    "\ufffd",
)

_ANY_UNSEEN = re.compile("[" + "".join(map(re.escape, map(chr, _UNSEEN))) + "]")


def visible(text: str) -> str:
    """Text in which nothing works unseen: control and direction characters become U+FFFD."""
    text = text.replace("\r\n", "\n")
    # Looking is quick, and there is hardly ever anything to replace.
    return text.translate(_UNSEEN) if _ANY_UNSEEN.search(text) else text


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """The templates' own environment. Data reach it as values only and are never read as a template."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(_FOLDER, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


@cache
def asset(*names: str) -> Markup:
    """Style sheets or the script, one after the other, as they stand in the page."""
    text = "\n".join((_FOLDER / name).read_text(encoding="utf-8").replace("\r\n", "\n") for name in names)
    return Markup("\n".join(line.strip() for line in text.splitlines() if line.strip()))  # noqa: S704 - our own file


def security_policy(*, script: str | None = None, styles: tuple[str, ...] = STYLES) -> str:
    """The content-security policy: nothing but the page's own style sheet, and its script where it has one."""
    parts = ["default-src 'none'", f"style-src '{_hash(*styles)}'", "img-src data:"]
    if script:
        parts.append(f"script-src '{_hash(script)}'")
    return "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])


@cache
def _hash(*names: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(asset(*names).encode()).digest()).decode()


def page(template: str, *, script: str | None = None, styles: tuple[str, ...] = STYLES, **values: Any) -> str:
    """A whole page from a template; the same values give the same bytes."""
    html = (
        environment()
        .get_template(template)
        .render(
            **values,
            style=asset(*styles),
            script=asset(script) if script else None,
            security_policy=security_policy(script=script, styles=styles),
        )
    )
    return visible(html)


def part(name: str, *arguments: object) -> Markup:
    """One macro of ``parts.html``, called."""
    macro = getattr(environment().get_template("parts.html").module, name)
    return Markup(macro(*arguments))  # noqa: S704 - the macro has escaped what it was given
