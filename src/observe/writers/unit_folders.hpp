// Where systemd looks for the files of units (systemd.unit(5)): of one name the first folder counts. What the folders
// have is asked once.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/host_files.hpp"

namespace twctl {

// "tune@a.service" is made of "tune@.service".
[[nodiscard]] std::string template_of(const std::string& unit);

class UnitFolders {
 public:
  explicit UnitFolders(HostFiles& files);

  // The names in the administrator's folder, /etc/systemd/system.
  [[nodiscard]] const std::vector<std::string>& administrators() const { return folders_[0]->units; }

  // Where a unit, or a folder beside units ("multi-user.target.wants"), of that name is, in their order; perhaps, in a
  // folder that may not be listed.
  [[nodiscard]] std::vector<std::string> all_of(const std::string& name) const;

  // The files that are the unit's, or else its template's: the first that is there counts.
  [[nodiscard]] std::vector<std::string> files_of(const std::string& unit) const;

  // Whether the unit of that file, with that text, is never started: it is empty, or a link to /dev/null.
  [[nodiscard]] bool is_masked(const std::string& path, std::string_view text) const;

  using Paths = std::map<std::string, std::string>;  // by the name of the file

  // The drop-ins of a unit: those of its template, and of "a-.service" for "a-b.service", among them. Of one name the
  // first folder counts.
  [[nodiscard]] Paths drop_ins(const std::string& unit) const;

  // Those of every unit of a type ("service"). One of another name that a unit has itself goes before it.
  [[nodiscard]] Paths drop_ins_of_type(std::string_view type) const;

 private:
  using Names = std::vector<std::string>;  // sorted

  struct Folder {
    Names units;     // and folders of links to them
    Names drop_ins;  // folders of these, "x.service.d": few, and each unit asks for several
  };

  [[nodiscard]] bool may_have(std::size_t folder, Names Folder::*kind, const std::string& name) const;
  void add_drop_ins(Paths& found, std::size_t folder, const std::string& of) const;

  HostFiles& files_;
  std::array<std::optional<Folder>, kUnitFolders.size()> folders_;  // nullopt: not known
};

}  // namespace twctl
