"""Rejected data are an attacker's text: a report of them, rendered by a kernel, loaded in a real browser."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbclient import NotebookClient

import guard_nb as gn

sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MIME = "application/vnd.guard-nb.verdict.v1+json"
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "body",
    "div",
    "style",
    "h3",
    "strong",
    "small",
    "p",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "span",
    "details",
    "summary",
    "pre",
    "code",
    "mark",
    "b",
    "em",
    "br",
}
ATTRIBUTES = {"class", "style", "colspan", "open", "charset", "http-equiv", "content", "title", "lang"}
HOSTILE = [
    "<img src=x onerror=\"window.pwned='img'\">",
    "<script>window.pwned='script'</script>",
    "</td></tr></table></details></div><script>window.pwned='close'</script>",
    "</style><script>window.pwned='style'</script>",
    "\"><svg onload=window.pwned='svg'>",
    "' onmouseover='window.pwned=1' x='",
    "<a href=\"javascript:window.pwned='href'\">x</a>",
    "<iframe srcdoc=\"<script>parent.pwned='frame'</script>\"></iframe>",
    "<base href=//evil.example><link rel=stylesheet href=//evil.example/x.css>",
    "<form action=//evil.example><input autofocus onfocus=window.pwned=1></form>",
    "&lt;script&gt;",
    "<!--",
    "-->",
    "]]>",
    "{{7*7}}",
    "${7*7}",
    "`x`",
    "\x1b[31mred\x1b]8;;http://evil.example\x07",
    "\u202egnp.exe",
    "a\u2066b\u2069",
    "\x01\x07\x7f",
    "\u2028\u2029",
    '=HYPERLINK("http://evil.example")',
    "[x](javascript:alert(1))",
    "![x](http://evil.example/p.png)",
]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.fail(f"no browser at {CHROMIUM}; install Debian's chromium, or set CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def blank(chromium: Any) -> Any:
    return chromium.new_page()


def contract_for(columns: list[str], pattern: str = "^never$") -> gn.Contract:
    """Every value of every column violates it; names and descriptions are the columns' names."""
    properties = [
        {
            "name": name,
            "description": name,
            "logicalType": "string",
            "logicalTypeOptions": {"pattern": pattern},
            "quality": [{"name": name, "metric": "nullValues", "mustBe": 0}],
        }
        for name in columns
    ]
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": columns[0],
        "name": columns[0],
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": columns[0], "properties": properties}],
    }
    return gn.Contract.loads(json.dumps(document))


def hostile_html(texts: list[str]) -> str:
    """The report of frames whose column names and values are the texts."""
    frame = pl.DataFrame({name: [*texts[:4], None] for name in texts})
    return contract_for(texts).check(frame).named(frame=texts[0], rejects=texts[0]).to_html()


def inspect(page: Any, html: str, policy: str) -> dict[str, Any]:
    """Loads the fragment alone in a page; what ran, what was asked for, and what stands in the document."""
    asked: list[str] = []
    said: list[str] = []
    listeners = {
        "request": lambda request: asked.append(request.url),
        "console": lambda message: said.append(message.text),
        "dialog": lambda dialog: (said.append(dialog.message), dialog.dismiss()),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    page.goto("about:blank")  # a document that is only rewritten keeps its policy
    head = f'<head><meta charset="utf-8"><title>t</title>{meta}</head>'
    page.set_content(f'<!doctype html><html lang="en">{head}<body>{html}</body></html>')
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found: dict[str, Any] = page.evaluate("""() => {
        const all = [...document.querySelectorAll('*')];
        const types = ['mouseover', 'focus', 'click', 'load', 'error'];
        for (const e of all) for (const type of types) e.dispatchEvent(new Event(type));
        return {pwned: window.pwned ?? null, tags: [...new Set(all.map(e => e.localName))],
                attributes: [...new Set(all.flatMap(e => e.getAttributeNames()))], ids: all.filter(e => e.id).length,
                urls: all.map(e => e.getAttribute('style') ?? '').filter(s => /url|expression|import/i.test(s)),
                text: document.body.innerText}
    }""")
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    return {**found, "asked": [url for url in asked if not url.startswith("about:")], "said": said}


def assert_inert(found: dict[str, Any]) -> None:
    assert found["pwned"] is None
    assert set(found["tags"]) <= TAGS, set(found["tags"]) - TAGS
    assert set(found["attributes"]) <= ATTRIBUTES, set(found["attributes"]) - ATTRIBUTES
    assert (found["ids"], found["urls"], found["asked"], found["said"]) == (0, [], [], [])


@pytest.mark.parametrize("policy", ["", POLICY], ids=["without a policy", "under a policy"])
def test_hostile_names_and_values_are_text(blank: Any, policy: str):
    for start in range(0, len(HOSTILE), 4):
        found = inspect(blank, hostile_html(HOSTILE[start : start + 4]), policy)
        assert_inert(found)
        assert "reject" in found["text"]


def test_this_test_can_fail(blank: Any):
    found = inspect(
        blank, "<p>x</p><img src=x onerror=\"window.pwned='img'\"><script>window.pwned='script'</script>", ""
    )
    assert found["pwned"] in ("script", "img")
    with pytest.raises(AssertionError):
        assert_inert(found)


@settings(max_examples=25)
@given(
    st.lists(
        st.text(alphabet=st.sampled_from("<>&\"'`/=ab :;-!x\u202e\x1b\n"), min_size=1, max_size=30),
        min_size=1,
        max_size=3,
        unique=True,
    )
)
def test_any_markup_is_text(blank: Any, texts: list[str]):
    assert_inert(inspect(blank, hostile_html(texts), ""))


CELLS = (
    """
%load_ext guard_nb
import json, polars as pl, guard_nb as gn
hostile = json.loads({texts!r})
contract = gn.Contract.loads(json.dumps({{
    "apiVersion": "v3.1.0", "kind": "DataContract", "id": "h", "version": "1.0.0", "status": "active",
    "schema": [{{"name": "rows", "properties": [
        {{"name": "a", "logicalType": "string", "logicalTypeOptions": {{"pattern": "^never$"}}}}]}}]}}))
frame = pl.DataFrame({{"a": hostile}})
""",
    "%%guard contract --mode warn --sample 3\nframe.rename({'a': 'a'})",
    "%%guard contract\nframe",
)


def test_the_notebooks_own_output_is_inert(blank: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(gn.__file__).parent.parent), prepend=":")
    sources = [CELLS[0].format(texts=json.dumps(HOSTILE)), *CELLS[1:]]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(made, timeout=120, kernel_name="python3", allow_errors=True).execute()
    sampled, enforced = made.cells[1].outputs, made.cells[2].outputs
    reports = [output.data for output in (*sampled, *enforced) if MIME in output.get("data", {})]
    assert len(reports) == 2
    for report in reports:
        assert_inert(inspect(blank, report["text/html"], POLICY))
    (error,) = [output for output in enforced if output.output_type == "error"]
    shown = "\n".join([*error.traceback, *(report["text/plain"] for report in reports)])
    assert not {char for char in shown if not char.isprintable()} - {"\n"}


def test_a_small_report_is_small_and_readable_in_both_themes(chromium: Any):
    frame = pl.DataFrame({"a": ["x"] * 9, "b": ["y", *[None] * 8]})
    html = contract_for(["a", "b"]).check(frame).to_html()
    assert len(html.encode()) <= 8_000
    for scheme, least in (("light", 4.5), ("dark", 4.5)):
        context = chromium.new_context(color_scheme=scheme)
        shown = context.new_page()
        shown.set_content(f"<!doctype html><style>:root{{color-scheme:light dark}}</style><body>{html}</body>")
        assert shown.evaluate(CONTRAST) >= least, scheme
        context.close()


CONTRAST = """() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const rgb = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
                            return [...canvas.getImageData(0, 0, 1, 1).data]; };
    const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => [r, g, b].map(v => linear(v / 255))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const probe = document.createElement('div'); probe.style.color = 'Canvas'; document.body.append(probe);
    const paper = rgb(getComputedStyle(probe).color);
    const mix = (over, under, share) => over.map((v, i) => v * share + under[i] * (1 - share));
    let least = 99;
    for (const e of document.querySelectorAll('.gnb *')) {
        if (!e.textContent.trim() || e.children.length || e.localName === 'style') continue;
        let share = 1; for (let p = e; p; p = p.parentElement) share *= Number(getComputedStyle(p).opacity);
        const ink = mix(rgb(getComputedStyle(e).color), paper, share);
        const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
        least = Math.min(least, (a + 0.05) / (b + 0.05));
    }
    return least;
}"""
