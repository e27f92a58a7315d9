// What is removed is renamed into trash/ at once and deleted later, with nobody waiting.
#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"
#include "images/store/layout.h"

namespace nacre::images {

// false: there is no such name.
[[nodiscard]] Result<bool> discard(const Layout& layout, const sys::DirFd& folder,
                                   const std::string& name);
// The same for what an overlay that is mounted may still be reading: it is deleted only after the
// machine has been started again.
[[nodiscard]] Result<bool> discard_until_reboot(const Layout& layout, const sys::DirFd& folder,
                                                const std::string& name,
                                                const std::string& boot_id);

// Deletes what lies in trash/, until there is nothing or `stop` is asked for. Several at once, in
// several processes, help each other. Never enters another file system: what is mounted in there is
// an error, and stays (containerd#10704). The first error is returned, after the rest was deleted.
[[nodiscard]] Result<void> empty_trash(const Layout& layout, const std::string& boot_id,
                                       const std::stop_token& stop);

}  // namespace nacre::images
