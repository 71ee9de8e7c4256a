// The files of the host below a root directory; "/" is the case in which the kernel resolves paths by itself.
#pragma once

#include <span>

#include "platform/host_files.hpp"
#include "platform/linux/root.hpp"

namespace twctl {

class RootFiles final : public HostFiles {
 public:
  explicit RootFiles(const Root& root) : root_(root) {}

  Result<std::optional<std::string>> read(std::string_view path, std::size_t limit) override;
  Result<std::vector<std::string>> list(std::string_view directory) override;
  Result<std::vector<std::string>> list_all(std::string_view directory) override;
  Result<void> check_listed() override { return listed_; }
  std::optional<std::string> link_target(std::string_view path) override;
  bool exists(std::string_view path) override;
  bool executable(std::string_view path) override;
  Result<TrustedBytes> read_profile(std::string_view path, std::size_t limit) override;
  Result<void> write_output(std::string_view path, std::string_view bytes) override;

  // For callers that need a descriptor; see Root::open().
  [[nodiscard]] OrErrno<Descriptor> open(std::string_view path, int flags) const { return root_.open(path, flags); }

 private:
  // The command after which the profile that was opened on that way can be applied; printable.
  [[nodiscard]] std::string mending_line(std::string_view path, std::span<const PathStep> steps) const;

  [[nodiscard]] Result<std::vector<std::string>> list_up_to(std::string_view directory, std::size_t most) const;

  const Root& root_;
  Result<void> listed_;
};

}  // namespace twctl
