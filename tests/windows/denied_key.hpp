// Takes rights to the key of the settings away from everybody, for as long as it lives.
#pragma once

#include <aclapi.h>

#include "windows/raw_registry.hpp"

namespace twctl::test {

class DeniedKey {
 public:
  explicit DeniedKey(DWORD rights) : key_(READ_CONTROL | WRITE_DAC) {
    ::GetSecurityInfo(key_.get(), SE_REGISTRY_KEY, DACL_SECURITY_INFORMATION, nullptr, nullptr, &before_, nullptr,
                      &descriptor_);
    EXPLICIT_ACCESSW denial{};
    denial.grfAccessPermissions = rights;
    denial.grfAccessMode = DENY_ACCESS;
    denial.Trustee.TrusteeForm = TRUSTEE_IS_NAME;
    denial.Trustee.ptstrName = name_;
    ACL* with_denial = nullptr;
    ::SetEntriesInAclW(1, &denial, before_, &with_denial);
    set(with_denial);
    ::LocalFree(with_denial);
  }
  ~DeniedKey() {
    set(before_);
    ::LocalFree(descriptor_);
  }
  DeniedKey(const DeniedKey&) = delete;
  DeniedKey& operator=(const DeniedKey&) = delete;

 private:
  void set(ACL* list) {
    ::SetSecurityInfo(key_.get(), SE_REGISTRY_KEY, DACL_SECURITY_INFORMATION, nullptr, nullptr, list, nullptr);
  }

  RawKey key_;
  ACL* before_ = nullptr;
  PSECURITY_DESCRIPTOR descriptor_ = nullptr;
  wchar_t name_[9] = L"Everyone";
};

}  // namespace twctl::test
