"""Kernels to speak to, and the parent they are forked from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from insight import warm
from insight.kernel import owner
from tests.kernel.session import Session


@pytest.fixture(scope="session")
def steady() -> Iterator[None]:
    """Sources that do not change meanwhile, and no parent left behind."""
    if not warm.can_fork():
        pytest.skip("this system has no safe fork")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, "fingerprint", lambda: (("package", 1, 1),))
        yield
    owner.close()


@pytest.fixture
def begin(steady: None) -> Iterator[Callable[..., Session]]:
    """Start kernels by name; all are ended after the test."""
    sessions: list[Session] = []

    def start(name: str = "insight", **options: Any) -> Session:
        sessions.append(Session(name, **options))
        return sessions[-1]

    yield start
    for session in sessions:
        session.end()


@pytest.fixture(scope="module")
def warm_kernel(steady: None) -> Iterator[Session]:
    """One forked kernel for a whole file."""
    session = Session("insight")
    assert isinstance(session.process, owner.Kernel)
    yield session
    session.end()


@pytest.fixture(scope="module")
def usual_kernel(steady: None) -> Iterator[Session]:
    """One python3 kernel for a whole file."""
    session = Session("python3")
    assert not isinstance(session.process, owner.Kernel)
    yield session
    session.end()
