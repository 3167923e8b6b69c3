"""The key that lets a display object be made; ``insight.disclosure`` alone holds it (a contract test reads the imports)."""

from typing import Final

KEY: Final = object()
