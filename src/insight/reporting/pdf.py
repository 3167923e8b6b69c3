"""Pages of a site as tagged PDFs, made by a browser that is there already: Chromium, Chrome or Edge.

The browser gets a copy of the page without links into the site, which would carry this machine's folders, and no way
to any host. What it writes is checked, and what would differ between two runs is made the same.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from insight.errors import NoBrowser, PdfFailed

SECONDS = 120.0
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
"""As a search path may have them, in the order in which they are tried."""
_WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)
_MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    # No name of any host is ever looked up; a page asks for nothing, and the browser itself shall not either.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)
_LINK = re.compile(r"""(<a\b[^>]*?)\shref=("[^"]*"|'[^']*')""", re.IGNORECASE)
_KEPT_LINK = re.compile(r"""^["'](#|https?://|mailto:)""")
_TEXT = rb"\((?:[^()\\]|\\[\s\S])*\)"
_CHANGING = re.compile(rb"/(Creator|Producer|CreationDate|ModDate) ?(" + _TEXT + rb")")
_ID = re.compile(rb"/ID ?\[ ?<([0-9A-Fa-f]*)> ?<([0-9A-Fa-f]*)> ?\]")
# A title that is no plain text of ASCII stands in angle brackets, or holds some.
_INSIDE = rb"(?:" + _TEXT + rb"|<[0-9A-Fa-f\s]*>|[^<>()])*"
_INFO = re.compile(rb"<<" + _INSIDE + rb"/CreationDate" + _INSIDE + rb">>", re.DOTALL)
_DAY = b"D:20000101000000+00'00'"
_TODO = "update the browser, or name another one: INSIGHT_BROWSER=/path/to/chromium, or browser in insight.toml"


def find_browser(named: str = "", *, environment: Mapping[str, str] | None = None, platform: str | None = None) -> Path:
    """The browser that makes PDFs: the one that is named, else one on the search path, else one in a usual place.

    Parameters
    ----------
    named : str
        A path, or a name on the search path; "" for any.
    environment, platform : optional
        Of this process, unless a test says otherwise.

    Raises
    ------
    NoBrowser
        If there is none, saying where one was looked for.
    """
    around = os.environ if environment is None else environment
    path = around.get("PATH", "")
    if named:
        found = shutil.which(named, path=path)
        if found is None:
            raise NoBrowser(
                "making a PDF",
                found=f"no program {Path(named).name!r} where the setting `browser` says that one is",
                todo="correct INSIGHT_BROWSER or browser in insight.toml, or leave both out to take any that is there",
            )
        return Path(found)
    on_path = (shutil.which(name, path=path) for name in NAMES)
    usual = (place for place in _usual(around, platform or sys.platform) if place.is_file())
    chosen = next((Path(found) for found in on_path if found), None) or next(usual, None)
    if chosen is None:
        raise NoBrowser(
            "making a PDF",
            found="no Chromium, Chrome or Edge on the search path or in a usual place",
            todo="install one, or name it: INSIGHT_BROWSER=/path/to/chromium; any browser can print a page by hand too",
        )
    return chosen


def _usual(around: Mapping[str, str], platform: str) -> Iterable[Path]:
    if platform == "darwin":
        return map(Path, _MAC)
    if platform != "win32":
        return ()
    folders = [around[name] for name in ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData") if around.get(name)]
    return (Path(folder, *place.split("\\")) for place in _WINDOWS for folder in folders)


def make_pdf(html: bytes, *, name: str, browser: Path, seconds: float = SECONDS) -> bytes:
    """A page as a tagged PDF with an outline; the same page and browser give the same bytes.

    Parameters
    ----------
    html : bytes
        A page that needs no other file.
    name : str
        Of the page, as an error says it.
    browser : Path
    seconds : float
        How long the browser may take.

    Raises
    ------
    PdfFailed
        If the browser does not start, takes too long, or writes no whole, tagged PDF.
    """
    folder = Path(tempfile.mkdtemp(prefix="insight-pdf-"))
    try:
        page, made = folder / "page.html", folder / "page.pdf"
        page.write_bytes(without_links(html))
        code = _run([str(browser), *_flags(folder), f"--print-to-pdf={made}", page.as_uri()], name, seconds)
        if not made.is_file():
            raise PdfFailed(
                f"making a PDF of {name}", found=f"the browser ended with code {code} and wrote none", todo=_TODO
            )
        return same_bytes(_whole(made.read_bytes(), name), of=html)
    except OSError as fault:
        raise PdfFailed(
            f"making a PDF of {name}",
            found=f"the browser could not be started: {fault.strerror or type(fault).__name__}",
            todo=_TODO,
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def without_links(html: bytes) -> bytes:
    """A page whose links into the site are plain text: in a PDF they would name this machine's folders.

    >>> without_links(b'<a class="x" href="../index.html">All</a> <a href="#main">Main</a>').decode()
    '<a class="x">All</a> <a href="#main">Main</a>'
    """

    def plain(match: re.Match[str]) -> str:
        return match[0] if _KEPT_LINK.match(match[2]) else match[1]

    return _LINK.sub(plain, html.decode("utf-8")).encode()


def same_bytes(pdf: bytes, *, of: bytes) -> bytes:
    """A PDF in which the day, the browser's name and the identifier are fixed, each in the room that it had.

    Parameters
    ----------
    of : bytes
        The page, whose hash stands where the browser named itself and this system.
    """
    identity = sha256(of).hexdigest().encode()

    def fixed(match: re.Match[bytes]) -> bytes:
        room = len(match[2]) - 2
        said = {b"Creator": b"insight " + identity, b"Producer": b"insight"}
        text = said.get(match[1], _DAY)
        return match[0][: -len(match[2])] + b"(" + text[:room].ljust(room) + b")"

    def info(match: re.Match[bytes]) -> bytes:
        return _CHANGING.sub(fixed, match[0])

    def identified(match: re.Match[bytes]) -> bytes:
        both = [(identity * (len(old) // len(identity) + 1))[: len(old)] for old in (match[1], match[2])]
        return (
            match[0]
            .replace(b"<" + match[1] + b">", b"<" + both[0] + b">", 1)
            .replace(b"<" + match[2] + b">", b"<" + both[1] + b">")
        )

    return _ID.sub(identified, _INFO.sub(info, pdf, count=1))


def is_of(pdf: bytes, html: bytes) -> bool:
    """Whether a PDF says that it was made of this page."""
    return b"(insight " + sha256(html).hexdigest().encode() in pdf


def _flags(folder: Path) -> list[str]:
    flags = [*_FLAGS, f"--user-data-dir={folder / 'profile'}"]
    # As root, in a container, the browser refuses to start within its sandbox.
    return [*flags, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else flags


def _run(command: list[str], name: str, seconds: float) -> int:
    """Run the browser to its end; one that takes too long is ended with all its processes."""
    is_posix = os.name == "posix"
    # The command is ours, but for the browser that the setting names.
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=is_posix,
    ) as process:
        try:
            return process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise PdfFailed(
                f"making a PDF of {name}",
                found=f"a browser that was not done after {seconds:.0f} seconds",
                todo="run it again when the machine has less to do, or print the page from a browser",
            ) from None
        finally:
            _end(process, is_posix)


def _end(process: subprocess.Popen[bytes], is_posix: bool) -> None:
    if is_posix:
        # Its helpers are in a session of their own with it; they may outlive it by a moment.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
    elif process.poll() is None:
        process.kill()


def _whole(pdf: bytes, name: str) -> bytes:
    """Refuse what is no whole PDF with pages, tags and a language."""
    wrong = ""
    if not pdf.startswith(b"%PDF-") or b"%%EOF" not in pdf[-1024:] or b"startxref" not in pdf[-1024:]:
        wrong = "a damaged file"
    elif not re.search(rb"/Type ?/Page\b", pdf):
        wrong = "a PDF without pages"
    elif b"/StructTreeRoot" not in pdf or b"/Lang" not in pdf:
        wrong = "a PDF without tags, which people who cannot see it could not use"
    if wrong:
        raise PdfFailed(f"making a PDF of {name}", found=wrong, todo=_TODO)
    return pdf
