// Corpus folder -> the fuzz target's entry, with every seed whole and cut at every length. A folder without seeds
// fails.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kLongestCut = 2048;  // longer seeds are there for their size; cutting them takes too long

void feed(const std::string& bytes) {
  const std::string copy = bytes;  // of exactly this size, so that a sanitizer sees one byte too many
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(copy.data()), copy.size());
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  int seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    const std::string seed = content_of(entry.path());
    feed(seed);
    for (std::size_t cut = 0; cut < seed.size() && seed.size() <= kLongestCut; ++cut) feed(seed.substr(0, cut));
    ++seeds;
  }
  std::printf("%d seeds\n", seeds);
  return seeds > 0 ? 0 : 1;
}
