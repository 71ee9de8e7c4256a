#include "sysctl/glob.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace twctl;

TEST_CASE("a wildcard stays within one component, as glob(3) has it") {
  CHECK(glob_matches("net/ipv4/tcp_*", "net/ipv4/tcp_fin_timeout"));
  CHECK(glob_matches("net/*/tcp_fin_timeou?", "net/ipv4/tcp_fin_timeout"));
  CHECK_FALSE(glob_matches("net/*", "net/ipv4/tcp_fin_timeout"));
  CHECK_FALSE(glob_matches("net?ipv4/tcp_fin_timeout", "net/ipv4/tcp_fin_timeout"));
  CHECK_FALSE(glob_matches("net[/]ipv4/tcp_fin_timeout", "net/ipv4/tcp_fin_timeout"));
}

TEST_CASE("brackets know ranges, classes, negation and escapes") {
  CHECK(glob_matches("tcp_[a-f]in", "tcp_fin"));
  CHECK_FALSE(glob_matches("tcp_[!f]in", "tcp_fin"));
  CHECK(glob_matches("tcp_[^x]in", "tcp_fin"));
  CHECK(glob_matches("tcp_[]f]in", "tcp_fin"));
  CHECK(glob_matches("tcp_[[:lower:]]in", "tcp_fin"));
  CHECK(glob_matches("tcp[-_]fin", "tcp_fin"));
  CHECK(glob_matches("tcp\\_*", "tcp_fin"));
  CHECK_FALSE(glob_matches("tcp_[f", "tcp_fin"));
  CHECK(glob_matches("tcp_[f*", "tcp_[fin"));
  CHECK_FALSE(glob_matches("tcp_[\xbb-z]in", "tcp_fin"));  // a range that runs backwards
  CHECK_FALSE(glob_matches("tcp_[f/x]in", "tcp_fin"));     // two components
  CHECK(glob_matches("tcp_[f/x]*", "tcp_[f/x]in"));
}

TEST_CASE("braces are alternatives for systemd") {
  CHECK(glob_with_braces_matches("net/{ipv4,ipv6}/tcp_*", "net/ipv4/tcp_fin_timeout"));
  CHECK(glob_with_braces_matches("net/{core,ipv{4,6}}/tcp_*", "net/ipv6/tcp_x"));
  CHECK_FALSE(glob_with_braces_matches("net/{core,ipv6}/tcp_*", "net/ipv4/tcp_fin_timeout"));
  CHECK_FALSE(glob_with_braces_matches("net/{ipv4/tcp_*", "net/ipv4/tcp_fin_timeout"));
}

TEST_CASE("H04: a pattern of 4096 bytes is read, a longer one matches nothing") {
  CHECK(glob_matches(std::string(4095, 'a') + "*", std::string(4095, 'a')));
  CHECK_FALSE(glob_matches(std::string(4096, 'a') + "*", std::string(4096, 'a')));
  CHECK(glob_with_braces_matches("{b,*}" + std::string(4091, 'a'), std::string(4091, 'a')));
  CHECK_FALSE(glob_with_braces_matches("{b,*}" + std::string(4092, 'a'), std::string(4092, 'a')));
  std::string bomb;
  for (int i = 0; i < 60'000; ++i) bomb += "{a,b}";
  CHECK_FALSE(glob_with_braces_matches(bomb, "net/ipv4/tcp_fin_timeout"));
  CHECK_FALSE(glob_matches("net/ipv4/*" + std::string(200'000, '['), "net/ipv4/tcp_fin_timeout"));
}

TEST_CASE("each pair of braces counts what it comes to, up to one more than asked for") {
  CHECK(brace_alternatives("net.ipv4.*", 9) == 0);
  CHECK(brace_alternatives("net.{a,b,c}.*", 9) == 3);
  CHECK(brace_alternatives("net.{a,b}.{c,d}*", 9) == 6);
  CHECK(brace_alternatives("net.{a,b}.{c,d}*", 5) == 6);
  CHECK(brace_alternatives("net.{a,b}.{c,d}*", 4) == 5);
}

TEST_CASE("a hostile pattern costs little") {
  std::string stars;
  std::string braces;
  for (int i = 0; i < 40; ++i) {
    stars += "*a";
    braces += "{a,b,c,d}";
  }
  CHECK_FALSE(glob_matches(stars + "b", std::string(4000, 'a')));
  CHECK_FALSE(glob_with_braces_matches(braces + "*x", std::string(40, 'a')));
}
