// An OCI layout in a folder, as members.
#pragma once

#include "images/formats/members.h"
#include "sys/fds.h"

namespace nacre::images {

// `folder` is borrowed. No link is followed out of it.
[[nodiscard]] std::unique_ptr<Members> folder_members(const sys::DirFd& folder);

}  // namespace nacre::images
