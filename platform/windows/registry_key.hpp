// One key of HKEY_LOCAL_MACHINE, open. No Windows header here.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/registry_value.hpp"
#include "platform/windows/system_error.hpp"

namespace twctl {

class RegistryKey {
 public:
  enum class Access { read, list, write };

  // `path` below HKEY_LOCAL_MACHINE, in the 64-bit view.
  [[nodiscard]] static OrCode<RegistryKey> open(const wchar_t* path, Access access);

  RegistryKey(RegistryKey&& other) noexcept : key_(std::exchange(other.key_, nullptr)) {}
  RegistryKey& operator=(RegistryKey&&) = delete;
  RegistryKey(const RegistryKey&) = delete;
  RegistryKey& operator=(const RegistryKey&) = delete;
  ~RegistryKey();

  // nullopt: no value of that name.
  [[nodiscard]] OrCode<std::optional<RegistryBytes>> read(const std::wstring& name) const;
  [[nodiscard]] std::vector<std::wstring> subkeys() const;  // names; opened to list
  [[nodiscard]] OrCode<void> write(const std::wstring& name, const RegistryBytes& value) const;
  [[nodiscard]] OrCode<void> remove(const std::wstring& name) const;  // absent already: done
  [[nodiscard]] OrCode<void> flush() const;                           // onto the disk

 private:
  explicit RegistryKey(void* key) : key_(key) {}
  void* key_;
};

// What a host says of itself: a text (REG_SZ) or a number (REG_DWORD); "" and nullopt where it does not.
[[nodiscard]] std::string registry_text_at(const wchar_t* path, const wchar_t* name);
[[nodiscard]] std::optional<std::uint32_t> registry_number_at(const wchar_t* path, const wchar_t* name);

}  // namespace twctl
