// The registry as a test sees it, without twctl: the value of TcpTimedWaitDelay, and who may open its key.
#pragma once

#include <windows.h>

#include <string>
#include <utility>

namespace twctl::test {

inline constexpr const wchar_t* kKey = L"SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters";
inline constexpr const wchar_t* kName = L"TcpTimedWaitDelay";

class RawKey {
 public:
  explicit RawKey(REGSAM rights) { status_ = ::RegOpenKeyExW(HKEY_LOCAL_MACHINE, kKey, 0, rights, &key_); }
  ~RawKey() { ::RegCloseKey(key_); }
  RawKey(const RawKey&) = delete;
  RawKey& operator=(const RawKey&) = delete;
  [[nodiscard]] HKEY get() const { return key_; }
  [[nodiscard]] LSTATUS status() const { return status_; }

 private:
  HKEY key_ = nullptr;
  LSTATUS status_ = 0;
};

using TypeAndBytes = std::pair<DWORD, std::string>;

// {0, "absent"} where there is none.
inline TypeAndBytes raw_value() {
  const RawKey key(KEY_QUERY_VALUE);
  DWORD type = 0;
  std::string bytes(65536, '\0');
  auto size = static_cast<DWORD>(bytes.size());
  const LSTATUS status =
      ::RegQueryValueExW(key.get(), kName, nullptr, &type, reinterpret_cast<BYTE*>(bytes.data()), &size);
  if (status != ERROR_SUCCESS) return {0, "absent"};
  return {type, bytes.substr(0, size)};
}

// What follows the bytes in memory is no NUL: RegSetValueEx would write it as the end of a text.
inline void put_raw(const wchar_t* name, DWORD type, const std::string& bytes) {
  const RawKey key(KEY_SET_VALUE);
  const std::string followed = bytes + "\xff\xff";
  ::RegSetValueExW(key.get(), name, 0, type, reinterpret_cast<const BYTE*>(followed.data()),
                   static_cast<DWORD>(bytes.size()));
}

inline void delete_raw() { ::RegDeleteValueW(RawKey(KEY_SET_VALUE).get(), kName); }

}  // namespace twctl::test
