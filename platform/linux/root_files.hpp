// The files of the host below a root directory; "/" is the case in which the kernel resolves paths by itself.
#pragma once

#include "platform/host_files.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {

class RootFiles final : public HostFiles {
 public:
  enum class Kind { whole_system, below_a_directory };

  RootFiles(Descriptor root, Kind kind) : root_(std::move(root)), kind_(kind) {}

  Result<std::optional<std::string>> read(std::string_view path, std::size_t limit) override;
  Result<std::vector<std::string>> list(std::string_view directory) override;
  std::optional<std::string> link_target(std::string_view path) override;
  bool exists(std::string_view path) override;
  Result<TrustedBytes> read_profile(std::string_view path, std::size_t limit) override;
  Result<void> write_output(std::string_view path, std::string_view bytes) override;

  // The directory or file at `path`, for callers that need a descriptor. Flags as for open; errno as error.
  [[nodiscard]] OrErrno<Descriptor> open(std::string_view path, int flags) const;

 private:
  Descriptor root_;
  Kind kind_;
};

}  // namespace twctl
