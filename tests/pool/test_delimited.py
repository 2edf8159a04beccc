import csv
import io

import pandas
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alps.pool import delimited, text_file
from alps.pool.delimited import proves_quoting, read_csv, read_tsv
from alps.pool.input_file import InputFile
from alps.pool.read import read_pool

# Cs: no UTF-8; NUL: no text file; a carriage return at the end of a field looks like the end of a line.
CELL = st.text(st.sampled_from('ab ",;\t\n=é\N{PILE OF POO}\u2028\x0b')).filter(lambda text: text.strip())
ROWS = st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8)


def rows_of(reader, content: str | bytes) -> list[dict[str, str]]:
    data = content.encode() if isinstance(content, str) else content
    return [row for batch in reader(InputFile("pool", io.BytesIO(data))) for row in batch.to_pylist()]


def written(rows, **options) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, **options).writerows([("text", "label"), *rows])
    return file.getvalue()


def as_dicts(rows) -> list[dict[str, str]]:
    return [{"text": text, "label": label} for text, label in rows]


@settings(deadline=None)
@given(ROWS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"]))
def test_csv_of_the_csv_module_is_read_back(rows, quoting, line_end):
    assert rows_of(read_csv, written(rows, quoting=quoting, lineterminator=line_end)) == as_dicts(rows)


@settings(deadline=None)
@given(ROWS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_csv_of_pandas_is_read_back(rows, quoting):
    frame = pandas.DataFrame(rows, columns=["text", "label"])
    assert rows_of(read_csv, frame.to_csv(index=False, quoting=quoting)) == as_dicts(rows)


@settings(deadline=None)
@given(ROWS)
def test_tsv_that_quotes_every_field_is_read_back(rows):
    assert rows_of(read_tsv, written(rows, quoting=csv.QUOTE_ALL, delimiter="\t")) == as_dicts(rows)


@settings(deadline=None)
@given(ROWS)
def test_tsv_that_quotes_where_needed_is_read_back_when_it_can_be_told(rows):
    content = written(rows, delimiter="\t", lineterminator="\n")
    # It cannot be told when every line has one tab, because tabs in the texts make up for their line breaks,
    # and no mark is doubled.
    looks_unquoted = {line.count("\t") for line in content.split("\n") if line} == {1}
    assume(not looks_unquoted or '""' in content or '"' not in content)
    assert rows_of(read_tsv, content) == as_dicts(rows)


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from('ab "'), min_size=1).filter(str.strip), min_size=1))
def test_tsv_without_quoting_is_read_as_it_stands(texts):
    content = "text\tlabel\n" + "".join(f"{text}\tpos\n" for text in texts)
    assume(not proves_quoting(InputFile("pool", io.BytesIO(content.encode()))))
    assert [row["text"] for row in rows_of(read_tsv, content)] == texts


@pytest.mark.parametrize(
    ("content", "is_quoted"),
    [
        ('text\tlabel\n"He said ""no"""\tpos\nplain\tneg\n', True),  # a doubled mark
        ('"text"\t"label"\n"a"\t"pos"\n', True),  # every field
        ('text\tlabel\n"a\tb"\tpos\n', True),  # a tab inside
        ('text\tlabel\n"a\nb"\tpos\n', True),  # a line break inside
        ('text\tlabel\n"a"\tpos\n', False),  # quoted, but perhaps by the writer of the text
        ('text\tlabel\n"We go on\tpos\nuntil it ends"\tneg\n', False),  # a quotation over two rows
        ('text\tlabel\n"He said ""no"""\tpos\n5" disc\tneg\n', False),  # not well-formed everywhere
        ('text\tlabel\n"a"b\tpos\n', False),
        ('text\tlabel\n"a\tpos\n', False),
        ("text\tlabel\na\tpos\n", False),
    ],
)
def test_tsv_is_quoted_only_when_the_file_proves_it(content, is_quoted):
    assert proves_quoting(InputFile("pool", io.BytesIO(content.encode()))) is is_quoted


@pytest.mark.parametrize(
    ("header", "row"),
    [("text,label", "a;b,c"), ("text;label", "a,b;c"), ("text\tlabel", "a,b\tc"), ('"x,y";text', "a;b,c")],
)
def test_csv_delimiter_is_told_by_the_header(header, row):
    (found,) = rows_of(read_csv, f"{header}\n{row}\n")
    assert len(found) == 2


def test_byte_order_mark_blank_lines_and_a_missing_last_line_end():
    content = b"\xef\xbb\xbf\r\ntext,label\r\n\r\na,b\r\n\nc,d"
    assert rows_of(read_csv, content) == [{"text": "a", "label": "b"}, {"text": "c", "label": "d"}]


def test_values_are_untouched():
    (row,) = rows_of(read_csv, "text,number,void\n  NaN ,007,NULL\n")
    assert row == {"text": "  NaN ", "number": "007", "void": "NULL"}


def test_other_line_ends_belong_to_the_text():
    text = "a\x0bc\u2028d\x85e"
    assert rows_of(read_csv, f"text,label\n{text},x\n")[0]["text"] == text
    text += "\rf"
    assert rows_of(read_csv, f'text,label\n"{text}",x\n')[0]["text"] == text
    assert rows_of(read_tsv, f"text\tlabel\n{text}\tx\n")[0]["text"] == text


def test_a_column_without_a_name_gets_its_number():
    assert rows_of(read_csv, ",text\n0,a\n") == [{"column_1": "0", "text": "a"}]


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 5, 8, 13])
@pytest.mark.parametrize("reader", [read_csv, read_tsv])
def test_blocks_may_end_anywhere(monkeypatch, reader, block_bytes):
    delimiter = "," if reader is read_csv else "\t"
    rows = [('é"\nb', "1"), ("c", "2"), ('d""\r\n', "3"), ("e" * 20, "4")]
    content = written(rows, delimiter=delimiter)
    whole = text_file.line_blocks
    monkeypatch.setattr(delimited, "line_blocks", lambda file: whole(file, block_bytes))
    assert rows_of(reader, content) == as_dicts(rows)


def test_a_text_of_50_mb_is_read(write_file):
    line = 'one line of a very long text, with a comma and a "quotation" in it\n'
    text = line * (50_000_000 // len(line))
    path = write_file("pool.csv", 'text,label\n"' + text.replace('"', '""') + '",a\nshort,b\n')
    first, second = read_pool(path).texts.to_pylist()
    assert first == text
    assert second == "short"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", "text,label\na,b\nc\n", ["line 3", "1 field", "2 expected"]),
        ("a.csv", "text,label\n\na,b\nc,d,e\n", ["line 4", "3 fields", "2 expected"]),
        ("a.csv", 'text,label\n"a\nb",c\nd\n', ["line 4"]),
        ("a.csv", 'text,label\na,b\n"c,d\ne,f\n', ["line 3", "not closed"]),
        ("a.csv", 'text,label\na,b\n"c\n"d,e\n', ["line 4", "begins in line 3"]),
        ("a.csv", "text,label\na\rb,c\n", ["line 2", "carriage return"]),
        ("a.tsv", "text\tlabel\na\tb\nc\td\te\n", ["line 3", "3 fields", "2 expected"]),
        ("a.tsv", "text\tlabel\na\tb\nc\n", ["line 3", "1 field"]),
        ("a.csv", "text,label\n", ["header", "no rows"]),
        ("a.csv", "\n\n", ["blank"]),
        ("a.csv", "text,text\na,b\n", ["line 1", "columns 1 and 2", "'text'"]),
        ("a.csv", "text,label\n ,b\n,c\n", ["all 2 rows", "'text'"]),
    ],
)
def test_bad_files_name_the_line(refused, write_file, name, content, expected):
    message = refused(read_pool, write_file(name, content))
    assert name in message
    for part in expected:
        assert part in message


def test_a_quote_that_is_not_closed_does_not_read_the_whole_file(monkeypatch, refused, write_file):
    before = csv.field_size_limit(1000)
    monkeypatch.setattr(delimited, "LONGEST_FIELD", 1000)
    lines = "".join(f"{number},b\n" for number in range(400_000))
    try:
        message = refused(read_pool, write_file("a.csv", 'text,label\n"a,b\n' + lines + '"\n'))
    finally:
        csv.field_size_limit(before)
    assert "line 2" in message
