// What a file is, by its content: the kinds that twctl reads, and the right name of what it does not.
#include "profile/file_kind.hpp"

#include <doctest/doctest.h>

#include <string>

#include "profile/readers.hpp"
#include "report/error_text.hpp"
#include "support/audited.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

std::string kind(std::string_view text, std::string_view path = "x") {
  const FileKind found = file_kind(path, text);
  return (found.is_template ? "a template of " : "") + std::string(found.name);
}

}  // namespace

TEST_CASE("H26: UTF-16 without a byte order mark is no profile, and is called what it is") {
  const std::string_view line = "net.ipv4.tcp_fin_timeout = 30\n";
  for (const bool big_endian : {false, true}) {
    std::string bytes;
    for (const char c : line) bytes += big_endian ? std::string{'\0', c} : std::string{c, '\0'};
    const auto profile = read_profile_text("x.conf", bytes);
    REQUIRE(!profile);
    CHECK(profile.error().code == ErrorCode::invalid);
    CHECK(error_text(profile.error()).find("UTF-16") != std::string::npos);
  }
}

TEST_CASE("F1: a sysctl file may begin with the interpreter that reads it") {
  CHECK(kind("#!/usr/sbin/sysctl -p\n# tuning\nnet.ipv4.tcp_fin_timeout = 30\n") == "sysctl.conf style");
  CHECK(kind("#!/usr/sbin/sysctl -p\n") == "sysctl.conf style");
  CHECK(kind("# web\nsysctl -w net.ipv4.tcp_tw_reuse=1\nsysctl -w net.core.somaxconn=8192\n", "web.conf") ==
        "sysctl.conf style");
  CHECK(kind("sysctl -w net.ipv4.tcp_tw_reuse=1\nsysctl -w net.core.somaxconn=8192\n", "web") == "a shell script");
  CHECK(found_in(audited("#!/usr/sbin/sysctl -p\nnet.ipv4.tcp_timestamps = 0\n")) ==
        std::vector<std::string>{"timestamps-off:2"});
}

TEST_CASE("F2: what twctl does not read has its right name, whatever its ending") {
  CHECK(kind("default['sysctl']['params']['net']['ipv4']['tcp_tw_recycle'] = 1\n") == "Ruby (Chef and its like)");
  CHECK(kind("@echo off\nreg add HKLM\\SYSTEM\\X /v TcpTimedWaitDelay /t REG_DWORD /d 30 /f\n") == "a batch file");
  CHECK(kind("reg add HKLM\\SYSTEM\\X /v TcpTimedWaitDelay /t REG_DWORD /d 30 /f\n") == "a batch file");
  CHECK(kind("# Tuning\n\nSome words on it.\n\n```\nnet.ipv4.tcp_fin_timeout = 30\nnet.core.somaxconn = 1\n```\n") ==
        "Markdown");
  CHECK(kind("INSERT INTO sysctl VALUES ('net.ipv4.tcp_fin_timeout', '30');\n") == "SQL");
  CHECK(kind("resource \"aws_instance\" \"x\" {\n  ami = \"abc\"\n}\n") == "Terraform");
  CHECK(kind("FROM debian:12\nRUN sysctl -w net.ipv4.tcp_fin_timeout=30\n") == "a Dockerfile");
  CHECK(kind("{ config, pkgs, ... }:\n{\n  boot.kernel.sysctl = { \"net.ipv4.tcp_fin_timeout\" = 30; };\n}\n") ==
        "Nix");
  CHECK(kind("class kernel {\n  sysctl { 'net.ipv4.tcp_fin_timeout': value => '30' }\n}\n") == "Puppet");
  CHECK(kind("- name: tune\n  copy:\n    content: |\n      net.ipv4.tcp_fin_timeout = 30\n      net.core.somaxconn = "
             "1\n") == "YAML");
  CHECK(kind("#!/bin/sh\nset -e\ncat > /etc/sysctl.d/x.conf <<EOF\nnet.ipv4.tcp_fin_timeout = 30\nvm.x = 1\nEOF\n") ==
        "a shell script");
  CHECK(kind("[Unit]\nDescription=x\n[Service]\nExecStart=/sbin/sysctl -w net.ipv4.tcp_fin_timeout=30\n") ==
        "a systemd unit");
  CHECK(kind("127.0.0.1 localhost\n::1 localhost ip6-localhost\n") == "a hosts file");
  CHECK(kind("<?xml version=\"1.0\"?>\n<x/>\n") == "XML");
  CHECK(kind("[main]\ngpgcheck=1\ninstallonly_limit=3\n") == "an INI file of another program");
  CHECK(kind("title = \"x\"\n[owner]\nname = \"y\"\n") == "TOML");
  CHECK(kind("root:x:0:0:root:/root:/bin/bash\n") == "text of no kind that twctl knows");
  CHECK(kind("\x1F\x8B\x08\x02") == "compressed (gzip)");
  CHECK(kind("net.ipv4.tcp_fin_timeout = 30\n", "x.yml") == "sysctl.conf style");
}

TEST_CASE("F2: a file of a known kind without a setting of ours says so") {
  const auto unjudged = [](std::string_view text, std::string_view path) {
    const Audit audit = audited(text, context_of(), path);
    CHECK(audit.findings.empty());
    return audit.unjudged.empty() ? "" : audit.unjudged[0].what + ": " + audit.unjudged[0].why;
  };
  CHECK(unjudged("vm.swappiness = 1\nfs.file-max = 9\n", "a.conf") ==
        "a.conf: it sets none of the settings that twctl judges: 2 other settings");
  CHECK(unjudged("# nothing\n", "a.conf") == "a.conf: it sets nothing");
  CHECK(unjudged("[main]\nsummary=x\n[sysctl]\nvm.swappiness=1\n", "t.conf") ==
        "t.conf: it sets none of the settings that twctl judges: 1 other setting");
  CHECK(unjudged("REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\X]\n\"A\"=dword:1\n", "x.reg") ==
        "x.reg: it sets none of the settings that twctl judges: 1 other setting");
  CHECK(unjudged("net.core.somaxconn = 8192\n", "a.conf").empty());
}

TEST_CASE("F3: a template is one note, whatever makes a file of it") {
  for (const std::string value : {"{{ x }}", "<%= @x %>", "{{ x | default(30) }}"}) {
    CAPTURE(value);
    const Audit audit =
        audited("{% if y %}\nnet.ipv4.tcp_tw_reuse = " + value + "\n{% endif %}\n", context_of(), "x.j2");
    CHECK(audit.findings.empty());
    CHECK(audit.unjudged ==
          std::vector<Unjudged>{{"x.j2", "a template of sysctl.conf style: another program fills in its values"}});
  }
  CHECK(kind("[sysctl]\nnet.ipv4.tcp_tw_reuse={{ x }}\n") == "a template of a TuneD profile");
  CHECK(kind("- name: x\n  value: \"{{ y }}\"\n") == "YAML");
  CHECK(kind("[sysctl]\nnet.ipv4.tcp_tw_reuse=${x}\n") == "a TuneD profile");
}

TEST_CASE("K1: a file of no kind is no profile, as audit says it") {
  for (const std::string text :
       {"a:\n  b: 1\n", "#!/bin/sh\nsysctl -w net.ipv4.tcp_fin_timeout=30\n", "127.0.0.1 localhost\n", "Some words.\n",
        "```\nnet.ipv4.tcp_fin_timeout = 30\n```\n",
        "/sbin/sysctl -w net.ipv4.tcp_fin_timeout=30\necho 1 > /proc/sys/net/ipv4/tcp_tw_reuse\n"}) {
    CAPTURE(text);
    const auto profile = read_profile_text("x", text);
    const auto audit = audit_file("x", text, context_of());
    REQUIRE_FALSE(profile.has_value());
    REQUIRE_FALSE(audit.has_value());
    CHECK(profile.error().code == ErrorCode::invalid);
    CHECK(error_text(profile.error()) == error_text(audit.error()));
  }
  const auto single = read_profile_text("x", "# tuned\nsysctl -w net.ipv4.tcp_fin_timeout=30\n");
  REQUIRE_FALSE(single.has_value());
  CHECK(error_text(single.error()) ==
        "twctl: x:2: no line of it assigns anything: a blank in the key\n"
        "  hint: a line is KEY = VALUE; twctl audit FILE says what is wrong with each\n");
  const auto filled = read_profile_text("x.j2", "net.ipv4.tcp_tw_reuse = {{ x }}\n");
  REQUIRE_FALSE(filled.has_value());
  CHECK(filled.error().message == "this is a template of sysctl.conf style: its values are not filled in");
}

TEST_CASE("F2: PHP is called so, and templates of names in capitals or of whole lines are templates") {
  CHECK(kind("<?php\n$conf['net.ipv4.tcp_fin_timeout'] = 30;\n") == "PHP");
  CHECK(kind("$a = 1;\n", "x.php") == "PHP");
  CHECK(kind("net.ipv4.tcp_fin_timeout = @FIN_TIMEOUT@\n") == "a template of sysctl.conf style");
  CHECK(kind("{% for k, v in sysctl.items() %}\n{{ k }} = {{ v }}\n{% endfor %}\n", "x.j2") ==
        "a template of sysctl.conf style");
  CHECK(kind("# mail root@example.org or admin@example.org\nnet.ipv4.tcp_fin_timeout = 30\n") == "sysctl.conf style");
}

TEST_CASE("B10: a kickstart, an RPM's spec and a saved mail are called so, whatever lines of settings are in them") {
  const std::string line = "net.ipv4.tcp_fin_timeout = 30\n";
  const std::string adds = "echo 'net.ipv4.tcp_fin_timeout = 30' >> /etc/sysctl.conf\n";
  const std::string post = "%post\ncat > /etc/sysctl.d/60-web.conf <<EOF\n" + line + "EOF\n" + adds + "%end\n";
  CHECK(kind("lang en_US.UTF-8\nrootpw --lock\n%packages\n@core\n%end\n" + post) == "a kickstart file");
  CHECK(kind(post) == "a kickstart file");
  CHECK(kind("%post\n" + line + line) == "a kickstart file");
  CHECK(kind("lang en_US\n", "web.ks") == "a kickstart file");
  CHECK(kind("Name: tune\nVersion: 1\n%description\nTuning.\n" + post) == "an RPM spec file");
  CHECK(kind("From a@example.org Tue Dec  1 01:00:00 2026\nReturn-Path: <a@example.org>\nSubject: sysctl\n\n" + line +
             line + line + line) == "a saved mail");
  CHECK(kind("Subject: x\nMessage-ID: <1@example.org>\n\nPlease set\n" + line) == "a saved mail");
}

TEST_CASE("F3: a variable in a file of settings makes a template of it, and is TuneD's own in a profile of TuneD") {
  CHECK(kind("net.ipv4.tcp_fin_timeout = ${fin_timeout}\n", "sysctl.conf.tpl") == "a template of sysctl.conf style");
  CHECK(kind("net.ipv4.tcp_fin_timeout = {{ .Values.fin }}\n", "x.tpl") == "a template of sysctl.conf style");
  CHECK(kind("net.ipv4.tcp_fin_timeout = 30\n", "x.tpl") == "sysctl.conf style");
  CHECK(kind("# ${x}\nnet.ipv4.tcp_fin_timeout = 30\n") == "sysctl.conf style");
}
