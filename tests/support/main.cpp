// The main of every suite for Linux: doctest's own, and what many cases in one process need beside it. A case that ends
// the process names itself, whether a signal, a sanitizer, the time or exit() ended it; the last line counts the cases.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

// Only a program that was built with a sanitizer has it.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer's name
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

const char* case_running = nullptr;

// Called from a signal handler too, so it allocates nothing.
void name_the_case(const char* what) {
  if (case_running == nullptr) return;
  for (const char* part : {"\nTEST CASE ", what, ": ", case_running, "\n"})
    if (::write(STDERR_FILENO, part, std::strlen(part)) < 0) return;
}

void took_too_long(int) {
  name_the_case("TOOK TOO LONG");
  std::_Exit(1);
}

void found_by_a_sanitizer() { name_the_case("WAS ENDED BY A SANITIZER"); }

// exit(0) in a case would end the suite as a success, with the cases behind it not run.
void ended_by_a_case() {
  if (case_running == nullptr) return;
  name_the_case("ENDED THE PROCESS");
  std::_Exit(1);
}

// Seconds that one case may take: what takes longer hangs, even where other suites have the processors.
unsigned time_limit() {
  const char* given = std::getenv("TWCTL_CASE_SECONDS");
  return given == nullptr ? 600 : static_cast<unsigned>(std::atoi(given));
}

struct Counts {
  int passed = 0;
  int failed = 0;
  std::vector<std::string> skipped;  // "name: why"
};
Counts counts;

// doctest tells it of each case. (doctest itself names a case that a signal ends.)
class CaseWatch : public doctest::IReporter {
 public:
  explicit CaseWatch(const doctest::ContextOptions&) {}
  void test_case_start(const doctest::TestCaseData& data) override {
    case_running = data.m_name;
    why_skipped_.clear();
    std::signal(SIGALRM, took_too_long);
    ::alarm(time_limit());
  }
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    ::alarm(0);
    if (!stats.testCaseSuccess)
      ++counts.failed;
    else if (why_skipped_.empty())
      ++counts.passed;
    else
      counts.skipped.push_back(case_running + std::string(": ") + why_skipped_);
    case_running = nullptr;
  }
  void log_message(const doctest::MessageData& message) override {
    const std::string text = message.m_string.c_str();
    const std::string mark = "TEST SKIPPED: ";
    if (text.starts_with(mark)) why_skipped_ = text.substr(mark.size());
  }
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  std::string why_skipped_;
};
REGISTER_LISTENER("case watch", 1, CaseWatch);

}  // namespace

int main(int argc, char** argv) {
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(found_by_a_sanitizer);
  if (std::atexit(ended_by_a_case) != 0) return 1;
  doctest::Context context(argc, argv);
  const int code = context.run();
  if (context.shouldExit()) return code;  // it only listed what there is
  for (const std::string& line : counts.skipped) std::printf("skipped: %s\n", line.c_str());
  std::printf("%d passed, %d failed, %zu skipped\n", counts.passed, counts.failed, counts.skipped.size());
  return code;
}
