"""JSON that is read value by value from a file that need not fit the memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.input_file import InputFile
from alps.pool.text_file import BLOCK_BYTES, text_pieces

_WHITE_SPACE = re.compile(r"[ \t\n\r]*")
# No escape, literal or part of a number is longer: an error this near to the end of what was read may be its cut.
_LONGEST_CUT = 32


class JsonScanner:
    """
    The place in a JSON file that has been reached; holds the value that is being read and a piece of the file.

    Every method raises `AlpsError` for what is not JSON, with the line and the column.
    """

    def __init__(self, file: InputFile, piece_bytes: int = BLOCK_BYTES) -> None:
        self._name = file.name
        self._pieces = text_pieces(file, piece_bytes)
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._place = 0
        self._line = 1  # of the beginning of `_text`, and so is the column
        self._column = 1

    def peek(self) -> str:
        """The next character that is not white space; nothing at the end of the file."""
        while True:
            match = _WHITE_SPACE.match(self._text, self._place)
            self._place = match.end() if match else self._place
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._read_on():
                return ""

    def take(self, expected: str) -> None:
        """Go past a character."""
        if self.peek() != expected:
            raise self.error(f"'{expected}' expected")
        self._place += 1

    def value(self) -> Any:
        """Go past a whole value, and return it."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                broken = self.error(error.msg, error.pos)
                is_cut = error.msg.startswith("Unterminated") or len(self._text) - error.pos < _LONGEST_CUT
                if not (is_cut and self._read_on()):
                    raise broken from None
            except (RecursionError, ValueError):
                raise AlpsError(f"{self._where(self._place)}: nested too deeply or a number too long.") from None
            else:
                is_cut = isinstance(value, int | float) and len(self._text) - end < _LONGEST_CUT  # 1.|5 and 1e+|5
                if not (is_cut and self._read_on()):
                    self._place = end
                    return value

    def members(self, opening: str, closing: str) -> Iterator[None]:
        """Stop before every member of an array or object; who asks takes the member."""
        self.take(opening)
        if self.peek() != closing:
            yield
            while self.peek() == ",":
                self.take(",")
                yield
        self.take(closing)

    def error(self, what: str, place: int | None = None) -> AlpsError:
        """What is wrong here."""
        where = self._where(self._place if place is None else place)
        return AlpsError(f"{where}: this is not JSON ({for_terminal(what, 80)}); correct it.")

    def _where(self, place: int) -> str:
        line_start = self._text.rfind("\n", 0, place) + 1
        line = self._line + self._text.count("\n", 0, place)
        column = place - line_start + 1 if line_start else self._column + place
        return f"{self._name}, line {line}, column {column}"

    def _read_on(self) -> bool:
        """
        Forget what was passed and read until twice as much waits; False at the end of the file.

        Doubling keeps a long value linear: it is tried again each time.
        """
        waiting = [self._text[self._place :]]
        wanted = n_read = len(waiting[0])
        for piece in self._pieces:
            waiting.append(piece)
            n_read += len(piece)
            if piece and n_read >= 2 * wanted:
                break
        if n_read == wanted:
            return False
        line_start = self._text.rfind("\n", 0, self._place) + 1
        self._line += self._text.count("\n", 0, self._place)
        self._column = self._place - line_start + 1 if line_start else self._column + self._place
        self._text = "".join(waiting)
        self._place = 0
        return True
