"""The nouns: frozen, typed, and silent about files, models and pictures."""
