// A handle that closes itself. No Windows header here: its macros rename enumerators.
#pragma once

#include <string>
#include <utility>

namespace twctl {

class Handle {
 public:
  Handle() = default;
  explicit Handle(void* handle);  // null and INVALID_HANDLE_VALUE are none
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { close(); }

  [[nodiscard]] void* get() const { return handle_; }
  [[nodiscard]] void* release() { return std::exchange(handle_, nullptr); }
  bool close();  // false: the system says that it could not be closed
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  void* handle_ = nullptr;
};

// What is there under that name, opened by CreateFile with this access and these flags, while others may use it as they
// like. None: GetLastError() says why.
[[nodiscard]] Handle open_existing(const std::wstring& path, unsigned long access, unsigned long flags);

}  // namespace twctl
