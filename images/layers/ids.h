// Owners in an archive and owners on disk. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "images/layers/layers.h"

namespace nacre::images::layers {

// Ids are 32 bits wide, and the last one means "unchanged" to chown(2): nobody can have it. An id
// of 64 bits that were cut to 32 would turn 2^32 into root (CVE-2024-40635).
inline constexpr std::uint64_t kIdEnd = 0xffffffff;

// From one side to the other; nothing: the map has no place for it. An empty map changes nothing.
[[nodiscard]] std::optional<std::uint32_t> to_outside(const std::vector<IdMap>& maps,
                                                      std::uint64_t inside);
[[nodiscard]] std::optional<std::uint32_t> to_inside(const std::vector<IdMap>& maps,
                                                     std::uint64_t outside);

enum class Direction : std::uint8_t { kToDisk, kToArchive };

// Both maps in one direction.
struct Ids {
  const std::vector<IdMap>& uids;
  const std::vector<IdMap>& gids;
  Direction direction;

  // The error names the id and what can be done.
  [[nodiscard]] Result<std::uint32_t> uid(std::uint64_t id) const;
  [[nodiscard]] Result<std::uint32_t> gid(std::uint64_t id) const;
};

}  // namespace nacre::images::layers
