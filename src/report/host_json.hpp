// HostFacts as every document of ours tells of them. Templates over the document's type, so that this header needs no
// JSON library.
#pragma once

#include <string_view>

#include "report/snapshot_words.hpp"

namespace twctl {

template <class Json>
[[nodiscard]] Json text_or_null(std::string_view text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

template <class Json>
[[nodiscard]] Json host_json(const HostFacts& host) {
  return {{"os", word_for(kOsWords, host.os)},
          {"hostname", text_or_null<Json>(host.hostname)},
          {"distribution", text_or_null<Json>(host.distribution)},
          {"kernel", text_or_null<Json>(host.kernel_release)},
          {"boot_id", text_or_null<Json>(host.boot_id)},
          {"network_namespace", text_or_null<Json>(host.network_namespace)},
          {"initial_network_namespace", host.initial_network_namespace},
          {"netns", text_or_null<Json>(host.netns)},
          {"container", text_or_null<Json>(host.container)},
          {"loader", text_or_null<Json>(word_for(kLoaderWords, host.loader))},
          {"live", host.live},
          {"captured", host.captured}};
}

}  // namespace twctl
