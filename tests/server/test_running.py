"""Health and metrics."""

import httpx
from prometheus_client.parser import text_string_to_metric_families


def test_health(shared: httpx.Client) -> None:
    assert shared.get("/health/live").json() == {"status": "live"}
    assert shared.get("/health/ready").json() == {"status": "ready"}


def test_metrics_are_prometheus_text(shared: httpx.Client) -> None:
    response = shared.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert response.headers["content-type"].count("charset") == 1
    names = {family.name for family in text_string_to_metric_families(response.text)}
    assert names >= {
        "pincite_questions",
        "pincite_question_seconds",
        "pincite_requests",
        "pincite_request_seconds",
        "pincite_rejections",
        "pincite_documents",
        "pincite_chunks",
        "pincite_queue_depth",
        "pincite_running",
        "pincite_ready",
    }
