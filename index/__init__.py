"""From an article to the passages worth reading: load, locate, chunk, embed, store, search."""
