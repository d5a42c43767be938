"""What is known of a transform, and what became of records, as static HTML: no script, font, address or `id`.

Every text is escaped, made visible and cut; no attribute comes from data. Readable without the style sheet.
"""

from __future__ import annotations

from html import escape
from typing import Any

from guard_nb import _explain
from guard_nb._visible import brief

MIME = "application/vnd.guard-nb.transform.v1+json"
RAN_MIME = "application/vnd.guard-nb.transformed.v1+json"
ROWS = 100
NAMES = 8
NAME_CAP = 60
WHY_CAP = 120
TREE_CAP = 3_000

STYLE = (
    ".gnb{--no:color-mix(in srgb,#d9480f 80%,currentColor);--ok:color-mix(in srgb,#0b8a6a 80%,currentColor);"
    "--un:color-mix(in srgb,#a87400 80%,currentColor);--line:color-mix(in srgb,currentColor 16%,transparent);"
    "color-scheme:light dark;font:13px/1.5 system-ui,sans-serif;max-width:64em;overflow-x:auto}"
    ".gnb h3{font-size:16px;line-height:1.4;margin:0;font-weight:600}.gnb h3 small{font-weight:400}"
    ".gnb p{margin:.15em 0}.gnb small{font-size:12px;opacity:.72}"
    ".gnb .no{color:var(--no)}.gnb .ok{color:var(--ok)}.gnb .un{color:var(--un)}"
    ".gnb table{border-collapse:collapse;margin:.5em 0;font-size:13px;font-variant-numeric:tabular-nums}"
    ".gnb tr{background:none!important;border-top:1px solid var(--line)}.gnb thead tr{border:0}"
    ".gnb.gnb td,.gnb.gnb th{padding:.35em 1em .35em 0;border:0;text-align:left;vertical-align:top}"
    ".gnb th{font-weight:400;font-size:12px;opacity:.72}.gnb code,.gnb small{unicode-bidi:isolate}"
    ".gnb.gnb code,.gnb pre{font:12px/1.5 ui-monospace,monospace;background:none;padding:0;color:inherit}"
    ".gnb pre{margin:.3em 0;white-space:pre-wrap;overflow-wrap:anywhere}.gnb summary{cursor:pointer}"
    "@media print{.gnb details::details-content{content-visibility:visible;block-size:auto}}"
)


def bundle(report: dict[str, Any], digest: str | None = None, title: str = "") -> dict[str, Any]:
    """The mime bundle of a report."""
    head = f"transform {title}".rstrip()
    return {
        MIME: {"report": report, "digest": digest, "title": title},
        "text/html": _page(_explained(report, digest, head)),
        "text/plain": f"{brief(head, 2 * NAME_CAP)}\n{_explain.transform_text(report)}",
    }


def _page(body: str) -> str:
    return f'<div class="gnb"><style>{STYLE}</style>{body}</div>'


def _explained(report: dict[str, Any], digest: str | None, head: str) -> str:
    items, faults = report["items"], report["faults"]
    fails = f'<span class="un">can fail: {len(faults)} ways</span>' if faults else '<span class="ok">cannot fail</span>'
    if len(faults) == 1:
        fails = '<span class="un">can fail: 1 way</span>'
    known = f"sha256 {digest.removeprefix('sha256:')[:8]} · " if digest else ""
    return "".join(
        [
            f"<h3>{text(head, 2 * NAME_CAP)} <small>{len(items):,} items</small></h3>",
            f"<p>{fails} <small>· {known}about {report['costNs']:,} ns a record</small></p>",
            _items(items),
            _where(report["where"]),
            _ways(faults),
            _clauses(report["clauses"]),
            _tree(report),
        ]
    )


def _items(items: list[dict[str, Any]]) -> str:
    rows = [_item(item) for item in items[:ROWS]]
    if len(items) > ROWS:
        rows.append(f'<tr><td colspan="6">… and {len(items) - ROWS:,} more; the JSON document has all</td></tr>')
    return table(["item", "computed from", "type", "NULL", "range", "can fail"], rows)


def _item(item: dict[str, Any]) -> str:
    decided = f"<br><small>decided by {codes(item['decidedBy'])}</small>" if item["decidedBy"] else ""
    null = "possible" if item["nullable"] else "never"
    faults = f'<span class="un">{"<br>".join(map(escape, item["faults"]))}</span>' if item["faults"] else "never"
    span = text(item["range"], NAME_CAP)
    cells = [code(item["name"]), f"{codes(item['from'])}{decided}", code(item["type"]), null, span, faults]
    return row(cells)


def _where(where: dict[str, Any] | None) -> str:
    if where is None:
        return ""
    faults = f' <span class="un">can fail: {", ".join(map(escape, where["faults"]))}</span>' if where["faults"] else ""
    return f"<p>WHERE keeps the records on which it is TRUE and leaves out the others.{faults}</p>"


def _ways(faults: list[str]) -> str:
    if not faults:
        return ""
    said = [f"{each}: {_explain.WAYS.get(each, _explain.ANY_WAY)}" for each in faults]
    ways = "".join(f"<p><small>{escape(each)}</small></p>" for each in said)
    title = "A record that fails is quarantined alone; how to handle it in the text"
    return f"<details><summary>{title}</summary>{ways}</details>"


def _clauses(clauses: list[dict[str, Any]]) -> str:
    """Impossible clauses first and loud; those that are checked; those that are proved, folded."""
    if not clauses:
        return ""
    by: dict[str, list[dict[str, Any]]] = {state: [] for state in _explain.MARKS}
    for clause in clauses:
        by[clause["state"]].append(clause)
    counts = " · ".join(f"{len(found):,} {state}" for state, found in by.items() if found)
    shown = [_clause(clause) for state in ("impossible", "checked") for clause in by[state]]
    more = f"<p>… and {len(shown) - ROWS:,} more</p>" if len(shown) > ROWS else ""
    open_ = table(["", "output clause", "column", "state", "why"], shown[:ROWS]) if shown else ""
    said = f"<p>Output contract: {counts}; patterns, keys and rules are checked too.</p>"
    return f"{said}{open_}{more}{_proved(by['proved'])}"


def _proved(clauses: list[dict[str, Any]]) -> str:
    if not clauses:
        return ""
    names = ", ".join(text(f"{each['column']} {each['clause']}", 2 * NAME_CAP) for each in clauses[:ROWS])
    title = f"✓ {len(clauses):,} proved before running"
    return f"<details><summary>{title}</summary><p><small>{names}</small></p></details>"


def _clause(clause: dict[str, Any]) -> str:
    state = clause["state"]
    kind = "no" if state == "impossible" else "un"
    said = f'<strong class="{kind}">{state}</strong>' if kind == "no" else state
    mark = f'<span class="{kind}">{_explain.MARKS[state]}</span>'
    return row([mark, text(clause["clause"], NAME_CAP), code(clause["column"]), said, text(clause["why"], WHY_CAP)])


def _tree(report: dict[str, Any]) -> str:
    told = _explain.transform_text({**report, "clauses": [], "faults": []})
    told = told.replace("\ncannot fail\n", "\n")
    cut = "\n… the JSON document has all" if len(told) > TREE_CAP else ""
    shown = escape(told[:TREE_CAP]) + cut
    return f"<details><summary>Every part of it</summary><pre>{shown}</pre></details>"


def table(heads: list[str], rows: list[str]) -> str:
    """A table of finished rows."""
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def row(cells: list[str]) -> str:
    """A row of finished cells."""
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def text(value: str, cap: int) -> str:
    """Escaped, visible, cut."""
    return escape(brief(value, cap))


def code(value: str) -> str:
    """As code."""
    return f"<code>{text(value, NAME_CAP)}</code>"


def codes(values: list[str]) -> str:
    """Names as code; a constant has none."""
    more = f" … and {len(values) - NAMES:,} more" if len(values) > NAMES else ""
    return ", ".join(map(code, values[:NAMES])) + more


def ran(counts: dict[str, Any], sample: list[dict[str, Any]], notes: list[str]) -> dict[str, Any]:
    """The mime bundle of what became of records: `counts` as JSON, the first quarantined ones, and notes."""
    bad = counts["quarantined"]
    kind, mark = ("no", "✗") if bad else ("ok", "✓")
    head = f"{counts['records']:,} records → {counts['output']:,}"
    left = f"{counts['leftOut']:,} left out by WHERE"
    body = [
        f'<h3>{head} · <span class="{kind}">{mark} {bad:,} quarantined</span> <small>· {left}</small></h3>',
        *[f"<p>{escape(_reason(reason))}</p>" for reason in counts["reasons"]],
        _sample(sample),
        *[f"<p><small>{text(note, 2 * WHY_CAP)}</small></p>" for note in notes],
    ]
    lines = [f"{mark} {head} · {bad:,} quarantined · {left}"]
    lines += [f"  {_reason(reason)}" for reason in counts["reasons"]]
    lines += [f"    for example record {each['record']}: {_values(each)}" for each in sample]
    return {
        RAN_MIME: {**counts, "sample": sample, "notes": notes},
        "text/html": _page("".join(body)),
        "text/plain": "\n".join([*lines, *(brief(note, 2 * WHY_CAP) for note in notes)]),
    }


def _reason(reason: dict[str, Any]) -> str:
    handle = _explain.WAYS.get(reason["code"], _explain.ANY_WAY)
    return f"{brief(reason['item'], NAME_CAP)}: {reason['code']} on {reason['count']:,}; {handle}"


def _values(each: dict[str, Any]) -> str:
    pairs = [f"{brief(name, NAME_CAP)} {brief(value, NAME_CAP)}" for name, value in each["values"].items()]
    return ", ".join([f"{brief(each['item'], NAME_CAP)} {each['code']}", *pairs])


def _sample(sample: list[dict[str, Any]]) -> str:
    if not sample:
        return ""
    cells = [
        [f"{each['record']:,}", code(each["item"]), escape(each["code"]), _pairs(each["values"])] for each in sample
    ]
    return table(["record", "item", "code", "values"], list(map(row, cells)))


def _pairs(values: dict[str, str]) -> str:
    return ", ".join(f"{text(name, NAME_CAP)} {code(value)}" for name, value in values.items())
