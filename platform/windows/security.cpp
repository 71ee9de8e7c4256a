#include "platform/windows/security.hpp"

#include <aclapi.h>
#include <fmt/format.h>
#include <sddl.h>
#include <windows.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/escape.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

// NT SERVICE\TrustedInstaller, who owns what Windows was installed with.
constexpr const wchar_t* kInstaller = L"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";

std::string text_of(PSID sid) {
  wchar_t* text = nullptr;
  if (::ConvertSidToStringSidW(sid, &text) == 0) return {};
  const LocalMemory frees_itself(text);
  return to_utf8(text);
}

// "BUILTIN\Users"; the number where the system knows no name. Raw.
std::string account_of(PSID sid) {
  std::array<wchar_t, 257> name{};
  std::array<wchar_t, 257> domain{};
  auto name_length = static_cast<DWORD>(name.size());
  auto domain_length = static_cast<DWORD>(domain.size());
  SID_NAME_USE use{};
  if (::LookupAccountSidW(nullptr, sid, name.data(), &name_length, domain.data(), &domain_length, &use) == 0) {
    return text_of(sid);
  }
  const std::string account = to_utf8(name.data());
  const std::string authority = to_utf8(domain.data());
  return authority.empty() ? account : authority + "\\" + account;
}

// A TOKEN_USER; empty where the system does not tell.
std::vector<std::byte> find_our_user() {
  HANDLE opened = nullptr;
  if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &opened) == 0) return {};
  const Handle token(opened);
  std::vector<std::byte> user(512);
  auto length = static_cast<DWORD>(user.size());
  if (::GetTokenInformation(token.get(), TokenUser, user.data(), length, &length) == 0) return {};
  return user;
}

// Null where the system does not tell.
PSID our_sid() {
  static const std::vector<std::byte> user = find_our_user();
  return user.empty() ? nullptr : reinterpret_cast<const TOKEN_USER*>(user.data())->User.Sid;
}

bool is_ours(PSID sid) { return our_sid() != nullptr && ::EqualSid(sid, our_sid()) != 0; }

// "Creator owner" stands for the owner, who is looked at by itself.
bool is_trusted(PSID sid, Ourselves ourselves) {
  constexpr std::array kTrusted{WinLocalSystemSid, WinBuiltinAdministratorsSid, WinCreatorOwnerSid,
                                WinCreatorOwnerRightsSid};
  const bool well_known =
      std::any_of(kTrusted.begin(), kTrusted.end(), [&](auto kind) { return ::IsWellKnownSid(sid, kind) != 0; });
  return well_known || (ourselves == Ourselves::trusted && is_ours(sid)) || text_of(sid) == to_utf8(kInstaller);
}

// Denials and audits give nobody anything. An entry that only what is made inside inherits says nothing of the folder
// itself.
bool gives_nothing(const ACE_HEADER& header) {
  constexpr std::array<BYTE, 12> kNoGifts{ACCESS_DENIED_ACE_TYPE,          ACCESS_DENIED_OBJECT_ACE_TYPE,
                                          ACCESS_DENIED_CALLBACK_ACE_TYPE, ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE,
                                          SYSTEM_AUDIT_ACE_TYPE,           SYSTEM_AUDIT_OBJECT_ACE_TYPE,
                                          SYSTEM_AUDIT_CALLBACK_ACE_TYPE,  SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE,
                                          SYSTEM_ALARM_ACE_TYPE,           SYSTEM_ALARM_OBJECT_ACE_TYPE,
                                          SYSTEM_ALARM_CALLBACK_ACE_TYPE,  SYSTEM_ALARM_CALLBACK_OBJECT_ACE_TYPE};
  return (header.AceFlags & INHERIT_ONLY_ACE) != 0 ||
         std::find(kNoGifts.begin(), kNoGifts.end(), header.AceType) != kNoGifts.end();
}

// What gives under a condition is laid out the same way, and the condition may hold.
bool names_who(const ACE_HEADER& header) {
  return header.AceType == ACCESS_ALLOWED_ACE_TYPE || header.AceType == ACCESS_ALLOWED_CALLBACK_ACE_TYPE;
}

DWORD mask_of(Rights rights) {
  constexpr DWORD kAlways = DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL | GENERIC_WRITE;
  if (rights == Rights::change_file) return kAlways | FILE_WRITE_DATA | FILE_APPEND_DATA;
  return kAlways | (rights == Rights::replace_inside ? FILE_DELETE_CHILD : FILE_ALL_ACCESS);
}

std::string fault_of(void* entry, DWORD rights, Ourselves ourselves) {
  auto& allowed = *static_cast<ACCESS_ALLOWED_ACE*>(entry);
  if (gives_nothing(allowed.Header)) return {};
  if (!names_who(allowed.Header)) {
    return fmt::format("has an entry of an unknown kind, {}, in its access control list", allowed.Header.AceType);
  }
  PSID sid = &allowed.SidStart;
  if ((allowed.Mask & rights) == 0 || is_trusted(sid, ourselves)) return {};
  return "is writable by " + escape(account_of(sid));
}

}  // namespace

bool is_elevated() {
  HANDLE opened = nullptr;
  if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &opened) == 0) return false;
  const Handle token(opened);
  TOKEN_ELEVATION elevation{};
  DWORD length = 0;
  return ::GetTokenInformation(token.get(), TokenElevation, &elevation, sizeof elevation, &length) != 0 &&
         elevation.TokenIsElevated != 0;
}

std::string our_account() { return our_sid() == nullptr ? std::string() : account_of(our_sid()); }

std::string foreign_writer(void* list, Rights rights, Ourselves ourselves) {
  auto* entries = static_cast<ACL*>(list);
  for (DWORD i = 0; i < entries->AceCount; ++i) {
    void* entry = nullptr;
    if (::GetAce(entries, i, &entry) == 0) return "has an access control list that cannot be read";
    if (std::string fault = fault_of(entry, mask_of(rights), ourselves); !fault.empty()) return fault;
  }
  return {};
}

OrCode<std::string> foreign_hands(void* object, Rights rights, Ourselves ourselves) {
  PSID owner = nullptr;
  ACL* list = nullptr;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  constexpr SECURITY_INFORMATION kAsked = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
  const DWORD status = ::GetSecurityInfo(object, SE_FILE_OBJECT, kAsked, &owner, nullptr, &list, nullptr, &descriptor);
  if (status != ERROR_SUCCESS) return tl::unexpected<SystemCode>(status);
  const LocalMemory frees_itself(descriptor);
  if (owner == nullptr || !is_trusted(owner, ourselves)) {
    return "is owned by " + (owner == nullptr ? std::string("nobody") : escape(account_of(owner)));
  }
  if (list == nullptr) return std::string("is writable by everybody");
  return foreign_writer(list, rights, ourselves);
}

}  // namespace twctl
