// The strict reader of what twctl saved: snapshots, plans, the journal's records. They may come from anybody: every
// type, word and number is checked, and no object has a member twice. Members that we do not know are left alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/words.hpp"
#include "platform/host_facts.hpp"

namespace twctl {

// Bytes of a saved snapshot or plan; one has about 50 KiB.
inline constexpr std::size_t kSavedLimit = std::size_t{4} * 1024 * 1024;

struct SavedValue;
class Field;
using ReadFields = std::function<void(const Field&)>;

// Calls read(document) for a JSON document. `what` is what it should be: "snapshot".
// Error: invalid: "not JSON", with its line; or "not a WHAT: why", where it is deeper or larger than any document of
// ours, has a member twice, or for the first problem that a field reported.
[[nodiscard]] Result<void> read_json(std::string_view bytes, std::string_view what, const ReadFields& read);

// The same for what a command printed with --json, once its format and its command are as they should be. `path` is the
// file that the errors name.
[[nodiscard]] Result<void> read_document(std::string_view path, std::string_view bytes, std::string_view command,
                                         const ReadFields& read);

// One value of a document, read step by step. Reading never fails at once: the first problem is kept, and what is read
// from then on does not matter. So each member is one line of a reader. Where a value stands is put into words only for
// a problem: a fleet of snapshots has millions of values. A field must not outlive its parent.
class Field {
 public:
  [[nodiscard]] Field member(std::string_view name) const;    // reports it where it is missing
  [[nodiscard]] bool has(std::string_view name) const;        // asked for a member that earlier versions did not write
  [[nodiscard]] bool has_value(std::string_view name) const;  // and that is not null
  [[nodiscard]] bool is_null() const;

  [[nodiscard]] bool flag() const;
  [[nodiscard]] std::string bytes() const;                 // as bytes_json() writes them
  [[nodiscard]] std::string bytes_or_null() const;         // null is ""
  [[nodiscard]] std::optional<std::string> value() const;  // null is nullopt
  [[nodiscard]] std::string escaped() const;               // bytes_or_null() through escape()
  [[nodiscard]] std::vector<std::string> list_of_bytes() const;

  template <class Number>
  [[nodiscard]] Number number(Number least, Number most) const {
    return static_cast<Number>(integer(static_cast<std::int64_t>(least), static_cast<std::uint64_t>(most)));
  }

  // null is nullopt
  template <class Number>
  [[nodiscard]] std::optional<Number> number_or_null(Number least, Number most) const {
    return is_null() ? std::nullopt : std::optional(number(least, most));
  }

  // What the word means; reports one that is not among `words`.
  template <class Words>
  [[nodiscard]] auto word(const Words& words) const {
    const auto meaning = meaning_of(words, bytes_or_null());
    if (!meaning) report("a word that this version does not know");
    return meaning.value_or(words.front().first);
  }

  void each(const std::function<void(const Field&)>& take) const;  // of a list
  void each_member(const std::function<void(const std::string& name, const Field&)>& take) const;

  // What is wrong with this value; only the first report counts.
  void report(const std::string& what) const;
  void require(bool condition) const;  // reports it as "not what it should be" if not

 private:
  friend Result<void> read_json(std::string_view bytes, std::string_view what, const ReadFields& read);
  Field(const SavedValue& value, Error& problem) : value_(value), problem_(problem) {}
  Field(const SavedValue& value, const Field* parent, std::string_view name)
      : value_(value), problem_(parent->problem_), parent_(parent), name_(name) {}

  [[nodiscard]] const SavedValue* find(std::string_view name) const;  // nullptr: no such member, or no object
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::int64_t integer(std::int64_t least,
                                     std::uint64_t most) const;  // above INT64_MAX: the same 64 bits
  [[nodiscard]] std::string path() const;                        // "boot_files[3].path"

  const SavedValue& value_;
  Error& problem_;
  const Field* parent_ = nullptr;  // nullptr: this is the document
  std::string_view name_ = {};
};

[[nodiscard]] HostFacts read_host(const Field& host);  // as host_json() writes it

}  // namespace twctl
