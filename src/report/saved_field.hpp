// One value of a saved document, read step by step. A template over the document's type, so that this header needs no
// JSON library.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/base64.hpp"
#include "base/escape.hpp"
#include "base/result.hpp"
#include "report/snapshot_words.hpp"

namespace twctl {

// Reading never fails at once: the first problem is kept, and what is read from then on does not matter. So each field
// is one line of a reader. Where a value stands is put into words only for a problem: a fleet of snapshots has millions
// of values. A field must not outlive the one that it is of.
template <class Json>
class SavedField {
 public:
  SavedField(const Json& document, Error& problem) : json_(document), problem_(problem) {}

  [[nodiscard]] SavedField member(std::string_view name) const {
    static const Json kNothing;
    const auto found = json_.is_object() ? json_.find(name) : json_.end();
    const bool missing = found == json_.end();
    SavedField field(missing ? kNothing : *found, this, name);
    if (!json_.is_object()) object_expected();
    if (json_.is_object() && missing) field.report("missing");
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
      const std::string place = path();
      problem_ = {.code = ErrorCode::invalid, .message = (place.empty() ? "the document" : place) + ": " + what};
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
  [[nodiscard]] bool has(std::string_view name) const {
    const auto found = json_.is_object() ? json_.find(name) : json_.end();
    return found != json_.end() && !found->is_null();
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
    for (const Json& element : json_) {
      const std::string name = "[" + std::to_string(index++) + "]";
      take(SavedField(element, this, name));
    }
  }

  // Calls take(name, SavedField) for each member of an object.
  template <class Take>
  void each_member(const Take& take) const {
    if (!json_.is_object()) return object_expected();
    for (const auto& [name, value] : json_.items()) take(name, SavedField(value, this, name));
  }

 private:
  [[nodiscard]] std::string text() const {
    if (!json_.is_string()) report("expected text");
    return json_.is_string() ? json_.template get<std::string>() : std::string();
  }

  SavedField(const Json& json, const SavedField* parent, std::string_view name)
      : json_(json), problem_(parent->problem_), parent_(parent), name_(name) {}

  void object_expected() const { report("expected an object"); }

  // "boot_files[3].path"; printable
  [[nodiscard]] std::string path() const {
    const std::string above = parent_ == nullptr ? "" : parent_->path();
    const bool joined = above.empty() || name_.starts_with('[');
    return above + (joined ? "" : ".") + escape(name_);
  }

  const Json& json_;
  Error& problem_;
  const SavedField* parent_ = nullptr;  // nullptr: this is the document
  std::string_view name_ = {};
};

}  // namespace twctl
