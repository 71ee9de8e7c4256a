// The standard handles that a process is started with, one of which is no handle.
#include <doctest/doctest.h>
#include <windows.h>

#include "platform/platform.hpp"
#include "platform/terminal.hpp"
#include "platform/windows/handle.hpp"

using namespace twctl;

namespace {

// Standard output as it was, afterwards.
struct Output {
  Output() = default;
  ~Output() { ::SetStdHandle(STD_OUTPUT_HANDLE, before); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  HANDLE before = ::GetStdHandle(STD_OUTPUT_HANDLE);
};

// A number that stood for something, and may soon stand for something else.
HANDLE closed_handle() {
  HANDLE handle = ::CreateEventW(nullptr, TRUE, FALSE, nullptr);
  ::CloseHandle(handle);
  return handle;
}

}  // namespace

TEST_CASE("a closed standard handle does not become what is opened next, and output to it is an error") {
  for (HANDLE closed : {HANDLE{nullptr}, INVALID_HANDLE_VALUE, closed_handle()}) {
    const Output restores_itself;
    ::SetStdHandle(STD_OUTPUT_HANDLE, closed);
    prepare_process();
    const Handle next(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
    CHECK(next.get() != ::GetStdHandle(STD_OUTPUT_HANDLE));
    CHECK(::GetFileType(::GetStdHandle(STD_OUTPUT_HANDLE)) == FILE_TYPE_CHAR);
    const Result<void> written = write_results("x");
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ErrorCode::output);
  }
}
