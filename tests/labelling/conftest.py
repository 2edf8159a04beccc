"""A small project, and a client that the server lets in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from alps.labelling.batches import Batches
from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from alps.labelling.security import token_of
from alps.labelling.server import create_app

N_TEXTS = 30


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Thirty different texts and two classes, and no audit."""
    made = create_project(tmp_path / "films.alps", ["good", "bad"], name="films", audit_share=0.0)
    made.add_texts([f"t{i}" for i in range(N_TEXTS)], [f"film number {i}" for i in range(N_TEXTS)])
    yield made
    made.close()


@pytest.fixture
def stranger(project: Project) -> TestClient:
    """A client without a session."""
    app = create_app(project, Batches(project, None))
    return TestClient(app, base_url="http://127.0.0.1:8000")


@pytest.fixture
def client(project: Project, stranger: TestClient) -> TestClient:
    """Ann, who has opened the page."""
    return log_in(project, stranger, "Ann")


def log_in(project: Project, client: TestClient, annotator: str) -> TestClient:
    """Exchange the token for a cookie."""
    token = token_of(project.setting("secret"))
    response = client.post("/api/session", json={"token": token, "annotator": annotator})
    assert response.status_code == 200
    assert response.json() == {"annotator": annotator}
    return client
