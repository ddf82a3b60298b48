#pragma once

/// What makes the report look and behave as it does; kept apart from what it says.
namespace assay::report {

inline constexpr const char* html_style = R"css(
:root { --ink: #1c2430; --soft: #5d6b7d; --line: #dfe4ea; --paper: #fff; --back: #f4f6f8;
  --accent: #2563a8; --bar: #a9c9ec; --bad: #b3261e; --bad-back: #fdecea; --good: #1b6e3c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --soft: #9aa7b8; --line: #333d4a; --paper: #1b222b; --back: #12171d;
    --accent: #7db3ec; --bar: #3c648f; --bad: #ff8a80; --bad-back: #3a2020; --good: #7ed29b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 0 0 10px; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 10px;
  padding: 18px 20px; margin: 18px 0; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 14px 24px;
  margin: 0; }
dl.facts dt { color: var(--soft); font-size: 12px; text-transform: uppercase; letter-spacing: .05em; }
dl.facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.remarks { border-left: 4px solid var(--bad); background: var(--bad-back); }
.remarks p { margin: 0 0 6px; } .remarks p:last-child { margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 6px 10px; border-bottom: 1px solid var(--line);
  vertical-align: top; }
td { overflow-wrap: anywhere; min-width: 3.5em; }
th { color: var(--soft); font-size: 12px; font-weight: 600; white-space: nowrap; }
.sortable th { cursor: pointer; } .sortable th:hover { color: var(--accent); }
th[aria-sort=ascending]::after { content: " \2191"; } th[aria-sort=descending]::after { content: " \2193"; }
th.n, td.n { text-align: right; white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }
.faint { color: var(--soft); } .bad { color: var(--bad); font-weight: 600; }
.good { color: var(--good); font-weight: 600; }
.note { color: var(--soft); font-size: 13px; margin: 8px 0 0; }
.scale { position: relative; display: inline-block; width: 110px; height: 12px; margin-right: 10px;
  vertical-align: -1px; background: linear-gradient(var(--line), var(--line)) center/100% 1px no-repeat; }
.scale i { position: absolute; top: 3px; height: 6px; border-radius: 3px; background: var(--bar);
  min-width: 2px; }
.scale b { position: absolute; top: 0; width: 3px; height: 12px; margin-left: -1px; border-radius: 1px;
  background: var(--accent); }
details { border-top: 1px solid var(--line); padding: 8px 0; }
details:first-of-type { border-top: 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary .faint { font-size: 13px; }
pre { background: var(--back); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px;
  margin: 4px 0 12px; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.45 ui-monospace,
  SFMono-Regular, Menlo, Consolas, monospace; }
.who { color: var(--soft); font-size: 12px; text-transform: uppercase; letter-spacing: .05em; }
footer { color: var(--soft); font-size: 13px; }
@media print { body { background: #fff; } main { max-width: none; padding: 0; }
  .card { break-inside: avoid-page; border-color: #bbb; } .samples { break-inside: auto; }
  pre { border-color: #bbb; } }
)css";

/// Sorts a table by the column whose head is clicked, and opens all samples for printing.
inline constexpr const char* html_script = R"js(
document.querySelectorAll("table").forEach(function (table) {
  table.classList.add("sortable");
  table.querySelectorAll("th").forEach(function (head, column) {
    head.addEventListener("click", function () {
      var down = head.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("th").forEach(function (h) { h.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      var body = table.tBodies[0], rows = Array.from(body.rows);
      rows.sort(function (a, b) {
        var x = a.cells[column], y = b.cells[column], order;
        if (x.dataset.number && y.dataset.number) order = x.dataset.number - y.dataset.number;
        else order = x.textContent.localeCompare(y.textContent, undefined, { numeric: true });
        return down ? -order : order;
      });
      rows.forEach(function (row) { body.appendChild(row); });
    });
  });
});
window.addEventListener("beforeprint", function () {
  document.querySelectorAll("details").forEach(function (sample) { sample.open = true; });
});
)js";

}  // namespace assay::report
