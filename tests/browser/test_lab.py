"""The chooser in a real JupyterLab, by keyboard alone: from the launcher to a card."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from insight import studies

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ENTRY = "insight: choose an authority and a question"
QUICK = studies.find("getting_to_good").title
# Milliseconds; a few seconds do on an idle machine.
PATIENCE = 180_000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def lab(root: Path, sample_store: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab over a copy of the notebooks, or a skip."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(root / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".*"))
    (home / "insight.toml").write_text("", encoding="utf-8")
    port = free_port()
    places = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "runtime"}
    settings = {f"JUPYTER_{name}": str(home / folder) for name, folder in places.items()}
    settings |= {"JUPYTER_PATH": str(root / "share" / "jupyter"), "INSIGHT_STORE": str(sample_store)}
    settings |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "spaces")}
    settings |= {"IPYTHONDIR": str(home / "ipython"), "INSIGHT_OFFLINE": ""}
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
    command += ["--ip=127.0.0.1", "--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={home}"]
    command += ["--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += ["--LabApp.expose_app_in_browser=True", "--allow-root"]
    with (home / "lab.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(command, cwd=home, env={**os.environ, **settings}, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            assert server.poll() is None, (home / "lab.log").read_text(encoding="utf-8")[-2000:]
            try:
                with urlopen(f"{address}/api", timeout=5):  # noqa: S310 - our own server
                    break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture
def page(lab: str, browser: Browser) -> Iterator[Page]:
    """JupyterLab with its launcher open."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.goto(f"{lab}/lab?reset")
    yield opened
    context.close()


def focused_label(page: Page) -> str:
    """The accessible name of what has the focus."""
    return str(
        page.evaluate(
            "() => { const e = document.activeElement;"
            " const label = e.labels && e.labels.length ? e.labels[0].textContent : '';"
            " return (e.getAttribute('aria-label') || label || e.textContent || '').trim() }"
        )
    )


def tab_to(page: Page, name: str, *, most: int = 12) -> None:
    """Go on with Tab until the control of this name has the focus."""
    for _ in range(most):
        if focused_label(page) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name!r}; it ends at {focused_label(page)!r}")


def test_from_the_launcher_to_a_card_by_keyboard_alone(page: Page) -> None:
    entry = page.locator(".jp-LauncherCard", has_text=ENTRY)
    entry.wait_for()
    entry.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Question").wait_for()

    # Letters are commands of the notebook elsewhere; here they are letters.
    page.get_by_label("Question").focus()
    page.keyboard.type(f"{QUICK}ddxm")
    for _ in "ddxm":
        page.keyboard.press("Backspace")
    tab_to(page, "Authority")
    page.keyboard.type("Nowhere at all")
    tab_to(page, "Show the answer")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("E101").wait_for()
    assert page.locator(".jp-OutputArea-output", has_text="Traceback").count() == 0

    page.get_by_label("Authority").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Ashquarry")
    tab_to(page, "Show the answer")
    page.keyboard.press("Space")
    page.get_by_role("status").get_by_text("The cards stand below").wait_for()
    shown = page.locator(".jp-OutputArea", has_text="SAMPLE DATA").last
    assert shown.get_by_text("X06000001", exact=False).count()


def test_the_command_palette_has_the_same_entry(page: Page) -> None:
    page.locator(".jp-LauncherCard", has_text=ENTRY).wait_for()
    page.keyboard.press("Control+Shift+C")
    page.keyboard.type("choose an authority")
    page.locator(".lm-CommandPalette-item", has_text=ENTRY).wait_for()
    page.keyboard.press("Enter")
    page.get_by_label("Question").wait_for()
