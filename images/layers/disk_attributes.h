// Reading the extended attributes of what lies on disk, of anything that can have them.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "images/layers/attributes.h"
#include "sys/fds.h"

namespace nacre::images::layers {

// An attribute of an open file or directory; nothing when it is not there, or when the filesystem
// has no attributes at all.
[[nodiscard]] Result<std::optional<std::string>> read_attribute(FdRef fd, const std::string& name);

// Those that travel, of an open file or directory.
[[nodiscard]] Result<Xattrs> read_attributes(FdRef fd);
// The same of a symlink, device or FIFO, which is not opened.
[[nodiscard]] Result<Xattrs> read_attributes_at(FdRef directory, const std::string& name);

}  // namespace nacre::images::layers
