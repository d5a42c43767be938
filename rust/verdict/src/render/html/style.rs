//! Style sheets. Colours are mixed with the colour of the surrounding text, so that they stand out from a light and a dark
//! ground alike; without `color-mix` they are the text's own colour.

/// Of the fragment: every selector starts with the root's class, twice where a notebook's own rules for tables and code are
/// more specific than one class.
pub(super) const FRAGMENT: &str = "\
.gnb{--no:color-mix(in srgb,#d9480f 80%,currentColor);--ok:color-mix(in srgb,#0b8a6a 80%,currentColor);\
--un:color-mix(in srgb,#a87400 80%,currentColor);--line:color-mix(in srgb,currentColor 16%,transparent);\
--soft:color-mix(in srgb,currentColor 6%,transparent);color-scheme:light dark;font:13px/1.5 system-ui,sans-serif;\
max-width:64em;overflow-x:auto}\
.gnb h3{font-size:16px;line-height:1.4;margin:0;font-weight:600}.gnb h3 small{font-weight:400}\
.gnb p{margin:.15em 0}.gnb small{font-size:12px;opacity:.72}\
.gnb td.no,.gnb td.un{font-weight:700}.gnb .no{color:var(--no)}.gnb .ok{color:var(--ok)}.gnb .un{color:var(--un)}\
.gnb table{border-collapse:collapse;width:100%;table-layout:auto;margin:.5em 0;font-size:13px;font-variant-numeric:tabular-nums}\
.gnb tr{background:none!important;border-top:1px solid var(--line)}\
.gnb.gnb td,.gnb.gnb th{line-height:inherit;padding:.35em 1em .35em 0;border:0;text-align:left;vertical-align:top}\
.gnb thead tr,.gnb .d,.gnb table table tr:first-child{border:0}.gnb th{font-weight:400;font-size:12px;opacity:.72}.gnb.gnb .d>td{padding-top:0}\
.gnb.gnb .n{text-align:right;white-space:nowrap}.gnb .w{width:22%}\
.gnb .bar{display:inline-block;height:.6em;min-width:2px;border-radius:1px;background:currentColor}\
.gnb code,.gnb small{unicode-bidi:isolate}.gnb.gnb code,.gnb pre{font:12px/1.5 ui-monospace,monospace;background:none;padding:0;color:inherit}\
.gnb pre{background:var(--soft);padding:.4em .7em;margin:.3em 0;white-space:pre-wrap;overflow-wrap:anywhere;border-radius:3px}\
.gnb details table{width:auto;margin:.2em 0 .5em}.gnb summary{cursor:pointer}\
.gnb mark{background:color-mix(in srgb,#d9480f 20%,transparent);color:inherit;padding:0 .3em;border-radius:2px}\
@media print{.gnb details::details-content{content-visibility:visible;block-size:auto}.gnb tr{break-inside:avoid}\
.gnb .bar,.gnb mark,.gnb pre{print-color-adjust:exact}}";

/// Of a decision, beside that: two columns, and a limit's bar in its track.
pub(super) const DECISION: &str = "\
.gnb .two{margin:.6em 0 .3em}.gnb.gnb .p{width:38%;padding-right:2.5em}.gnb .two table{margin:0}\
.gnb .two td:first-child{width:1%;white-space:nowrap}.gnb.gnb .two>tbody>tr>.p{width:38%;white-space:normal}\
.gnb.gnb .two>tbody>tr>td:last-child{padding-right:0}.gnb.gnb .two table td:last-child{padding-right:0}\
.gnb .two code{overflow-wrap:anywhere}.gnb.gnb .two .v{width:auto;white-space:normal}\
.gnb .track{display:inline-flex;width:14em;max-width:100%;height:.5em;background:var(--line);border-radius:2px;overflow:hidden}\
.gnb .track .bar{height:100%;min-width:0;border-radius:0}.gnb .track .bar:first-child{opacity:.4}\
@media(max-width:560px){.gnb.gnb .two>tbody>tr>td,.gnb.gnb .two>tbody>tr>.p{display:block;width:auto;padding-right:0}}";

/// Of the page around it.
pub(super) const PAGE: &str = "\
:root{color-scheme:light dark}body{margin:0;background:Canvas;color:CanvasText}main{padding:1.5em;max-width:56em;margin:auto}";
