#include "report/audit_html.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "report/audit_formats.hpp"

namespace twctl {
namespace {

// The policy keeps the page from loading anything, whatever stands in it.
constexpr std::string_view kHead = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>)html";

constexpr std::string_view kStyle = R"html(</title>
<style>
:root { --text: #1b1b1b; --soft: #555; --page: #fff; --line: #ccc; --error: #a50e0e; --warning: #7a4b00; --link: #0b4f9e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8e8e8; --soft: #b0b0b0; --page: #16181c; --line: #444; --error: #ff9a94; --warning: #f2c06a; --link: #8ab8ff; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); margin: 0 auto; padding: 1rem; max-width: 75rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; }
p.stamp { color: var(--soft); }
a { color: var(--link); }
div.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--soft); padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
th { white-space: nowrap; }
td.text { min-width: 14rem; overflow-wrap: anywhere; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-decoration: underline; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.error { color: var(--error); font-weight: 600; } .warning { color: var(--warning); font-weight: 600; }
label { display: block; margin: 1rem 0; } input { font: inherit; padding: .3rem; width: 20rem; max-width: 100%; }
@media print {
  label { display: none; } body { font-size: 12px; max-width: none; padding: 0; } div.wide { overflow: visible; }
  th { white-space: normal; } td.key, td.text { min-width: 0; overflow-wrap: anywhere; }
}
</style>
</head>
<body>
<main>
)html";

constexpr std::string_view kScript = R"html(</main>
<script>
"use strict";
const rows = [...document.querySelectorAll("tbody tr")];
const text = cells => [...cells].map(cell => cell.textContent).join(" ").trim().toLowerCase();
const texts = rows.map(row => text(row.querySelectorAll("th, td:not(.number, .found)")));
// Of a fleet: the numbers that a group of hosts has for its findings, and each finding by its number.
const found = rows.map(row => row.querySelector("td.found")?.textContent.match(/\d+/g) ?? []);
const names = new Map(rows.filter(row => row.id).map(row => [row.id.slice(1), text([row.cells[2], row.cells[3]])]));
const label = document.createElement("label");
label.append("Search ");
const input = label.appendChild(document.createElement("input"));
input.type = "search";
const count = label.appendChild(document.createElement("span"));
count.setAttribute("role", "status");
input.addEventListener("input", () => {
  // A finding shows the hosts that have it, and a host what it has.
  const wanted = input.value.trim().toLowerCase();
  const named = new Set([...names.keys()].filter(number => names.get(number).includes(wanted)));
  const had = new Set(rows.flatMap((row, at) => texts[at].includes(wanted) ? found[at] : []));
  let shown = 0;
  rows.forEach((row, at) => {
    row.hidden = !texts[at].includes(wanted) && !found[at].some(number => named.has(number)) && !had.has(row.id.slice(1));
    shown += row.hidden ? 0 : 1;
  });
  count.textContent = wanted ? ` ${shown} of ${rows.length} rows` : "";
});
document.querySelector("h2").before(label);
for (const link of document.querySelectorAll("a[href='#hosts']")) {
  link.addEventListener("click", () => {
    input.value = names.get(link.closest("tr").id.slice(1));
    input.dispatchEvent(new Event("input"));
  });
}
for (const head of document.querySelectorAll("thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = head.closest("table").tBodies[0];
    const text = row => row.cells[head.cellIndex].dataset.order ?? row.cells[head.cellIndex].textContent;
    const sorted = [...body.rows].sort((a, b) => text(a).localeCompare(text(b), "en", {numeric: true}));
    body.append(...(up ? sorted : sorted.reverse()));
  });
}
</script>
</body>
</html>
)html";

std::string page(std::string_view title, std::string_view body) {
  return fmt::format("{}{}{}<h1>{}</h1>\n{}{}", kHead, markup(title), kStyle, markup(title), body, kScript);
}

std::string table(std::string_view caption, std::initializer_list<std::string_view> columns, std::string_view rows) {
  std::string head;
  for (const std::string_view column : columns) head += fmt::format("<th scope=\"col\">{}</th>", column);
  return fmt::format(
      "<div class=\"wide\"><table>\n<caption>{}</caption>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n"
      "</table></div>\n",
      markup(caption), head, rows);
}

std::string findings_table(std::string_view caption, std::initializer_list<std::string_view> columns,
                           std::string_view rows) {
  return rows.empty() ? "" : "<h2>Findings</h2>\n" + table(caption, columns, rows);
}

std::string paragraph(std::string_view text, std::string_view kind = "") {
  if (text.empty()) return "";
  return fmt::format("<p{}>{}</p>\n", kind.empty() ? "" : fmt::format(" class=\"{}\"", kind), markup(text));
}

std::string severity_cell(Severity severity) {
  return fmt::format("<td class=\"{0}\" data-order=\"{1}\">{0}</td>", name_of(severity),
                     static_cast<int>(Severity::error) - static_cast<int>(severity));
}

std::string advice_of(const Finding& finding) { return finding.severity == Severity::info ? "" : finding.advice; }

std::string html_row(const Finding& finding) {
  return fmt::format(
      "<tr>{}<td>{}</td><td class=\"key\">{}</td><td class=\"key\">{}</td><td class=\"text\">{}</td><td "
      "class=\"text\">{}</td></tr>\n",
      severity_cell(finding.severity), finding.row->id, markup(escape(finding.key)), markup(place_text(finding.where)),
      markup(finding.evidence), markup(advice_of(finding)));
}

std::string suppressed_list(const Audit& audit) {
  std::string items;
  for (const Suppressed& one : audit.suppressed)
    items += "<li>" + markup(one.id + ": " + escape(one.reason)) + "</li>\n";
  for (const Unjudged& one : audit.unjudged) items += "<li>" + markup(escape(one.what) + ": " + one.why) + "</li>\n";
  return items.empty() ? "" : "<h2>Left out or not judged</h2>\n<ul>\n" + items + "</ul>\n";
}

std::string checks_list(const Audit& audit) {
  const std::vector<std::string> ids(audit.checks.begin(), audit.checks.end());
  return "<h2>Looked for</h2>\n" + paragraph(join(ids, ", "));
}

std::string fleet_finding_row(const Finding& finding, std::size_t number) {
  return fmt::format(
      "<tr id=\"f{0}\"><td class=\"number\">{0}</td>{1}<td>{2}</td><td class=\"key\">{3}</td><td "
      "class=\"number\"><a href=\"#hosts\">{4}</a></td>"
      "<td class=\"text\">{5}</td><td class=\"text\">{6}</td></tr>\n",
      number, severity_cell(finding.severity), finding.row->id, markup(escape(finding.key)), finding.hosts.size(),
      markup(finding.row->summary), markup(advice_of(finding)));
}

// The findings by their numbers in the table above, so that thousands of groups fit into a page; with links, which take
// five times as much room, where there are not that many.
std::string group_row(const AlikeHosts& group, bool linked) {
  std::vector<std::string> numbers;
  for (const std::size_t at : group.findings) {
    numbers.push_back(linked ? fmt::format("<a href=\"#f{0}\">{0}</a>", at + 1) : std::to_string(at + 1));
  }
  std::vector<std::string> names;
  for (const std::string& host : group.hosts) names.push_back(markup(escape(host)));
  return fmt::format(
      "<tr><td class=\"number\">{}</td><td class=\"key\">{}</td><td class=\"found\">{}</td><td "
      "class=\"text\">{}</td></tr>\n",
      group.hosts.size(), markup(escape(to_text(group.system))), numbers.empty() ? "none" : join(numbers, ", "),
      join(names, ", "));
}

std::string broken_list(const Fleet& fleet) {
  std::string items;
  for (const BrokenInput& broken : fleet.broken()) {
    items += "<li>" + markup(escape(broken.file) + ": " + broken.error.message) + "</li>\n";
  }
  return items.empty() ? "" : "<h2>Could not be read</h2>\n<ul>\n" + items + "</ul>\n";
}

}  // namespace

std::string audit_html(const Audit& audit, const ReportStamp& stamp) {
  std::string rows;
  for (const Finding& finding : audit.findings) rows += html_row(finding);
  const std::string body =
      paragraph(system_text(audit)) + paragraph(stamp_text(stamp), "stamp") + paragraph(found_text(audit) + ".") +
      findings_table("What was found", {"Severity", "Finding", "Setting", "Place", "What", "Advice"}, rows);
  return page("Audit of " + subject_text(audit), body + suppressed_list(audit) + checks_list(audit));
}

std::string fleet_html(const Fleet& fleet, const ReportStamp& stamp) {
  const Audit audit = fleet.summary();
  std::string findings;
  for (std::size_t at = 0; at < audit.findings.size(); ++at) findings += fleet_finding_row(audit.findings[at], at + 1);
  std::string groups;
  constexpr std::size_t kMostLinked = 1000;  // groups
  const std::vector<AlikeHosts> alike = fleet.alike();
  for (const AlikeHosts& group : alike) groups += group_row(group, alike.size() <= kMostLinked);
  std::string body = paragraph(stamp_text(stamp), "stamp") + paragraph(found_text(audit) + ".");
  body += findings_table("Each finding once, with the number of hosts that have it",
                         {"No.", "Severity", "Finding", "Setting", "Hosts", "What", "Advice"}, findings);
  body +=
      "<h2 id=\"hosts\">Hosts</h2>\n" + table("Hosts that are alike, outliers first; findings by their number above",
                                              {"Hosts", "System", "Findings", "Names"}, groups);
  return page("Audit of " + audit.host.hostname,
              body + broken_list(fleet) + suppressed_list(audit) + checks_list(audit));
}

}  // namespace twctl
