// The two processes of a load, forked from this one, and what they tell it through a pipe. Both end with it, however it
// ends.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "platform/load_bench.hpp"
#include "platform/posix/descriptor.hpp"

namespace twctl {

enum class LoadMessageKind : std::uint8_t { figures, last_figures, not_set, failed };

// Smaller than PIPE_BUF, so that two processes can write to one pipe.
struct LoadMessage {
  LoadMessageKind kind = LoadMessageKind::figures;
  Side side = Side::client;
  ErrorCode code = ErrorCode::failed;  // failed
  LoadFigures figures = {};
  std::array<char, 64> key{};    // not_set
  std::array<char, 512> text{};  // not_set, failed
  std::array<char, 256> hint{};  // failed
};

class LoadProcesses {
 public:
  // Error: failed.
  [[nodiscard]] static Result<LoadProcesses> start(const Load& load);
  LoadProcesses(LoadProcesses&& other) noexcept
      : client_(std::exchange(other.client_, 0)),
        messages_(std::move(other.messages_)),
        stop_(std::move(other.stop_)) {}
  LoadProcesses& operator=(LoadProcesses&&) = delete;
  LoadProcesses(const LoadProcesses&) = delete;
  LoadProcesses& operator=(const LoadProcesses&) = delete;
  ~LoadProcesses();  // ends both

  [[nodiscard]] int messages() const { return messages_.get(); }
  [[nodiscard]] std::optional<LoadMessage> next();  // nullopt: both have ended
  void stop() const;                                // the load ends now; what was measured still comes

 private:
  LoadProcesses(pid_t client, Descriptor messages, Descriptor stop)
      : client_(client), messages_(std::move(messages)), stop_(std::move(stop)) {}

  pid_t client_;
  Descriptor messages_;
  Descriptor stop_;
};

}  // namespace twctl
