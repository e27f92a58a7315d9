// Reading the content of files that lie on disk: holes are passed over, not read.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "images/layers/content_hash.h"
#include "images/stream/stream.h"
#include "sys/fds.h"

namespace nacre::images::layers {

struct HashedContent {
  std::uint64_t size = 0;
  std::uint64_t hash = 0;
};
[[nodiscard]] Result<HashedContent> hash_content(FdRef fd);

// The first `size` bytes into the sink, holes as zeros. kUnavailable when the file ends before.
[[nodiscard]] Result<void> copy_content(FdRef fd, std::uint64_t size, Buffer buffer, Sink& sink);

[[nodiscard]] Result<std::string> read_symlink(FdRef directory, const std::string& name);

}  // namespace nacre::images::layers
