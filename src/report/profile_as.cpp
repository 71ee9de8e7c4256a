#include "report/profile_as.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/crc32.hpp"
#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "catalog/pod_keys.hpp"
#include "formats/reg.hpp"
#include "sysctl/boot.hpp"

namespace twctl {
namespace {

struct Line {
  std::string key;
  std::optional<std::string> value;  // nullopt: it is unset, which only Windows can
  bool optional = false;
};

std::string value_of(const Line& line) { return line.value.value_or(""); }
std::int64_t number_of(const Line& line) { return parse_decimal(value_of(line)).value_or(0); }

struct Content {
  std::string name;     // of the profile, as part of a file's name
  std::string summary;  // printable; "" for none
  std::vector<Line> lines;
  std::vector<std::string> comments;
};

std::string hash_comment(std::string text) { return fmt::format("# {}\n", text); }
std::string semicolon_comment(std::string text) { return fmt::format("; {}\n", text); }

// Two dashes would end it.
std::string xml_comment(std::string text) {
  for (std::size_t at = 0; (at = text.find("--", at)) != std::string::npos;) text.replace(at, 2, "- -");
  return fmt::format("<!-- {} -->\n", text);
}

struct Target {
  std::string_view name;
  Os os = Os::linux_kernel;
  bool container = false;
  bool dashes = false;          // it has a word for what may be missing: what sysctl.d's loaders read has
  std::string_view first = "";  // line: some readers know the kind of a file by it
  std::string (*comment)(std::string text) = hash_comment;
  std::string (*text)(const Content& content);
};

// Both loaders take a '-' before a key: what the kernel does not have, or refuses, is then no error.
std::string sysctl_lines(const Content& content, std::string_view indent) {
  std::string text;
  for (const Line& line : content.lines) {
    text += fmt::format("{}{}{} = {}\n", indent, line.optional ? "-" : "", line.key, value_of(line));
  }
  return text;
}

std::string tuned_text(const Content& content) {
  std::string text = fmt::format("[main]\nsummary={}\n\n[sysctl]\n", content.summary);
  for (const Line& line : content.lines) text += fmt::format("{}={}\n", line.key, value_of(line));
  return text;
}

std::string ansible_text(const Content& content) {
  std::string text;
  for (const Line& line : content.lines) {
    text += fmt::format(
        "- name: {0}\n  ansible.posix.sysctl:\n    name: {0}\n    value: \"{1}\"\n"
        "    sysctl_file: /etc/sysctl.d/60-{2}.conf\n",
        line.key, value_of(line), content.name);
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
  for (const Line& line : content.lines) text += fmt::format("    \"{}\" = \"{}\";\n", line.key, value_of(line));
  return text + "  };\n}\n";
}

std::string docker_text(const Content& content) {
  std::string text = "docker run";
  for (const Line& line : content.lines) {
    text += fmt::format(" \\\n  --sysctl {}", shell_word(fmt::format("{}={}", line.key, value_of(line))));
  }
  return text + " \\\n  IMAGE\n";
}

std::string compose_text(const Content& content) {
  std::string text = "services:\n  app:\n    sysctls:\n";
  for (const Line& line : content.lines) text += fmt::format("      {}: \"{}\"\n", line.key, value_of(line));
  return text;
}

std::string kubernetes_text(const Content& content) {
  std::string text = "spec:\n  securityContext:\n    sysctls:\n";
  for (const Line& line : content.lines) {
    text += fmt::format("      - name: {}\n        value: \"{}\"\n", line.key, value_of(line));
  }
  return text;
}

// The values are the pods' own: this is what lets them say so.
std::string kubelet_text(const Content& content) {
  std::string text = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nallowedUnsafeSysctls:\n";
  for (const Line& line : content.lines) text += fmt::format("  - {}\n", line.key);
  return text;
}

std::string reg_text(const Content& content) {
  std::string text = "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\n";
  for (const Line& line : content.lines) {
    text += fmt::format("\"{}\"={}\n", line.key, line.value ? fmt::format("dword:{:08x}", number_of(line)) : "-");
  }
  return text;
}

// An item of Group Policy Preferences has a number of its own, by which the editor tells it from others; the same key,
// the same.
std::string item_number(std::string_view key) {
  const auto part = [&](char salt) { return crc32(std::string(key) + salt); };
  return fmt::format("{:08X}-{:04X}-4{:03X}-8{:03X}-{:08X}{:04X}", part('a'), part('b') >> 16, part('b') & 0xfff,
                     part('c') & 0xfff, part('d'), part('c') >> 16);
}

// Machine/Preferences/Registry/Registry.xml of a policy, [MS-GPPREF]. Action U: set it, and make it where there is
// none; D: delete it.
std::string gpo_text(const Content& content) {
  std::string text = "<RegistrySettings clsid='{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}'>\n";
  for (const Line& line : content.lines) {
    text += fmt::format(
        "  <Registry clsid='{{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}}' name='{0}' status='{0}' image='12' "
        "uid='{{{1}}}'>\n"
        "    <Properties action='{2}' displayDecimal='1' default='0' hive='HKEY_LOCAL_MACHINE'"
        " key='SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters' name='{0}'{3}/>\n"
        "  </Registry>\n",
        line.key, item_number(line.key), line.value ? 'U' : 'D',
        line.value ? fmt::format(" type='REG_DWORD' value='{:08X}'", number_of(line)) : "");
  }
  return text + "</RegistrySettings>\n";
}

std::string powershell_text(const Content& content) {
  std::string text = "$parameters = 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters'\n";
  for (const Line& line : content.lines) {
    text += line.value ? fmt::format("Set-ItemProperty -Path $parameters -Name {} -Type DWord -Value {}\n", line.key,
                                     *line.value)
                       : fmt::format("Remove-ItemProperty -Path $parameters -Name {} -ErrorAction Ignore\n", line.key);
  }
  return text;
}

constexpr std::array kTargets{
    Target{
        .name = "sysctl.d", .dashes = true, .text = [](const Content& content) { return sysctl_lines(content, ""); }},
    Target{.name = "tuned", .text = tuned_text},
    Target{.name = "ansible", .text = ansible_text},
    Target{.name = "cloud-init", .dashes = true, .first = "#cloud-config", .text = cloud_init_text},
    Target{.name = "nixos", .text = nixos_text},
    Target{.name = "docker", .container = true, .text = docker_text},
    Target{.name = "compose", .container = true, .text = compose_text},
    Target{.name = "kubernetes", .container = true, .text = kubernetes_text},
    Target{.name = "kubelet", .container = true, .text = kubelet_text},
    Target{.name = "reg", .os = Os::windows, .first = kRegistryHeader, .comment = semicolon_comment, .text = reg_text},
    Target{.name = "powershell", .os = Os::windows, .text = powershell_text},
    Target{.name = "gpo",
           .os = Os::windows,
           .first = "<?xml version='1.0' encoding='utf-8'?>",
           .comment = xml_comment,
           .text = gpo_text},
};

// Why the target cannot hold it; "" if it can.
std::string obstacle(const Entry& entry, const Target& target) {
  if (entry.setting->removed != KernelVersion{}) return "gone since Linux " + to_text(entry.setting->removed);
  if (entry.wanted.op == Operator::unset && target.os != Os::windows)
    return "a value can be set here, and not be unset";
  if (target.container && entry.setting->reach != Reach::per_namespace)
    return "one for the whole host, not a container's";
  return "";
}

// A wish, and what the plan for one host makes of it.
struct Wish {
  const Entry* entry;
  const PlannedSetting* planned = nullptr;  // nullptr: it is of no host's plan
};

std::string who_allows(std::string_view key) {
  const SafePodKey* safe = find_safe_in_pods(key);
  if (safe == nullptr)
    return fmt::format("the kubelet has to allow it: --allowed-unsafe-sysctls={} (--as kubelet)", key);
  return safe->since.empty()
             ? "a pod may set it"
             : fmt::format("a pod may set it since Kubernetes {}; before, the kubelet has to allow it", safe->since);
}

// What becomes of it that the profile does not say: of a bound, of a leading '-', and of a pod's setting.
std::vector<std::string> remarks(const Wish& wish, const std::string& value, const Target& target) {
  std::vector<std::string> all;
  const Setting& setting = *wish.entry->setting;
  const Wanted& wanted = wish.entry->wanted;
  if (wanted.op != Operator::exactly && wanted.op != Operator::unset && target.name != "kubelet") {
    all.push_back(wish.planned == nullptr
                      ? fmt::format("{}: wanted is {}; this sets it whatever it was", setting.key, to_text(wanted))
                      : fmt::format("{}: wanted is {}; on that host this is {}", setting.key, to_text(wanted), value));
  }
  if (target.container && setting.per_namespace_since != KernelVersion{}) {
    all.push_back(
        fmt::format("{}: a container's own since Linux {}", setting.key, to_text(setting.per_namespace_since)));
  }
  if (target.name == "kubernetes") all.push_back(fmt::format("{}: {}", setting.key, who_allows(setting.key)));
  if (wish.entry->optional && wish.planned == nullptr && !target.dashes && target.os == Os::linux_kernel) {
    all.push_back(
        fmt::format("{}: optional in the profile, which {} cannot say: where the kernel lacks it, that is an error",
                    setting.key, target.name));
  }
  return all;
}

// "busy-client" of a path, too.
std::string plain_name(std::string_view path) {
  const std::string_view file = file_name(path);
  std::string name;
  for (const char c : file.substr(0, file.find('.'))) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain || c == '_' ? c : '-';
  }
  return name.empty() ? "twctl" : name;
}

const Target& target_called(std::string_view name) {
  return *std::find_if(kTargets.begin(), kTargets.end(), [&](const Target& one) { return one.name == name; });
}

// Adds its line, or why there is none. Error: invalid, where the target cannot hold what is not optional.
Result<void> add(Content& content, const Wish& wish, const Target& target, const std::string& whose) {
  const Entry& entry = *wish.entry;
  const bool optional = entry.optional || (wish.planned != nullptr && wish.planned->skipped);
  if (entry.setting->os != target.os) return {};
  const std::string why = obstacle(entry, target);
  if (!why.empty() && !optional) {
    return fail(ErrorCode::invalid,
                fmt::format("{}: {} cannot hold {}: {}", whose, target.name, entry.setting->key, why),
                "a leading '-' in the profile leaves it out where it cannot be had");
  }
  if (!why.empty() || (wish.planned != nullptr && wish.planned->skipped)) {
    content.comments.push_back(
        fmt::format("{}: left out: {}", entry.setting->key, why.empty() ? "not on that host" : why));
    return {};
  }
  if (const SafePodKey* safe = find_safe_in_pods(entry.setting->key); target.name == "kubelet" && safe != nullptr) {
    content.comments.push_back(fmt::format("{}: {}", entry.setting->key, who_allows(entry.setting->key)));
    return {};
  }
  const std::optional<Value> value =
      wish.planned != nullptr ? wish.planned->desired : value_to_write(*entry.setting, entry.wanted, std::nullopt);
  for (std::string& remark : remarks(wish, value.value_or(""), target)) content.comments.push_back(std::move(remark));
  content.lines.push_back({.key = std::string(entry.setting->key), .value = value, .optional = entry.optional});
  return {};
}

Result<std::string> written(const Content& content, const Target& target, const std::string& whose) {
  if (content.lines.empty()) {
    return fail(ErrorCode::invalid, fmt::format("{}: nothing in it for {}{}{}", whose, target.name,
                                                content.comments.empty() ? "" : ": ", join(content.comments, "; ")));
  }
  std::string text(target.first);
  if (!text.empty()) text += '\n';
  text += target.comment(content.name + (content.summary.empty() ? "" : ": ") + content.summary);
  for (const std::string& comment : content.comments) text += target.comment(comment);
  return text + target.text(content);
}

}  // namespace

Os system_of(std::string_view target) { return target_called(target).os; }

Result<std::string> profile_as(const Profile& profile, std::string_view target_name) {
  const Target& target = target_called(target_name);
  Content content{.name = plain_name(profile.name), .summary = escape(profile.summary), .lines = {}, .comments = {}};
  for (const Entry& entry : profile.entries) TRY_VOID(add(content, {&entry}, target, escape(profile.name)));
  return written(content, target, escape(profile.name));
}

Result<std::string> plan_as(const Plan& plan, std::string_view target_name) {
  const Target& target = target_called(target_name);
  std::vector<std::string> names;
  for (const std::string& profile : plan.profiles) names.push_back(plain_name(profile));
  Content content{.name = names.empty() ? "twctl" : join(names, "-"),
                  .summary = plan.host.hostname.empty() ? "" : "planned for " + escape(plan.host.hostname),
                  .lines = {},
                  .comments = {}};
  for (const PlannedSetting& planned : plan.settings) {
    TRY_VOID(add(content, {&planned.entry, &planned}, target, "plan"));
  }
  for (const Finding& hazard : plan.hazards) {
    if (!hazard.blocks()) continue;
    content.comments.push_back(
        fmt::format("{}{}apply would refuse this: {}", hazard.key, hazard.key.empty() ? "" : ": ", hazard.row->id));
  }
  return written(content, target, "plan");
}

}  // namespace twctl
