#include "platform/windows/windows_sockets.hpp"

#include <iphlpapi.h>
#include <tlhelp32.h>
#include <windows.h>
#include <winsock2.h>
#include <ws2ipdef.h>

#include <cstring>
#include <map>
#include <type_traits>

#include "platform/windows/handle.hpp"
#include "platform/windows/system_error.hpp"
#include "platform/windows/system_function.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

constexpr const wchar_t* kLibrary = L"iphlpapi.dll";
constexpr int kMostReadings = 8;
constexpr ULONG kSlack = 64 * 1024;  // sockets that appear between two calls

// `read` fills a buffer of a size, or says what size it wants: a table grows while that is asked for.
template <class Read>
Result<std::string> read_table(const char* name, Read read) {
  std::string table;
  ULONG size = kSlack;
  for (int i = 0; i < kMostReadings; ++i) {
    table.resize(size);
    const ULONG status = read(table.data(), &size);
    if (status == NO_ERROR) return table;
    if (status == ERROR_NO_DATA || status == ERROR_NOT_SUPPORTED) return std::string();
    if (status != ERROR_INSUFFICIENT_BUFFER)
      return fail(ErrorCode::failed, std::string(name) + ": " + system_says(status));
    size += kSlack;
  }
  return fail(ErrorCode::failed, std::string(name) + ": the table grew faster than it could be read");
}

// States only, of either family: the quick way.
Result<std::string> read_states(const char* name) {
  using Get = ULONG WINAPI(void* table, ULONG* size, BOOL sorted);
  TRY(auto* get, find_function<Get>(kLibrary, name));
  return read_table(name, [get](void* table, ULONG* size) { return get(table, size, FALSE); });
}

// Who holds each socket, too.
Result<std::string> read_owned(ULONG family) {
  constexpr const char* kName = "GetExtendedTcpTable";
  TRY(auto* get, find_function<decltype(::GetExtendedTcpTable)>(kLibrary, kName));
  return read_table(kName, [get, family](void* table, ULONG* size) {
    return get(table, size, FALSE, family, TCP_TABLE_OWNER_PID_ALL, 0);
  });
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

IpAddress address_of(const UCHAR (&address)[16]) {
  IpAddress result;
  std::memcpy(result.bytes.data(), address, result.bytes.size());
  return result;
}

Socket socket_of(const MIB_TCPROW_OWNER_PID& row) {
  return {.state = state_of(row.dwState),
          .local_port = port_of(row.dwLocalPort),
          .remote_port = port_of(row.dwRemotePort),
          .local = address_of(row.dwLocalAddr),
          .remote = address_of(row.dwRemoteAddr),
          .inode = row.dwOwningPid};
}

Socket socket_of(const MIB_TCP6ROW_OWNER_PID& row) {
  return {.state = state_of(row.dwState),
          .local_port = port_of(row.dwLocalPort),
          .remote_port = port_of(row.dwRemotePort),
          .local = address_of(row.ucLocalAddr),
          .remote = address_of(row.ucRemoteAddr),
          .inode = row.dwOwningPid};
}

DWORD number_of_state(const MIB_TCPROW& row) { return row.dwState; }
DWORD number_of_state(const MIB_TCP6ROW& row) { return static_cast<DWORD>(row.State); }

// What the port of a listener's peer says means nothing.
Socket tidied(Socket socket) {
  if (socket.state == TcpState::listen) socket.remote_port = 0;
  return socket;
}

template <class Table>
std::span<const std::remove_extent_t<decltype(Table::table)>> rows_of(const std::string& bytes) {
  if (bytes.empty()) return {};
  const auto& table = *reinterpret_cast<const Table*>(bytes.data());
  return {static_cast<const std::remove_extent_t<decltype(Table::table)>*>(table.table), table.dwNumEntries};
}

template <class Table>
void add_counts(StateCounts& counts, const std::string& bytes) {
  for (const auto& row : rows_of<Table>(bytes)) ++counts.at(static_cast<std::size_t>(state_of(number_of_state(row))));
}

template <class Table>
void add_sockets(std::vector<Socket>& sockets, const std::string& bytes, const SocketQuery& query) {
  for (const auto& row : rows_of<Table>(bytes)) {
    const Socket socket = tidied(socket_of(row));
    if (query.states.contains(socket.state)) sockets.push_back(socket);
  }
}

// Of every process that can be seen.
std::map<std::uint32_t, std::string> process_names() {
  std::map<std::uint32_t, std::string> names;
  const Handle snapshot(::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
  PROCESSENTRY32W entry{};
  entry.dwSize = sizeof entry;
  bool more = snapshot && ::Process32FirstW(snapshot.get(), &entry) != 0;
  for (; more; more = ::Process32NextW(snapshot.get(), &entry) != 0) {
    names[entry.th32ProcessID] = to_utf8(static_cast<const wchar_t*>(entry.szExeFile));
  }
  return names;
}

class WindowsSockets final : public SocketSource {
 public:
  WindowsSockets() { origin_ = SocketOrigin::system_table; }

  Result<StateCounts> count_states() override {
    TRY(const std::string of_ipv4, read_states("GetTcpTable"));
    TRY(const std::string of_ipv6, read_states("GetTcp6Table"));
    StateCounts counts{};
    add_counts<MIB_TCPTABLE>(counts, of_ipv4);
    add_counts<MIB_TCP6TABLE>(counts, of_ipv6);
    return counts;
  }

  Result<void> dump(const SocketQuery& query, const SocketSink& sink) override {
    TRY(const std::string of_ipv4, read_owned(AF_INET));
    TRY(const std::string of_ipv6, read_owned(AF_INET6));
    std::vector<Socket> sockets;
    add_sockets<MIB_TCPTABLE_OWNER_PID>(sockets, of_ipv4, query);
    add_sockets<MIB_TCP6TABLE_OWNER_PID>(sockets, of_ipv6, query);
    sink.take(sockets);
    return {};
  }

  Result<Counters> counters() override { return fail(ErrorCode::unsupported, "twctl reads no counters of Windows"); }

  // What stands for a socket's inode is the process itself.
  SocketOwners owners(std::span<const std::uint32_t> inodes) override {
    SocketOwners owners;
    const std::map<std::uint32_t, std::string> names = process_names();
    for (const std::uint32_t process : inodes) {
      const auto name = names.find(process);
      const bool same = !owners.processes.empty() && owners.processes.back().pid == static_cast<int>(process);
      if (!same && name != names.end()) owners.processes.push_back({static_cast<int>(process), name->second});
      owners.owner.push_back(name == names.end() ? SocketOwners::kNobody
                                                 : static_cast<std::uint32_t>(owners.processes.size() - 1));
    }
    return owners;
  }
};

}  // namespace

std::unique_ptr<SocketSource> make_socket_source() { return std::make_unique<WindowsSockets>(); }

}  // namespace twctl
