"""The web: pages are fetched by their addresses, from the public internet and nothing nearer.

``fetcher`` is the way in. Nothing is imported here, since asking a question needs none of it.
"""

FETCHED_FROM = "fetched_from"
"""The key of a document's metadata under which the address stands that it was fetched from."""
