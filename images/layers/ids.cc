#include "images/layers/ids.h"

#include "base/text.h"

namespace nacre::images::layers {
namespace {

struct Range {
  std::uint64_t from, to, count;
};

std::optional<std::uint32_t> shift(const Range& range, std::uint64_t id) {
  if (id < range.from || id - range.from >= range.count) return std::nullopt;
  const std::uint64_t moved = range.to + (id - range.from);
  if (moved >= kIdEnd) return std::nullopt;
  return static_cast<std::uint32_t>(moved);
}

std::optional<std::uint32_t> unchanged(std::uint64_t id) {
  if (id >= kIdEnd) return std::nullopt;
  return static_cast<std::uint32_t>(id);
}

Result<std::uint32_t> translate(const std::vector<IdMap>& maps, Direction direction,
                                std::uint64_t id, std::string_view what) {
  const bool to_disk = direction == Direction::kToDisk;
  const auto moved = to_disk ? to_outside(maps, id) : to_inside(maps, id);
  if (moved) return *moved;
  if (maps.empty()) {
    return fail(invalid_argument(
        text::join("the ", what, " ", id, " is out of range (0 to ", kIdEnd - 1, ")")));
  }
  if (!to_disk) {
    return fail(failed_precondition(
        text::join("the ", what, " ", id, " on disk is in no range of the id map")));
  }
  return fail(failed_precondition(text::join(
      "the ", what, " ", id, " is in no range of the id map: it needs a larger range in ",
      what == "user id" ? "/etc/subuid" : "/etc/subgid",
      ", or all files given to one owner (--squash-ids)")));
}

}  // namespace

std::optional<std::uint32_t> to_outside(const std::vector<IdMap>& maps, std::uint64_t inside) {
  if (maps.empty()) return unchanged(inside);
  for (const IdMap& map : maps) {
    if (const auto moved = shift({map.inside, map.outside, map.count}, inside)) return moved;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> to_inside(const std::vector<IdMap>& maps, std::uint64_t outside) {
  if (maps.empty()) return unchanged(outside);
  for (const IdMap& map : maps) {
    if (const auto moved = shift({map.outside, map.inside, map.count}, outside)) return moved;
  }
  return std::nullopt;
}

Result<std::uint32_t> Ids::uid(std::uint64_t id) const {
  return translate(uids, direction, id, "user id");
}
Result<std::uint32_t> Ids::gid(std::uint64_t id) const {
  return translate(gids, direction, id, "group id");
}

}  // namespace nacre::images::layers
