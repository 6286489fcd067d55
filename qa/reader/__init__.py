"""The reader: finds the words of a passage that answer a question."""
