// Whole-file reading and writing over the single calls of sys/file.h. These allocate: parent side
// only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/fds.h"
#include "sys/file.h"

namespace nacre::sys {

// Everything up to end of file; `limit` bytes at most, more is EFBIG. EINTR is retried.
[[nodiscard]] Outcome<std::string> read_all(FdRef fd, std::size_t limit);
[[nodiscard]] Outcome<std::string> read_file(FdRef dir, const char* path, std::size_t limit);

// Writes all bytes (EINTR and short writes are continued).
[[nodiscard]] Outcome<void> write_all(FdRef fd, std::string_view bytes);
// One write to an existing file, as control files of proc, sys and cgroup want it. A short write is
// EIO.
[[nodiscard]] Outcome<void> write_control(FdRef dir, const char* path, std::string_view value);

// Replaces `name` in `dir` in one step: a temporary file beside it, then rename. Survives a killed
// process, not a power cut: what is kept this way ends with the machine's run anyway.
[[nodiscard]] Outcome<void> replace_file(FdRef dir, const std::string& name, std::string_view bytes,
                                         std::uint32_t mode);

// Names in a directory without "." and "..", sorted.
[[nodiscard]] Outcome<std::vector<std::string>> list_directory(FdRef dir);
// Only the names of directories, as the entries themselves say it (d_type): for filesystems that
// always fill it in, such as cgroup, proc, tmpfs, ext4, XFS and btrfs.
[[nodiscard]] Outcome<std::vector<std::string>> list_subdirectories(FdRef dir);

}  // namespace nacre::sys
