// The folder of changes in the state directory, in which each change has a folder of its own.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "platform/durable_folder.hpp"
#include "platform/posix/descriptor.hpp"

namespace twctl {

class ChangesFolder final : public DurableFolder {
 public:
  // `path`: as messages say it.
  ChangesFolder(Descriptor directory, std::string path) : directory_(std::move(directory)), path_(std::move(path)) {}

  [[nodiscard]] bool is(const ChangesFolder& other) const;  // true also where it cannot be told
  [[nodiscard]] int directory() const { return directory_.get(); }

  Result<std::vector<std::string>> names() override;
  Result<std::optional<std::string>> read(const std::string& path, std::size_t limit) override;
  Result<bool> has(const std::string& path) override;
  Result<void> make_folder(const std::string& name) override;
  Result<void> create_file(const std::string& path, std::string_view bytes) override;
  Result<Move> rename_new(const std::string& from, const std::string& to) override;
  Result<void> sync(const std::string& folder) override;
  Result<void> remove(const std::string& path) override;

 private:
  [[nodiscard]] Result<bool> has_folder_of(const std::string& path) const;
  [[nodiscard]] std::string whole(const std::string& path) const;

  Descriptor directory_;
  std::string path_;
  // The folder that a name was moved into, kept open for the sync that follows: opened anew for it, the sync could fail
  // for want of a descriptor when the decision has its name already.
  std::pair<std::string, Descriptor> renamed_into_;
};

}  // namespace twctl
