// Entries of all kinds from a seeded generator, with a liking for what stands on an edge.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "images/tar/entry.h"

namespace nacre::images::tar {

class RandomEntries {
 public:
  explicit RandomEntries(unsigned seed) : random_(seed) {}

  Entry next() {
    Entry entry;
    entry.type = static_cast<Type>(below(7));
    entry.path = path();
    if (entry.type == Type::kDirectory && below(2) == 0) entry.path += '/';
    if (entry.type == Type::kHardLink) entry.link_target = path();
    if (entry.type == Type::kSymlink) entry.link_target = name(pick({1, 99, 100, 101, 1000}));
    entry.mode = below(010000);
    entry.uid = number({0, 1000, 07777777, 010000000, 0xFFFFFFFE});
    entry.gid = number({0, 1000, 07777777, 010000000, 0xFFFFFFFE});
    if (below(3) == 0) entry.uname = name(pick({1, 31, 32, 33}));
    if (below(3) == 0) entry.gname = name(pick({1, 31, 32, 33}));
    entry.mtime = time();
    if (entry.type == Type::kFile) entry.size = pick({0, 1, 511, 512, 513, 5000});
    if (entry.type == Type::kCharDevice || entry.type == Type::kBlockDevice) {
      entry.device_major = number({0, 1, 4095});
      entry.device_minor = number({0, 1, 1048575});
    }
    for (unsigned i = below(4); i > 1; --i)
      entry.xattrs["user." + name(below(20) + 1)] = bytes(pick({0, 1, 80, 90, 3000}));
    return entry;
  }

  std::string bytes(std::size_t size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random_() & 0xFFU);
    return text;
  }

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  std::size_t pick(const std::vector<std::size_t>& from) {
    return from[below(static_cast<std::uint32_t>(from.size()))];
  }
  std::uint64_t number(const std::vector<std::uint64_t>& edges) {
    return edges[below(static_cast<std::uint32_t>(edges.size()))];
  }
  // Mostly letters, sometimes any byte that a name can have.
  std::string name(std::size_t size) {
    const bool strange = below(4) == 0;
    std::string text(size, '\0');
    for (char& c : text) {
      c = static_cast<char>('a' + below(26));
      if (strange && below(3) == 0) c = static_cast<char>(below(255) + 1);
      if (c == '/') c = '_';
    }
    return text;
  }
  std::string path() {
    std::string text = name(pick({1, 8, 50, 99, 100, 101, 155, 255}));
    for (unsigned i = below(4); i > 0; --i) text += '/' + name(pick({1, 8, 50, 100, 255}));
    return text;
  }
  Time time() {
    Time time;
    time.seconds = static_cast<std::int64_t>(below(0xFFFFFFFF)) - 1'000'000'000;
    if (below(4) == 0) time.seconds = -time.seconds * 2;
    if (below(2) == 0) time.nanoseconds = below(1'000'000'000);
    if (below(8) == 0) time.nanoseconds = 100'000'000 * below(10);
    return time;
  }

  std::mt19937 random_;
};

}  // namespace nacre::images::tar
