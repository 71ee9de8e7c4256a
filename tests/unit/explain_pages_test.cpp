// How pages look, whole: rows made for the test, so that better words in the catalogue change nothing here.
#include "report/explain_pages.hpp"

#include <doctest/doctest.h>

using namespace twctl;

namespace {

constexpr std::size_t kColumns = 60;

constexpr Meaning kOffOn[] = {{0, "off"}, {1, "on"}};
constexpr KernelDefault kDefaults[] = {{{}, "0"}, {{4, 19}, "1"}};

constexpr Setting kExplainedSwitch{
    .key = "net.ipv4.tcp_example",
    .type = ValueType::enumeration,
    .unit = "",
    .accepted = {0, 1},
    .kernel_accepts = {0, 255},
    .meanings = kOffOn,
    .defaults = kDefaults,
    .per_namespace_since = {4, 10},
    .effect_note = "at the next connect()",
    .summary = "Whether an example is given.",
    .does = "It gives one. The line is long enough to be wrapped at sixty columns.",
    .risk = "None.",
    .sources = {"RFC 1", "a source with a name that is longer than the width that is left for it"},
};

constexpr KernelDefault kSixty[] = {{{6, 14}, "60"}};

constexpr Setting kExplainedNumber{
    .key = "net.ipv4.tcp_example_time",
    .unit = "s",
    .accepted = {1, 120},
    .kernel_accepts = {-5, 200},
    .defaults = kSixty,
    .since = {6, 14},
    .reach = Reach::host_wide,
    .module = "example",
    .takes_effect = TakesEffect::next_listen,
    .summary = "How long.",
    .does = "It waits.",
    .writable = false,
    .sources = {"RFC 1"},
};

Snapshot host() {
  Snapshot here;
  here.host.kernel = {6, 1, 0};
  here.host.kernel_release = "6.1.0-30-amd64";
  here.host.loader = Loader::systemd;
  return here;
}

}  // namespace

TEST_CASE("the page of a switch on a host") {
  Snapshot here = host();
  here.live["net.ipv4.tcp_example"] = {LiveValue::State::present, "0", false, {}};
  CHECK(to_text(setting_page(kExplainedSwitch, &here), kColumns) ==
        R"(net.ipv4.tcp_example
Whether an example is given.

  live here     0 (off)
  next boot     1 (on), the kernel's default: no boot file
                sets it
  default here  1 (on) on Linux 6.1
  default       0; 1 since Linux 4.19
  values        0 = off; 1 = on
  takes effect  now: at the next connect()
  reach         each network namespace has its own value
                (since Linux 4.10)
  kernels       every Linux that is in use

What it does
  It gives one. The line is long enough to be wrapped at
  sixty columns.

Risk
  None.

Sources
  - RFC 1
  - a source with a name that is longer than the width that
    is left for it
)");
}

TEST_CASE("the page of a number that this host does not have") {
  const Snapshot here = host();
  CHECK(to_text(setting_page(kExplainedNumber, &here), kColumns) ==
        R"(net.ipv4.tcp_example_time
How long.

  live here     none: needs Linux 6.14 (this is
                6.1.0-30-amd64)
  default       60 s
  range         1 to 120 s (Linux 6.18 itself takes -5 to
                200)
  takes effect  next listen()
  reach         one value for the host, in its initial
                network namespace only
  kernels       Linux 6.14 and later, while the module
                example is loaded
  twctl         explains it and never writes it

What it does
  It waits.

Sources
  - RFC 1
)");
}

TEST_CASE("the page of a hazard") {
  constexpr FindingRow kHazard{.id = "example-trap",
                               .blocks = true,
                               .summary = "an example is wanted",
                               .meaning = "It may be a bad one.",
                               .advice = "Take another.",
                               .sources = {"RFC 2"}};
  CHECK(to_text(hazard_page(kHazard), kColumns) == R"(example-trap: a hazard of a plan
It blocks: apply refuses without --accept example-trap.

When
  an example is wanted

What can go wrong
  It may be a bad one.

What to do
  Take another.

Sources
  - RFC 2
)");
}

TEST_CASE("the page of a finding") {
  constexpr FindingRow kFinding{.id = "example-held",
                                .severity = Severity::info,
                                .summary = "an example is held",
                                .meaning = "Somebody likes it.",
                                .advice = "Nothing need be done.",
                                .sources = {"RFC 2"}};
  CHECK(to_text(finding_page(kFinding), kColumns) == R"(example-held: a finding
Severity: info.

When
  an example is held

What it means
  Somebody likes it.

What to do
  Nothing need be done.

Sources
  - RFC 2
)");
}

TEST_CASE("a topic's paragraphs are wrapped and its tables stand as they are") {
  constexpr TopicRow kTopic{.id = "example",
                            .title = "An example",
                            .text = "\nOne paragraph in\ntwo lines of the source.\n\n  a   1\n  b  22\n\nThe end.\n",
                            .sources = {"RFC 3"}};
  CHECK(to_text(topic_page(kTopic), kColumns) == R"(An example

One paragraph in two lines of the source.

  a   1
  b  22

The end.

Sources
  - RFC 3
)");
}

TEST_CASE("the page of a setting as Markdown") {
  CHECK(to_markdown(setting_page(kExplainedNumber, nullptr), 3) == R"(### net.ipv4.tcp_example_time

How long.

- default: 60 s
- range: 1 to 120 s (Linux 6.18 itself takes -5 to 200)
- takes effect: next listen()
- reach: one value for the host, in its initial network namespace only
- kernels: Linux 6.14 and later, while the module example is loaded
- twctl: explains it and never writes it

**What it does.** It waits.

**Sources.**

- RFC 1

)");
}
