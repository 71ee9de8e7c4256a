// Paths, names and bytes on the way to Windows and back.
#include <doctest/doctest.h>
#include <windows.h>

#include <filesystem>
#include <fstream>

#include "platform/platform.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/wide.hpp"
#include "support/contract.hpp"

using namespace twctl;

TEST_CASE("text survives the way to Windows and back, and what is not valid becomes U+FFFD") {
  for (const char* text : {"", "plain", "Prüfung Ω 日本", "\xF0\x9F\x98\x80 astral", "a\xF0\x90\x80\x80"}) {
    CHECK(to_utf8(to_wide(text)) == text);
  }
  CHECK(to_wide("\xF0\x9F\x98\x80") == L"\xD83D\xDE00");
  CHECK(to_utf8(to_wide("a\xFF\xC3")) == "a\xEF\xBF\xBD\xEF\xBF\xBD");
  const wchar_t lone[] = {L'a', 0xD83D, L'b', 0xDE00, 0};
  CHECK(to_utf8(lone) ==
        "a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD");
  const wchar_t cut[] = {0xD83D, 0};
  CHECK(to_utf8(cut) == "\xEF\xBF\xBD");
}

TEST_CASE("a folder is listed in byte order, and one that is missing is empty") {
  const auto platform = make_platform({});
  REQUIRE(platform);
  HostFiles& files = (*platform)->files();
  REQUIRE(files.write_output("C:\\windows\\temp\\b ü.txt", "b"));
  REQUIRE(files.write_output("C:\\windows\\temp\\a.txt", "a"));
  const auto names = files.list("C:\\windows\\temp");
  REQUIRE(names);
  CHECK(std::find(names->begin(), names->end(), "a.txt") < std::find(names->begin(), names->end(), "b ü.txt"));
  CHECK((files.list("C:\\nowhere") == std::vector<std::string>{}));
  CHECK((files.read("C:\\windows\\temp\\b ü.txt", 10).value() == std::optional<std::string>("b")));
  CHECK((files.read("C:\\nowhere\\x", 10).value() == std::optional<std::string>()));
  CHECK(files.read("C:\\windows\\temp\\a.txt", 0).error().code == ErrorCode::invalid);
  CHECK(files.read("C:\\windows", 10).error().code == ErrorCode::no_input);
}

TEST_CASE("output to a pipe is written into it, and replaces nothing") {
  const char* name = "\\\\.\\pipe\\twctl-test";
  const Handle reader(
      ::CreateNamedPipeW(to_wide(name).c_str(), PIPE_ACCESS_INBOUND, PIPE_TYPE_BYTE, 1, 0, 4096, 0, nullptr));
  REQUIRE(reader);
  const auto platform = make_platform({});
  REQUIRE(platform);
  REQUIRE((*platform)->files().write_output(name, "a plan"));
  CHECK(read_bytes(reader.get(), 100) == "a plan");
}

TEST_CASE("a pipe that somebody serves is no profile, and nothing is read from it") {
  constexpr const char* kPipe = "\\\\.\\pipe\\twctl-test";
  const Handle server(
      ::CreateNamedPipeW(to_wide(kPipe).c_str(), PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1, 64, 64, 0, nullptr));
  REQUIRE(server);
  const auto platform = make_platform({});
  REQUIRE(platform);
  const auto profile = (*platform)->files().read_profile(kPipe, 10);
  REQUIRE_FALSE(profile);
  CHECK(profile.error() ==
        Error{.code = ErrorCode::no_input, .message = R"(cannot read \\.\pipe\twctl-test: is not a regular file)"});
}

TEST_CASE("the run and the sockets of Windows keep the contracts of a run and of sockets") {
  const auto platform = make_platform({});
  REQUIRE(platform);
  test::check_run_contract((*platform)->run());
  constexpr int kTries = 20;  // under Wine the table is that of the machine, which others use
  std::string said;
  for (int i = 0; i < kTries && said != test::kSocketsKept; ++i) {
    said = test::sockets_contract((*platform)->sockets());
  }
  CHECK(said == test::kSocketsKept);
}

TEST_CASE("the files and the timers of Windows keep the contracts of files and of timers") {
  const std::filesystem::path folder = "C:\\windows\\temp\\twctl-contract";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  const auto platform = make_platform({});
  REQUIRE(platform);
  test::check_files_contract({.files = (*platform)->files(),
                              .folder = folder.string() + "\\",
                              .put = [](const std::string& path, const std::string& bytes) {
                                std::ofstream(std::filesystem::path(path), std::ios::binary) << bytes;
                              }});
  std::filesystem::remove_all(folder);
  test::check_timers_contract((*platform)->timers());
}
