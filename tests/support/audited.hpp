// A file's text -> what audit finds in it, in the words of a test.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/audit.hpp"

namespace twctl::test {

// Linux 6.1 on a host of its own.
[[nodiscard]] AuditContext context_of(std::string_view kernel = "6.1.0-30-amd64");
[[nodiscard]] AuditContext container_context();

// Fails the test where the file is refused. `path` decides on the kind as in the product.
[[nodiscard]] Audit audited(std::string_view text, const AuditContext& context = context_of(),
                            std::string_view path = "x.conf");

// "value-refused:1", one for each finding; ":0" is left out.
[[nodiscard]] std::vector<std::string> found_in(const Audit& audit);

// The evidence of the only finding of that id; "" for none.
[[nodiscard]] std::string evidence_of(const Audit& audit, std::string_view id);

// "net.ipv4.tcp_fin_timeout@1 17", "... -", and behind it " systemd 18" and " by 2".
[[nodiscard]] std::vector<std::string> lines_of(const Audit& audit);

}  // namespace twctl::test
