// What brings written data to the disk, besides fsync (sys/file.h).
#pragma once

#include "sys/fds.h"
#include "sys/file.h"
#include "sys/syscall.h"

namespace nacre::sys {

// syncfs(2): everything dirty of the whole file system that `fd` is on. Reports writeback errors
// since 5.8.
[[nodiscard]] inline Outcome<void> syncfs(FdRef fd) noexcept {
  return call<void>(__NR_syncfs, fd.get());
}
// sync_file_range(2) with SYNC_FILE_RANGE_WRITE: starts writing out and does not wait for it. Not a
// promise of anything, only less to wait for later. ESPIPE where `fd` is no file.
[[nodiscard]] inline Outcome<void> start_writeback(FdRef fd, off_t offset, off_t size) noexcept {
  return call<void>(__NR_sync_file_range, fd.get(), offset, size, 2U /* SYNC_FILE_RANGE_WRITE */);
}

}  // namespace nacre::sys
