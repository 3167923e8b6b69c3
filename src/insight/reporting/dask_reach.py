"""Reaching a dask scheduler: everything that can be wrong before the first page is said here, in words."""

from __future__ import annotations

import asyncio
import logging
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from insight.errors import NotReady, SchedulerTrouble


def require_extra() -> None:
    """Stop with NotReady where dask.distributed is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise NotReady(
            "getting ready to run with dask",
            found="no dask.distributed in this environment",
            todo='install the extra, here and on every worker: python -m pip install "insight[dask]"',
        ) from None


def connect(address: str, seconds: float) -> Any:
    """A client of the scheduler; SchedulerTrouble where there is no answer within these seconds."""
    import dask
    from distributed import Client

    # What it has to say comes back as our own errors; at its end it would otherwise talk of connections it lost.
    logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)
    logging.getLogger("tornado").setLevel(logging.CRITICAL)
    unreachable = SchedulerTrouble(
        "reaching the scheduler",
        found=f"no answer from {address[:200] or 'an empty address'}",
        todo="start it, or mend the address given with --scheduler",
    )
    try:
        # In a thread, because whoever calls this may be within an event loop of their own, as in a notebook.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _greet(address, seconds)).result()
        with dask.config.set({"distributed.comm.timeouts.connect": f"{seconds}s"}), _quiet():
            return Client(address.strip(), timeout=seconds, set_as_default=False, name="insight")
    except Exception:  # noqa: BLE001 - whatever answers there, or does not, it is no scheduler of ours
        raise unreachable from None


async def _greet(address: str, seconds: float) -> None:
    """Exchange the first words and leave; for those of a program that is no scheduler dask would wait for ever."""
    from distributed.comm.core import connect as connect_to
    from distributed.security import Security

    arguments = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect_to(address.strip(), timeout=seconds, **arguments), 2 * seconds)
    await comm.close()


def _quiet() -> Any:
    """Versions are compared here, in words; dask's own warnings of them are not shown."""
    return warnings.catch_warnings(action="ignore")


def require_workers(client: Any, address: str, seconds: float) -> None:
    """Wait for the first worker; SchedulerTrouble where none comes within these seconds."""
    try:
        client.wait_for_workers(1, timeout=seconds)
    except (OSError, TimeoutError):
        raise SchedulerTrouble(
            "looking for workers",
            found=f"none after {seconds:.0f} seconds at {address}",
            todo="start workers with: dask worker ADDRESS; then run the same command again",
        ) from None


def require_same_versions(client: Any) -> None:
    """Ask every worker, and whether the scheduler can read a task; SchedulerTrouble names the first that cannot."""
    from insight.reporting.dask_worker import describe

    try:
        answers = client.run(describe, on_error="return")
    except Exception as fault:  # noqa: BLE001 - whatever the cluster answers with, it cannot do the work
        raise _cannot_work("the workers", f"they answer with {type(fault).__name__}") from None
    here = describe()
    for worker, answer in sorted(answers.items()):
        if isinstance(answer, Exception):
            raise _cannot_work(f"the worker {worker}", f"insight cannot be loaded there ({type(answer).__name__})")
        other = [name for name in here if answer.get(name) != here[name]]
        if other:
            raise _cannot_work(f"the worker {worker}", f"another version of {', '.join(other)} than here")
    try:
        client.run_on_scheduler(describe)
    except Exception as fault:  # noqa: BLE001 - as above
        raise _cannot_work("the scheduler", f"insight cannot be loaded there ({type(fault).__name__})") from None


def _cannot_work(who: str, found: str) -> SchedulerTrouble:
    return SchedulerTrouble(
        f"comparing versions with {who}",
        found=found,
        todo="install the same insight, from the same requirements.lock, with the extra dask; then start it again",
    )


def close_client(client: Any) -> None:
    """Let go of the scheduler; one that is gone already is no trouble."""
    with suppress(Exception), _quiet():
        client.close(timeout=5)
