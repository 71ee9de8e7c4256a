#include "report/profile_as.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "catalog/pod_keys.hpp"

namespace twctl {
namespace {

struct Line {
  std::string key;
  std::string value;
  bool optional = false;
};

struct Content {
  std::string name;     // of the profile, as part of a file's name
  std::string summary;  // printable
  std::vector<Line> lines;
  std::vector<std::string> comments;
};

struct Target {
  std::string_view name;
  Os os = Os::linux_kernel;
  bool container = false;
  std::string_view comment = "# ";  // how a comment begins
  std::string (*text)(const Content& content);
};

// Both loaders take a '-' before a key: what the kernel does not have, or refuses, is then no error.
std::string sysctl_lines(const Content& content, std::string_view indent) {
  std::string text;
  for (const Line& line : content.lines) {
    text += fmt::format("{}{}{} = {}\n", indent, line.optional ? "-" : "", line.key, line.value);
  }
  return text;
}

std::string tuned_text(const Content& content) {
  std::string text = fmt::format("[main]\nsummary={}\n\n[sysctl]\n", content.summary);
  for (const Line& line : content.lines) text += fmt::format("{}={}\n", line.key, line.value);
  return text;
}

std::string ansible_text(const Content& content) {
  std::string text;
  for (const Line& line : content.lines) {
    text += fmt::format(
        "- name: {0}\n  ansible.posix.sysctl:\n    name: {0}\n    value: \"{1}\"\n"
        "    sysctl_file: /etc/sysctl.d/60-{2}.conf\n",
        line.key, line.value, content.name);
  }
  return text;
}

std::string cloud_init_text(const Content& content) {
  const std::string path = fmt::format("/etc/sysctl.d/60-{}.conf", content.name);
  return fmt::format("write_files:\n  - path: {0}\n    content: |\n{1}runcmd:\n  - [sysctl, -p, {0}]\n", path,
                     sysctl_lines(content, "      "));
}

std::string nixos_text(const Content& content) {
  std::string text = "{\n  boot.kernel.sysctl = {\n";
  for (const Line& line : content.lines) text += fmt::format("    \"{}\" = \"{}\";\n", line.key, line.value);
  return text + "  };\n}\n";
}

std::string docker_text(const Content& content) {
  std::string text = "docker run";
  for (const Line& line : content.lines) {
    text += fmt::format(" \\\n  --sysctl {}", shell_word(fmt::format("{}={}", line.key, line.value)));
  }
  return text + " \\\n  IMAGE\n";
}

std::string compose_text(const Content& content) {
  std::string text = "services:\n  app:\n    sysctls:\n";
  for (const Line& line : content.lines) text += fmt::format("      {}: \"{}\"\n", line.key, line.value);
  return text;
}

std::string kubernetes_text(const Content& content) {
  std::string text = "spec:\n  securityContext:\n    sysctls:\n";
  for (const Line& line : content.lines) {
    text += fmt::format("      - name: {}\n        value: \"{}\"\n", line.key, line.value);
  }
  return text;
}

std::string reg_text(const Content& content) {
  std::string text = "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\n";
  for (const Line& line : content.lines) {
    text += fmt::format("\"{}\"=dword:{:08x}\n", line.key, parse_decimal(line.value).value_or(0));
  }
  return text;
}

std::string powershell_text(const Content& content) {
  std::string text = "$parameters = 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters'\n";
  for (const Line& line : content.lines) {
    text += fmt::format("Set-ItemProperty -Path $parameters -Name {} -Type DWord -Value {}\n", line.key, line.value);
  }
  return text;
}

constexpr std::array kTargets{
    Target{.name = "sysctl.d", .text = [](const Content& content) { return sysctl_lines(content, ""); }},
    Target{.name = "tuned", .text = tuned_text},
    Target{.name = "ansible", .text = ansible_text},
    Target{.name = "cloud-init", .text = cloud_init_text},
    Target{.name = "nixos", .text = nixos_text},
    Target{.name = "docker", .container = true, .text = docker_text},
    Target{.name = "compose", .container = true, .text = compose_text},
    Target{.name = "kubernetes", .container = true, .text = kubernetes_text},
    Target{.name = "reg", .os = Os::windows, .comment = "; ", .text = reg_text},
    Target{.name = "powershell", .os = Os::windows, .text = powershell_text},
};

// Why the target cannot hold it; "" if it can.
std::string obstacle(const Entry& entry, const Target& target) {
  if (entry.setting->removed != KernelVersion{}) return "gone since Linux " + to_text(entry.setting->removed);
  if (entry.wanted.op == Operator::unset) return "a value can be set here, and not be unset";
  if (target.container && entry.setting->reach != Reach::per_namespace)
    return "one for the whole host, not a container's";
  return "";
}

// What becomes of it that the profile does not say: of a bound, and of a pod's setting that the kubelet has to allow.
// https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
std::vector<std::string> remarks(const Entry& entry, const Target& target) {
  std::vector<std::string> all;
  const std::string_view key = entry.setting->key;
  if (entry.wanted.op != Operator::exactly) {
    all.push_back(fmt::format("{}: wanted is {}; this sets it whatever it was", key, to_text(entry.wanted)));
  }
  if (target.container && entry.setting->per_namespace_since != KernelVersion{}) {
    all.push_back(
        fmt::format("{}: a container's own since Linux {}", key, to_text(entry.setting->per_namespace_since)));
  }
  if (target.name == "kubernetes" && !is_safe_in_pods(key)) {
    all.push_back(fmt::format("{0}: the kubelet has to allow it: --allowed-unsafe-sysctls={0}", key));
  }
  return all;
}

Error cannot_hold(const Profile& profile, const Entry& entry, const Target& target, const std::string& why) {
  return {
      .code = ErrorCode::invalid,
      .message = fmt::format("{}: {} cannot hold {}: {}", escape(profile.name), target.name, entry.setting->key, why),
      .hint = "a leading '-' in the profile leaves it out where it cannot be had"};
}

// "busy-client" of a path, too.
std::string file_name(const Profile& profile) {
  const std::string_view path = profile.name;
  const std::string_view file = path.substr(path.rfind('/') + 1);
  std::string name;
  for (const char c : file.substr(0, file.find('.'))) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain || c == '_' ? c : '-';
  }
  return name.empty() ? "twctl" : name;
}

}  // namespace

Result<std::string> profile_as(const Profile& profile, std::string_view target_name) {
  const Target& target =
      *std::find_if(kTargets.begin(), kTargets.end(), [&](const Target& one) { return one.name == target_name; });
  Content content{.name = file_name(profile), .summary = escape(profile.summary), .lines = {}, .comments = {}};
  for (const Entry& entry : profile.entries) {
    if (entry.setting->os != target.os) continue;
    const std::string why = obstacle(entry, target);
    if (!why.empty() && !entry.optional) return fail(cannot_hold(profile, entry, target, why));
    if (!why.empty()) {
      content.comments.push_back(fmt::format("{}: left out: {}", entry.setting->key, why));
      continue;
    }
    for (std::string& remark : remarks(entry, target)) content.comments.push_back(std::move(remark));
    const std::optional<Value> value = value_to_write(*entry.setting, entry.wanted, std::nullopt);
    content.lines.push_back(
        {.key = std::string(entry.setting->key), .value = value.value_or(""), .optional = entry.optional});
  }
  if (content.lines.empty()) {
    return fail(ErrorCode::invalid, fmt::format("{}: nothing in it for {}", escape(profile.name), target.name));
  }
  // Some readers know the kind of a file by its first line.
  std::string text = target.name == "cloud-init" ? "#cloud-config\n" : "";
  if (target.name == "reg") text = "Windows Registry Editor Version 5.00\n";
  text += fmt::format("{}{}{}{}\n", target.comment, content.name, content.summary.empty() ? "" : ": ", content.summary);
  for (const std::string& comment : content.comments) text += fmt::format("{}{}\n", target.comment, comment);
  return text + target.text(content);
}

}  // namespace twctl
