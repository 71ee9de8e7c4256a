#include "platform/windows/security.hpp"

#include <aclapi.h>
#include <fmt/format.h>
#include <sddl.h>
#include <windows.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "base/escape.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

// NT SERVICE\TrustedInstaller, who owns what Windows was installed with.
constexpr const wchar_t* kInstaller = L"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";

struct Free {
  void operator()(void* memory) const { ::LocalFree(memory); }
};

std::string text_of(PSID sid) {
  wchar_t* text = nullptr;
  if (::ConvertSidToStringSidW(sid, &text) == 0) return {};
  const std::unique_ptr<wchar_t, Free> frees_itself(text);
  return to_utf8(text);
}

// "BUILTIN\Users"; the number where the system knows no name.
std::string name_of(PSID sid) {
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
  return escape(authority.empty() ? account : authority + "\\" + account);
}

std::vector<std::byte> our_user() {
  HANDLE opened = nullptr;
  if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &opened) == 0) return {};
  const Handle token(opened);
  std::vector<std::byte> user(512);
  auto length = static_cast<DWORD>(user.size());
  if (::GetTokenInformation(token.get(), TokenUser, user.data(), length, &length) == 0) return {};
  return user;
}

bool is_ours(PSID sid) {
  static const std::vector<std::byte> user = our_user();
  return !user.empty() && ::EqualSid(sid, reinterpret_cast<const TOKEN_USER*>(user.data())->User.Sid) != 0;
}

// "Creator owner" stands for whoever owns it, who is judged by himself.
bool is_trusted(PSID sid, Ourselves ourselves) {
  constexpr std::array kTrusted{WinLocalSystemSid, WinBuiltinAdministratorsSid, WinCreatorOwnerSid,
                                WinCreatorOwnerRightsSid};
  const bool well_known =
      std::any_of(kTrusted.begin(), kTrusted.end(), [&](auto kind) { return ::IsWellKnownSid(sid, kind) != 0; });
  return well_known || (ourselves == Ourselves::trusted && is_ours(sid)) || text_of(sid) == to_utf8(kInstaller);
}

// An entry that only what is made inside inherits says nothing of the folder itself.
bool concerns_itself(const ACE_HEADER& header) {
  return header.AceType == ACCESS_ALLOWED_ACE_TYPE && (header.AceFlags & INHERIT_ONLY_ACE) == 0;
}

std::string foreign_writer(ACL* list, DWORD rights, Ourselves ourselves) {
  for (DWORD i = 0; i < list->AceCount; ++i) {
    void* entry = nullptr;
    if (::GetAce(list, i, &entry) == 0) return "has an access control list that cannot be read";
    auto& allowed = *static_cast<ACCESS_ALLOWED_ACE*>(entry);
    if (!concerns_itself(allowed.Header) || (allowed.Mask & rights) == 0) continue;
    PSID sid = &allowed.SidStart;
    if (!is_trusted(sid, ourselves)) return "is writable by " + name_of(sid);
  }
  return {};
}

}  // namespace

OrCode<std::string> foreign_hands(void* object, unsigned long rights, Ourselves ourselves) {
  PSID owner = nullptr;
  ACL* list = nullptr;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  constexpr SECURITY_INFORMATION kAsked = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
  const DWORD status = ::GetSecurityInfo(object, SE_FILE_OBJECT, kAsked, &owner, nullptr, &list, nullptr, &descriptor);
  if (status != ERROR_SUCCESS) return tl::unexpected<SystemCode>(status);
  const std::unique_ptr<void, Free> frees_itself(descriptor);
  if (owner == nullptr || !is_trusted(owner, ourselves)) {
    return "is owned by " + (owner == nullptr ? std::string("nobody") : name_of(owner));
  }
  if (list == nullptr) return std::string("is writable by everybody");
  return foreign_writer(list, rights | GENERIC_ALL | GENERIC_WRITE, ourselves);
}

}  // namespace twctl
