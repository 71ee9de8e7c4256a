// What every SettingStore promises, held to the real registry of the tests' own Windows; and what only a registry has:
// types, lengths, and access control lists.
#include "platform/windows/registry_store.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

#include "catalog/registry_value.hpp"
#include "support/contract.hpp"
#include "windows/denied_key.hpp"
#include "windows/raw_registry.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

const Setting& delay() { return *find_setting(Os::windows, "TcpTimedWaitDelay"); }

std::string shown(SettingStore& store, const Setting& setting) {
  const auto value = store.read(setting);
  if (!value) return "error: " + value.error().message;
  if (value->state == LiveValue::State::absent) return "absent";
  return value->state == LiveValue::State::present ? "'" + value->value + "'" : value->problem;
}

std::string bytes(std::initializer_list<int> numbers) {
  std::string text;
  for (const int number : numbers) text += static_cast<char>(number);
  return text;
}

// Begins with the value absent, and leaves it so.
struct EmptyRegistry {
  EmptyRegistry() { delete_raw(); }
  ~EmptyRegistry() { delete_raw(); }
  EmptyRegistry(const EmptyRegistry&) = delete;
  EmptyRegistry& operator=(const EmptyRegistry&) = delete;
  std::unique_ptr<SettingStore> store = make_registry_store();
};

}  // namespace

TEST_CASE("the registry keeps the contract of settings: absent, made, changed, taken away") {
  EmptyRegistry host;
  CHECK(shown(*host.store, delay()) == "absent");
  REQUIRE(host.store->check_writable(delay()));
  CHECK(raw_value() == TypeAndBytes{0, "absent"});
  REQUIRE(host.store->write(delay(), "17"));
  CHECK(shown(*host.store, delay()) == "'17'");
  CHECK(raw_value() == TypeAndBytes{REG_DWORD, bytes({17, 0, 0, 0})});
  REQUIRE(host.store->write(delay(), "4294967295"));
  CHECK(shown(*host.store, delay()) == "'4294967295'");
  REQUIRE(host.store->write(delay(), std::nullopt));
  CHECK(raw_value() == TypeAndBytes{0, "absent"});
  CHECK(host.store->write(delay(), std::nullopt));
}

TEST_CASE("the name of a value is found in any case") {
  EmptyRegistry host;
  put_raw(L"TCPTIMEDWAITDELAY", REG_DWORD, bytes({0x20, 0, 0, 0}));
  CHECK(shown(*host.store, delay()) == "'32'");
}

TEST_CASE("a value of a wrong type or length is told whole, and written back byte for byte") {
  const std::initializer_list<TypeAndBytes> values{{REG_SZ, bytes({'3', 0, '0', 0, 0, 0})},
                                                   {REG_SZ, bytes({'3'})},
                                                   {REG_EXPAND_SZ, ""},
                                                   {REG_BINARY, bytes({30, 0, 0, 0})},
                                                   {REG_DWORD, bytes({30})},
                                                   {REG_DWORD, ""},
                                                   {REG_DWORD_BIG_ENDIAN, bytes({0, 0, 0, 30})},
                                                   {REG_QWORD, bytes({30, 0, 0, 0, 0, 0, 0, 0})},
                                                   {REG_DWORD, bytes({1, 2, 3, 4, 5})},
                                                   {REG_NONE, bytes({0})},
                                                   {REG_SZ, bytes({'3', 0, '0', 0})},
                                                   {REG_MULTI_SZ, std::string(4096, '\x01')}};
  for (const auto& [type, raw] : values) {
    CAPTURE(type);
    EmptyRegistry host;
    put_raw(kName, type, raw);
    REQUIRE(raw_value() == TypeAndBytes{type, raw});
    const auto value = host.store->read(delay());
    REQUIRE(value);
    CHECK(value->value == to_value({static_cast<std::uint32_t>(type), raw}));
    CHECK_FALSE(within(delay(), value->value));
    REQUIRE(host.store->write(delay(), "60"));
    CHECK(shown(*host.store, delay()) == "'60'");
    REQUIRE(host.store->write(delay(), value->value));
    CHECK(raw_value() == TypeAndBytes{type, raw});
  }
}

TEST_CASE("a value that is far too large to be one of these is not read") {
  EmptyRegistry host;
  put_raw(kName, REG_BINARY, std::string(kRegistryBytesLimit + 1, 'x'));
  const auto value = host.store->read(delay());
  REQUIRE(value);
  CHECK(value->state == LiveValue::State::unreadable);
  CHECK(value->problem == "it is larger than 4 KiB");
}

TEST_CASE("a key that may not be written says so before anything is written, and can be read") {
  EmptyRegistry host;
  put_raw(kName, REG_DWORD, bytes({30, 0, 0, 0}));
  const DeniedKey denied(KEY_SET_VALUE);
  const auto checked = host.store->check_writable(delay());
  REQUIRE_FALSE(checked);
  CHECK(checked.error() == Error{.code = ErrorCode::denied,
                                 .message = "TcpTimedWaitDelay cannot be written: Access denied",
                                 .hint = "the permissions of its key, which regedit shows, or a policy forbid it"});
  CHECK(host.store->read(delay())->read_only);
  const auto written = host.store->write(delay(), "60");
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::denied);
  CHECK(shown(*host.store, delay()) == "'30'");
}

TEST_CASE("a key that may not be read is denied, and not absent") {
  EmptyRegistry host;
  const DeniedKey denied(KEY_QUERY_VALUE);
  const auto value = host.store->read(delay());
  REQUIRE(value);
  CHECK(value->state == LiveValue::State::denied);
  CHECK(value->problem == "Access denied");
}

// Which rights the flushing itself asks for cannot be seen: Wine's asks for none.
TEST_CASE("the registry is flushed through a key that is open to be read") {
  EmptyRegistry host;
  CHECK(host.store->sync());
  {
    const DeniedKey denied(KEY_SET_VALUE);
    CHECK(host.store->sync());
  }
  const DeniedKey denied(KEY_QUERY_VALUE);
  CHECK(host.store->sync().error() ==
        Error{.code = ErrorCode::failed, .message = "the registry cannot be flushed: Access denied"});
}

TEST_CASE("the registry keeps the contract of settings that are written") {
  EmptyRegistry host;
  put_raw(kName, REG_DWORD, bytes({30, 0, 0, 0}));
  CHECK(settings_contract(*host.store, delay(), "30", "60") == kSettingsKept);
}
