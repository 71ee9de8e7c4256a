// A host's settings and a profile -> what is written into the namespaces of a trial. Pure.
#pragma once

#include <string>
#include <vector>

#include "diagnose/port_model.hpp"
#include "observe/snapshot.hpp"
#include "profile/desired.hpp"
#include "trial/trial_options.hpp"

namespace twctl {

// One set of settings that is measured.
struct Candidate {
  std::string name;               // "present", "busy-client"
  SettingValues values = {};      // all that are written, in the catalogue's order
  SettingValues wanted = {};      // of those, what the profile has changed
  PortSettings ports = {};        // with the range that is measured
  PortSettings own_ports = {};    // with the range that the values ask for
  ModelHost model_host = {};      // with the tcp_max_tw_buckets that is measured
  ModelHost own_model_host = {};  // with that which the values ask for
  Binding binding = Binding::none;
  std::optional<PortRange> socket_range = {};  // that is measured, of the client's sockets
  std::vector<std::string> refused = {};       // keys that the namespaces did not take; then it has no verdict
  std::vector<std::string> left_out = {};      // what a namespace cannot show, and why; printable
};

// The settings of the host as they are. Error: unsupported (its port range is not known).
[[nodiscard]] Result<Candidate> present_candidate(const Snapshot& host, KernelVersion kernel);

// Those with what is desired on top. `present`: as present_candidate() has made it.
[[nodiscard]] Result<Candidate> wanted_candidate(const Candidate& present, const Desired& desired, std::string name);

// Its sockets choose from this part of the range, as far as it lies in it.
void narrow(Candidate& candidate, const PortRange& socket_range);

// How many ports the present settings are measured with. `machine_per_second`: what this machine reaches where nothing
// limits it. From a quarter of that on it is the machine that is measured and not the settings.
[[nodiscard]] int ports_to_measure(const TrialOptions& options, const std::vector<Candidate>& candidates,
                                   double machine_per_second);
inline constexpr double kTrustedPart = 0.25;

// Narrows the range of each, or that of its sockets, to the part of it that `ports` are of the first one's, so that a
// wider range stays wider; a tcp_max_tw_buckets that is lower than what the range and the destinations allow is
// narrowed with it.
void scale_ports(std::vector<Candidate>& candidates, int ports, int destinations);

}  // namespace twctl
