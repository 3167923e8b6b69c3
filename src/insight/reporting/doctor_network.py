"""What stands between this machine and the publishers: proxies, certificates, and whether anybody answers."""

from __future__ import annotations

import os
import re
import ssl
import sys
from collections.abc import Mapping

from insight.errors import InsightError
from insight.reporting.doctor import Check

_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_PROXY = re.compile(r"(?:https?://)?(?:[^@/\s]*@)?([\w.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?/?")


def proxies(*, environment: Mapping[str, str] = os.environ) -> Check:
    """The proxies that the environment names, without a name or password that may stand in them."""
    named = {}
    for variable in _VARIABLES:
        # Small letters win, as they do for most programs.
        if value := environment.get(variable.lower()) or environment.get(variable):
            named[variable] = value
    wrong = [variable for variable, value in named.items() if variable != "NO_PROXY" and not _PROXY.fullmatch(value)]
    if wrong:
        return Check("proxy", False, f"{wrong[0]} names none that can be used", f"set {wrong[0]} to http://HOST:PORT")
    told = [f"{variable} = {_without_name(variable, value)}" for variable, value in named.items()]
    system = {"win32": "; else Windows' own settings", "darwin": "; else the system's own settings"}.get(
        sys.platform, ""
    )
    return Check("proxy", True, ("; ".join(told) if told else "the environment names none") + system)


def _without_name(variable: str, value: str) -> str:
    found = _PROXY.fullmatch(value)
    if variable == "NO_PROXY" or found is None:
        return value
    return f"{found[1]}{found[2] or ''}" + (" (with a name)" if "@" in value else "")


def certificates(*, environment: Mapping[str, str] = os.environ) -> Check:
    """Whose certificates are trusted: the system's, and those of an organisation's own authority."""
    from insight.fetching import ssl_context

    try:
        ssl_context()
    except InsightError as fault:
        return Check("certificates", False, fault.found, fault.todo)
    except ImportError:
        return Check("certificates", False, "truststore is not installed", "install the libraries again")
    own = [variable for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environment.get(variable)]
    if own:
        return Check("certificates", True, f"those that {' and '.join(own)} name{'s' if len(own) == 1 else ''}")
    places = ssl.get_default_verify_paths()
    if sys.platform == "linux" and not (places.cafile or places.capath):
        return Check("certificates", None, "not where this Python looks first; insight doctor --network shows it")
    return Check("certificates", True, "those of the system's own store")


def hosts(*, network: bool) -> tuple[Check, ...]:
    """Whether the publishers answer from here; asked only where a person wants to know."""
    if not network:
        return (Check("publishers", None, "asked only with --network"),)
    from insight.fetching import reach

    try:
        reached = reach()
    except InsightError as fault:
        return (Check("publishers", False, fault.found, fault.todo),)
    return tuple(Check(each.host, each.is_there, each.found, each.todo) for each in reached)
