// `profile show --as`, `plan --as`: a profile in others' words, and what a plan comes to.
#include "report/profile_as.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.hpp"
#include "profile/desired.hpp"
#include "support/memory_host.hpp"
#include "support/run_cli.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

constexpr std::string_view kText =
    "[profile]\nsummary = ours\n[linux]\nnet.ipv4.tcp_tw_reuse = 1\nnet.ipv4.ip_local_port_range = 15000 60999\n"
    "net.ipv4.tcp_fin_timeout = <= 45\n-net.ipv4.tcp_tw_recycle = 0\n[windows]\nTcpTimedWaitDelay = 60\n";

Profile profile_of(std::string_view text) {
  MemoryFiles files;
  files.files["/p/mine.ini"] = text;
  return load_profile("/p/mine.ini", "", files).value();
}

std::string as(std::string_view target) { return profile_as(profile_of(kText), target).value(); }

std::string why_not(std::string_view line, std::string_view target) {
  const auto text = profile_as(profile_of("[linux]\n" + std::string(line) + "\n"), target);
  return text ? "it can" : text.error().message;
}

// "key wanted; key wanted", as our reader of that kind of file understands it.
std::string read_back(const std::string& path, std::string text) {
  MemoryFiles files;
  files.files[path] = std::move(text);
  const auto profile = load_profile(path, "", files);
  REQUIRE(profile.has_value());
  std::string all;
  for (const Entry& entry : profile->entries) {
    all += std::string(all.empty() ? "" : "; ") + std::string(entry.setting->key) + " " + to_text(entry.wanted);
  }
  return all;
}

constexpr std::string_view kRead =
    "net.ipv4.tcp_tw_reuse 1; net.ipv4.tcp_fin_timeout 45; net.ipv4.ip_local_port_range 15000 60999";

std::string sorted(std::string_view list) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(list, ';')) parts.emplace_back(trim(part));
  std::sort(parts.begin(), parts.end());
  return join(parts, "; ");
}

}  // namespace

TEST_CASE("a sysctl.d file, a TuneD profile and a .reg file are read back as what the profile wants") {
  CHECK(sorted(read_back("/x/mine.conf", as("sysctl.d"))) == sorted(kRead));
  CHECK(sorted(read_back("/x/tuned.conf", as("tuned"))) == sorted(kRead));
  CHECK(read_back("/x/mine.reg", as("reg")) == "TcpTimedWaitDelay 60");
}

TEST_CASE("comments say what the target cannot: a bound, what is left out, and whom a pod needs") {
  const std::string file = as("sysctl.d");
  CHECK(file.find("# mine: ours\n") == 0);
  CHECK(file.find("# net.ipv4.tcp_fin_timeout: wanted is <= 45; this sets it whatever it was\n") != std::string::npos);
  CHECK(file.find("# net.ipv4.tcp_tw_recycle: left out: gone since Linux 4.12\n") != std::string::npos);
  const std::string pod = as("kubernetes");
  CHECK(pod.find("net.ipv4.tcp_tw_reuse: the kubelet has to allow it: --allowed-unsafe-sysctls=net.ipv4.tcp_tw_reuse "
                 "(--as kubelet)\n") != std::string::npos);
  CHECK(pod.find("# net.ipv4.ip_local_port_range: a pod may set it\n") != std::string::npos);
  CHECK(pod.find("# net.ipv4.tcp_fin_timeout: a pod may set it since Kubernetes 1.29; before, the kubelet has to allow "
                 "it\n") != std::string::npos);
  CHECK(pod.find("      - name: net.ipv4.ip_local_port_range\n        value: \"15000 60999\"\n") != std::string::npos);
}

TEST_CASE("B10: a wish that may fail keeps its dash where a loader of sysctl.d reads it") {
  const Profile profile = profile_of("[linux]\n-net.core.somaxconn = 4096\nnet.ipv4.tcp_tw_reuse = 1\n");
  const std::string file = profile_as(profile, "sysctl.d").value();
  CHECK(file.find("\n-net.core.somaxconn = 4096\n") != std::string::npos);
  CHECK(file.find("\nnet.ipv4.tcp_tw_reuse = 1\n") != std::string::npos);
  CHECK(profile_as(profile, "cloud-init").value().find(" -net.core.somaxconn = 4096\n") != std::string::npos);
}

TEST_CASE("a wish that may fail is an error elsewhere, and a comment says so, but not of a host that has the key") {
  const Profile profile = profile_of("[linux]\n-net.core.somaxconn = 4096\nnet.ipv4.tcp_tw_reuse = 1\n");
  for (const char* target : {"tuned", "ansible", "nixos", "docker", "compose", "kubernetes", "kubelet"}) {
    const std::string text = profile_as(profile, target).value();
    CHECK(text.find("# net.core.somaxconn: optional in the profile, which " + std::string(target) +
                    " cannot say: where the kernel lacks it, that is an error\n") != std::string::npos);
    CHECK(text.find("tcp_tw_reuse: optional") == std::string::npos);
  }
  MemoryHost host;
  stock_host(host);
  host.disk.files["mine.ini"] = "[linux]\n-net.core.somaxconn = 4096\n";
  const Ran planned = run_on(host, {"plan", "-q", "--as", "tuned", "mine.ini"});
  CHECK(planned.results.find("net.core.somaxconn=4096\n") != std::string::npos);
  CHECK(planned.results.find("optional") == std::string::npos);
}

TEST_CASE("the kubelet is told of what it has to allow, and of nothing that it allows anyway") {
  CHECK(as("kubelet") ==
        "# mine: ours\n# net.ipv4.tcp_tw_reuse: a container's own since Linux 4.10\n"
        "# net.ipv4.ip_local_port_range: a pod may set it\n"
        "# net.ipv4.tcp_fin_timeout: a pod may set it since Kubernetes 1.29; before, the kubelet has to allow it\n"
        "# net.ipv4.tcp_tw_recycle: left out: gone since Linux 4.12\n"
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nallowedUnsafeSysctls:\n"
        "  - net.ipv4.tcp_tw_reuse\n");
  CHECK(why_not("net.ipv4.tcp_fin_timeout = 30", "kubelet") ==
        "/p/mine.ini: nothing in it for kubelet: net.ipv4.tcp_fin_timeout: a pod may set it since Kubernetes 1.29; "
        "before, the "
        "kubelet has to allow it");
}

TEST_CASE("a policy's item has a number of its own, and no comment of it ends early") {
  const Profile profile = profile_of("[profile]\nsummary = a --> b ---\n[windows]\nTcpTimedWaitDelay = 60\n");
  const std::string text = profile_as(profile, "gpo").value();
  CHECK(text.find("<?xml version='1.0' encoding='utf-8'?>\n<!-- mine: a - -> b - - - -->\n") == 0);
  CHECK(text.find(" name='TcpTimedWaitDelay' type='REG_DWORD' value='0000003C'/>\n") != std::string::npos);
  CHECK(text.find(" uid='{C62CB3FE-5F25-4244-82D2-B64647712822}'>\n") != std::string::npos);
}

TEST_CASE("a plan's words are of its host: bounds are settled, and a key that it lacks is left out") {
  const auto run = [](std::vector<std::string_view> args, const std::vector<std::string_view>& more) {
    args.insert(args.begin(), {"plan", "-q"});
    args.insert(args.end(), more.begin(), more.end());
    return run_cli(args, [](MemoryHost& host) {
      stock_host(host);
      host.facts.hostname = "web1";
      host.store.set("net.ipv4.tcp_fin_timeout", "30");
    });
  };
  const std::vector<std::string_view> asked{"--set", "net.ipv4.tcp_fin_timeout=<= 45", "--set",
                                            "net.core.somaxconn=>= 16384", "classic"};
  const Ran words = run(asked, {"--as", "docker"});
  CHECK(words.results.starts_with("# classic: planned for web1\n"));
  CHECK(words.results.find("# net.ipv4.tcp_tw_recycle: left out: gone since Linux 4.12\n") != std::string::npos);
  CHECK(words.results.find("# net.ipv4.tcp_fin_timeout: wanted is <= 45; on that host this is 45\n") !=
        std::string::npos);
  CHECK(words.results.find("  --sysctl net.core.somaxconn=16384 \\\n") != std::string::npos);
  CHECK(words.status == run(asked, {}).status);
  CHECK(run({"busy-client"}, {"--as", "reg"}).status == 65);
}

TEST_CASE("a plan's words say what apply would refuse, and name what was left out where nothing remains") {
  const Ran blocked = run_cli({"plan", "-q", "--set", "net.ipv4.tcp_syncookies=0", "--as", "sysctl.d"}, stock_host);
  CHECK(blocked.status == 3);
  CHECK(blocked.results.find("# net.ipv4.tcp_syncookies: apply would refuse this: ") != std::string::npos);
  const Ran nothing = run_cli({"plan", "-q", "--set", "net.ipv4.tcp_tw_recycle=0", "--as", "sysctl.d"}, stock_host);
  CHECK(nothing.status == 65);
  CHECK(nothing.messages.find("nothing in it for sysctl.d: net.ipv4.tcp_tw_recycle: left out: gone since Linux 4.12") !=
        std::string::npos);
}

TEST_CASE("on Windows unset deletes the value, in the words of each of its targets") {
  const Profile profile = profile_of("[windows]\nTcpTimedWaitDelay = unset\n");
  CHECK(profile_as(profile, "reg").value().ends_with("\\Tcpip\\Parameters]\n\"TcpTimedWaitDelay\"=-\n"));
  CHECK(profile_as(profile, "powershell")
            .value()
            .ends_with("\nRemove-ItemProperty -Path $parameters -Name TcpTimedWaitDelay -ErrorAction Ignore\n"));
  const std::string policy = profile_as(profile, "gpo").value();
  CHECK(policy.find("<Properties action='D' ") != std::string::npos);
  CHECK(policy.find("name='TcpTimedWaitDelay'/>") != std::string::npos);
}

TEST_CASE("a plan for one system says where the words for the other one are to be had") {
  const Ran one = run_cli({"plan", "--as", "reg", "busy-client"}, stock_host);
  CHECK(one.status == 65);
  CHECK(one.results.empty());
  CHECK(one.messages ==
        "twctl: plan: the host runs Linux, and reg is for the other system\n"
        "  hint: `twctl profile show busy-client --as reg` has what the profile wants there\n");
  CHECK(run_cli({"profile", "show", "busy-client", "--as", "reg"}, stock_host).status == 0);
  const std::string more = "  hint: plan it for such a host: --from takes a snapshot of one\n";
  CHECK(run_cli({"plan", "--as", "reg"}, stock_host).messages.ends_with(more));
  CHECK(run_cli({"plan", "--as", "reg", "busy-client", "--set", "net.core.somaxconn=8192"}, stock_host)
            .messages.ends_with(more));
}

TEST_CASE("each target has its own form") {
  CHECK(as("docker").find("docker run \\\n  --sysctl ") != std::string::npos);
  CHECK(as("docker").find("--sysctl 'net.ipv4.ip_local_port_range=15000 60999' \\\n") != std::string::npos);
  CHECK(as("compose").find("    sysctls:\n      net.ipv4.tcp_tw_reuse: \"1\"\n") != std::string::npos);
  CHECK(as("ansible").find("  ansible.posix.sysctl:\n    name: net.ipv4.tcp_tw_reuse\n    value: \"1\"\n"
                           "    sysctl_file: /etc/sysctl.d/60-mine.conf\n") != std::string::npos);
  CHECK(as("cloud-init").find("#cloud-config\n# mine: ours\n") == 0);
  CHECK(as("nixos").find("    \"net.ipv4.tcp_tw_reuse\" = \"1\";\n") != std::string::npos);
  CHECK(as("powershell").find("-Name TcpTimedWaitDelay -Type DWord -Value 60\n") != std::string::npos);
}

TEST_CASE("what a target cannot hold is refused by its key") {
  CHECK(why_not("net.core.netdev_max_backlog = 2000", "docker") ==
        "/p/mine.ini: docker cannot hold net.core.netdev_max_backlog: one for the whole host, not a container's");
  CHECK(why_not("net.core.netdev_max_backlog = 2000", "sysctl.d") == "it can");
  CHECK(why_not("net.ipv4.tcp_tw_recycle = 0", "sysctl.d") ==
        "/p/mine.ini: sysctl.d cannot hold net.ipv4.tcp_tw_recycle: gone since Linux 4.12");
  CHECK(why_not("net.ipv4.tcp_tw_reuse = unset", "tuned") ==
        "/p/mine.ini: tuned cannot hold net.ipv4.tcp_tw_reuse: a value can be set here, and not be unset");
  CHECK(why_not("net.ipv4.tcp_tw_reuse = 1", "reg") == "/p/mine.ini: nothing in it for reg");
}

TEST_CASE(
    "--as goes with `profile show`; every target that the option names is known, and every built-in profile has its "
    "words") {
  CHECK(run_cli({"profile", "list", "--as", "docker"}).status == 64);
  CHECK(run_cli({"profile", "show", "baseline", "--as", "docker", "--json"}).status == 64);
  CHECK(run_cli({"profile", "show", "baseline", "--as", "cobol"}).status == 64);
  CHECK(run_cli({"profile", "show", "classic", "--as", "docker"}).status == 65);
  CHECK(run_cli({"plan", "--as", "docker", "--json"}).status == 64);
  CHECK(run_cli({"plan", "--as", "docker", "-o", "/x"}).status == 64);
  for (const std::string_view target : split(kProfileTargets, '|')) {
    CHECK(run_cli({"profile", "show", "busy-client", "--as", target}).status == 0);
  }
}
