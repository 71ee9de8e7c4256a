// What must be true of the process before it opens anything, and what it was started with.
#include <windows.h>

#include "platform/platform.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/interrupts.hpp"
#include "platform/windows/wide.hpp"

// The C runtime's own parsing, in the characters of Windows: argv has lost what the code page lacks.
extern "C" int __cdecl __wgetmainargs(int* count, wchar_t*** arguments, wchar_t*** environment, int expand_wildcards,
                                      int* new_mode);

namespace twctl {

namespace {

bool is_open(HANDLE handle) {
  if (handle == nullptr || handle == INVALID_HANDLE_VALUE) return false;
  ::SetLastError(NO_ERROR);
  return ::GetFileType(handle) != FILE_TYPE_UNKNOWN || ::GetLastError() == NO_ERROR;
}

// The number of a handle that is closed is given to what is opened next, a record of a change say, which would get the
// text of the results. It is opened the wrong way round: nothing else can take its number, yet writing to it still
// fails, so that output which nobody gets is an error (74) and not a success.
void occupy(DWORD which) {
  const DWORD access = which == STD_INPUT_HANDLE ? GENERIC_WRITE : GENERIC_READ;
  ::SetStdHandle(which, open_existing(L"NUL", access, 0).release());
}

}  // namespace

// No box on the screen of a server where a drive is not ready; libraries come from the system's folder only.
void prepare_process() {
  ::SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
  ::SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
  end_on_interrupts();
  for (const DWORD which : {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE}) {
    if (!is_open(::GetStdHandle(which))) occupy(which);
  }
}

std::vector<std::string> program_arguments(int /*count*/, char** /*arguments*/) {
  int count = 0;
  int new_mode = 0;
  wchar_t** wide = nullptr;
  wchar_t** environment = nullptr;
  std::vector<std::string> arguments;
  if (__wgetmainargs(&count, &wide, &environment, 0, &new_mode) != 0) return arguments;
  for (int i = 1; i < count; ++i) arguments.push_back(to_utf8(wide[i]));
  return arguments;
}

}  // namespace twctl
