"""Whom this machine trusts: the system's own certificate store, and an organisation's own authority."""

from __future__ import annotations

import os
import ssl

from insight.errors import UsageError


def ssl_context() -> ssl.SSLContext:
    """A context that trusts what the system trusts, and what ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` name.

    Raises
    ------
    UsageError
        If one of the two names something that holds no certificates.
    """
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for variable, option in (("SSL_CERT_FILE", "cafile"), ("SSL_CERT_DIR", "capath")):
        if place := os.environ.get(variable):
            try:
                context.load_verify_locations(**{option: place})
            except (OSError, ssl.SSLError) as fault:
                raise UsageError(
                    f"reading the certificates that {variable} names",
                    found=f"nothing that holds certificates ({type(fault).__name__})",
                    todo="correct the variable, or take it away: the system's own store is used anyway",
                ) from None
    return context
