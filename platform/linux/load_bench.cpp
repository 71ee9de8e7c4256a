#include "platform/linux/load_bench.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <vector>

#include "platform/linux/load_processes.hpp"

namespace twctl {
namespace {

constexpr int kPollMs = 100;

class RunningLoads {
 public:
  explicit RunningLoads(const LoadSink& sink) : sink_(sink) {}

  Result<void> start(std::span<const Load> loads) {
    for (const Load& load : loads) {
      TRY(LoadProcesses processes, LoadProcesses::start(load));
      running_.push_back({std::move(processes)});
    }
    return {};
  }

  Result<void> follow() {
    while (wait_for_one()) {
      for (std::size_t i = 0; i < running_.size(); ++i) {
        if (polled_[i].revents != 0) TRY_VOID(take(i));
      }
      if (!stopped_ && !sink_.go_on()) stop();
    }
    return {};
  }

 private:
  struct Running {
    LoadProcesses processes;
    int still_to_report = 2;
  };

  // False: all have ended.
  bool wait_for_one() {
    polled_.clear();
    bool any = false;
    for (const Running& one : running_) {
      polled_.push_back({.fd = one.processes.messages(), .events = POLLIN, .revents = 0});
      any = any || one.processes.messages() >= 0;
    }
    if (any && ::poll(polled_.data(), polled_.size(), kPollMs) < 0) {
      for (pollfd& one : polled_) one.revents = 0;  // a signal
    }
    return any;
  }

  Result<void> take(std::size_t load) {
    Running& one = running_[load];
    const std::optional<LoadMessage> message = one.processes.next();
    if (!message) {
      if (one.still_to_report == 0) return {};
      return fail(ErrorCode::failed, "trial: a process of the measurement has ended before its time");
    }
    switch (message->kind) {
      case LoadMessageKind::figures:
        sink_.take(load, message->side, message->figures, false);
        break;
      case LoadMessageKind::last_figures:
        --one.still_to_report;
        sink_.take(load, message->side, message->figures, true);
        break;
      case LoadMessageKind::not_set:
        sink_.not_set(load, message->side, *find_setting(message->key.data()), message->text.data());
        break;
      case LoadMessageKind::failed:
        return fail(message->code, message->text.data(), message->hint.data());
    }
    return {};
  }

  void stop() {
    stopped_ = true;
    for (const Running& one : running_) one.processes.stop();
  }

  const LoadSink& sink_;
  std::vector<Running> running_;
  std::vector<pollfd> polled_;
  bool stopped_ = false;
};

class LinuxLoadBench final : public LoadBench {
 public:
  Result<void> run(std::span<const Load> loads, const LoadSink& sink) override {
    RunningLoads running(sink);
    TRY_VOID(running.start(loads));
    return running.follow();
  }
};

}  // namespace

std::unique_ptr<LoadBench> make_load_bench() { return std::make_unique<LinuxLoadBench>(); }

}  // namespace twctl
