// Rows of the catalogue that must not compile, one for each name that CTest defines; with CASE_sound nothing is wrong,
// so that no case can fail for another reason than its own.
#include "catalog/rows/row_checks.hpp"

namespace twctl::rows {

constexpr KernelDefault kDefaults[] = {{{}, "5"}, {{5, 4}, "6"}};

// What every row here shares, and what each case has of its own.
#define ROW(...) \
  { .key = "net.ipv4.tcp_x", .unit = "s", .accepted = {1, 9}, .kernel_accepts = {0, 9}, __VA_ARGS__ }
#define TEXTS .per_namespace_since = {4, 6}, .summary = "what it is", .does = "what it does"

constexpr Setting kRows[] = {
#if defined CASE_sound
    ROW(.defaults = kDefaults, TEXTS, .sources = {"RFC 9293"}),
#elif defined CASE_no_source
    ROW(.defaults = kDefaults, TEXTS),
#elif defined CASE_empty_source
    ROW(.defaults = kDefaults, TEXTS, .sources = {""}),
#elif defined CASE_one_source_empty_of_two
    ROW(.defaults = kDefaults, TEXTS, .sources = {"RFC 9293", ""}),
#elif defined CASE_seven_sources
    ROW(.defaults = kDefaults, TEXTS, .sources = {"1", "2", "3", "4", "5", "6", "7"}),
#elif defined CASE_no_default
    ROW(TEXTS, .sources = {"RFC 9293"}),
#elif defined CASE_default_outside_of_the_accepted_range
    ROW(.defaults = kZero, TEXTS, .sources = {"RFC 9293"}),
#elif defined CASE_removed_without_a_reason
    ROW(.defaults = kDefaults, .removed = {4, 12}, TEXTS, .sources = {"RFC 9293"}),
#elif defined CASE_removed_before_it_was_there
    ROW(.defaults = kDefaults, .since = {4, 13}, .removed = {4, 12}, .removed_why = "why", TEXTS,
        .sources = {"RFC 9293"}),
#elif defined CASE_meanings_of_no_enumeration
    ROW(.meanings = kOffOn, .defaults = kDefaults, TEXTS, .sources = {"RFC 9293"}),
#elif defined CASE_key_twice
    ROW(.defaults = kDefaults, TEXTS, .sources = {"RFC 9293"}),
    ROW(.defaults = kDefaults, TEXTS, .sources = {"RFC 9293"}),
#elif defined CASE_accepts_what_the_kernel_refuses
    {.key = "net.ipv4.tcp_x",
     .unit = "s",
     .accepted = {1, 10},
     .kernel_accepts = {0, 9},
     .defaults = kDefaults,
     TEXTS,
     .sources = {"RFC 9293"}},
#else
#error "no case is defined"
#endif
};

static_assert(sound(kRows));

}  // namespace twctl::rows
