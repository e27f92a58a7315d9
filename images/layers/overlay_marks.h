// What overlay has written into a layer for itself (kernel, Documentation/filesystems/overlayfs).
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "images/layers/layers.h"
#include "sys/fds.h"

namespace nacre::images::layers {

struct DirectoryMarks {
  bool opaque = false;  // what lies below it is not to be seen
  // Holds whiteouts in the form of empty files with an attribute (opaque=x, 6.7): only in such a
  // directory are they ones.
  bool file_whiteouts = false;
  std::string redirect;  // where what is merged with it lies: "/from/the/root" or a name beside it
};
[[nodiscard]] Result<DirectoryMarks> read_directory_marks(FdRef directory, WhiteoutForm form);

struct FileMarks {
  bool metacopy = false;  // the bytes are those of a lower layer's file
  std::string redirect;   // which; as above
};
[[nodiscard]] Result<FileMarks> read_file_marks(FdRef file, WhiteoutForm form);

[[nodiscard]] bool is_device_whiteout(const struct statx& seen);
// Of an empty regular file in a directory with file_whiteouts.
[[nodiscard]] Result<bool> is_file_whiteout(FdRef directory, const std::string& name,
                                            const struct statx& seen, WhiteoutForm form);

}  // namespace nacre::images::layers
