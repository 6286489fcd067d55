"""Makes Pincite's encoding known to tiktoken, which looks for plugins in this namespace package.

The folder above is on ``sys.path``, or this one is installed at the top level; either way it must
have no ``__init__.py``.
"""

from index.vocabulary.encoding import NAME, pincite_bpe

ENCODING_CONSTRUCTORS = {NAME: pincite_bpe}
