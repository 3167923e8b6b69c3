"""What a machine lacks is said before the batch, with the line that mends it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from insight import studies
from insight.config import load_config
from insight.errors import NotReady
from insight.reporting import doctor
from insight.reporting.doctor import Check, look, require_ready
from insight.reporting.execute import _file
from insight.sources import all_indicators

GIB = 1024**3


@pytest.fixture()
def versions(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """Versions to find in the place of those that are installed; None is not installed."""
    changed: dict[str, str | None] = {}
    header = doctor._header

    def changed_header(name: str) -> str:
        if name not in changed:
            return header(name)
        return f"Version: {changed[name]}" if changed[name] else ""

    monkeypatch.setattr(doctor, "_header", changed_header)
    return changed


@pytest.fixture()
def kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The one folder where kernels are looked for."""
    import jupyter_core.paths

    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *parts: [str(tmp_path)])
    return tmp_path


def write_kernel(kernels: Path, content: object) -> None:
    (kernels / "python3").mkdir()
    text = content if isinstance(content, str) else json.dumps(content)
    (kernels / "python3" / "kernel.json").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("isolation", ["fork", "kernel", "none"])
def test_this_machine_is_ready(isolation: doctor.Isolation) -> None:
    if isolation == "fork" and not doctor.can_fork():
        pytest.skip("only Linux forks")
    require_ready(isolation)


@pytest.mark.parametrize("isolation", ["kernel", "none"])
def test_a_missing_library_is_found_before_the_batch(
    isolation: doctor.Isolation, versions: dict[str, str | None]
) -> None:
    versions |= {"pyfixest": None, "pandas": "2.2.9"}
    with pytest.raises(NotReady) as caught:
        require_ready(isolation)
    assert "pandas is 2.2.9, at least 2.3 is needed" in caught.value.found
    assert "pyfixest is not installed" in caught.value.found
    assert caught.value.todo == 'python -m pip install "pandas>=2.3" "pyfixest>=0.30"'


def test_a_library_that_is_too_new_is_found_too(versions: dict[str, str | None]) -> None:
    versions["matplotlib"] = "3.13.0rc1"
    check = doctor.libraries()
    assert check.is_ok is False
    assert check.found == "matplotlib is 3.13.0rc1, at least 3.9 and below 3.13 is needed"


def test_a_wrong_python_is_found_before_the_batch(versions: dict[str, str | None]) -> None:
    versions["insight"] = "0\nRequires-Python: >=3.99"
    with pytest.raises(NotReady, match=r"at least 3\.99 is needed"):
        require_ready("none")


def test_without_its_own_metadata_libraries_are_not_looked_at(versions: dict[str, str | None]) -> None:
    versions["insight"] = None
    assert doctor.libraries().is_ok is None
    require_ready("none")


@pytest.mark.parametrize(
    ("have", "wanted", "is_enough"),
    [
        ("2.3", ">=2.3", True),
        ("2.10.1", ">=2.9", True),
        ("2.2.9", ">=2.3", False),
        ("3", ">=3.0", True),
        ("3.0.0", "<3.0", False),
        ("2024.12.1", ">=2024.12", True),
        ("3.12.9", "<3.13,>=3.9", True),
        ("3.13", "<3.13,>=3.9", False),
        ("1.0.post1", ">=1.0", True),
        ("1.0", "", True),
    ],
)
def test_versions_are_compared_number_by_number(have: str, wanted: str, is_enough: bool) -> None:
    assert doctor._satisfies(have, wanted) is is_enough


def test_a_requirement_of_another_kind_is_told_apart() -> None:
    assert doctor._requirement("matplotlib<3.13,>=3.9") == ("matplotlib", "<3.13,>=3.9", "")
    assert doctor._requirement("distributed>=2024.12; extra == 'dask'") == ("distributed", ">=2024.12", "dask")
    assert doctor._requirement("uvicorn[standard] (>=0.2)") == ("uvicorn", ">=0.2", "")
    assert doctor._requirement("pywin32>=300; sys_platform == 'win32'") is None


def test_a_kernel_that_starts_this_python_will_do(kernels: Path) -> None:
    write_kernel(kernels, {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]})
    assert doctor.kernel_spec().is_ok
    shutil.rmtree(kernels / "python3")
    write_kernel(kernels, {"argv": ["python3", "-m", "ipykernel_launcher"]})
    assert doctor.kernel_spec().is_ok, "Jupyter puts its own interpreter there"


def test_without_a_file_the_kernel_that_ipykernel_brings_will_do(kernels: Path) -> None:
    assert doctor.kernel_spec().is_ok


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"argv": ["/usr/bin/env", "python3"]}, "starts another Python"),
        ({"argv": ["/no/such/python", "-m", "ipykernel_launcher"]}, "no longer there"),
        ({"argv": []}, "damaged"),
        ({}, "damaged"),
        ("{", "damaged"),
    ],
    ids=["another", "gone", "empty", "nothing", "not json"],
)
def test_a_kernel_of_another_python_is_found_before_the_batch(kernels: Path, content: object, says: str) -> None:
    write_kernel(kernels, content)
    with pytest.raises(NotReady, match=says) as caught:
        require_ready("kernel")
    assert caught.value.todo == "install it again: python -m ipykernel install --user"
    require_ready("none")


def test_a_kernel_that_an_environment_hides_is_mended_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import jupyter_core.paths

    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    own = tmp_path / "share" / "jupyter" / "kernels"
    own.mkdir(parents=True)
    write_kernel(own, "{")
    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *parts: [str(own), str(tmp_path)])
    assert doctor.kernel_spec().todo == "install it again: python -m ipykernel install --sys-prefix"


def test_no_kernel_at_all_is_found_before_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NotReady, match="no Jupyter kernel named python3") as caught:
        require_ready("kernel")
    assert "E802 getting ready to run with real kernels" in str(caught.value)


def test_a_machine_that_opens_no_port_is_sent_to_the_way_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*address: object, **options: object) -> None:
        raise PermissionError(13, "forbidden")

    monkeypatch.setattr("socket.create_server", refuse)
    with pytest.raises(NotReady, match="--isolation none"):
        require_ready("kernel")
    require_ready("none")


def test_a_system_that_cannot_fork_is_sent_to_the_other_ways(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.setattr(doctor, "can_fork", lambda: False)
    with pytest.raises(NotReady, match="--isolation kernel"):
        require_ready("fork")
    checks = {check.name: check for check in look(load_config(start=root))}
    assert checks["fork"].is_ok is None, "who did not ask for it need not mend it"
    asked = {check.name: check for check in look(load_config(start=root), isolation="fork")}
    assert asked["fork"].is_ok is False
    assert asked["kernel"].is_ok is None


def test_every_check_says_something_and_whoever_is_wrong_what_to_do(root: Path) -> None:
    for check in look(load_config(start=root)):
        assert check.found
        assert check.is_ok is not False or check.todo


def test_an_output_folder_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert doctor.writable(tmp_path / "new" / "site").found == "can be made"
    assert not (tmp_path / "new").exists(), "looking makes nothing"
    assert doctor.writable(tmp_path).is_ok
    (tmp_path / "file").write_text("x")
    assert doctor.writable(tmp_path / "file").is_ok is False

    def refuse(**options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert doctor.writable(tmp_path).found == "the system says: Permission denied"


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(GIB, GIB, 20_000_000))
    check = doctor.free_space(tmp_path / "site")
    assert (check.is_ok, check.found) == (False, "20 MB")


def test_long_paths_matter_on_windows_alone() -> None:
    deep = Path("/" + "x" * 200)
    assert doctor.path_length(deep, is_windows=False).is_ok is None
    assert doctor.path_length(deep, is_windows=True, has_long_paths=False).is_ok is False
    assert doctor.path_length(deep, is_windows=True, has_long_paths=True).is_ok
    assert doctor.path_length(Path("/site"), is_windows=True, has_long_paths=False).is_ok


def test_no_page_has_a_longer_path_than_is_promised() -> None:
    """Every study, each indicator there is, and a breakdown with the longest name of the census: made, and in place."""
    breakdown = "Mixed or Multiple ethnic groups: Other Mixed or Multiple ethnic groups"
    for study in map(studies.find, studies.names()):
        for key in (*all_indicators(), "lait_social_work_seniorpractitioner_percent"):
            for given in ({}, {"indicator": key}, {"indicator": key, "breakdown": breakdown}):
                own = {name: given.get(name, field.default) for name, field in study.parameters.model_fields.items()}
                name = study.page_name(own)
                job: Any = SimpleNamespace(temporary=Path(".insight/run-abcdefgh"), area="E06000051", name=name)
                making = _file(job, ".results.json")
                assert max(len(f"E06000051/{name}.html"), len(str(making))) <= doctor.INNER_PATH, name


def test_a_onedrive_folder_is_named() -> None:
    for folder in ("/srv/a/OneDrive - Ashquarry Council/site", "/srv/a/OneDrive/site"):
        assert "is one" in doctor.synchronised(Path(folder), environment={}).found
    environment = {"OneDriveCommercial": "/cloud"}
    assert "is one" in doctor.synchronised(Path("/cloud/site"), environment=environment).found
    assert "none of its" in doctor.synchronised(Path("/srv/a/site"), environment=environment).found


def test_an_empty_folder_is_no_project(tmp_path: Path) -> None:
    assert doctor.raw_folder(tmp_path / "nowhere").is_ok is False
    assert doctor.notebooks(tmp_path).is_ok is False


def test_a_check_stands_on_one_line_and_what_to_do_below_it() -> None:
    assert Check("kernel", True, "yes").line() == "ok             kernel: yes"
    assert Check("kernel", False, "no", "mend it").line() == "wrong          kernel: no\n               do: mend it"
    assert Check("kernel", None, "why").line() == "not looked at  kernel: why"
