#include "platform/windows/windows_sockets.hpp"

// winsock2.h before windows.h, which would bring in its first version.
#include <iphlpapi.h>
#include <windows.h>
#include <winsock2.h>
#include <ws2ipdef.h>

#include <cstring>

#include "platform/windows/system_error.hpp"

namespace twctl {
namespace {

constexpr int kMostTries = 8;
constexpr ULONG kSlack = 64 * 1024;  // sockets that appear between two calls

using ReadTable = ULONG(WINAPI*)(void* table, ULONG* size, BOOL sorted);

// The library is loaded when sockets are asked for, from the system's folder (prepare_process): most runs need none.
ReadTable find_reader(const char* name) {
  HMODULE library = ::LoadLibraryExW(L"iphlpapi.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
  if (library == nullptr) return nullptr;
  return reinterpret_cast<ReadTable>(reinterpret_cast<void*>(::GetProcAddress(library, name)));
}

// A table grows while its size is asked for.
Result<std::string> read_table(const char* name) {
  const ReadTable read = find_reader(name);
  if (read == nullptr) return fail(ErrorCode::unsupported, std::string(name) + " is missing from iphlpapi.dll");
  std::string table;
  ULONG size = kSlack;
  for (int i = 0; i < kMostTries; ++i) {
    table.resize(size);
    const ULONG status = read(table.data(), &size, FALSE);
    if (status == NO_ERROR) return table;
    if (status == ERROR_NO_DATA || status == ERROR_NOT_SUPPORTED) return std::string();
    if (status != ERROR_INSUFFICIENT_BUFFER)
      return fail(ErrorCode::failed, std::string(name) + ": " + system_says(status));
    size += kSlack;
  }
  return fail(ErrorCode::failed, std::string(name) + ": the table grew faster than it could be read");
}

// MIB_TCP_STATE of iprtrmib.h; 12, a control block that is being deleted, is as good as closed.
TcpState state_of(DWORD number) {
  using enum TcpState;
  constexpr TcpState kStates[] = {closed,     closed,     listen,  syn_sent, syn_recv,  established, fin_wait_1,
                                  fin_wait_2, close_wait, closing, last_ack, time_wait, closed};
  return number < std::size(kStates) ? kStates[number] : closed;
}

// The low 16 bits, in network order.
std::uint16_t port_of(DWORD port) { return static_cast<std::uint16_t>((port & 0xFFU) << 8U | (port >> 8U & 0xFFU)); }

IpAddress address_of(DWORD address) {
  return ipv4_address(static_cast<std::uint8_t>(address), static_cast<std::uint8_t>(address >> 8U),
                      static_cast<std::uint8_t>(address >> 16U), static_cast<std::uint8_t>(address >> 24U));
}

IpAddress address_of(const IN6_ADDR& address) {
  IpAddress result;
  std::memcpy(result.bytes.data(), &address, result.bytes.size());
  return result;
}

Socket socket_of(const MIB_TCPROW& row) {
  return {.state = state_of(row.dwState),
          .local_port = port_of(row.dwLocalPort),
          .remote_port = port_of(row.dwRemotePort),
          .local = address_of(row.dwLocalAddr),
          .remote = address_of(row.dwRemoteAddr)};
}

Socket socket_of(const MIB_TCP6ROW& row) {
  return {.state = state_of(static_cast<DWORD>(row.State)),
          .local_port = port_of(row.dwLocalPort),
          .remote_port = port_of(row.dwRemotePort),
          .local = address_of(row.LocalAddr),
          .remote = address_of(row.RemoteAddr)};
}

// What the port of a listener's peer says means nothing.
Socket tidied(Socket socket) {
  if (socket.state == TcpState::listen) socket.remote_port = 0;
  return socket;
}

template <class Table>
void add_rows(std::vector<Socket>& sockets, const std::string& bytes, const SocketQuery& query) {
  if (bytes.empty()) return;
  const auto& table = *reinterpret_cast<const Table*>(bytes.data());
  for (DWORD i = 0; i < table.dwNumEntries; ++i) {
    const Socket socket = tidied(socket_of(table.table[i]));
    if (query.states.contains(socket.state)) sockets.push_back(socket);
  }
}

class WindowsSockets final : public SocketSource {
 public:
  Result<StateCounts> count_states() override {
    StateCounts counts{};
    const auto restart = [&] { counts = {}; };
    const auto take = [&](std::span<const Socket> piece) {
      for (const Socket& socket : piece) ++counts.at(static_cast<std::size_t>(socket.state));
    };
    TRY_VOID(dump({}, {.restart = restart, .take = take}));
    return counts;
  }

  Result<void> dump(const SocketQuery& query, const SocketSink& sink) override {
    TRY(const std::string of_ipv4, read_table("GetTcpTable"));
    TRY(const std::string of_ipv6, read_table("GetTcp6Table"));
    std::vector<Socket> sockets;
    add_rows<MIB_TCPTABLE>(sockets, of_ipv4, query);
    add_rows<MIB_TCP6TABLE>(sockets, of_ipv6, query);
    sink.take(sockets);
    return {};
  }

  [[nodiscard]] SocketOrigin origin() const override { return SocketOrigin::system_table; }

  Result<Counters> counters() override { return fail(ErrorCode::unsupported, "twctl reads no counters of Windows"); }

  SocketOwners owners(std::span<const std::uint32_t> inodes) override {
    return {.processes = {}, .owner = std::vector(inodes.size(), SocketOwners::kNobody), .known = false};
  }
};

}  // namespace

std::unique_ptr<SocketSource> make_socket_source() { return std::make_unique<WindowsSockets>(); }

}  // namespace twctl
