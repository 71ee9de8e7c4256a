// What Windows hands out and wants back: handles, with the bytes that go through them, and memory. No Windows header
// here: its macros rename enumerators.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "platform/windows/system_error.hpp"

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

// The file or folder of that name, opened by CreateFile with this access and these flags, shared with everybody. An
// empty handle: GetLastError() says why.
[[nodiscard]] Handle open_existing(const std::wstring& path, unsigned long access, unsigned long flags);

// Everything up to the end, but no more than `limit` + 1 bytes: a longer result means "too large".
[[nodiscard]] OrCode<std::string> read_bytes(void* handle, std::size_t limit);

// All of `bytes`, whatever the system takes at a time.
[[nodiscard]] OrCode<void> write_bytes(void* handle, std::string_view bytes);

// Given back with LocalFree().
struct FreeLocal {
  void operator()(void* memory) const;
};
using LocalMemory = std::unique_ptr<void, FreeLocal>;

}  // namespace twctl
