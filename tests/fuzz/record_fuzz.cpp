// Any bytes as a record of the journal, as they are and as the payload of a sound frame (no fuzzer guesses a checksum):
// refused, or read to a value that is written and read again as itself.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/crc32.hpp"
#include "journal/record.hpp"

using namespace twctl;

namespace {

std::string framed(std::string_view payload) {
  char heading[64];
  (void)std::snprintf(heading, sizeof heading, "twctl-record %d %zu %08x\n", kRecordVersion, payload.size(),
                      crc32(payload));
  return heading + std::string(payload);
}

template <class T>
void check(Result<T> (*decode)(std::string_view), std::string_view bytes) {
  const Result<T> record = decode(bytes);
  if (!record) return;
  const Result<T> again = decode(encode(*record));
  if (!again || !(*again == *record)) std::abort();
}

void check_all(std::string_view bytes) {
  check(decode_intent, bytes);
  check(decode_decision, bytes);
  check(decode_done, bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_all(bytes);
  check_all(framed(bytes));
  return 0;
}
