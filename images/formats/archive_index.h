// An archive in a regular file: its members are looked up once, then read where they lie.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "images/formats/members.h"

namespace nacre::images {

// `file` (borrowed, must outlive the result) holds the archive from `start` to its end. Only the
// headers are read. Errors name `what` and the byte.
[[nodiscard]] Result<std::unique_ptr<Members>> index_archive(FdRef file, std::uint64_t start,
                                                             const std::string& what,
                                                             const std::stop_token& stop);

}  // namespace nacre::images
