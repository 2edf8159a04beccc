import pytest

from alps.pool.input_file import open_input
from alps.pool.read import read_pool
from alps.pool.text_file import line_blocks


@pytest.mark.parametrize("block_bytes", [1, 2, 4, 7, 100])
def test_blocks_hold_whole_lines_and_their_numbers(write_file, block_bytes):
    file = open_input(write_file("a.txt", "one\n\nthree é\r\nfour"))
    blocks = list(line_blocks(file, block_bytes))
    assert b"".join(block.data for block in blocks) == "one\n\nthree é\r\nfour\n".encode()
    assert all(block.data.endswith(b"\n") for block in blocks)
    before = 1
    for block in blocks:
        assert block.first_line == before
        before += block.data.count(b"\n")


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.tsv", "a.jsonl"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text\nüber\n".encode("utf-16"), ["UTF-16", "UTF-8"]),
        ("text\nüber\n".encode("utf-16-le"), ["line 1", "UTF-16"]),
        ("text\n".encode("utf-32"), ["UTF-32"]),
        (b"text\nplain\nzero \0 byte in a line of some length\n", ["line 3", "NUL byte", "offset 5", "remove it"]),
        (b"text\nplain\n\0\n", ["line 3", "NUL byte", "offset 0"]),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ["is a PNG image, not a text file"]),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", ["is a JPEG image"]),
        (bytes(range(128, 256)) + bytes(range(128)), ["is a binary file, not a text file"]),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 9, ["is a program, not a text file"]),
        (b"\x01\0\0\0\0\0\x02\0\0\0\0\x03 zeros everywhere", ["is a binary file, not a text file"]),
        (b"\x01\x02\0\x03\x04 program", ["is a binary file, not a text file"]),
        (b"text\nplain\n\x93quoted\x94 caf\xe9\n" + b"\x1b[31mred\t\f\n" * 9, ["line 3", "Windows-1252"]),
        (b"text\nplain\ncaf\xe9\n", ["line 3", "0xe9", "offset 3", "UTF-8"]),
        (b"PK\x03\x04 and so on", ["Excel"]),
        (b"\x1f\x8b\x08 and so on", ["gzip"]),
    ],
)
def test_what_is_not_utf8_text_is_refused(refused, write_file, name, content, expected):
    if name == "a.jsonl":
        content = content.replace(b"text\nplain\n", b"{}\n{}\n")
    message = refused(read_pool, write_file(name, content))
    assert name in message
    for part in expected:
        assert part in message
