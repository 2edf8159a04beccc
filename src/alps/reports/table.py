"""A table as data, and as CSV, Markdown, LaTeX and HTML."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup, escape

from alps.base.text_safety import for_spreadsheet, for_terminal

_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "±": r"$\pm$",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """
    What a table says.

    Attributes
    ----------
    name
        Of its files, without an ending.
    title, caption
        What it shows, and with what.
    columns
        Their heads.
    rows
        Their cells, as many as there are columns; may be empty, and the caption then says why.

    """

    name: str
    title: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def csv(self) -> str:
        """Head and rows, safe to open in a spreadsheet."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([for_spreadsheet(cell) for cell in row] for row in (self.columns, *self.rows))
        return file.getvalue()

    def markdown(self) -> str:
        """A heading, the caption and the table."""
        lines = [f"## {_markdown(self.title)}", "", _markdown(self.caption), ""]
        if self.rows:
            rows = [self.columns, ("---",) * len(self.columns), *self.rows]
            lines += [f"| {' | '.join(cell if cell == '---' else _markdown(cell) for cell in row)} |" for row in rows]
        return "\n".join(lines).rstrip("\n") + "\n"

    def latex(self) -> str:
        """A ``table`` for the package booktabs."""
        lines = [" & ".join(map(_latex, row)) + r" \\" for row in (self.columns, *self.rows)]
        tabular = ["\\toprule", lines[0], "\\midrule", *lines[1:], "\\bottomrule"]
        caption = f"{_latex(self.title)}. {_latex(self.caption)}"
        begin = ["\\begin{table}", f"\\caption{{{caption}}}", f"\\begin{{tabular}}{{{'l' * len(self.columns)}}}"]
        return "\n".join([*begin, *tabular, "\\end{tabular}", "\\end{table}", ""])

    def html(self) -> Markup:
        """The ``table`` alone; nothing where there are no rows."""
        if not self.rows:
            return Markup("")
        head = _html_row(self.columns, lambda cell: f'<th scope="col">{cell}</th>')
        body = "".join(_html_row(row, lambda cell: f"<td>{cell}</td>") for row in self.rows)
        caption = f'<caption class="unseen">{_shown(self.title)}</caption>'
        return Markup(f"<table>{caption}<thead>{head}</thead><tbody>{body}</tbody></table>")


def _html_row(cells: tuple[str, ...], tagged: Callable[[str], str]) -> str:
    return f"<tr>{''.join(tagged(_shown(cell)) for cell in cells)}</tr>"


def _shown(text: str) -> str:
    return str(escape(for_terminal(text)))


def _markdown(text: str) -> str:
    r"""
    A text that Markdown shows as it is.

    >>> print(_markdown("a|b <i>"))
    a\|b \<i\>
    """
    return re.sub(r"([\\`*_\[\]<>|~#$&])", r"\\\1", for_terminal(text))


def _latex(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in for_terminal(text))
