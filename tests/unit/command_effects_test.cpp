// What commands do to settings.
#include "observe/command_effects.hpp"

#include <doctest/doctest.h>

#include "formats/plain_words.hpp"

using namespace twctl;

namespace {

std::string told(const std::vector<CommandEffect>& effects) {
  std::string all;
  for (const CommandEffect& effect : effects) {
    all += std::to_string(effect.line) + (effect.sure ? ": " : "~ ");
    switch (effect.kind) {
      case CommandEffect::Kind::writes:
        all += (effect.asks ? "if there: " : "") + effect.key + "=" + effect.value;
        break;
      case CommandEffect::Kind::reads_file:
        all += "-p " + effect.path;
        break;
      case CommandEffect::Kind::reads_all:
        all += "--system";
        break;
      case CommandEffect::Kind::runs_script:
        all += "run " + effect.path;
        break;
      case CommandEffect::Kind::writes_unknown:
        all += "? " + effect.value;
        break;
    }
    all += "\n";
  }
  return all;
}

std::string in_script(std::string_view text) { return told(effects_of(text)); }

// The lines whose failure ends the script.
std::string ends_at(std::string_view text) {
  std::string lines;
  for (const CommandEffect& effect : effects_of(text)) {
    if (effect.ends_script) lines += std::to_string(effect.line) + " ";
  }
  return lines;
}

}  // namespace

TEST_CASE("sysctl writes what KEY=VALUE says, by whatever name it is called") {
  CHECK(in_script("sysctl -w net.ipv4.tcp_fin_timeout=15") == "1: net.ipv4.tcp_fin_timeout=15\n");
  CHECK(in_script("/sbin/sysctl -qw 'net.ipv4.ip_local_port_range=1024 65535' net/core/somaxconn=1") ==
        "1: net.ipv4.ip_local_port_range=1024 65535\n1: net.core.somaxconn=1\n");
  CHECK(in_script("sudo sysctl a.b=1") == "1: a.b=1\n");
  CHECK(in_script("sysctl a.b; sysctl -n a.b; sysctl -a") == "");
  CHECK(in_script("sysctl -w a.b=$X") == "1: a.b=\n");
  CHECK(in_script("sysctl -w a.b=") == "");
  CHECK(in_script("[ -x /sbin/sysctl ] && sysctl -w a.b=1") == "1: a.b=1\n");
  CHECK(in_script("command -v sysctl >/dev/null || exit 0\nSYSCTL=$(which sysctl)\n$SYSCTL -w a.b=1") == "3: a.b=1\n");
  CHECK(in_script("[ -x /opt/x ] && sysctl -w a.b=1") == "1~ a.b=1\n");
  CHECK(in_script("sysctl --dry-run -w a.b=1; sysctl --system --dry-run") == "");
  CHECK(in_script("# sysctl -w a.b=1") == "");
}

TEST_CASE("sysctl -p reads files, --system all of them") {
  CHECK(in_script("sysctl -p") == "1: -p /etc/sysctl.conf\n");
  CHECK(in_script("sysctl -q -p /etc/x.conf /etc/y.conf >/dev/null") == "1: -p /etc/x.conf\n1: -p /etc/y.conf\n");
  CHECK(in_script("sysctl -p/etc/x.conf") == "1: -p /etc/x.conf\n");
  CHECK(in_script("sysctl --load=/etc/x.conf") == "1: -p /etc/x.conf\n");
  CHECK(in_script("sysctl --system") == "1: --system\n");
}

TEST_CASE("text that is printed into a setting's file is written to it") {
  CHECK(in_script("echo 15 > /proc/sys/net/ipv4/tcp_fin_timeout") == "1: net.ipv4.tcp_fin_timeout=15\n");
  CHECK(in_script("echo -n \"1024 65535\" >/proc/sys/net/ipv4/ip_local_port_range") ==
        "1: net.ipv4.ip_local_port_range=1024 65535\n");
  CHECK(in_script("printf '15\\n' >/proc/sys/a/b") == "1: a.b=15\n");
  CHECK(in_script("cat x >/proc/sys/a/b") == "1: a.b=\n");
  CHECK(in_script("echo 15 | sudo tee /proc/sys/a/b >/dev/null") == "1: a.b=15\n");
}

TEST_CASE("text is printed as echo, printf, cat and tee print it") {
  CHECK(in_script("printf '%s %d\\n' 1024 65535 >/proc/sys/a/b") == "1: a.b=1024 65535\n");
  CHECK(in_script("printf %s 15 >/proc/sys/a/b") == "1: a.b=15\n");
  CHECK(in_script("printf '%5.1f' 15 >/proc/sys/a/b") == "1: a.b=\n");
  CHECK(in_script("echo -e '1024\\t65535' >/proc/sys/a/b") == "1: a.b=1024\t65535\n");
  CHECK(in_script("echo 1 | tee /proc/sys/a/b | tee /proc/sys/c/d") == "1: a.b=1\n1: c.d=1\n");
  CHECK(in_script("cat <<EOF >/proc/sys/a/b\n15\nEOF\n") == "1: a.b=15\n");
  CHECK(in_script("tee /proc/sys/a/b <<< 15") == "1: a.b=15\n");
  CHECK(in_script("cat x | tee /proc/sys/a/b") == "1: a.b=\n");
}

TEST_CASE("what boot scripts are wont to do is read") {
  CHECK(in_script("if true; then sysctl -w a.b=1; fi; if false; then sysctl -w a.b=2; fi") == "1: a.b=1\n");
  CHECK(in_script("sleep 60 && sysctl -w a.b=1; echo x=1 >>/x && sysctl -w a.b=2") == "1: a.b=1\n1: a.b=2\n");
  CHECK(in_script("sysctl -q -w a.b=1 c.d=2 &") == "1: a.b=1\n1: c.d=2\n");
  CHECK(in_script("for i in a b; do echo 1 > /proc/sys/x/$i; done") == "1: x.a=1\n1: x.b=1\n");
  CHECK(in_script("for kv in a.b=1 c.d=2\ndo\n  sysctl -w $kv\ndone") == "3: a.b=1\n3: c.d=2\n");
  CHECK(in_script("A='a.b=1 c.d=2'\nsysctl -w $A") == "2: a.b=1\n2: c.d=2\n");
  CHECK(in_script("cd /proc/sys/net\necho 1 > a/b\ncd $x\necho 1 > c") == "2: net.a.b=1\n");
  CHECK(in_script("eval \"sysctl -w a.b=1\"") == "1: a.b=1\n");
  CHECK(in_script("sudo -n -u root nice -n 5 timeout 5s env X=1 sysctl -w a.b=1") == "1: a.b=1\n");
  CHECK(in_script("sudo sh -c 'sysctl -w a.b=1'") == "1: a.b=1\n");
  CHECK(in_script("su root -c 'sysctl -w a.b=1'\nsu -c 'sysctl -w a.b=2' root") == "1: a.b=1\n2: a.b=2\n");
}

TEST_CASE("sysctl -p takes what a script has written into a file before, or gives it to read") {
  CHECK(in_script("cat <<EOF > /tmp/x.conf\na.b = 1\n# c\nc.d = $x\nEOF\nsysctl -p /tmp/x.conf") ==
        "6: -p /tmp/x.conf\n6: a.b=1\n6: c.d=\n");
  CHECK(in_script("echo a.b=1 >/x\necho a.b=2 >>/x\nsysctl -p /x").ends_with("-p /x\n3: a.b=1\n3: a.b=2\n"));
  CHECK(in_script("echo a.b=1 >/x\necho a.b=2 >/x\nsysctl -p /x").ends_with("-p /x\n3: a.b=2\n"));
  CHECK(in_script("cat <<EOF | sysctl -e -p -\na.b = 1\nEOF\n") == "1: a.b=1\n");
  CHECK(in_script("sysctl -f /dev/stdin <<EOF\na.b = 1\nEOF\n") == "1: a.b=1\n");
  CHECK(in_script("sysctl -w -p /etc/x.conf") == "1: -p /etc/x.conf\n");
}

TEST_CASE("what sysctl -p takes of a file is as sure as what the script has written into it") {
  for (const std::string write : {"if y; then echo a.b=1 >>/x; fi", "y && echo a.b=1 >/x"}) {
    CAPTURE(write);
    CHECK(in_script(write + "\nsysctl -p /x") == "2: -p /x\n2~ a.b=1\n");
  }
  CHECK(in_script("if y; then echo a.b=1 >/x; else echo a.b=2 >/x; fi\nsysctl -p /x") ==
        "2: -p /x\n2~ a.b=1\n2~ a.b=2\n");
  CHECK(in_script("y && echo a.b=1 >/x\necho a.b=2 >/x\nsysctl -p /x") == "3: -p /x\n3: a.b=2\n");
  for (const std::string change : {"rm -f /x", "sudo mv /x /y", "cp /y /x", ": > /x"}) {
    CAPTURE(change);
    CHECK(in_script("echo a.b=1 >/x\n" + change + "\nsysctl -p /x") == "3: -p /x\n3~ a.b=1\n");
  }
  CHECK(in_script("echo a.b=1 >/x\nsed -i /a/d /x\nsysctl -p /x") == "3~ -p /x\n3~ a.b=1\n");
  for (const std::string harmless :
       {"chmod 644 /x", "echo '# end' >>/x", "echo '' >>/x", "date >>/x", "cp /x /y", "ln -sf /x /y", "sed -n p /x"}) {
    CAPTURE(harmless);
    CHECK(in_script("echo '# network' >/x\necho a.b=1 >>/x\n" + harmless + "\nsysctl -p /x") == "4: -p /x\n4: a.b=1\n");
  }
}

TEST_CASE("a function whose body is in parentheses is one, and what comes after it is not") {
  for (const std::string function : {"function f ( true )", "f() ( true )", "function f () { true; }"}) {
    CAPTURE(function);
    CHECK(in_script(function + "\nif y; then exit 0; fi\nsysctl -w a.b=1") == "3~ a.b=1\n");
  }
}

TEST_CASE("systemd-sysctl reads the files that it is given, of which options may leave out lines") {
  CHECK(in_script("/lib/systemd/systemd-sysctl --strict /x /y") == "1: -p /x\n1: -p /y\n");
  CHECK(in_script("/lib/systemd/systemd-sysctl --prefix=/net/core /x") == "1~ -p /x\n");
  CHECK(in_script("/lib/systemd/systemd-sysctl /x --cat-config") == "1~ -p /x\n");
}

TEST_CASE("xargs hands to its command what it reads, as many words at a time as it likes") {
  CHECK(in_script("echo a.b=1 | xargs sysctl -w") == "1: a.b=1\n");
  CHECK(in_script("printf '%s\\n' a.b=1 c.d=2 | xargs -n1 sudo sysctl -w") == "1: a.b=1\n1: c.d=2\n");
  CHECK(in_script("echo \"'a.b=1 2'\" | xargs sysctl -w") == "1: a.b=1 2\n");
  CHECK(in_script("printf 'a.b=1 2\\nc.d=3\\n' | xargs -d '\\n' -n 1 sysctl -w") == "1: a.b=1 2\n1: c.d=3\n");
  CHECK(in_script("echo a.b=1 | xargs -I% sh -c 'sysctl -w %'") == "1: a.b=1\n");
  CHECK(in_script("cat /x | xargs sysctl -w") == "1~ ? sysctl -w $(xargs)\n");
}

TEST_CASE("a file that sed or perl edits has what they may put into it, and perhaps what it had") {
  CHECK(
      in_script("sed -i 's/^net.ipv4.tcp_fin_timeout.*/net.ipv4.tcp_fin_timeout = 20/' /etc/sysctl.conf\nsysctl -p") ==
      "1~ net.ipv4.tcp_fin_timeout=20\n2~ -p /etc/sysctl.conf\n2~ net.ipv4.tcp_fin_timeout=20\n");
  CHECK(in_script("sed -i 's/\\(tcp_fin_timeout *= *\\).*/\\120/' /etc/x\nsysctl -p /etc/x") == "2~ -p /etc/x\n");
  CHECK(in_script("sed -i 's/\\(net.ipv4.tcp_fin_timeout *= *\\).*/\\120/' /etc/sysctl.conf") ==
        "1~ net.ipv4.tcp_fin_timeout=\n");
  CHECK(in_script("sed -i '$ a a.b = 1' /etc/sysctl.conf; sed -i -e '/x/d' /etc/sysctl.conf") == "");
  CHECK(in_script("sed -i '$ a net.core.somaxconn = 1' /etc/sysctl.conf") == "1~ net.core.somaxconn=1\n");
  CHECK(in_script("perl -pi -e 's/x/net.core.somaxconn = 1/' /etc/sysctl.conf") == "1~ net.core.somaxconn=1\n");
  CHECK(in_script("sed -i '/a.b/d' /etc/sysctl.conf\necho a.b=1 >>/etc/sysctl.conf\nsysctl -p") ==
        "2~ a.b=1\n3~ -p /etc/sysctl.conf\n3: a.b=1\n");
}

TEST_CASE("a setting or a file of settings that only the running shell knows is told of, if it may be ours") {
  CHECK(in_script("sysctl -w \"$k=$v\"") == "1~ ? sysctl -w $k=$v\n");
  CHECK(in_script("sysctl -w $line") == "1~ ? sysctl -w $line\n");
  CHECK(in_script("sysctl -w net.ipv4.$1=1; sysctl -w kernel.$1=1; sysctl -w net.ipv4.conf.$IF.rp_filter=1") ==
        "1~ ? sysctl -w net.ipv4.$1=1\n");
  CHECK(in_script("echo 1 >/proc/sys/net/ipv4/$x; echo 1 >/proc/sys/net/ipv6/conf/$x/y") ==
        "1~ ? /proc/sys/net/ipv4/$x\n");
  CHECK(in_script("sysctl -p $FILE") == "1~ ? sysctl -p $FILE\n");
  CHECK(in_script("sysctl -n $k; sysctl $k") == "");
  CHECK(in_script("sysctl -w net.core.somaxconn=$X") == "1: net.core.somaxconn=\n");
}

TEST_CASE("what a function sets is read where it is called, with what it is called with") {
  const std::string set = "set_it() { local k=$1; sysctl -w \"$k=$2\"; }\n";
  CHECK(in_script(set + "set_it a.b 1\nset_it c.d '1 2'") == "1: a.b=1\n1: c.d=1 2\n");
  CHECK(in_script(set + "y && set_it a.b 1") == "1~ a.b=1\n");
  CHECK(in_script("f() { sysctl -w \"$@\"; }\nf a.b=1 'c.d=1 2'") == "1: a.b=1\n1: c.d=1 2\n");
  CHECK(in_script("f() { sysctl -w a.b=1; exit 0; }\nf\nsysctl -w a.b=2") == "1: a.b=1\n");
  CHECK(in_script("f() { sysctl -w a.b=1; return; sysctl -w a.b=2; }\nf\nsysctl -w c.d=1") == "1: a.b=1\n3: c.d=1\n");
  CHECK(in_script("f() { sysctl -w a.b=1; }") == "1~ a.b=1\n");  // for a trap, or whom it is exported to
  CHECK(in_script("f() { g; }\ng() { sysctl -w a.b=1; f; }\nf") == "2: a.b=1\n");
  CHECK(in_script("f() { echo a.b=1; }\nf >/x\nsysctl -p /x") == "3: -p /x\n3: a.b=1\n");
}

TEST_CASE("what is set in $(...), in a block and by what a block prints is read") {
  CHECK(in_script("x=$(sysctl -w a.b=1)\necho `sysctl -w c.d=1`") == "1: a.b=1\n2: c.d=1\n");
  CHECK(in_script("( sysctl -w a.b=1; exit 0 ) &\n{ sysctl -w c.d=1; }") == "1: a.b=1\n2: c.d=1\n");
  CHECK(in_script("{ echo a.b=1; echo c.d=1; } >/x\nsysctl -p /x") == "2: -p /x\n2: a.b=1\n2: c.d=1\n");
  CHECK(in_script("for i in 1 2; do echo a.b=$i; done >/x\nsysctl -p /x") == "2: -p /x\n2: a.b=1\n2: a.b=2\n");
  CHECK(in_script("{ echo a.b=1; echo c.d=1; } | sysctl -p -") == "1: a.b=1\n1: c.d=1\n");
  CHECK(in_script("f() { echo a.b=1; echo c.d=1; }\nf | sysctl -p -") == "2: a.b=1\n2: c.d=1\n");
  CHECK(in_script("echo a.b=1 | sysctl -p -; x | sysctl -p -") == "1: a.b=1\n1~ ? sysctl -p -\n");
  CHECK(in_script("if ! sysctl -w a.b=1; then x; fi") == "1: a.b=1\n");
  CHECK(in_script("echo 1 | dd of=/proc/sys/a/b") == "1: a.b=1\n");
  CHECK(in_script("trap 'sysctl -w a.b=1' EXIT") == "1~ a.b=1\n");
  CHECK(in_script("bash -s <<'E'\nsysctl -w a.b=1\nE\necho sysctl -w a.b=2 | sh") == "1: a.b=1\n4: a.b=2\n");
}

TEST_CASE("a script that asks whether the setting is there sets it where it is") {
  CHECK(in_script("[ -e /proc/sys/a/b ] && sysctl -w a.b=1") == "1: if there: a.b=1\n");
  CHECK(in_script("if [ -w /proc/sys/a/b ]; then\n echo 1 >/proc/sys/a/b\nelse\n x\nfi") == "2: if there: a.b=1\n");
  CHECK(in_script("sysctl -n a.b >/dev/null 2>&1 && sysctl -w a.b=1") == "1: if there: a.b=1\n");
  CHECK(in_script("[ -e /proc/sys/a/b ] && sysctl -w c.d=1") == "1~ c.d=1\n");
  CHECK(in_script("[ -e /proc/sys/a/b ] || sysctl -w a.b=1") == "1~ a.b=1\n");
  CHECK(in_script("if [ ! -e /proc/sys/a/b ]; then sysctl -w a.b=1; fi") == "1~ a.b=1\n");
}

TEST_CASE("what runs in another network namespace sets nothing of this host") {
  CHECK(in_script("ip netns exec blue sysctl -w a.b=1; unshare -n sysctl -w a.b=1; unshare -rn sysctl -w a.b=1") == "");
  CHECK(in_script("unshare -m sysctl -w a.b=1") == "1: a.b=1\n");
}

TEST_CASE("of a program in another language lines that name a setting are perhaps writes, comments are not") {
  CHECK(in_script("#!/usr/bin/perl\n# sysctl -w net.core.somaxconn=1\n=pod\n\nsysctl -w net.core.somaxconn=2\n\n=cut\n"
                  "system('sysctl -w net.core.somaxconn=3');\nprint `sysctl -n net.core.somaxconn`;\n__END__\n"
                  "sysctl -w net.core.somaxconn=4\n") == "8~ net.core.somaxconn=3\n");
  CHECK(in_script("#!/usr/bin/env python3\n\"\"\"As\nsysctl -w net.core.somaxconn=1.\"\"\"\n"
                  "open('/proc/sys/net/core/somaxconn', 'w').write('1')\nopen('/proc/sys/net/core/somaxconn').read()\n"
                  "call(['sysctl', 'net.core.somaxconn=2'])  # net.core.somaxconn=3\n") ==
        "4~ net.core.somaxconn=\n6~ net.core.somaxconn=2\n");
  CHECK(in_script("python3 -u /opt/x.py; perl -e 'exec \"sysctl -w net.core.somaxconn=1\"'") ==
        "1: run /opt/x.py\n1~ net.core.somaxconn=1\n");
  CHECK(effects_of("/usr/bin/python3 /opt/x.py").front().run_by == RunBy::other);
}

TEST_CASE("a line that a script writes into a boot file may count at a later boot") {
  CHECK(in_script("echo a.b=1 >> /etc/sysctl.conf") == "1~ a.b=1\n");
  CHECK(in_script("cat > /etc/sysctl.d/x.conf <<EOF\na.b = 1\nEOF\n") == "1~ a.b=1\n");
  CHECK(effects_of("echo a.b=1 | sudo tee -a /etc/sysctl.conf").front().path == "/etc/sysctl.conf");
  CHECK(in_script("echo a.b=1 >> /etc/sysctl.d/x\necho a.b=1 >> /var/log/x.conf") == "");  // no loader reads those
}

TEST_CASE("a shell's own text, and scripts that are run, are followed") {
  CHECK(in_script("\nsh -c 'sysctl -w a.b=1; sysctl -w c.d=2'") == "2: a.b=1\n2: c.d=2\n");
  CHECK(in_script("/usr/local/sbin/tune x") == "1: run /usr/local/sbin/tune\n");
  CHECK(in_script("bash /opt/x.sh\n. /opt/y.sh") == "1: run /opt/x.sh\n2: run /opt/y.sh\n");
}

TEST_CASE("N66: what a program runs that only runs another one is seen through its options") {
  for (const std::string wrapper :
       {"nice", "nice -n 5", "nice -5", "ionice -c3", "ionice -c 2 -n 7", "setsid -w", "timeout 5",
        "timeout -k 3 -s KILL 5", "flock /run/l", "flock -n -w 5 /run/l", "chrt -f 10", "env -i", "env -u A B=1",
        "sudo -u root", "sudo -n", "nohup nice", "command", "exec"}) {
    CHECK_MESSAGE(in_script(wrapper + " sysctl -w a.b=1") == "1: a.b=1\n", wrapper);
  }
  CHECK(in_script("command -v /opt/x") == "");
  CHECK(in_script("flock 9") == "");
  CHECK(in_script("timeout") == "");
  CHECK(in_script("/lib/systemd/systemd-sysctl --strict /etc/x.conf") == "1: -p /etc/x.conf\n");
  CHECK(in_script("/lib/systemd/systemd-sysctl") == "");
}

TEST_CASE("in a line that no shell reads, > is a word") {
  const auto told_of = [](std::string_view line) { return told(effects_without_shell(plain_words(line))); };
  CHECK(told_of("/bin/echo 15 > /proc/sys/a/b") == "1: run /bin/echo\n");
  CHECK(told_of("/bin/sh -c \"echo 15 > /proc/sys/a/b\"") == "1: a.b=15\n");
  CHECK(told_of("/sbin/sysctl -w a.b=1") == "1: a.b=1\n");
  CHECK(told_of("") == "");
}

TEST_CASE("text that sets nothing is told at once") {
  CHECK(may_set_settings("x\nsysctl -w a=1"));
  CHECK(may_set_settings("echo 1 >/proc/sys/a"));
  CHECK_FALSE(may_set_settings("my system says: synchronize"));
  CHECK_FALSE(may_set_settings("y"));
  CHECK_FALSE(may_set_settings(""));
}

TEST_CASE("N11: of a script 100,000 effects are read, and one by which it shows that there are more") {
  std::string files = "sysctl -p";
  for (std::size_t i = 0; i < kMostEffects; ++i) files += " /a";
  CHECK(effects_of(files).size() == kMostEffects);
  CHECK(effects_of(files + " /a /a /a").size() == kMostEffects + 1);
}

TEST_CASE("N10: what is printed into files is known up to 1 MiB, as often as it is printed, and is not from there on") {
  const std::string text = "echo " + std::string(kMostExpanded / 2, 'x') + " | tee";
  const auto effects = effects_of(text + " /proc/sys/a /proc/sys/b /proc/sys/c");
  REQUIRE(effects.size() == 3);
  CHECK(effects[1].value.size() == kMostExpanded / 2);
  CHECK(effects[2].value.empty());
}

TEST_CASE("with -e a script ends where a command fails, but for one whose end is asked for") {
  const std::string set = "sysctl -w net.core.somaxconn=1\n";
  CHECK(ends_at(set).empty());
  for (const std::string shell :
       {"#!/bin/sh -e\n", "#!/bin/bash -eu\n", "set -e\n", "set -euo pipefail\n", "set -o errexit\n"}) {
    CAPTURE(shell);
    CHECK(ends_at(shell + set + "echo 1 > /proc/sys/net/ipv4/tcp_tw_recycle\n") == "2 3 ");
  }
  CHECK(ends_at("#!/bin/sh -e\nset +e\n" + set).empty());
  CHECK(ends_at("set -e\nsysctl -w net.core.somaxconn=1 || true\n! sysctl -w net.core.somaxconn=1\n"
                "if sysctl -w net.core.somaxconn=1; then :; fi\nsysctl -w net.core.somaxconn=1 && x\n"
                "sysctl -w net.core.somaxconn=1 &\nsysctl -e -w net.core.somaxconn=1\n")
            .empty());
  CHECK(ends_at("set -- -e\n" + set).empty());
  CHECK(ends_at("set -e\neval sysctl -w a.b=1\nsh -c 'sysctl -w a.b=1'\nsh -ec 'sysctl -w a.b=1; x'\n") == "2 3 4 ");
  CHECK(ends_at("set -e\nsh -c 'sysctl -w a.b=1; x'\neval sysctl -w a.b=1 || x\n").empty());
}

TEST_CASE("the interpreter's options count where the kernel starts a script, and a shell that runs it has its own") {
  const std::string script = "#!/bin/sh -e\nsysctl -w a.b=1\n";
  CHECK(effects_of(script).front().ends_script);
  CHECK_FALSE(effects_of(script, RunBy::shell).front().ends_script);
  CHECK(effects_of("sysctl -w a.b=1", RunBy::exiting_shell).front().ends_script);
  const auto run_by = [](std::string_view text) { return effects_of(text).back().run_by; };
  CHECK(run_by("/opt/x") == RunBy::itself);
  CHECK(run_by("sh /opt/x.sh") == RunBy::shell);
  CHECK(run_by("sh -eu /opt/x.sh") == RunBy::exiting_shell);
  CHECK(run_by("bash -o pipefail -o errexit /opt/x.sh") == RunBy::exiting_shell);
  CHECK(run_by("bash -o pipefail /opt/x.sh") == RunBy::shell);
  CHECK(run_by(". /opt/x.sh") == RunBy::shell);
  CHECK(run_by("set -e\n. /opt/x.sh") == RunBy::exiting_shell);
  CHECK(run_by("set -e\n. /opt/x.sh || true") == RunBy::shell);
  CHECK(run_by("set -e\nsh /opt/x.sh") == RunBy::shell);
}
