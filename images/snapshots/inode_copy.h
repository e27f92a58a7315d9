// One inode from one tree to another on the same disk: content, owner, attributes, mode, times.
//
// Names are single components; the target's directory is the caller's alone. What overlay writes
// for itself (trusted.*, user.overlay.*) is not copied: it speaks of another place.
#pragma once

#include <string>

#include "base/result.h"
#include "sys/fds.h"

namespace nacre::images {

// Anything but a directory; durable when it returns, up to its name.
[[nodiscard]] Result<void> copy_inode(FdRef from, const std::string& from_name, FdRef to,
                                      const std::string& to_name);

// Owner, attributes, mode and times; both are open for reading (O_RDONLY).
[[nodiscard]] Result<void> copy_directory_attributes(FdRef from, FdRef to);
// Owner, mode and attributes. Not times, which change with what is put into a directory.
[[nodiscard]] Result<bool> same_directory_attributes(FdRef a, FdRef b);

}  // namespace nacre::images
