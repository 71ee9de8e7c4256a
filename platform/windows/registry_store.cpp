#include "platform/windows/registry_store.hpp"

#include <fmt/format.h>
#include <windows.h>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/windows/registry_key.hpp"
#include "platform/windows/security.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

constexpr const wchar_t* kParameters = L"SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters";
constexpr std::string_view kElevatedPrompt = "run it from an elevated prompt (Run as administrator)";
constexpr std::string_view kForbidden = "the permissions of its key, which regedit shows, or a policy forbid it";

LiveValue failed_value(SystemCode code) {
  const auto state = is_denied(code) ? LiveValue::State::denied : LiveValue::State::unreadable;
  const bool large = code == ERROR_FILE_TOO_LARGE;
  return LiveValue{.state = state,
                   .problem = large ? "it is larger than " + size_text(kRegistryBytesLimit) : system_says(code)};
}

LiveValue value_in(const RegistryKey& key, const Setting& setting) {
  const auto value = key.read(to_wide(setting.key));
  if (!value) return failed_value(value.error());
  if (!*value) return LiveValue{};
  return LiveValue{.state = LiveValue::State::present, .value = to_value(**value)};
}

OrCode<RegistryKey> open_below(const std::wstring& place, RegistryKey::Access access) {
  return RegistryKey::open((kParameters + (L'\\' + place)).c_str(), access);
}

void add_strays(const std::wstring& place, std::vector<StrayValue>& strays) {
  const auto key = open_below(place, RegistryKey::Access::read);
  if (!key) return;
  for (const Setting& setting : twctl::settings(Os::windows)) {
    LiveValue live = value_in(*key, setting);
    if (live.state == LiveValue::State::absent) continue;
    strays.push_back({std::string(setting.key), to_utf8(place), std::move(live)});
  }
}

class RegistryStore final : public SettingStore {
 public:
  Result<LiveValue> read(const Setting& setting) override {
    const auto key = RegistryKey::open(kParameters, RegistryKey::Access::read);
    if (!key && is_missing(key.error())) return fail(ErrorCode::unsupported, no_key());
    if (!key) return failed_value(key.error());
    LiveValue live = value_in(*key, setting);
    live.read_only = setting.writable && denies_administrators();
    return live;
  }

  std::vector<StrayValue> strays() override {
    const std::wstring interfaces = L"Interfaces";
    std::vector<StrayValue> strays;
    add_strays(interfaces, strays);
    const auto key = open_below(interfaces, RegistryKey::Access::list);
    if (!key) return strays;
    for (const std::wstring& name : key->subkeys()) add_strays(interfaces + L'\\' + name, strays);
    return strays;
  }

  // Opening asks for the access control list, policy and elevation at once.
  Result<void> check_writable(const Setting& setting) override {
    TRY_VOID(open_to_write(setting));
    return {};
  }

  Result<void> write(const Setting& setting, const std::optional<Value>& value) override {
    const std::optional<RegistryBytes> bytes = value ? to_registry(*value) : std::nullopt;
    if (value && !bytes)
      return fail(ErrorCode::bug, fmt::format("{} = {}: no value of the registry", setting.key, escape(*value)));
    TRY(const RegistryKey key, open_to_write(setting));
    const std::wstring name = to_wide(setting.key);
    OrCode<void> done = bytes ? key.write(name, *bytes) : key.remove(name);
    if (done) return {};
    return fail(ErrorCode::failed, fmt::format("{} {}: {}", setting.key, value ? "= " + escape(*value) : "deleted",
                                               system_says(done.error())));
  }

  // RegFlushKey wants a key that was opened to be read (KEY_QUERY_VALUE), says its page of Microsoft's; Wine asks for
  // nothing.
  Result<void> sync() override {
    const auto key = RegistryKey::open(kParameters, RegistryKey::Access::read);
    const OrCode<void> done = key ? key->flush() : tl::unexpected<SystemCode>(key.error());
    if (done) return {};
    return fail(ErrorCode::failed, "the registry cannot be flushed: " + system_says(done.error()));
  }

 private:
  static std::string no_key() {
    return fmt::format("the registry has no key HKLM\\{}: this Windows has no TCP/IP to tune", to_utf8(kParameters));
  }

  // Without elevation a denial says nothing of what apply may do: it needs elevation anyway.
  static bool denies_administrators() {
    if (!is_elevated()) return false;
    const auto key = RegistryKey::open(kParameters, RegistryKey::Access::write);
    return !key && is_denied(key.error());
  }

  static Result<RegistryKey> open_to_write(const Setting& setting) {
    auto key = RegistryKey::open(kParameters, RegistryKey::Access::write);
    if (key) return *std::move(key);
    if (is_missing(key.error())) return fail(ErrorCode::unsupported, no_key());
    return fail(ErrorCode::denied, fmt::format("{} cannot be written: {}", setting.key, system_says(key.error())),
                std::string(is_elevated() ? kForbidden : kElevatedPrompt));
  }
};

}  // namespace

std::unique_ptr<SettingStore> make_registry_store() { return std::make_unique<RegistryStore>(); }

}  // namespace twctl
