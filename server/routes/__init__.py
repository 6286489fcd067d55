"""One file a part of the API: each route parses, calls one method of the service, renders."""
