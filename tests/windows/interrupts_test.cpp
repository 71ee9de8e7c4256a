// What an interrupt does to a change in this process.
#include "platform/windows/interrupts.hpp"

#include <doctest/doctest.h>
#include <windows.h>

#include <cstdint>

#include "platform/windows/handle.hpp"

using namespace twctl;

namespace {

constexpr DWORD kBound = 10000;  // ms to wait for what has to come
constexpr DWORD kEnough = 200;   // ms in which a handler that returns has done so

// The thread that Windows starts for such an event: it calls the handlers.
Handle start_event(DWORD event) {
  HMODULE library = ::GetModuleHandleW(L"kernelbase.dll");
  void* routine = reinterpret_cast<void*>(::GetProcAddress(library, "CtrlRoutine"));
  REQUIRE(routine != nullptr);
  return Handle(::CreateThread(nullptr, 0, reinterpret_cast<LPTHREAD_START_ROUTINE>(routine),
                               reinterpret_cast<void*>(std::uintptr_t{event}), 0, nullptr));
}

bool ends_within(const Handle& thread, DWORD time) {
  return ::WaitForSingleObject(thread.get(), time) == WAIT_OBJECT_0;
}

}  // namespace

// That Windows ends the program once its handler has returned is in its documents, and not in Wine.
TEST_CASE("in the middle of a change Ctrl-C sets a flag, and where the console is closed the handler does not return") {
  end_on_interrupts();
  catch_interrupting_signals();
  CHECK_FALSE(interrupting_signal_came());
  CHECK(ends_within(start_event(CTRL_C_EVENT), kBound));
  CHECK(interrupting_signal_came());
  CHECK_FALSE(ends_within(start_event(CTRL_CLOSE_EVENT), kEnough));
  CHECK(interrupting_signal_came());
}
