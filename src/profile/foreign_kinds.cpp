// What files are that twctl does not read: by their first bytes, by the marks of their lines, by what most lines are.
#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "formats/text_lines.hpp"
#include "profile/file_kind.hpp"

namespace twctl {
namespace {

struct Mark {
  std::string_view text;
  std::string_view name;
};

constexpr auto kEndings = std::to_array<Mark>({
    {".yml", "YAML"},
    {".yaml", "YAML"},
    {".sls", "YAML"},
    {".json", "JSON"},
    {".sh", "a shell script"},
    {".bash", "a shell script"},
    {".py", "a Python script"},
    {".pl", "a Perl script"},
    {".rb", "Ruby (Chef and its like)"},
    {".xml", "XML"},
    {".toml", "TOML"},
    {".html", "HTML"},
    {".md", "Markdown"},
    {".markdown", "Markdown"},
    {".rst", "reStructuredText"},
    {".sql", "SQL"},
    {".tf", "Terraform"},
    {".hcl", "HCL"},
    {".nix", "Nix"},
    {".pp", "Puppet"},
    {".bat", "a batch file"},
    {".cmd", "a batch file"},
    {".ps1", "PowerShell"},
    {".service", "a systemd unit"},
    {".timer", "a systemd unit"},
    {".c", "C source"},
    {".h", "C source"},
    {".go", "Go source"},
    {".js", "JavaScript"},
    {".lua", "Lua"},
    {".properties", "Java properties"},
    {".php", "PHP"},
    {".csv", "CSV"},
    {".diff", "a diff"},
    {".patch", "a diff"},
    {".spec", "an RPM spec file"},
    {".ks", "a kickstart file"},
    {".eml", "a saved mail"},
    {"dockerfile", "a Dockerfile"},
    {"makefile", "a makefile"},
});

// A line that begins so is enough.
constexpr auto kLineMarks = std::to_array<Mark>({
    {"```", "Markdown"},
    {"resource \"", "Terraform"},
    {"variable \"", "Terraform"},
    {"provider \"", "Terraform"},
    {"module \"", "Terraform"},
    {"apiVersion:", "YAML"},
    {"- name:", "YAML"},
    {"- hosts:", "YAML"},
    {"[Unit]", "a systemd unit"},
    {"[Service]", "a systemd unit"},
    {"[Install]", "a systemd unit"},
    {"boot.kernel.sysctl", "Nix"},
    {"default['", "Ruby (Chef and its like)"},
    {"default[\"", "Ruby (Chef and its like)"},
    {"node.default[", "Ruby (Chef and its like)"},
    {"node.override[", "Ruby (Chef and its like)"},
    {"sysctl_param '", "Ruby (Chef and its like)"},
    {"sysctl { '", "Puppet"},
    {"sysctl { \"", "Puppet"},
    {"sysctl {'", "Puppet"},
    {"sysctl::", "Puppet"},
    {"@echo off", "a batch file"},
    {"reg add ", "a batch file"},
    {"reg.exe add ", "a batch file"},
    {"Set-ItemProperty ", "PowerShell"},
    {"New-ItemProperty ", "PowerShell"},
    {"diff --git ", "a diff"},
    {"@@ -", "a diff"},
    {"#include <", "C source"},
    {"#include \"", "C source"},
    {"#cloud-config", "YAML"},
    {"%description", "an RPM spec file"},
    {"%prep", "an RPM spec file"},
    {"%packages", "a kickstart file"},
    {"%pre", "a kickstart file"},
    {"%post", "a kickstart file"},
    {"Received: from ", "a saved mail"},
    {"Return-Path: <", "a saved mail"},
    {"Message-ID: <", "a saved mail"},
    {"MIME-Version: 1", "a saved mail"},
});

constexpr auto kStarts = std::to_array<Mark>({
    {"<?xml", "XML"},
    {"<!DOCTYPE", "HTML"},
    {"<!doctype", "HTML"},
    {"<html", "HTML"},
    {"<?php", "PHP"},
    {"FROM ", "a Dockerfile"},
});

constexpr auto kMagic = std::to_array<Mark>({
    {"\x7F"
     "ELF",
     "a program (ELF)"},
    {"\x1F\x8B", "compressed (gzip)"},
    {"BZh", "compressed (bzip2)"},
    {"\xFD"
     "7zXZ",
     "compressed (xz)"},
    {"PK\x03\x04", "an archive (zip)"},
    {"\x89PNG", "a picture (PNG)"},
    {"%PDF-", "PDF"},
    {"MZ", "a program of Windows"},
});

constexpr auto kCommands = std::to_array<std::string_view>(
    {"sysctl", "echo", "for", "if",   "then",     "fi",       "else",   "do",   "done",
     "export", "cat",  "set", "sudo", "modprobe", "function", "case",   "esac", "exit",
     "return", "cd",   "cp",  "mv",   "rm",       "mkdir",    "ulimit", "tee",  "printf"});
constexpr auto kSql = std::to_array<std::string_view>(
    {"select", "insert", "update", "delete", "create", "drop", "alter", "set", "begin", "commit", "use", "grant"});
constexpr auto kDocker = std::to_array<std::string_view>(
    {"FROM", "RUN", "COPY", "ADD", "ENV", "ARG", "CMD", "ENTRYPOINT", "EXPOSE", "WORKDIR", "USER", "LABEL", "VOLUME"});
constexpr auto kPython = std::to_array<std::string_view>({"import", "from", "def", "class", "return", "print"});

std::string_view by_start(std::string_view text, const auto& marks) {
  const auto found = std::find_if(marks.begin(), marks.end(), [&](const Mark& m) { return text.starts_with(m.text); });
  return found == marks.end() ? std::string_view{} : found->name;
}

// `cat > FILE <<EOF`, `sudo tee FILE << 'EOF'`
bool begins_here_document(std::string_view line) {
  return line.find("<<") != std::string_view::npos &&
         (line.find("cat ") != std::string_view::npos || line.find("tee ") != std::string_view::npos);
}

std::string_view by_interpreter(std::string_view bytes) {
  if (!bytes.starts_with("#!")) return {};
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  const auto runs = [&](std::string_view what) { return line.find(what) != std::string_view::npos; };
  if (runs("sysctl")) return {};
  if (runs("python")) return "a Python script";
  if (runs("perl")) return "a Perl script";
  if (runs("ruby")) return "Ruby (Chef and its like)";
  return runs("sh") ? "a shell script" : "a script";
}

std::string_view by_ending(std::string_view path) {
  const std::string lower = to_lower(path);
  const auto found =
      std::find_if(kEndings.begin(), kEndings.end(), [&](const Mark& mark) { return lower.ends_with(mark.text); });
  return found == kEndings.end() ? std::string_view{} : found->name;
}

// "{" begins JSON where a name or the end follows, and Nix else.
std::string_view by_brackets(std::string_view text) {
  if (text.empty() || (text.front() != '{' && text.front() != '[')) return {};
  const std::string_view inside = trim(text.substr(1));
  const bool json = inside.empty() || inside.front() == '"' || inside.front() == text.front() + 2 ||
                    (text.front() == '[' && inside.front() == '{');
  if (json) return "JSON";
  return text.front() == '{' && text.find(';') != std::string_view::npos ? "Nix" : "";
}

// "name:" or "- name: value" with a blank or nothing behind the colon.
bool is_yaml(std::string_view line) {
  const std::size_t colon = line.find(": ");
  const bool named = colon != std::string_view::npos && line.substr(0, colon).find('=') == std::string_view::npos;
  return named || line.ends_with(':') || line.starts_with("- ") || line == "---";
}

bool is_address(std::string_view word) {
  const bool four = std::count(word.begin(), word.end(), '.') == 3;
  const bool six = std::count(word.begin(), word.end(), ':') > 1;
  return (four || six) && word.find_first_not_of("0123456789abcdefABCDEF.:%") == std::string_view::npos;
}

struct Counts {
  int all = 0;
  int commands = 0;
  int yaml = 0;
  int sql = 0;
  int docker = 0;
  int python = 0;
  int hosts = 0;
  int sections = 0;
  int options = 0;
  int toml = 0;
};

void count_line(Counts& counts, std::string_view line) {
  const std::string_view word = line.substr(0, std::min(line.find_first_of(" \t;("), line.size()));
  const std::size_t equals = line.find('=');
  ++counts.all;
  const bool command = is_one_of(word.starts_with('/') ? file_name(word) : word, kCommands);
  counts.commands += command ? 1 : 0;
  counts.yaml += !command && is_yaml(line) ? 1 : 0;
  counts.sql += line.ends_with(';') && is_one_of(to_lower(word), kSql) ? 1 : 0;
  counts.docker += is_one_of(word, kDocker) ? 1 : 0;
  counts.python += is_one_of(word, kPython) ? 1 : 0;
  counts.hosts += is_address(word) && words(line).size() > 1 ? 1 : 0;
  counts.sections += line.front() == '[' && line.back() == ']' ? 1 : 0;
  counts.options += equals != std::string_view::npos && equals > 0 ? 1 : 0;
  counts.toml += equals != std::string_view::npos && trim(line.substr(equals + 1)).starts_with('"') ? 1 : 0;
}

// What most lines are; one line alone says it only where nothing else can look so.
std::string_view by_most_lines(const Counts& counts) {
  const auto most = [&](int some) { return counts.all > 1 && 2 * some > counts.all; };
  if (most(counts.sql) || (counts.sql > 0 && counts.sql == counts.all)) return "SQL";
  if (most(counts.docker)) return "a Dockerfile";
  if (most(counts.hosts)) return "a hosts file";
  if (most(counts.commands)) return "a shell script";
  if (most(counts.yaml)) return "YAML";
  if (most(counts.python)) return "a Python script";
  if (counts.sections > 0 && most(counts.sections + counts.options)) {
    return counts.toml > 0 ? "TOML" : "an INI file of another program";
  }
  return {};
}

template <class Look>
void for_each_line(std::string_view bytes, Look look) {
  for (const std::string_view raw : split(without_bom(bytes.substr(0, kProfileLimit)), '\n')) {
    if (const std::string_view line = trim(raw); !line.empty()) look(line);
  }
}

// A class or a node of Puppet: `class kernel {`, `node 'web1' {`.
bool is_puppet_block(std::string_view line) {
  return line.ends_with('{') && (line.starts_with("class ") || line.starts_with("node "));
}

}  // namespace

std::string_view unmistakable_kind(std::string_view bytes) {
  std::string_view sure;
  bool first = true;
  for_each_line(bytes, [&](std::string_view line) {
    if (!sure.empty()) return;
    sure = by_start(line, kLineMarks);
    if (is_comment(line)) return;
    if (sure.empty() && first) sure = by_start(line, kStarts);
    if (sure.empty() && begins_here_document(line)) sure = "a shell script";
    if (sure.empty() && is_puppet_block(line)) sure = "Puppet";
    first = false;
  });
  return sure;
}

std::string_view foreign_kind(std::string_view path, std::string_view bytes) {
  if (const std::string_view sure = unmistakable_kind(bytes); !sure.empty()) return sure;
  if (const std::string_view named = by_ending(path); !named.empty()) return named;
  if (const std::string_view script = by_interpreter(bytes); !script.empty()) return script;
  const std::string_view text = trim(without_bom(bytes.substr(0, kProfileLimit)));
  if (const std::string_view bracketed = by_brackets(text); !bracketed.empty()) return bracketed;
  if (text.starts_with('<') && text.find("</") != std::string_view::npos) return "XML";
  Counts counts;
  for_each_line(bytes, [&](std::string_view line) {
    if (!is_comment(line)) count_line(counts, line);
  });
  return by_most_lines(counts);
}

std::string_view binary_kind(std::string_view bytes) {
  constexpr std::size_t kHead = 4096;
  const std::string_view head = bytes.substr(0, kHead);
  const auto control = [](char c) { return (c >= 0 && c < 0x20 && c != '\n' && c != '\t' && c != '\r'); };
  const auto odd = static_cast<std::size_t>(std::count_if(head.begin(), head.end(), control));
  if (odd == 0) return {};
  if (const std::string_view magic = by_start(head, kMagic); !magic.empty()) return magic;
  return odd * 8 > head.size() ? "a binary file" : "";
}

}  // namespace twctl
