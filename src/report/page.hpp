// A page of explain: a name, facts in a table, and blocks of prose. Rows become pages, pages become text or Markdown.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace twctl {

struct PageFact {
  std::string label;  // "range"
  std::string text;   // "1 to 120 s"
};

struct PageBlock {
  std::string heading;                  // "What it does"; "" for none
  std::vector<std::string> paragraphs;  // one that begins with a blank is printed as it stands
  std::vector<std::string> items;       // of a list, after the paragraphs
};

struct Page {
  std::string title;    // "net.ipv4.tcp_fin_timeout"
  std::string summary;  // one sentence
  std::vector<PageFact> facts;
  std::vector<PageBlock> blocks;
};

// Each adds nothing if its text is empty: most of a row's fields may be.
void add_fact(Page& page, std::string label, std::string text);
void add_block(Page& page, std::string heading, std::string text);
void add_list(Page& page, std::string heading, std::vector<std::string> items);

// For a screen: no line is longer than `columns` unless one word is, or a table is printed as it stands.
[[nodiscard]] std::string to_text(const Page& page, std::size_t columns);

// For a file: the title as a heading of `level`, the facts as a list.
[[nodiscard]] std::string to_markdown(const Page& page, int level);

}  // namespace twctl
