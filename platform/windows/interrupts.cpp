#include "platform/windows/interrupts.hpp"

#include <windows.h>

namespace twctl {
namespace {

constexpr UINT kInterrupted = 130;  // docs/contract.md, "Exit codes"; left alone, Windows would make it 0xC000013A

// Handlers run in threads of their own. What one of them and catch_interrupting_signals() find is decided by who comes
// first: a program that is about to end must not begin a change.
enum State : LONG { kEnds, kEnding, kCaught, kCame };
volatile LONG on_interrupt = kEnds;

bool moved(LONG from, LONG to) { return ::InterlockedCompareExchange(&on_interrupt, to, from) == from; }

// Of these Windows ends the program when the handler returns, and at the latest after the time that it gives them
// (HandlerRoutine in Microsoft's documentation).
bool ends_with_handler(DWORD event) { return event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT; }

BOOL WINAPI take(DWORD event) {
  if (moved(kEnds, kEnding)) ::ExitProcess(kInterrupted);
  moved(kCaught, kCame);
  if (ends_with_handler(event)) ::Sleep(INFINITE);  // main undoes what has begun, and its end is this thread's end
  return TRUE;
}

}  // namespace

void end_on_interrupts() { ::SetConsoleCtrlHandler(take, TRUE); }

void catch_interrupting_signals() {
  if (!moved(kEnds, kCaught) && on_interrupt == kEnding) ::Sleep(INFINITE);
}

bool interrupting_signal_came() { return ::InterlockedCompareExchange(&on_interrupt, kCame, kCame) == kCame; }

}  // namespace twctl
