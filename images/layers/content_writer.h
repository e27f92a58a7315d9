// The bytes of one regular file on their way to the disk, hashed in passing.
#pragma once

#include <cstdint>

#include "images/layers/budget.h"
#include "images/layers/content_hash.h"
#include "images/stream/stream.h"
#include "images/tar/entry.h"
#include "sys/fds.h"

namespace nacre::images::layers {

// A block of zeros of this size, aligned to it, becomes a hole, whether or not the archive says so:
// layers are written without sparse records (image-spec), and so a file keeps its larger holes. It
// also takes the sting out of archives that are nothing but zeros.
inline constexpr std::size_t kHoleBlock = std::size_t{64} << 10U;

// Writes what `content` gives into the empty file `fd`; `buffer` is kHoleBlock or a multiple. The
// hash is that of the whole file, holes included. No space is reserved in advance: fallocate(2)
// would fill the holes, and a file that cannot fit has been refused by the budget; ext4, XFS and
// btrfs allocate late and in one piece anyway.
[[nodiscard]] Result<std::uint64_t> write_content(FdRef fd, const tar::Entry& entry,
                                                  Source& content, Buffer buffer, Budget& budget);

}  // namespace nacre::images::layers
