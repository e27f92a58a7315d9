// Where the bytes of a sparse file lie: four ways of writing it down, one result.
#pragma once

#include <vector>

#include "images/stream/input.h"
#include "images/tar/header.h"
#include "images/tar/pax.h"

namespace nacre::images::tar {

struct SparseMap {
  std::uint64_t size = 0;  // of the file, holes included
  std::vector<Extent> extents;
  std::uint64_t map_bytes = 0;  // version 1.0: how much of the entry's data the map itself was
};

// Old GNU ('S'): four runs in the header, then blocks of 21 as long as each says that one more
// follows; those are taken from `input`, which stands behind the header.
[[nodiscard]] Result<SparseMap> read_old_map(const RawHeader& raw, BufferedInput& input,
                                             std::size_t max_extents);

// pax 0.0 and 0.1: all of it is in the records. 1.0: the map is in front of the data.
[[nodiscard]] Result<SparseMap> read_pax_map(const PaxSparse& records, BufferedInput& input,
                                             std::uint64_t stored, std::size_t max_extents);

// Ascending, without overlap, within the file, and exactly as long together as what is stored.
// Empty runs (writers end a list with one) are left out.
[[nodiscard]] Result<void> check_map(SparseMap& map, std::uint64_t stored);

}  // namespace nacre::images::tar
