#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/explain_pages.hpp"
#include "trial/myths.hpp"

namespace twctl {
namespace {

std::vector<std::string> writers_of(const FindingRow& row) {
  if (row.writers == nullptr) return {};
  const auto all = row.writers();
  return {all.begin(), all.end()};
}

std::vector<std::string> items_of(const Sources& sources) { return {sources.begin(), sources.end()}; }

// Lines of one paragraph become one; a paragraph that begins with a blank keeps its lines.
void add_line(std::vector<std::string>& paragraphs, std::string_view line, bool starts_paragraph) {
  if (starts_paragraph) {
    paragraphs.emplace_back(line);
    return;
  }
  paragraphs.back() += paragraphs.back().starts_with(' ') ? '\n' : ' ';
  paragraphs.back() += line;
}

std::vector<std::string> paragraphs_of(std::string_view text) {
  std::vector<std::string> paragraphs;
  bool after_gap = true;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) add_line(paragraphs, line, after_gap);
    after_gap = line.empty();
  }
  return paragraphs;
}

}  // namespace

Page state_page(const TcpStateRow& state) {
  Page page{.title = std::string(state.name), .summary = std::string(state.summary), .facts = {}, .blocks = {}};
  add_fact(page, "in /proc/net/tcp", fmt::format("{:02X} ({})", state.linux_number, state.linux_number));
  add_fact(page, "settings", std::string(state.settings));
  add_block(page, "How a connection comes here", std::string(state.entered));
  add_block(page, "How it leaves", std::string(state.left));
  add_block(page, "What a pile-up means", std::string(state.pile_up));
  add_block(page, "Who has to act", std::string(state.who_acts));
  add_list(page, "Sources", items_of(state.sources));
  return page;
}

Page hazard_page(const FindingRow& hazard) {
  Page page{.title = fmt::format("{}: a hazard of a plan", hazard.id), .summary = {}, .facts = {}, .blocks = {}};
  page.summary = hazard.blocks ? fmt::format("It blocks: apply refuses without --accept {}.", hazard.id)
                               : "It warns and does not block.";
  add_block(page, "When", std::string(hazard.summary));
  add_block(page, "What can go wrong", std::string(hazard.meaning));
  add_list(page, "Who is looked at", writers_of(hazard));
  add_block(page, "What to do", std::string(hazard.advice));
  add_list(page, "Sources", items_of(hazard.sources));
  return page;
}

Page finding_page(const FindingRow& finding) {
  Page page{.title = fmt::format("{}: a finding", finding.id), .summary = {}, .facts = {}, .blocks = {}};
  page.summary = fmt::format("Severity: {}.", name_of(finding.severity));
  add_block(page, "When", std::string(finding.summary));
  add_block(page, "What it means", std::string(finding.meaning));
  add_list(page, "Who is looked at", writers_of(finding));
  add_block(page, "What to do", std::string(finding.advice));
  add_list(page, "Sources", items_of(finding.sources));
  return page;
}

Page topic_page(const TopicRow& topic) {
  Page page{.title = std::string(topic.title), .summary = {}, .facts = {}, .blocks = {}};
  page.blocks.push_back({.heading = {}, .paragraphs = paragraphs_of(topic.text), .items = {}});
  add_list(page, "Sources", items_of(topic.sources));
  return page;
}

Page myth_page(const MythRow& myth) {
  Page page{.title = fmt::format("{}: a myth", myth.id), .summary = {}, .facts = {}, .blocks = {}};
  page.summary = fmt::format("\"{}\"", myth.claim);
  add_fact(page, "setting", std::string(myth.key));
  add_block(page, "What is so", std::string(myth.truth));
  add_block(page, "Evidence", std::string(myth.evidence));
  const auto all = experiments();
  const bool tried = std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.myth == myth.id; });
  add_block(page, "Try it",
            tried ? "`twctl trial --myths` tries this claim, among others, on the kernel that runs it." : "");
  add_list(page, "Sources", items_of(myth.sources));
  return page;
}

}  // namespace twctl
