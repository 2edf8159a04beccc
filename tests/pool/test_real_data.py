"""Rows read equal rows there: a line that is not the header is a row."""

import pytest

from alps.pool.delimited import proves_quoting
from alps.pool.input_file import open_input
from alps.pool.read import read_pool

ROWS = {
    "agnews/train": 20_645,
    "agnews/test": 7_600,
    "csabstruct/train": 13_159,
    "csabstruct/test": 1_349,
    "imdb/train": 6_000,
    "imdb/test": 3_000,
    "pubmed_sections/train": 36_519,
    "pubmed_sections/test": 9_290,
    "sms_spam/train": 4_460,
    "sms_spam/test": 1_114,
    "sst2/train": 7_792,
    "sst2/test": 1_821,
    "sst2_phrases/train": 60_614,
    "sst2_phrases/dev": 6_735,
    "sst2_phrases/test": 872,
    "trec6/train": 5_452,
    "trec6/test": 500,
}


@pytest.mark.parametrize("name", ROWS)
def test_rows_read_equal_rows_there(data_folder, name):
    path = data_folder / f"{name}.tsv"
    pool = read_pool(path)
    assert pool.n_read == ROWS[name]
    assert pool.n_empty == 0
    if name != "agnews/test":  # the only one that is quoted, see below
        lines = path.read_text(encoding="utf-8").split("\n")[1:]
        assert pool.texts.to_pylist() == [line.split("\t")[0] for line in lines if line]


def test_ag_news_train_has_397_rows_that_begin_with_a_quotation_mark(data_folder):
    texts = read_pool(data_folder / "agnews" / "train.tsv").texts.to_pylist()
    assert sum(text.startswith('"') for text in texts) == 397


def test_ag_news_test_alone_proves_to_be_quoted(data_folder):
    quoted = [name for name in ROWS if proves_quoting(open_input(data_folder / f"{name}.tsv"))]
    assert quoted == ["agnews/test"]
    texts = read_pool(data_folder / "agnews" / "test.tsv").texts.to_pylist()
    assert texts[5].startswith('The British Department for Education and Skills (DfES) recently launched a "Music Man')


def test_copies_are_those_that_were_counted(data_folder):
    pool = read_pool(data_folder / "agnews" / "train.tsv")
    assert len(pool) - len(pool.distinct().rows) == 14
