// One row of the catalogue -> its page. Pure.
#pragma once

#include "catalog/finding.hpp"
#include "catalog/setting.hpp"
#include "catalog/tcp_state.hpp"
#include "catalog/topic.hpp"
#include "observe/snapshot.hpp"
#include "report/page.hpp"

namespace twctl {

// `here`: the host whose live value and next boot the page shows; nullptr: what holds everywhere, only.
[[nodiscard]] Page setting_page(const Setting& setting, const Snapshot* here);
[[nodiscard]] Page state_page(const TcpStateRow& state);
[[nodiscard]] Page hazard_page(const FindingRow& hazard);
[[nodiscard]] Page finding_page(const FindingRow& finding);
[[nodiscard]] Page topic_page(const TopicRow& topic);
[[nodiscard]] Page myth_page(const MythRow& myth);

}  // namespace twctl
