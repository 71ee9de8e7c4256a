#include "platform/windows/registry_key.hpp"

#include <windows.h>

#include <array>
#include <cstring>

#include "base/text.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

HKEY key_of(void* key) { return static_cast<HKEY>(key); }

REGSAM rights_of(RegistryKey::Access access) {
  switch (access) {
    case RegistryKey::Access::read:
      return KEY_QUERY_VALUE;
    case RegistryKey::Access::list:
      return KEY_ENUMERATE_SUB_KEYS;
    case RegistryKey::Access::write:
      break;
  }
  return KEY_SET_VALUE;
}

OrCode<void> check(LSTATUS status) {
  if (status != ERROR_SUCCESS) return tl::unexpected<SystemCode>(static_cast<SystemCode>(status));
  return {};
}

}  // namespace

OrCode<RegistryKey> RegistryKey::open(const wchar_t* path, Access access) {
  HKEY key = nullptr;
  const auto opened = check(::RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_WOW64_64KEY | rights_of(access), &key));
  if (!opened) return tl::unexpected<SystemCode>(opened.error());
  return RegistryKey(key);
}

RegistryKey::~RegistryKey() {
  if (key_ != nullptr) ::RegCloseKey(key_of(key_));
}

// Type and bytes come from one call: between two, somebody could have changed the value.
OrCode<std::optional<RegistryBytes>> RegistryKey::read(const std::wstring& name) const {
  RegistryBytes value{.type = 0, .bytes = std::string(256, '\0')};
  for (;;) {
    auto length = static_cast<DWORD>(value.bytes.size());
    DWORD type = 0;
    const LSTATUS status = ::RegQueryValueExW(key_of(key_), name.c_str(), nullptr, &type,
                                              reinterpret_cast<BYTE*>(value.bytes.data()), &length);
    if (status == ERROR_FILE_NOT_FOUND) return std::optional<RegistryBytes>();
    if (status != ERROR_SUCCESS && status != ERROR_MORE_DATA) return tl::unexpected(static_cast<SystemCode>(status));
    value.type = type;
    value.bytes.resize(length);
    if (status == ERROR_SUCCESS) return value;
    if (length > kRegistryBytesLimit) return tl::unexpected<SystemCode>(ERROR_FILE_TOO_LARGE);
  }
}

std::vector<std::wstring> RegistryKey::subkeys() const {
  std::vector<std::wstring> names;
  std::array<wchar_t, 256> name{};  // a name has at most 255
  for (DWORD at = 0;; ++at) {
    auto length = static_cast<DWORD>(name.size());
    const LSTATUS status = ::RegEnumKeyExW(key_of(key_), at, name.data(), &length, nullptr, nullptr, nullptr, nullptr);
    if (status != ERROR_SUCCESS) return names;
    names.emplace_back(name.data(), length);
  }
}

// Of a text without its final NUL, Windows writes the NUL that follows in memory as well: so none does.
OrCode<void> RegistryKey::write(const std::wstring& name, const RegistryBytes& value) const {
  const std::string followed = value.bytes + "\xff\xff";
  return check(::RegSetValueExW(key_of(key_), name.c_str(), 0, value.type,
                                reinterpret_cast<const BYTE*>(followed.data()),
                                static_cast<DWORD>(value.bytes.size())));
}

OrCode<void> RegistryKey::remove(const std::wstring& name) const {
  const LSTATUS status = ::RegDeleteValueW(key_of(key_), name.c_str());
  return status == ERROR_FILE_NOT_FOUND ? OrCode<void>() : check(status);
}

OrCode<void> RegistryKey::flush() const { return check(::RegFlushKey(key_of(key_))); }

namespace {

std::optional<RegistryBytes> value_at(const wchar_t* path, const wchar_t* name) {
  const auto key = RegistryKey::open(path, RegistryKey::Access::read);
  auto value = key ? key->read(name) : std::optional<RegistryBytes>();
  return value ? *std::move(value) : std::nullopt;
}

}  // namespace

std::string registry_text_at(const wchar_t* path, const wchar_t* name) {
  const std::optional<RegistryBytes> value = value_at(path, name);
  if (!value || (value->type != REG_SZ && value->type != REG_EXPAND_SZ)) return {};
  std::wstring text(value->bytes.size() / sizeof(wchar_t), L'\0');
  std::memcpy(text.data(), value->bytes.data(), text.size() * sizeof(wchar_t));
  return to_utf8(text.substr(0, text.find(L'\0')));
}

std::optional<std::uint32_t> registry_number_at(const wchar_t* path, const wchar_t* name) {
  const std::optional<RegistryBytes> value = value_at(path, name);
  const auto number = value ? parse_decimal(to_value(*value)) : std::nullopt;
  return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

}  // namespace twctl
