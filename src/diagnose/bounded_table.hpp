// A hash table that takes a bounded number of keys: what a million sockets are added up in. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

namespace twctl {

// Key: plain bytes without padding. The keys come from the network, so somebody may cause a chain of collisions on
// purpose: a key that finds no place within kProbes steps counts as one too many.
template <class Key, class Value>
class BoundedTable {
 public:
  static_assert(std::has_unique_object_representations_v<Key>);

  explicit BoundedTable(std::size_t limit) : limit_(limit), slots_(kFirstSize) {}

  // The value of `key`, new if need be; nullptr: the table is full. Valid until the next call.
  Value* find_or_add(const Key& key) {
    if (Value* found = find(key)) return found;
    if (size_ == limit_) return nullptr;
    if (2 * (size_ + 1) > slots_.size()) grow();
    Slot* slot = probe(slots_, key);
    if (slot == nullptr) return nullptr;
    *slot = {.key = key, .value = {}, .used = true};
    ++size_;
    return &slot->value;
  }

  [[nodiscard]] Value* find(const Key& key) {
    Slot* slot = probe(slots_, key);
    return slot != nullptr && slot->used ? &slot->value : nullptr;
  }

  void clear() {
    slots_.assign(kFirstSize, Slot{});
    size_ = 0;
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.used) visit(slot.key, slot.value);
    }
  }

 private:
  static constexpr std::size_t kFirstSize = 256;  // a power of two, like every later one
  static constexpr std::size_t kProbes = 64;

  struct Slot {
    Key key{};
    Value value{};
    bool used = false;
  };

  // Every bit of the word reaches every bit of the result (the finaliser of SplitMix64).
  static std::uint64_t mixed(std::uint64_t word) {
    word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27U)) * 0x94d049bb133111eb;
    return word ^ (word >> 31U);
  }

  static std::uint64_t hash(const Key& key) {
    unsigned char bytes[sizeof(Key) + 7] = {};
    std::memcpy(bytes, &key, sizeof key);
    std::uint64_t state = 0x9e3779b97f4a7c15;
    for (std::size_t at = 0; at < sizeof(Key); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes + at, 8);
      state = mixed(state ^ word);
    }
    return state;
  }

  // The slot that holds `key`, or the free one where it belongs; nullptr: neither is near.
  static Slot* probe(std::vector<Slot>& slots, const Key& key) {
    std::size_t at = hash(key);
    for (std::size_t step = 0; step < kProbes; ++step, ++at) {
      Slot& slot = slots[at & (slots.size() - 1)];
      if (!slot.used || slot.key == key) return &slot;
    }
    return nullptr;
  }

  void grow() {
    std::vector<Slot> larger(2 * slots_.size());
    std::size_t kept = 0;
    for (const Slot& slot : slots_) {
      Slot* place = slot.used ? probe(larger, slot.key) : nullptr;
      if (place == nullptr) continue;
      *place = slot;
      ++kept;
    }
    if (kept == size_) {
      slots_ = std::move(larger);
    } else {
      limit_ = size_;  // collisions on purpose: keep the keys that there are, and do not try to grow again
    }
  }

  std::size_t limit_;
  std::size_t size_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace twctl
