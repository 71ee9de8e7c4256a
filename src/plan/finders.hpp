// One finder a hazard: plan and host -> what that hazard has to say, key by key; empty where it is absent. Pure.
// When each one fires is its row in catalog/hazards.cpp; the table that lists them is in hazards.cpp.
#pragma once

#include "plan/outlook.hpp"

namespace twctl::finders {

// hazards_boot.cpp: whether what is planned will be there, and stay.
std::vector<Found> removed(const Outlook& outlook);
std::vector<Found> unsupported(const Outlook& outlook);
std::vector<Found> shadowed(const Outlook& outlook);
std::vector<Found> not_read_at_boot(const Outlook& outlook);
std::vector<Found> module_late(const Outlook& outlook);
std::vector<Found> later_writer(const Outlook& outlook);
std::vector<Found> other_namespaces(const Outlook& outlook);

// hazards_settings.cpp: values that harm, or that do not do what people hope.
std::vector<Found> tw_recycle(const Outlook& outlook);
std::vector<Found> reuse_without_timestamps(const Outlook& outlook);
std::vector<Found> fin_timeout_trap(const Outlook& outlook);
std::vector<Found> not_time_wait(const Outlook& outlook);
std::vector<Found> buckets_low(const Outlook& outlook);
std::vector<Found> backlog_inert(const Outlook& outlook);
std::vector<Found> somaxconn_lower(const Outlook& outlook);
std::vector<Found> protection_lower(const Outlook& outlook);

// hazards_ports.cpp: the range of local ports.
std::vector<Found> ports_privileged(const Outlook& outlook);
std::vector<Found> ports_in_use(const Outlook& outlook);
std::vector<Found> ports_service(const Outlook& outlook);
std::vector<Found> ports_shrink(const Outlook& outlook);

// hazards_windows.cpp: a host whose settings are registry values.
std::vector<Found> range_of_build(const Outlook& outlook);
std::vector<Found> time_wait_short(const Outlook& outlook);
std::vector<Found> wrong_type(const Outlook& outlook);
std::vector<Found> obsolete_values(const Outlook& outlook);
std::vector<Found> values_without_effect(const Outlook& outlook);
std::vector<Found> hexadecimal_digits(const Outlook& outlook);
std::vector<Found> container(const Outlook& outlook);
std::vector<Found> restart_needed(const Outlook& outlook);

}  // namespace twctl::finders
