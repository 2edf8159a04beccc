"""Whatever is sent to the server, it answers what its description says and never breaks."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.transport import Response

from alps.labelling.batches import Batches
from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from alps.labelling.security import sign
from alps.labelling.server import create_app

_PATHS = 16


def send_anything(project: Project, n_requests: int) -> int:
    """Send generated requests to every path; returns how many."""
    app = create_app(project, Batches(project, None))
    schema = schemathesis.openapi.from_dict(app.openapi())
    schema.app = app
    cookies = {f"alps-{project.setting('id')}": sign(project.setting("secret"), "Ann")}
    operations = [found.ok() for found in schema.get_all_operations()]
    n_sent = 0

    def send(data: st.DataObject) -> None:
        nonlocal n_sent
        case = data.draw(st.sampled_from(operations).flatmap(lambda operation: operation.as_strategy()))
        response: Response = case.call(base_url="http://127.0.0.1", cookies=cookies)
        n_sent += 1
        assert response.status_code < 500, (case.method, case.path, response.text)

    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run = settings(max_examples=n_requests, deadline=None, suppress_health_check=checks, database=None)
    run(given(st.data())(send))()
    assert len(operations) >= _PATHS
    return n_sent


@pytest.fixture
def small(tmp_path):  # type: ignore[no-untyped-def]
    project = create_project(tmp_path / "p.alps", ["good", "bad"], name="p")
    project.add_texts([str(i) for i in range(50)], [f"text {i}" for i in range(50)])
    yield project
    project.close()


def test_500_requests_break_nothing(small: Project) -> None:
    assert send_anything(small, 500) >= 500


@pytest.mark.slow
def test_10_000_requests_break_nothing(small: Project) -> None:
    assert send_anything(small, 10_000) >= 10_000
