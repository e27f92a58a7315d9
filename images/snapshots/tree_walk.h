// Everything below a directory, however deep: what containers leave behind may have more levels
// than a process may have descriptors or a path characters.
//
// No symlink is followed and no mount entered.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "sys/fds.h"
#include "sys/file.h"

namespace nacre::images {

// A directory below `root`, open for reading; "" and "." are the root itself. ENOTDIR or ELOOP when
// a component is something else.
[[nodiscard]] sys::Outcome<sys::DirFd> open_below(FdRef root, const std::string& path);

// Called for every entry, a directory before what is in it. `parent` is open for reading. False
// ends the walk.
using TreeVisitor =
    std::function<Result<bool>(FdRef parent, const std::string& name, const struct statx& seen)>;

// Without the root itself. What disappears meanwhile is passed over: the tree may be in use.
[[nodiscard]] Result<void> walk_tree(FdRef root, const TreeVisitor& visit);

}  // namespace nacre::images
