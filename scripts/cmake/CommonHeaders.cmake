# What most files include, parsed once instead of once a file: nearly half of the time that a build takes. A file still
# includes what it uses: preset tidy, whose job is to see that, builds without this.
set(twctl_common_headers
  <algorithm> <array> <charconv> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string>
  <string_view> <utility> <variant> <vector> <fmt/format.h> <tl/expected.hpp>)
