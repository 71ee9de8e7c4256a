// What commands do to settings.
#include "observe/writers/command_effects.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "formats/plain_words.hpp"

using namespace twctl;

namespace {

std::string told(const std::vector<CommandEffect>& effects) {
  std::string all;
  for (const CommandEffect& effect : effects) {
    all += std::to_string(effect.line) + (effect.sure ? ": " : "~ ");
    switch (effect.kind) {
      case CommandEffect::Kind::writes:
        all += effect.key + "=" + effect.value;
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
      case CommandEffect::Kind::not_known:
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
  CHECK(in_script("[ -x /sbin/sysctl ] && sysctl -w a.b=1") == "1~ a.b=1\n");
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

TEST_CASE("what a block prints goes where it is sent, as surely as it is printed") {
  const std::string file = " > /proc/sys/a/b";
  for (const std::string block :
       {"{ echo 30; }", "( echo 30 )", "{ :; echo 30; true; }", "for i in 30; do echo $i; done", "{ { echo 30; }; }",
        "{ echo 1 >/x; echo 30; }", "{ echo 30; echo e >&2; }"}) {
    CAPTURE(block);
    CHECK(in_script(block + file) == "1: a.b=30\n");
    CHECK(in_script("{ x; } >/dev/null 2>&1; " + block + " 2>/dev/null | sudo tee /proc/sys/a/b") == "1: a.b=30\n");
    CHECK(in_script("y && " + block + file) == "1~ a.b=30\n");
  }
  CHECK(in_script("if y; then echo 30; fi" + file) == "1~ a.b=\n");
  CHECK(in_script("{ [ y ] && echo 30; }" + file) == "1~ a.b=30\n");
  CHECK(in_script("{ x; echo 30; }" + file) == "1: a.b=\n");
  CHECK(in_script("{ echo 30; echo 31; }" + file) == "1: a.b=\n");
  CHECK(in_script("{ :; }" + file) == "");
  CHECK(in_script("while read v; do echo $v; done < /x" + file) == "1~ a.b=\n");
  CHECK(in_script("while read v; do echo $v" + file + "; done < /x") == "1~ a.b=\n");
  CHECK(in_script("while read k v; do echo $v > /proc/sys/$k; done < /x") == "1~ $k=\n");
  CHECK(in_script("case x in x) echo 30;; esac" + file) == "1~ a.b=\n");
  CHECK(in_script("f() { echo 30; }" + file) == "1~ a.b=30\n");
  CHECK(in_script("{ echo $(sysctl -n a.c); }" + file) == "1: a.b=\n");
  const std::string lines = "{\n  echo '# x'\n  echo a.b=1\n  if y; then echo a.c=2; fi\n}";
  CHECK(in_script(lines + " > /x; sysctl -p /x") == "5~ -p /x\n5~ a.b=1\n5~ a.c=2\n");
  CHECK(in_script("{ echo a.b=1; echo a.c=2; } > /x; sysctl -p /x") == "1: a.b=1\n1: a.c=2\n");
  CHECK(in_script("( echo a.b=1; echo a.c=2 ) | sysctl -p -") == "1: a.b=1\n1: a.c=2\n");
  CHECK(in_script(lines + " | sysctl -p -") == "5~ a.b=1\n5~ a.c=2\n");
  CHECK(in_script("{ echo a.b=1; } >> /etc/sysctl.conf") == "1~ a.b=1\n");
}

TEST_CASE("what prints nothing into a setting's file, or an empty line, changes nothing") {
  for (const std::string nothing :
       {":", "true", "printf ''", "echo -n", "echo", "echo ''", "[ -e /x ]", "sleep 1", "cat <<E", "sudo true"}) {
    CAPTURE(nothing);
    CHECK(in_script(nothing + " >/proc/sys/net/ipv4/tcp_fin_timeout\nE\n") == "");
  }
  CHECK(in_script("> /proc/sys/a/b; : | tee /proc/sys/a/b") == "");
  CHECK(in_script("x >/proc/sys/a/b") == "1: a.b=\n");
}

TEST_CASE("text is printed as echo, printf, cat and tee print it") {
  CHECK(in_script("printf '%s %d\\n' 1024 65535 >/proc/sys/a/b") == "1: a.b=1024 65535\n");
  CHECK(in_script("printf %s 15 >/proc/sys/a/b") == "1: a.b=15\n");
  CHECK(in_script("printf '%5.1f' 15 >/proc/sys/a/b") == "1: a.b=\n");
  CHECK(in_script("echo -e '1024\\t65535' >/proc/sys/a/b") == "1~ a.b=1024\t65535\n");  // dash prints "-e", too
  CHECK(in_script("echo -en '3\\n' >/proc/sys/a/b") == "1~ a.b=3\n");
  CHECK(in_script("echo -E a.b=1 | sysctl -p -") == "1~ a.b=1\n");
  CHECK(in_script("echo 'a.b=5\\na.c=6' | sysctl -p -") == "1~ a.b=5\n1~ a.c=6\n");  // one line to bash
  CHECK(in_script("printf -- '7\\n' >/proc/sys/a/b") == "1: a.b=7\n");
  CHECK(in_script("echo 1 | tee /proc/sys/a/b | tee /proc/sys/c/d") == "1: a.b=1\n1: c.d=1\n");
  CHECK(in_script("cat <<EOF >/proc/sys/a/b\n15\nEOF\n") == "1: a.b=15\n");
  CHECK(in_script("tee /proc/sys/a/b <<< 15") == "1: a.b=15\n");
  CHECK(in_script("cat x | tee /proc/sys/a/b") == "1: a.b=\n");
}

TEST_CASE("what boot scripts are wont to do is read") {
  CHECK(in_script("[ -w /proc/sys/a/b ] && echo 1 > /proc/sys/a/b") == "1~ a.b=1\n");
  CHECK(in_script("if true; then sysctl -w a.b=1; fi") == "1~ a.b=1\n");
  CHECK(in_script("sysctl -q -w a.b=1 c.d=2 &") == "1: a.b=1\n1: c.d=2\n");
  CHECK(in_script("for i in a b; do echo 1 > /proc/sys/x/$i; done") == "1: x.a=1\n1: x.b=1\n");
  CHECK(in_script("for kv in a.b=1 c.d=2\ndo\n  sysctl -w $kv\ndone") == "3: a.b=1\n3: c.d=2\n");
  CHECK(in_script("A='a.b=1 c.d=2'\nsysctl -w $A") == "2: a.b=1\n2: c.d=2\n");
  CHECK(in_script("cd /proc/sys/net\necho 1 > a/b\ncd $x\necho 1 > c") == "2: net.a.b=1\n");
  CHECK(in_script("if [ -n \"$x\" ]; then cd /proc/sys/net; fi\necho 1 > a/b\necho 2 > /proc/sys/c") ==
        "2~ net.a.b=1\n3: c=2\n");
  CHECK(in_script("true | cd /proc/sys/net\necho 1 > a/b") == "");
  CHECK(in_script("eval \"sysctl -w a.b=1\"") == "1: a.b=1\n");
  CHECK(in_script("sudo -n -u root nice -n 5 timeout 5s env X=1 sysctl -w a.b=1") == "1: a.b=1\n");
  CHECK(in_script("sudo sh -c 'sysctl -w a.b=1'") == "1: a.b=1\n");
  CHECK(in_script("su root -c 'sysctl -w a.b=1'\nsu -c 'sysctl -w a.b=2' root") == "1: a.b=1\n2: a.b=2\n");
}

TEST_CASE("sysctl -p takes what a script has written into a file before, or gives it to read") {
  CHECK(in_script("cat <<EOF > /tmp/x.conf\na.b = 1\n# c\nc.d = $x\nEOF\nsysctl -p /tmp/x.conf") ==
        "6: a.b=1\n6: c.d=\n");
  CHECK(in_script("echo a.b=1 >/x\necho a.b=2 >>/x\nsysctl -p /x") == "3: a.b=1\n3: a.b=2\n");
  CHECK(in_script("echo a.b=1 >>/x\nsysctl -p /x") == "2: -p /x\n2: a.b=1\n");
  CHECK(in_script("echo a.b=1 >/x\necho a.b=2 >/x\nsysctl -p /x") == "3: a.b=2\n");
  CHECK(in_script(": > /x\nsysctl -p /x") == "");
  const std::string not_known = "2~ ? what `sysctl -p` reads\n";
  CHECK(in_script("sed s/x/y/ /y > /x\nsysctl -p /x") == not_known);
  CHECK(in_script("while read l; do echo \"$l\" >> /x; done\nsysctl -p /x") == "2: -p /x\n" + not_known);
  CHECK(in_script("cp /y /x\nsysctl -p /x") == "2~ -p /x\n" + not_known);
  CHECK(in_script("cat <<EOF | sysctl -e -p -\na.b = 1\nEOF\n") == "1: a.b=1\n");
  CHECK(in_script("sysctl -f /dev/stdin <<EOF\na.b = 1\nEOF\n") == "1: a.b=1\n");
  CHECK(in_script("sysctl -w -p /etc/x.conf") == "1: -p /etc/x.conf\n");
}

TEST_CASE("what sysctl -p takes of a file is as sure as what the script has written into it") {
  CHECK(in_script("if y; then echo a.b=1 >>/x; fi\nsysctl -p /x") == "2: -p /x\n2~ a.b=1\n");
  for (const std::string write : {"y && echo a.b=1 >/x", "f() { echo a.b=1 >/x; }"}) {
    CAPTURE(write);
    CHECK(in_script(write + "\nsysctl -p /x") == "2~ -p /x\n2~ a.b=1\n");
  }
  CHECK(in_script("if y; then echo a.b=1 >/x; else echo a.b=2 >/x; fi\nsysctl -p /x") ==
        "2~ -p /x\n2~ a.b=1\n2~ a.b=2\n");
  CHECK(in_script("y && echo a.b=1 >/x\necho a.b=2 >/x\nsysctl -p /x") == "3: a.b=2\n");
  for (const std::string change : {"sed -i /a/d /x", "rm -f /x"}) {
    CAPTURE(change);
    CHECK(in_script("echo a.b=1 >/x\n" + change + "\nsysctl -p /x") == "3~ a.b=1\n");
    CHECK(in_script(change + "\nsysctl -p /x") == "2~ -p /x\n");
  }
  for (const std::string harmless :
       {"chmod 644 /x", "echo '# end' >>/x", "echo '' >>/x", "cp /x /y", "ln -sf /x /y", "sed -n p /x"}) {
    CAPTURE(harmless);
    CHECK(in_script("echo '# network' >/x\necho a.b=1 >>/x\n" + harmless + "\nsysctl -p /x") == "4: a.b=1\n");
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

TEST_CASE("B10: a shell's own text is found behind whatever options it has, or where it reads it") {
  const std::string set = "1: net.ipv4.tcp_fin_timeout=30\n";
  for (const char* call :
       {"bash -euo pipefail -c 'sysctl -w net.ipv4.tcp_fin_timeout=30'",
        "bash --norc -c 'sysctl -w net.ipv4.tcp_fin_timeout=30'",
        "bash --rcfile /x -c 'sysctl -w net.ipv4.tcp_fin_timeout=30'",
        "sh -c -- 'sysctl -w net.ipv4.tcp_fin_timeout=30'", "sh -cx 'sysctl -w net.ipv4.tcp_fin_timeout=30'",
        "su --command 'sysctl -w net.ipv4.tcp_fin_timeout=30'", "echo sysctl -w net.ipv4.tcp_fin_timeout=30 | sh -e"}) {
    CAPTURE(call);
    CHECK(in_script(call) == set);
  }
  CHECK(in_script("bash <<E\nsysctl -w net.ipv4.tcp_fin_timeout=30\nE\n") == set);
  CHECK(in_script("bash -euo pipefail /opt/s.sh") == "1: run /opt/s.sh\n");
  CHECK(in_script("bash -o errexit /opt/s.sh a") == "1: run /opt/s.sh\n");
  CHECK(in_script("bash -s -- a <<E\nsysctl -w net.ipv4.tcp_fin_timeout=30\nE\n") == set);
}

TEST_CASE("a script that a shell is given to read, or that stands in the folder of a cd, is followed") {
  CHECK(in_script("sh </opt/x.sh") == "1: run /opt/x.sh\n");
  CHECK(in_script("sudo bash -s a 0< /opt/x.sh 2>/dev/null") == "1: run /opt/x.sh\n");
  CHECK(in_script("cat a.sh | sh <<E < /opt/x.sh\nsysctl -w a.b=1\nE\n") == "1: run /opt/x.sh\n");
  CHECK(in_script("sh < /opt/x.sh <<E\nsysctl -w a.b=1\nE\n") == "1: a.b=1\n");
  CHECK(in_script("sh 3</opt/x.sh; sh <&4; cat </opt/x.sh; sh </opt/$x") == "");
  CHECK(in_script("cd /opt; ./x.sh; b/../y.sh") == "1~ run /opt/x.sh\n1~ run /opt/y.sh\n");
  CHECK(in_script("cd /opt\nsh x.sh\nsh <y.sh\n. ./z.sh") == "2~ run /opt/x.sh\n3~ run /opt/y.sh\n4~ run /opt/z.sh\n");
  CHECK(in_script("cd /opt/a; cd ../b; x.sh; ./y.sh; /opt/z.sh") == "1~ run /opt/b/y.sh\n1: run /opt/z.sh\n");
  CHECK(in_script("cd /opt; cd -; ./x.sh") == "");
  CHECK(in_script("cd /opt; sh -c 'cd /'; ./x.sh") == "1~ run /opt/x.sh\n");
}

TEST_CASE(
    "of what a command is given to read, and only the running shell knows, it is said that it may set something") {
  const std::string load = "1~ ? what `sysctl -p` reads\n";
  for (const std::string call :
       {"echo \"$S\" | sysctl -p -", "sysctl -p - <<< \"$S\"", "printf '%s\\n' $S | sysctl -p /dev/stdin",
        "x | sysctl -p /dev/fd/0", "sysctl -p - <<E\n$S\nE", "cat $S | sysctl -p -", "cat x | sysctl -p -"}) {
    CAPTURE(call);
    CHECK(in_script(call) == load);
  }
  CHECK(in_script("sysctl -p - <<E\n# $S\na.b=1\na.c=$S\nE") == "1: a.b=1\n1: a.c=\n");
  CHECK(in_script("sysctl -p - <<E\n`x`\na.b=1\nE") == load + "1: a.b=1\n");
  CHECK(in_script("cat /opt/x.conf | sysctl -p -; cd /opt; sysctl -p - < y.conf") ==
        "1: -p /opt/x.conf\n1: -p /opt/y.conf\n");
  const std::string shell = "1~ ? what the shell reads\n";
  for (const std::string call :
       {"echo \"$S\" | sh", "sed s/a/b/ /opt/x.sh | sh -e", "cat x.sh | sh", "cat /opt/x.sh y | bash -s",
        "bash <<< \"$S\"", "curl https://x.org | sudo sh /dev/stdin", ". /dev/stdin <<< $(x)"}) {
    CAPTURE(call);
    CHECK(in_script(call) == shell);
  }
  CHECK(in_script("sh; bash -l; exec bash") == "");
  CHECK(in_script("sh <<E\nsysctl -w a.b=$S\nE\n") == "1~ a.b=\n");
  CHECK(in_script("cat /opt/x.sh | sh; cat < /opt/y.sh | sh -") == "1: run /opt/x.sh\n1: run /opt/y.sh\n");
  CHECK(in_script("cd /opt; cat x.sh | sh") == "1~ run /opt/x.sh\n");
  CHECK(in_script("sh /dev/stdin < /opt/x.sh; source /dev/stdin < /opt/y.sh") ==
        "1: run /opt/x.sh\n1: run /opt/y.sh\n");
  CHECK(in_script(". /dev/stdin <<E\nsysctl -w a.b=1\ncd /opt\nE\n./x.sh") == "1: a.b=1\n5~ run /opt/x.sh\n");
  CHECK(in_script("sh /dev/fd/0 <<E\nsysctl -w a.b=1\ncd /opt\nE\n./x.sh") == "1: a.b=1\n");
}

TEST_CASE("a cd counts for what the same shell does behind it") {
  for (const std::string cd :
       {"cd /opt", "cd -P /opt", "cd -L -- /opt", "cd -- /opt", "pushd /opt >/dev/null", "cd /; cd opt",
        "cd /opt; (cd /x)", "cd /opt; x | cd /x", "cd /opt; V=$(cd /x; sysctl a)", "cd /opt; f() { cd /x; }",
        "cd /opt; pushd /x; popd", "cd /opt; cd /x; cd -", "cd /opt; { cd /x; } | y", "cd /opt; cd /x &",
        "cd /opt; y | { cd /x; }", "f() { cd /opt; }; f", "cd /x; { cd /opt; }", "(cd /x; (cd /y); cd /opt"}) {
    CAPTURE(cd);
    CHECK(in_script(cd + "; ./x.sh; python3 x.py -v; perl -w b/x.pl; sh -c './y.sh'")
              .ends_with("1~ run /opt/x.sh\n1~ run /opt/x.py\n1~ run /opt/b/x.pl\n1~ run /opt/y.sh\n"));
  }
  CHECK(in_script("cd /proc/sys/net; (cd /tmp; x); f() { cd /y; }; echo 1 > a/b") == "1: net.a.b=1\n");
  CHECK(in_script("f() { cd /proc/sys/net; }; f; echo 1 > a/b") == "1~ net.a.b=1\n");
  CHECK(in_script("(cd /proc/sys/net; echo 1 > a/b)") == "1: net.a.b=1\n");
  CHECK(in_script("(cd /opt); ./x.sh; popd; ./x.sh; cd; ./x.sh; awk '{}' x.sh") == "");
  CHECK(in_script("y && cd /opt; sysctl -p x.conf") == "1~ -p /opt/x.conf\n");
  CHECK(in_script("D=/opt\n. /etc/default/x\ncd $D; sysctl -w a.b=1").ends_with("3: a.b=1\n"));
}

TEST_CASE("a script that goes to its own folder finds others there, perhaps") {
  for (const std::string cd :
       {"cd \"$(dirname \"$0\")\"", "cd `dirname $0`", "cd -P -- \"$(dirname -- \"${BASH_SOURCE[0]}\")\"", "cd ${0%/*}",
        "D=$(cd \"$(dirname \"$0\")\" && pwd)\ncd $D", "S=$(readlink -f \"$0\")\ncd $(dirname \"$S\")",
        "cd \"$(dirname \"$(realpath \"$0\")\")\"", "cd \"$(cd $(dirname $BASH_SOURCE) >/dev/null 2>&1; pwd)\"",
        "cd \"$(dirname \"$0\")/../t\""}) {
    CAPTURE(cd);
    CHECK(told(effects_of("sysctl -w a.b=1; " + cd + "; ./x.sh; sysctl -w a.c=2", RunBy::itself, "/opt/t/s.sh"))
              .find("~ run /opt/t/x.sh\n") != std::string::npos);
  }
  CHECK(told(effects_of("D=$(dirname $0)\n$D/x.sh; . ${0%/*}/y.sh\nsysctl -w a.c=2", RunBy::itself, "/opt/s.sh")) ==
        "2~ run /opt/x.sh\n2~ run /opt/y.sh\n3: a.c=2\n");
  CHECK(in_script("cd $(dirname $0); ./x.sh; $(dirname $S)/y.sh; $(dirname; dirname)") == "");
}

TEST_CASE("what a script is to do at its end or by a signal may come to be") {
  CHECK(in_script("trap 'sysctl -w a.b=1' EXIT\nsysctl -w a.b=2") == "1~ a.b=1\n2: a.b=2\n");
  CHECK(in_script("trap -- 'cd /; echo 1 >/proc/sys/a/b' 0 TERM") == "1~ a.b=1\n");
  CHECK(in_script("set -e\ntrap 'sysctl -w a.b=1' EXIT") == "2~ a.b=1\n");
  CHECK(in_script("trap 'sysctl -w a.b=1'; trap - EXIT; trap '' INT; trap sysctl EXIT") == "");
}

TEST_CASE("what bash hands over as <(...) only the running shell knows") {
  CHECK(in_script("sysctl -p <(grep net /opt/x)") == "1~ ? what `sysctl -p` reads\n");
  CHECK(in_script("cd /opt; sysctl -p <(echo a.b=1)") == "1~ ? what `sysctl -p` reads\n");
  for (const char* call : {". <(x)", "source <(x)", "bash <(x)", "bash < <(x)", "sudo bash -s a < <(x)"}) {
    CHECK_MESSAGE(in_script(call) == "1~ ? what the shell runs of <(...)\n", call);
  }
  CHECK(in_script("while read a; do b; done < <(sysctl -a)\ndiff <(sysctl a.b) <(sysctl a.c) > >(tee c)") == "");
  CHECK(in_script("cat <(sysctl -w a.b=1)") == "1~ a.b=1\n");
}

TEST_CASE("B10: a program that is not known may set what its words name, unless it only says it, or acts elsewhere") {
  const std::string perhaps = "1~ net.ipv4.tcp_fin_timeout=30\n";
  for (const char* call :
       {"systemd-cat -t tune sysctl -w net.ipv4.tcp_fin_timeout=30",
        "flock -n /l -c 'sysctl -w net.ipv4.tcp_fin_timeout=30'",
        "timeout --signal KILL 60 sysctl -w net.ipv4.tcp_fin_timeout=30",
        "sudo --user root sysctl -w net.ipv4.tcp_fin_timeout=30", "taskset 1 sysctl net.ipv4.tcp_fin_timeout=30"}) {
    CAPTURE(call);
    CHECK(in_script(call).starts_with(perhaps));
  }
  CHECK(in_script("echo 30 | dd of=/proc/sys/net/ipv4/tcp_fin_timeout").starts_with("1~ net.ipv4.tcp_fin_timeout=\n"));
  CHECK(in_script("cp /run/v /proc/sys/net/ipv4/tcp_fin_timeout").starts_with("1~ net.ipv4.tcp_fin_timeout=\n"));
  CHECK(in_script("chronic sysctl --system").starts_with("1~ ? what sysctl is to set there\n"));
  for (const char* call :
       {"docker run --sysctl net.ipv4.tcp_fin_timeout=30 web",
        "ip netns exec blue sysctl -w net.ipv4.tcp_fin_timeout=30", "echo 'sysctl -w net.ipv4.tcp_fin_timeout=30'",
        "log_daemon_msg 'sysctl net.ipv4.tcp_fin_timeout=30'", "cp /proc/sys/net/ipv4/tcp_fin_timeout /run/v",
        "grep net.ipv4.tcp_fin_timeout=30 /etc/sysctl.conf", "systemctl restart systemd-sysctl", "which sysctl"}) {
    CAPTURE(call);
    CHECK(in_script(call).find("net.ipv4") == std::string::npos);
    CHECK(in_script(call).find("?") == std::string::npos);
  }
}

TEST_CASE("in a line that no shell reads, > is a word") {
  const auto told_of = [](std::string_view line) { return told(effects_without_shell(plain_words(line))); };
  CHECK(told_of("/bin/echo 15 > /proc/sys/a/b") == "1: run /bin/echo\n");
  CHECK(told_of("/bin/sh -c \"echo 15 > /proc/sys/a/b\"") == "1: a.b=15\n");
  CHECK(told_of("/sbin/sysctl -w a.b=1") == "1: a.b=1\n");
  const auto printing = [](std::string_view line) {
    return told(effects_without_shell(plain_words(line), {.prints_to = "/proc/sys/c/d"}));
  };
  CHECK(printing("sysctl -w a.b=1") == "1: a.b=1\n1~ c.d=\n");
  CHECK(printing("sh -c 'echo 2 >/proc/sys/a/b'") == "1: a.b=2\n1~ c.d=\n");
  CHECK(printing("echo 1") == "1: c.d=1\n");
  CHECK(printing("true") == "");
  CHECK(told_of("") == "");
}

TEST_CASE("text that sets nothing is told at once") {
  CHECK(may_set_settings("x\nsysctl -w a=1"));
  CHECK(may_set_settings("echo 1 >/proc/sys/a"));
  CHECK_FALSE(may_set_settings("my system says: synchronize"));
  CHECK_FALSE(may_set_settings("y"));
  CHECK_FALSE(may_set_settings(""));
}

TEST_CASE("N83: of a script 250,000 commands are read, whatever they do, and one more shows that there are more") {
  std::string script = "sysctl -w a.b=1\n";
  for (std::size_t i = 1; i < kMostShellCommands; ++i) script += "a\n";
  CHECK(in_script(script) == "1: a.b=1\n");
  CHECK(effects_of(script + "a\n").size() == kMostEffects + 1);
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

TEST_CASE("N10: what shells in a script read again, and what variables put into their words, counts as the script's") {
  // Once more the outer loop, and twice more the inner one, each with all of its bytes.
  constexpr std::size_t kInner = 27;
  constexpr std::size_t kOuter = 31;
  static_assert((kMostRepeated - kOuter) % 3 == 0);
  const auto count = [](std::size_t filled) {
    return effects_of("for i in x x; do sh -c 'for j in 1 2; do sysctl -w a.b=$j; : " + std::string(filled, 'y') +
                      "; done'; done")
        .size();
  };
  constexpr std::size_t kMost = (kMostRepeated - kOuter) / 3 - kInner;
  CHECK(count(kMost) == 4);
  CHECK(count(kMost + 1) == 3);
  CHECK(effects_of("for i in 1 2 3 4 5 6 7 8; do sh -c 'for j in 1 2 3 4 5 6 7 8; do sh -c "
                   "\"for k in 1 2 3 4 5 6 7 8; do sysctl -w a.b=\\$k; done\"; done'; done")
            .size() == 8 * 8 * 8);
}

// Each held to dash and bash, with a `sysctl` that writes down how it was called.
TEST_CASE("N89: what a script does in a folder is known where its path has 255 bytes, and with one more is not") {
  const auto effects_in = [](std::size_t bytes) {
    return effects_of("cd /" + std::string(bytes - 1, 'a') + "\necho net.ipv4.tcp_fin_timeout=30 >b\nsysctl -p b\n");
  };
  const auto known = effects_in(kLongestPath);
  REQUIRE(known.size() == 1);  // of the file that it loads it knows what it has written there
  CHECK(known[0].value == "30");
  const auto unknown = effects_in(kLongestPath + 1);
  REQUIRE(!unknown.empty());
  CHECK(unknown[0] == CommandEffect{.kind = CommandEffect::Kind::not_known,
                                    .value = std::string(kOfLongPath),
                                    .line = 1,
                                    .sure = false,
                                    .command = 1});
  const std::string line = "\necho net.ipv4.tcp_fin_timeout=30 >/etc/sysctl.d/";
  const auto written = effects_of(line + std::string(kLongestPath - 18, 'a') + ".conf" + line + "a.conf");
  REQUIRE(written.size() == 2);
  CHECK(written[0].kind == CommandEffect::Kind::not_known);
  CHECK(written[1].key == "net.ipv4.tcp_fin_timeout");
}

TEST_CASE("B10: a program that exec starts takes the shell's place, and files that exec opens do not") {
  const std::string more = "sysctl -w a.c=2\n";
  CHECK(in_script("exec sysctl -w a.b=1\n" + more) == "1: a.b=1\n");
  CHECK(in_script("exec sysctl -w a.b=1; " + more) == "1: a.b=1\n");
  CHECK(in_script("for i in 1 2; do exec sysctl -w a.b=$i; done\n" + more) == "1: a.b=1\n1~ a.b=2\n2~ a.c=2\n");
  CHECK(in_script("for i in 1; do exec true; done | cat\n" + more) == "2~ a.c=2\n");
  CHECK(in_script("for i in 1; do exit 0; done | cat\n" + more) == "2~ a.c=2\n");
  CHECK(in_script("if [ -x /nope ]; then exec /nope; fi; " + more) == "1~ run /nope\n1~ a.c=2\n");
  CHECK(in_script("{ exec sysctl -w a.b=1; }\n" + more) == "1: a.b=1\n2~ a.c=2\n");
  CHECK(in_script("exec \"$@\"\n" + more) == "2~ a.c=2\n");
  CHECK(in_script("exec -a x sysctl -w a.b=1\n" + more) == "1: a.b=1\n2~ a.c=2\n");
  for (const std::string opens : {"200>/run/lock", "9>/run/lock", "{lock}>/run/lock", ">/var/log/x 2>&1", "3<&-"}) {
    CAPTURE(opens);
    CHECK(in_script("exec " + opens + "\n" + more) == "2: a.c=2\n");
  }
  CHECK(in_script("(exec sysctl -w a.b=1); " + more) == "1: a.b=1\n1: a.c=2\n");
  CHECK(in_script("exec sysctl -w a.b=1 &\n" + more) == "1: a.b=1\n2: a.c=2\n");
  CHECK(in_script("exec sysctl -w a.b=1 | cat\n" + more) == "1: a.b=1\n2: a.c=2\n");
  CHECK(in_script("true | exec sysctl -w a.b=1\n" + more) == "1: a.b=1\n2: a.c=2\n");
  CHECK(in_script("exit 0 | cat\n" + more) == "2: a.c=2\n");  // the same holds of exit
  CHECK(in_script("exit 0 &\n" + more) == "2: a.c=2\n");
  for (const std::string exits : {"exit 0 || true", "true && exit 0 && true", "! exit 0"}) {
    CAPTURE(exits);
    CHECK_FALSE(in_script(exits + "\n" + more).starts_with("2: "));
  }
}

TEST_CASE("B10: a variable that a script drops, reads or takes from another file has no value that is known") {
  CHECK(in_script("X=5\nunset X\nsysctl -w a.b=$X") == "3: a.b=\n");
  CHECK(in_script("X=\nread X </etc/x\nsysctl -w a.b=$X") == "3: a.b=\n");
  CHECK(in_script("X=\n. /etc/default/x\nsysctl -w a.b=$X") == "2: run /etc/default/x\n3~ a.b=\n");
  CHECK(in_script("X=5\n. /etc/default/x\nsysctl -w a.b=$X") == "2: run /etc/default/x\n3~ a.b=\n");
  CHECK(in_script("X=5\n. /lib/lsb/init-functions\nsysctl -w a.b=$X").ends_with("3: a.b=5\n"));
  CHECK(in_script("X=\nsysctl -w a.b=$X") == "");  // the kernel refuses nothing
}

TEST_CASE("B10: a command or a path in a variable is still followed behind a file that may set it anew") {
  const std::string sources = ". /etc/default/x\n";
  const std::string ran = "2: run /etc/default/x\n";
  CHECK(in_script("S=/sbin/sysctl\n" + sources + "$S -w a.b=1") == ran + "3~ a.b=1\n");
  CHECK(in_script("A='-w a.b=1'\n" + sources + "sysctl $A") == ran + "3~ a.b=\n");
  CHECK(in_script("D=/proc/sys/a\n" + sources + "echo 1 > $D/b") == ran + "3~ a.b=1\n");
  CHECK(in_script("D=/proc/sys/a\n" + sources + "echo 1 | tee ${D}/b") == ran + "3~ a.b=1\n");
  CHECK(in_script("D=/proc/sys/a\n" + sources + "cd $D; echo 1 > b") == ran + "3~ a.b=1\n");
  CHECK(in_script("S=/opt/w.sh\n" + sources + "$S") == ran + "3~ run /opt/w.sh\n");
  CHECK(in_script("C='sysctl -w a.b=1'\n" + sources + "eval \"$C\"; sh -c \"$C\"") == ran + "3~ a.b=1\n3~ a.b=1\n");
}

TEST_CASE("B10: sysctl in $(...) or behind the name of a variable may write") {
  CHECK(in_script("OUT=$(sysctl -w a.b=1)\nOUT=`echo 1 > /proc/sys/a/b`") == "1~ a.b=1\n2~ a.b=1\n");
  CHECK(in_script("S=$(command -v sysctl)\n$S -w a.b=1\n$S a.b") == "2~ a.b=1\n");
  CHECK(in_script("V=$(sysctl -n a.b); $IPTABLES -w -A INPUT -p $P") == "");
}

TEST_CASE("B10: what comes of a command before a pipe holds of all that the pipe hands on to") {
  CHECK(in_script("false && echo 1 | tee /proc/sys/a/b") == "1~ a.b=1\n");
  CHECK(in_script("echo 1 | tee /proc/sys/a/b") == "1: a.b=1\n");
}

TEST_CASE("B10: what xargs hands to sysctl is known where it is printed, and else that something is") {
  CHECK(in_script("echo a.b=1 a.c=2 | xargs sysctl -w") == "1: a.b=1\n1: a.c=2\n");
  CHECK(in_script("printf 'a.b=1\\na.c=2\\n' | sudo xargs -n 1 sysctl -w") == "1: a.b=1\n1: a.c=2\n");
  CHECK(in_script("xargs -n1 sysctl -w < /opt/x") == "1~ ? what xargs hands to sysctl\n");
  CHECK(in_script("cat /opt/x | xargs -I{} sysctl -w {}") == "1~ ? what xargs hands to sysctl\n");
  CHECK(in_script("ls | xargs rm") == "");
}

TEST_CASE("B10: where only the shell knows what sysctl writes or loads, that it writes is known") {
  CHECK(in_script("while read line; do sysctl -w \"$line\"; done < /opt/x") == "1~ ? which setting sysctl writes\n");
  CHECK(in_script("for f in /opt/*.conf; do sysctl -p $f; done") == "1~ ? what `sysctl -p` reads\n");
  CHECK(in_script("grep net /opt/x | sysctl -p -") == "1~ ? what `sysctl -p` reads\n");
  CHECK(in_script("cd /opt\nsysctl -p x.conf") == "2: -p /opt/x.conf\n");
  CHECK(in_script("sysctl -n $KEY") == "");
}

TEST_CASE("B10: a key that sed edits in a boot file may count at a later boot") {
  CHECK(in_script("sed -i 's/^net\\.ipv4\\.tcp_tw_reuse.*/net.ipv4.tcp_tw_reuse = 1/' /etc/sysctl.conf") ==
        "1~ net.ipv4.tcp_tw_reuse=\n1~ net.ipv4.tcp_tw_reuse=\n");
  CHECK(in_script("sed -i /net.ipv4.tcp_tw_reuse/d /etc/sysctl.d/60-x.conf") == "1~ net.ipv4.tcp_tw_reuse=\n");
  CHECK(in_script("sed -i s/net.ipv4.tcp_tw_reuse/x/ /opt/x.conf") == "");
  CHECK(in_script("sed s/net.ipv4.tcp_tw_reuse/x/ /etc/sysctl.conf") == "");
}

TEST_CASE("B10: a script of another interpreter may set what it names, but for its remarks and its documentation") {
  const std::string perl =
      "#!/usr/bin/perl -w\n# sysctl -w net.core.somaxconn=1\nsystem(\"sysctl -w net.ipv4.tcp_tw_reuse=1\");\n"
      "=pod\n\n sysctl -w net.core.somaxconn=2\n\n=cut\nopen(F, '>/proc/sys/net/ipv4/tcp_fin_timeout');\n";
  const std::string named = "3~ net.ipv4.tcp_tw_reuse=1\n9~ net.ipv4.tcp_fin_timeout=\n";
  CHECK(in_script(perl) == named);
  CHECK(in_script("#!/usr/bin/env -S python3 -u\nrun(['sysctl', '-w', 'net.ipv4.tcp_tw_reuse=1'])\n") ==
        "2~ net.ipv4.tcp_tw_reuse=1\n");
  CHECK(in_script("#!/usr/bin/python3\nrun(['sysctl', '-w', key + '=' + value])\n") == "1~ ? what this program sets\n");
  CHECK(in_script("#!/usr/bin/python3\n# sysctl\nprint('net.ipv4.tcp_tw_reuse')\n") == "");
  CHECK(in_script("#!/sbin/openrc-run\nsysctl -w a.b=1\n") == "2: a.b=1\n");
  CHECK(in_script("#!/bin/busybox sh\nsysctl -w a.b=1\n") == "2: a.b=1\n");
  CHECK(told(effects_of("sysctl -w net.core.somaxconn=1\n", RunBy::other)) == "1~ net.core.somaxconn=1\n");
  CHECK(in_script("\n/usr/bin/python3 -u /opt/tune.py") == "2: run /opt/tune.py\n");
  CHECK(effects_of("python3 /opt/tune.py").front().run_by == RunBy::other);
  CHECK(in_script("\nperl -e 'system(\"sysctl -w net.core.somaxconn=1\")'") == "2~ net.core.somaxconn=1\n");
  CHECK(in_script("\npython3 - <<'E'\nrun('sysctl -w net.core.somaxconn=1')\nE\n") == "2~ net.core.somaxconn=1\n");
}

TEST_CASE("B10: it is known of a write whether the script has asked before if the key is there") {
  const auto asks = [](std::string_view text) {
    const auto effects = effects_of(text);
    return !effects.empty() && effects.back().if_there;
  };
  const std::string file = "/proc/sys/net/ipv4/tcp_tw_recycle";
  const std::string writes = "echo 1 > " + file;
  for (const std::string& test : {"[ -e " + file + " ]", "test -w " + file, "[[ -f " + file + " ]]",
                                  std::string("sysctl -n net.ipv4.tcp_tw_recycle >/dev/null 2>&1")}) {
    CAPTURE(test);
    CHECK(asks(test + " && " + writes));
    CHECK(asks("if " + test + "; then\n  sysctl -w net.ipv4.tcp_tw_recycle=1\nfi\n"));
    CHECK_FALSE(asks(test + "; " + writes));  // whatever comes of it
  }
  CHECK_FALSE(asks("[ -e /proc/sys/net/ipv4/tcp_tw_reuse ] && " + writes));
  CHECK_FALSE(asks(writes));
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
  CHECK(ends_at("sysctl -w net.core.somaxconn=1 || exit 1\n" + set) == "1 ");
  CHECK(ends_at("sysctl -w net.core.somaxconn=1 || exit 1; " + set) == "1 ");
  for (const std::string behind : {" & wait\n", " | cat\n", " && true\n", "x\n", " 2; exit 1\n"}) {
    CAPTURE(behind);
    CHECK(ends_at("sysctl -w net.core.somaxconn=1 || exit 1" + behind + set).empty());
  }
  CHECK(ends_at("for i in 1; do sysctl -w net.core.somaxconn=1 || exit 1; done | cat\n" + set).empty());
  CHECK(ends_at("eval 'sysctl -w a.b=1; true' || exit 1\n. /opt/x.sh || exit 1\n" + set).empty());
  CHECK(ends_at("eval 'sysctl -w a.b=1' || exit 1\n" + set) == "1 ");
  CHECK(ends_at("sysctl -w net.core.somaxconn=1 && exit 1\n" + set).empty());
  CHECK(ends_at("sysctl -w net.core.somaxconn=1 || exit 0\n" + set).empty());
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

TEST_CASE("a digit right before > is a descriptor where it is a word of its own, and else of the word") {
  CHECK(in_script("echo a.b=2>>/x; sysctl -p /x") == "1: -p /x\n1: a.b=2\n");
  CHECK(in_script("v4=7; echo $v4>/proc/sys/a/b") == "1: a.b=7\n");
  CHECK(in_script("V=1; echo ${V}0>/proc/sys/a/b") == "1: a.b=10\n");
  CHECK(in_script("echo 30>/proc/sys/a/b") == "1: a.b=\n");  // as dash and bash differ in it
  CHECK(in_script("x 2>/proc/sys/a/b; echo 5 1>/proc/sys/a/c") == "1: a.c=5\n");
  CHECK(in_script("echo a.b=1 > /x 2>>/log; echo a.c=2 > /x 2>>/log; sysctl -p /x") == "1: a.c=2\n");
}

TEST_CASE("the words of an array are no command") {
  for (const std::string begins : {"x=", "x+=", "local x="}) {
    CAPTURE(begins);
    CHECK(in_script(begins + "(sysctl -w a.b=1)\nsysctl -w a.c=2") == "2: a.c=2\n");
    CHECK(in_script(begins + "(case if # then )\n \"a)\" then)\nsysctl -w a.c=2") == "3: a.c=2\n");
  }
}

TEST_CASE("a path is what it comes to") {
  CHECK(in_script("cd /proc/sys/net; echo 1 > ./a; echo 2 > ../b/c; cd .; echo 3 > d") ==
        "1: net.a=1\n1: b.c=2\n1: net.d=3\n");
  CHECK(in_script("echo 1 > /proc/sys/net/core/../ipv4/x; echo 2 > /proc//sys/a/b") == "1: net.ipv4.x=1\n1: a.b=2\n");
}

TEST_CASE("a variable is what it was declared with last") {
  for (const std::string declares : {"export", "readonly", "local", "declare -r", "typeset"}) {
    CAPTURE(declares);
    CHECK(in_script("V=1; " + declares + " W V=2; sysctl -w a.b=$V") == "1: a.b=2\n");
  }
  CHECK(in_script("declare -i V=1+1; sysctl -w a.b=$V") == "1: a.b=\n");
}
