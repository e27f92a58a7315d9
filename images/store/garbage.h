// What lies in the data root and is not in the records.
#pragma once

#include <cstdint>

#include "images/store/core.h"

namespace nacre::images {

// An unfinished blob is kept this long after it was last written to, for whoever wants to go on.
inline constexpr std::int64_t kIngestKept = std::int64_t{24} * 60 * 60;  // seconds

// Moves into the trash: files in blobs/ and folders in layers/ without a record, unfinished work of
// processes that are gone, unfinished blobs that are too old; the number of the latter. Leaves
// alone what somebody is just making.
[[nodiscard]] Result<std::uint64_t> discard_garbage(Core& core);

}  // namespace nacre::images
