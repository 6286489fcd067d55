"""HTTP/1.1 as uvicorn speaks it, except that what is no HTTP gets a problem for an answer too."""

import h11
import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol

from server.errors import PROBLEM_JSON, malformed


class ProblemProtocol(H11Protocol):
    """Answers unreadable requests, which no application sees, as the API answers all others."""

    def send_400_response(self, msg: str) -> None:
        """Answer, and close the connection, whose next bytes could mean anything."""
        problem = malformed(f"{msg.rstrip('.')}: send HTTP/1.1, with one Host header.")
        body = msgspec.json.encode(problem.document)
        headers = [
            ("content-type", PROBLEM_JSON),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        response = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for event in (response, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
