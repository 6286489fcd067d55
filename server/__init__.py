"""The REST API: serves a ``qa.service.Service`` over HTTP, and nothing more."""
