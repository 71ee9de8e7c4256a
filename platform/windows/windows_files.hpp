// The host's files by their UTF-8 paths.
#pragma once

#include "platform/host_files.hpp"

namespace twctl {

class WindowsFiles final : public HostFiles {
 public:
  Result<std::optional<std::string>> read(std::string_view path, std::size_t limit) override;
  Result<std::vector<std::string>> list(std::string_view directory) override;
  std::optional<std::string> link_target(std::string_view path) override;
  bool exists(std::string_view path) override;
  bool executable(std::string_view path) override;
  Result<TrustedBytes> read_profile(std::string_view path, std::size_t limit) override;
  Result<void> write_output(std::string_view path, std::string_view bytes) override;
};

}  // namespace twctl
