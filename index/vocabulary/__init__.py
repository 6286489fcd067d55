"""The byte-level BPE that counts chunk tokens: its tokens, and the script that trained it."""
