"""How the reader's weights were made; run by hand, never at question time."""
