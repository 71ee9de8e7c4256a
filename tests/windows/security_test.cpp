// Access control lists as no file of Wine's can have them: it keeps the mode of a file.
#include "platform/windows/security.hpp"

#include <doctest/doctest.h>
#include <windows.h>

#include <array>

using namespace twctl;

namespace {

// A list with one entry of this kind and mask, for a well-known account.
struct List {
  List(BYTE kind, DWORD mask, WELL_KNOWN_SID_TYPE who, BYTE flags = 0) {
    auto length = static_cast<DWORD>(sid_.size());
    ::CreateWellKnownSid(who, nullptr, sid_.data(), &length);
    ::InitializeAcl(get(), sizeof bytes_, ACL_REVISION_DS);
    ::AddAccessAllowedAceEx(get(), ACL_REVISION_DS, flags, mask, sid_.data());
    void* entry = nullptr;
    ::GetAce(get(), 0, &entry);
    static_cast<ACE_HEADER*>(entry)->AceType = kind;
  }
  ACL* get() { return reinterpret_cast<ACL*>(bytes_.data()); }

 private:
  alignas(8) std::array<char, 256> bytes_{};
  std::array<char, SECURITY_MAX_SID_SIZE> sid_{};
};

std::string fault(List list, Rights rights = Rights::change_file) {
  return foreign_writer(list.get(), rights, Ourselves::foreign);
}

}  // namespace

TEST_CASE("an access control list is as safe as those whom it lets write") {
  CHECK(fault({ACCESS_ALLOWED_ACE_TYPE, FILE_WRITE_DATA, WinWorldSid}) == "is writable by Everyone");
  CHECK(fault({ACCESS_ALLOWED_ACE_TYPE, GENERIC_WRITE, WinWorldSid}) == "is writable by Everyone");
  CHECK(fault({ACCESS_ALLOWED_ACE_TYPE, FILE_GENERIC_READ, WinWorldSid}).empty());
  CHECK(fault({ACCESS_ALLOWED_ACE_TYPE, FILE_ALL_ACCESS, WinBuiltinAdministratorsSid}).empty());
  CHECK(fault({ACCESS_ALLOWED_ACE_TYPE, FILE_ALL_ACCESS, WinLocalSystemSid}).empty());
  CHECK(fault({ACCESS_ALLOWED_ACE_TYPE, FILE_ALL_ACCESS, WinWorldSid, INHERIT_ONLY_ACE}).empty());
}

TEST_CASE("who may only add to a folder cannot replace what is in it, and is foreign where nobody may do anything") {
  const List adds(ACCESS_ALLOWED_ACE_TYPE, FILE_ADD_FILE, WinWorldSid);
  CHECK(fault(adds, Rights::replace_inside).empty());
  CHECK(fault(adds, Rights::any) == "is writable by Everyone");
  CHECK(fault({ACCESS_ALLOWED_ACE_TYPE, FILE_DELETE_CHILD, WinWorldSid}, Rights::replace_inside) ==
        "is writable by Everyone");
}

TEST_CASE("what an access control list gives under a condition counts as given, and denials and audits give nothing") {
  CHECK(fault({ACCESS_ALLOWED_CALLBACK_ACE_TYPE, FILE_WRITE_DATA, WinWorldSid}) == "is writable by Everyone");
  CHECK(fault({ACCESS_ALLOWED_CALLBACK_ACE_TYPE, FILE_GENERIC_READ, WinWorldSid}).empty());
  for (const int kind : {ACCESS_DENIED_ACE_TYPE, ACCESS_DENIED_CALLBACK_ACE_TYPE, SYSTEM_AUDIT_ACE_TYPE}) {
    CHECK(fault({static_cast<BYTE>(kind), FILE_ALL_ACCESS, WinWorldSid}).empty());
  }
}

TEST_CASE("an access control list with an entry of a kind that twctl does not read is not safe") {
  for (const int kind : {ACCESS_ALLOWED_COMPOUND_ACE_TYPE, ACCESS_ALLOWED_OBJECT_ACE_TYPE,
                         ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE, 200}) {
    CHECK(fault({static_cast<BYTE>(kind), FILE_WRITE_DATA, WinBuiltinAdministratorsSid}) ==
          "has an entry of an unknown kind, " + std::to_string(kind) + ", in its access control list");
  }
}
