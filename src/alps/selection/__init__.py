"""What a strategy chooses: `select`, its result, and one choice as a task; `embed` computes ahead."""

from alps.selection.embed_texts import embed
from alps.selection.result import Basis, Selection
from alps.selection.select_texts import select
from alps.selection.task import Clock, Task

__all__ = ["Basis", "Clock", "Selection", "Task", "embed", "select"]
