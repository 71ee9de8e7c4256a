// One value of a saved document, read step by step. A template over the document's type, so that this header needs no
// JSON library.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "base/base64.hpp"
#include "base/escape.hpp"
#include "base/result.hpp"
#include "report/snapshot_words.hpp"

namespace twctl {

// Reading never fails at once: the first problem is kept, and what is read from then on does not matter. So each field
// is one line of a reader.
template <class Json>
class SavedField {
 public:
  SavedField(const Json& json, std::string path, Error& problem)
      : json_(json), path_(std::move(path)), problem_(problem) {}

  [[nodiscard]] SavedField member(const std::string& name) const {
    static const Json kNothing;
    const std::string path = path_.empty() ? name : path_ + "." + name;
    const bool found = json_.is_object() && json_.contains(name);
    SavedField field(found ? json_[name] : kNothing, path, problem_);
    if (!json_.is_object()) object_expected();
    if (json_.is_object() && !found) field.report("missing");
    return field;
  }

  // Text, or {"base64": "..."} for what is no UTF-8.
  [[nodiscard]] std::string bytes() const {
    if (!json_.is_object()) return text();
    const auto decoded = from_base64(member("base64").text());
    if (!decoded) report("expected base64");
    return decoded.value_or("");
  }

  [[nodiscard]] std::string bytes_or_null() const { return json_.is_null() ? std::string() : bytes(); }
  [[nodiscard]] std::string printable() const {
    constexpr std::size_t kLongest = 4096;  // bytes
    return escape(bytes_or_null(), kLongest);
  }

  // What is wrong with this value; only the first report counts.
  void report(const std::string& what) const {
    if (problem_.message.empty()) {
      problem_ = {.code = ErrorCode::invalid, .message = (path_.empty() ? "the document" : path_) + ": " + what};
    }
  }

  [[nodiscard]] bool is_null() const { return json_.is_null(); }

  [[nodiscard]] bool flag() const {
    if (!json_.is_boolean()) report("expected true or false");
    return json_.is_boolean() && json_.template get<bool>();
  }

  template <class Number>
  [[nodiscard]] Number number(Number least, Number most) const {
    const bool fits = json_.is_number_integer() && json_ >= least && json_ <= most;
    if (!fits) report("expected a number from " + std::to_string(least) + " to " + std::to_string(most));
    return fits ? json_.template get<Number>() : least;
  }

  // Of a member that snapshots have had only since a later minor version: whether it is there, and not null.
  [[nodiscard]] bool has(const std::string& name) const {
    return json_.is_object() && json_.contains(name) && !json_[name].is_null();
  }

  template <class Words>
  [[nodiscard]] auto word(const Words& words) const {
    const auto meaning = meaning_of(words, bytes_or_null());
    if (!meaning) report("a word that this version does not know");
    return meaning.value_or(words.front().first);
  }

  // Calls take(SavedField) for each element of a list.
  template <class Take>
  void each(const Take& take) const {
    if (!json_.is_array()) return report("expected a list");
    std::size_t index = 0;
    for (const Json& element : json_) take(SavedField(element, path_ + "[" + std::to_string(index++) + "]", problem_));
  }

  // Calls take(name, SavedField) for each member of an object.
  template <class Take>
  void each_member(const Take& take) const {
    if (!json_.is_object()) return object_expected();
    for (const auto& [name, value] : json_.items()) take(name, SavedField(value, path_ + "." + escape(name), problem_));
  }

 private:
  [[nodiscard]] std::string text() const {
    if (!json_.is_string()) report("expected text");
    return json_.is_string() ? json_.template get<std::string>() : std::string();
  }

  void object_expected() const { report("expected an object"); }

  const Json& json_;
  std::string path_;  // "boot_files[3].path"; printable
  Error& problem_;
};

}  // namespace twctl
