#include "report/page.hpp"

#include <algorithm>
#include <utility>

#include "report/layout.hpp"

namespace twctl {
namespace {

constexpr std::string_view kIndent = "  ";

bool as_it_stands(const std::string& paragraph) { return paragraph.starts_with(' '); }

std::size_t label_width(const Page& page) {
  std::size_t width = 0;
  for (const PageFact& fact : page.facts) width = std::max(width, fact.label.size());
  return width;
}

std::string facts_text(const Page& page, std::size_t columns) {
  std::string text;
  const std::size_t width = label_width(page);
  for (const PageFact& fact : page.facts) {
    text += wrapped(fact.text, columns, std::string(kIndent) + padded(fact.label, width + kIndent.size()));
  }
  return text;
}

std::string block_text(const PageBlock& block, std::size_t columns) {
  const std::string_view indent = block.heading.empty() ? "" : kIndent;
  std::string text = block.heading.empty() ? "" : block.heading + "\n";
  bool first = true;
  for (const std::string& paragraph : block.paragraphs) {
    if (!std::exchange(first, false)) text += '\n';
    text += as_it_stands(paragraph) ? paragraph + "\n" : wrapped(paragraph, columns, indent);
  }
  for (const std::string& item : block.items) text += wrapped(item, columns, std::string(indent) + "- ");
  return text;
}

std::string block_markdown(const PageBlock& block) {
  std::string text = block.heading.empty() ? "" : "**" + block.heading + ".**";
  if (!block.heading.empty()) text += block.paragraphs.empty() ? "\n\n" : " ";
  for (const std::string& paragraph : block.paragraphs) {
    text += as_it_stands(paragraph) ? "```\n" + paragraph + "\n```\n\n" : paragraph + "\n\n";
  }
  for (const std::string& item : block.items) text += "- " + item + "\n";
  return block.items.empty() ? text : text + "\n";
}

}  // namespace

void add_fact(Page& page, std::string label, std::string text) {
  if (!text.empty()) page.facts.push_back({.label = std::move(label), .text = std::move(text)});
}

void add_block(Page& page, std::string heading, std::string text) {
  if (!text.empty())
    page.blocks.push_back({.heading = std::move(heading), .paragraphs = {std::move(text)}, .items = {}});
}

void add_list(Page& page, std::string heading, std::vector<std::string> items) {
  if (!items.empty())
    page.blocks.push_back({.heading = std::move(heading), .paragraphs = {}, .items = std::move(items)});
}

std::string to_text(const Page& page, std::size_t columns) {
  std::string text = page.title + "\n" + wrapped(page.summary, columns);
  if (!page.facts.empty()) text += "\n" + facts_text(page, columns);
  for (const PageBlock& block : page.blocks) text += "\n" + block_text(block, columns);
  return text;
}

std::string to_markdown(const Page& page, int level) {
  std::string text = std::string(static_cast<std::size_t>(level), '#') + " " + page.title + "\n\n";
  if (!page.summary.empty()) text += page.summary + "\n\n";
  for (const PageFact& fact : page.facts) text += "- " + fact.label + ": " + fact.text + "\n";
  if (!page.facts.empty()) text += "\n";
  for (const PageBlock& block : page.blocks) text += block_markdown(block);
  return text;
}

}  // namespace twctl
