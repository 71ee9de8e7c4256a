#include "rules/audit_context.hpp"

namespace twctl {

AuditContext::AuditContext(HostFacts facts) {
  image_.host = std::move(facts);
  image_.host.live = false;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    if (!setting.module.empty()) image_.boot_modules.emplace_back(setting.module);
  }
}

std::optional<Unavailable> AuditContext::why_unavailable(const Setting& setting) const {
  return twctl::why_unavailable(setting, image_);
}

std::optional<Value> AuditContext::default_of(const Setting& setting) const {
  return kernel_default(setting, image_.host);
}

}  // namespace twctl
