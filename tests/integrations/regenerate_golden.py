"""Write the golden files anew, when a format is changed on purpose: python -m tests.integrations.regenerate_golden."""

from __future__ import annotations

import tempfile
from pathlib import Path
from unittest import mock

from alps.integrations.exchange import export_to
from alps.integrations.formats import EXCHANGE_FORMATS
from alps.labelling.new_project import create_project
from tests.integrations.conftest import AT, HOSTILE, answer

if __name__ == "__main__":
    golden = Path(__file__).parent / "golden"
    with tempfile.TemporaryDirectory() as folder:
        project = create_project(Path(folder) / "p.alps", ["good", "bad"], name="films", audit_share=0.0)
        project.add_texts([f"row-{i}" for i in range(len(HOSTILE))], HOSTILE)
        with mock.patch("alps.labelling.events.utc_now", return_value=AT):
            answer(project)
        for row in EXCHANGE_FORMATS:
            if row.name != "sheet-excel":
                export_to(project, golden / (row.name + row.ending), row.name, force=True)
        for file in golden.glob("*.py"):
            file.replace(file.with_name(f"{file.name}.txt"))  # pytest would run it
        project.close()
