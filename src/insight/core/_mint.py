"""The key that makes display objects: the gate alone uses it, and a contract test reads the imports."""

from typing import Final

KEY: Final = object()
