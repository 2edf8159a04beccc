from hypothesis import given, settings
from hypothesis import strategies as st

from alps.pool.read import read_pool


def test_one_text_a_line(write_file):
    pool = read_pool(write_file("a.txt", '\ufeffone "quoted", text\r\n\ntwo\u2028halves\x0b\n \nlone\rreturn'))
    assert pool.texts.to_pylist() == ['one "quoted", text', "two\u2028halves\x0b", "lone\rreturn"]
    assert pool.row_numbers.tolist() == [0, 2, 4]
    assert (pool.n_read, pool.n_empty) == (5, 2)
    assert pool.text_column == "text"


@settings(deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n")), min_size=1))
def test_lines_are_read_back(tmp_path_factory, texts):
    texts = ["first", *texts]
    path = tmp_path_factory.mktemp("plain") / "a.txt"
    path.write_bytes("".join(f"{text}\n" for text in texts).encode())
    kept = [text for text in texts if text.strip()]
    pool = read_pool(path)
    assert pool.texts.to_pylist() == kept
    assert pool.n_read == len(texts)
