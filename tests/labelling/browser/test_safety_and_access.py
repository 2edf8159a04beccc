"""Text of strangers never runs as code, and people who do not see the page or use no mouse can work with it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.labelling.browser.conftest import Person, Served

Serve = Callable[..., Served]

PAYLOADS = (
    "<script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 1'>",
    "<svg onload='window.hit = 1'></svg>",
    "[link](javascript:window.hit=1)",
    "**<iframe srcdoc='<script>parent.hit = 1</script>'></iframe>**",
    "</div><style>body { display: none }</style>",
    "{{constructor.constructor('window.hit = 1')()}}",
)
GUIDELINES = "\n\n".join(("# <script>window.hit = 1</script>", *PAYLOADS, "- " + "\n- ".join(PAYLOADS), "```\n</code>"))


def test_payloads_stay_text_everywhere(serve: Serve, context: BrowserContext) -> None:
    served = serve(texts=[f"{payload} {i}" for i in range(2) for payload in PAYLOADS], labels=PAYLOADS,
                   guidelines=GUIDELINES)  # fmt: skip
    ann = Person(context, served, "<img src=x onerror=alert(1)>")
    assert {button.text_content() for button in ann.page.query_selector_all("#labels span")} == set(PAYLOADS)
    for payload in PAYLOADS:
        ann.page.keyboard.press("n")
        ann.page.keyboard.insert_text(payload)
        ann.page.keyboard.press("Control+Enter")
        ann.wait_for_words("#note-line", payload)
        ann.page.keyboard.press("w")
        ann.page.wait_for_selector("#why:not([hidden])")
        ann.press("1")
    ann.wait_for_state("saved")
    ann.page.keyboard.press("g")
    ann.page.wait_for_selector("#guidelines-dialog[open]")
    addresses = ann.page.evaluate("() => [...document.querySelectorAll('a')].map(({ href }) => href)")
    assert not [address for address in addresses if address.startswith("javascript")]
    ann.page.reload()
    ann.wait_for_text()
    strange = "main :is(script, img, iframe, svg, style), dialog :is(script, img, iframe, svg, style)"
    assert ann.page.query_selector_all(strange) == []
    assert ann.page.evaluate("() => window.hit") is None
    assert ann.page.evaluate("() => getComputedStyle(document.body).display") != "none"
    assert not ann.complaints


def test_the_token_leaves_the_address(serve: Serve, context: BrowserContext) -> None:
    ann = Person(context, serve())
    assert "token" not in ann.page.url


def test_without_the_token_the_page_asks_for_it(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    page = context.new_page()
    page.goto(served.url.partition("#")[0])
    page.fill("#person-value", "Ann")
    page.fill("#token-value", "guessed")
    page.click("#person-form button")
    page.wait_for_selector("#person-error:not(:empty)")
    page.fill("#token-value", served.url)
    page.click("#person-form button")
    page.wait_for_selector("#labels button:not(:disabled)")
    assert page.text_content("#open-person") == "Ann"


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, from npm."""
    if shutil.which("npm") is None:
        pytest.skip("no npm, which fetches axe-core")
    folder = tmp_path_factory.mktemp("axe")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "axe-core@4"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"npm could not fetch axe-core: {error}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, axe: str) -> list[str]:
    """What axe finds wrong, in its words."""
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return [f"{each['id']}: {each['help']}: {json.dumps([n['html'][:150] for n in each['nodes']])}" for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(serve: Serve, browser: Browser, axe: str, scheme: str) -> None:
    served = serve(
        labels=[f"topic {i}" for i in range(12)], guidelines="# How\n\nBe **kind**, see [more](https://a.org/)."
    )
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    ann = Person(context, served)
    ann.page.keyboard.press("Escape")
    for key in "11":
        ann.press(key)
    ann.page.keyboard.press("w")
    ann.page.wait_for_selector("#why:not([hidden])")
    ann.wait_for_state("saved")
    assert violations(ann.page, axe) == []
    for key, dialog in (("g", "guidelines"), ("?", "keys"), ("s", "skip"), ("n", "note"), ("a", "label")):
        ann.page.keyboard.press(key)
        ann.page.wait_for_selector(f"#{dialog}-dialog[open]")
        assert violations(ann.page, axe) == [], dialog
        ann.page.keyboard.press("Escape")
        ann.page.wait_for_selector(f"#{dialog}-dialog:not([open])", state="attached")
    context.close()


def test_a_screen_reader_is_told_what_happened(serve: Serve, context: BrowserContext) -> None:
    ann = Person(context, serve())
    ann.press("1")
    ann.wait_for_words("#said[role=status]", "Labelled good.")
    assert ann.page.get_attribute("#text", "aria-live") == "polite"
    assert ann.page.get_attribute("#saved", "role") == "status"


def test_every_module_of_the_page_is_free_of_ways_to_run_text() -> None:
    page = Path(__file__).parents[3] / "src" / "alps" / "labelling" / "page"
    modules = sorted(page.glob("*.js"))
    assert len(modules) > 5
    for module in modules:
        source = module.read_text(encoding="utf-8")
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "DOMParser",
        ):
            assert way not in source, f"{module.name}: {way}"
