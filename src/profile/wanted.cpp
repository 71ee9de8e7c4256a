#include "profile/wanted.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::string_view kForms = "write N, <= N, >= N, A | B, includes LIST or unset";
constexpr std::size_t kMostAlternatives = 16;  // more is no wish any more; also bounds what to_text() prints

tl::unexpected<Error> fail_at(const Setting& setting, std::size_t offset, std::string_view why,
                              std::string_view hint = kForms) {
  return fail(Error{.code = ErrorCode::invalid,
                    .message = fmt::format("{}: {}", setting.key, why),
                    .column = static_cast<int>(offset + 1),
                    .hint = std::string(hint)});
}

// A part of the expression: its text and where in the whole it begins.
struct Part {
  std::string_view text;
  std::size_t offset = 0;
};

Part trimmed(const Part& part) {
  const std::string_view text = trim(part.text);
  if (text.empty()) return {text, part.offset};
  return {text, part.offset + static_cast<std::size_t>(text.data() - part.text.data())};
}

Part after(const Part& part, std::size_t length) { return {part.text.substr(length), part.offset + length}; }

Result<Value> operand(const Setting& setting, const Part& part) {
  return parse_value(setting, part.text).map_error([&](Error error) {
    error.column += static_cast<int>(part.offset);
    return error;
  });
}

bool begins_with_word(std::string_view text, std::string_view word) {
  return text.starts_with(word) && (text.size() == word.size() || trim(text.substr(word.size(), 1)).empty());
}

// The operator that the text begins with, as written; "" for a plain value.
std::string_view leading_operator(std::string_view text) {
  for (const std::string_view word : {"includes", "unset"}) {
    if (begins_with_word(text, word)) return word;
  }
  return text.substr(0, text.find_first_not_of("<>=!~"));
}

Result<Wanted> parse_bound(const Setting& setting, const Part& part, Operator op) {
  if (setting.type != ValueType::integer) {
    return fail_at(setting, part.offset,
                   fmt::format("{} needs an amount; this setting's values are not ordered as more and less",
                               part.text.substr(0, 2)),
                   setting.type == ValueType::port_set ? "write the list itself, or includes LIST"
                                                       : "write the value itself, or A | B for any of several");
  }
  TRY(Value bound, operand(setting, after(part, 2)));
  return Wanted{op, {std::move(bound)}};
}

Result<Wanted> parse_includes(const Setting& setting, const Part& part) {
  if (setting.type != ValueType::port_set) {
    return fail_at(setting, part.offset, "includes needs a set of ports, and this setting is none",
                   "write the value itself");
  }
  const Part list = trimmed(after(part, std::string_view("includes").size()));
  if (list.text.empty()) {
    return fail_at(setting, part.offset + part.text.size(), "includes names no ports",
                   "as in: includes 8080,9000-9010");
  }
  TRY(Value ports, operand(setting, list));
  return Wanted{Operator::includes, {std::move(ports)}};
}

Result<Value> parse_alternative(const Setting& setting, const Part& part) {
  if (part.text.empty()) return fail_at(setting, part.offset, "a value is missing beside |");
  if (const std::string_view op = leading_operator(part.text); !op.empty()) {
    return fail_at(setting, part.offset, fmt::format("{} cannot stand beside |", escape(op)),
                   "| separates plain values, as in: 1 | 2");
  }
  return operand(setting, part);
}

Result<Wanted> parse_any_of(const Setting& setting, const Part& whole) {
  Wanted wanted{Operator::any_of, {}};
  for (const std::string_view piece : split(whole.text, '|')) {
    const Part part = trimmed({piece, whole.offset + static_cast<std::size_t>(piece.data() - whole.text.data())});
    if (wanted.operands.size() == kMostAlternatives) {
      return fail_at(setting, part.offset, fmt::format("more than {} alternatives", kMostAlternatives));
    }
    TRY(Value value, parse_alternative(setting, part));
    wanted.operands.push_back(std::move(value));
  }
  return wanted;
}

Result<Wanted> parse_part(const Setting& setting, const Part& part) {
  if (part.text.find('|') != std::string_view::npos) return parse_any_of(setting, part);
  const std::string_view op = leading_operator(part.text);
  if (op == "<=") return parse_bound(setting, part, Operator::at_most);
  if (op == ">=") return parse_bound(setting, part, Operator::at_least);
  if (op == "includes") return parse_includes(setting, part);
  if (part.text == "unset") return Wanted{Operator::unset, {}};
  if (op == "unset") return fail_at(setting, part.offset + op.size(), "unset stands alone");
  if (!op.empty()) return fail_at(setting, part.offset, fmt::format("{} is no operator", escape(op)));
  TRY(Value value, operand(setting, part));
  return Wanted{Operator::exactly, {std::move(value)}};
}

bool holds(const Wanted& wanted, const Value& value) {
  switch (wanted.op) {
    case Operator::exactly:
    case Operator::any_of:
      return std::find(wanted.operands.begin(), wanted.operands.end(), value) != wanted.operands.end();
    case Operator::at_most:
      return as_integer(value) <= as_integer(wanted.operands[0]);
    case Operator::at_least:
      return as_integer(value) >= as_integer(wanted.operands[0]);
    case Operator::includes:
      return parse_ports(value) == unite(*parse_ports(value), *parse_ports(wanted.operands[0]));
    case Operator::unset:
      return false;
  }
  return false;
}

}  // namespace

Result<Wanted> parse_wanted(const Setting& setting, std::string_view text) {
  return parse_part(setting, trimmed({text, 0}));
}

std::string to_text(const Wanted& wanted) {
  switch (wanted.op) {
    case Operator::exactly:
      return wanted.operands[0];
    case Operator::at_most:
      return "<= " + wanted.operands[0];
    case Operator::at_least:
      return ">= " + wanted.operands[0];
    case Operator::any_of:
      return join(wanted.operands, " | ");
    case Operator::includes:
      return "includes " + wanted.operands[0];
    case Operator::unset:
      return "unset";
  }
  return {};
}

bool satisfied(const Setting& setting, const Wanted& wanted, const std::optional<Value>& value) {
  if (wanted.op == Operator::unset || !value) return wanted.op == Operator::unset && !value;
  return within(setting, *value) && holds(wanted, *value);
}

std::optional<Value> value_to_write(const Setting& setting, const Wanted& wanted, const std::optional<Value>& current) {
  if (wanted.op == Operator::unset) return std::nullopt;
  if (wanted.op != Operator::includes || !current || !within(setting, *current)) return wanted.operands[0];
  return print_ports(unite(*parse_ports(*current), *parse_ports(wanted.operands[0])));
}

}  // namespace twctl
