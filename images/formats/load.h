// Images from files: an OCI layout (folder, or archive of one) and docker-archive (`docker save`).
//
// An archive that is both is read as an OCI layout. Compression of the archive itself (gzip, zstd)
// is seen from its first bytes. Whatever is at fault in it is invalid_argument, names the member,
// and leaves the store as it was (blobs that are whole may stay until the next collection).
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "images/store/progress.h"
#include "images/store/store.h"
#include "oci-spec/image/platform.h"

namespace nacre::images {

struct LoadOptions {
  // Of an index: only this platform's image is unpacked, and what is not in the archive for other
  // platforms is no error. Nothing: this machine's.
  std::optional<oci::Platform> platform;
  // The name (in any form) of an image that has none in its archive, or instead of the one it has;
  // an error when there is more than one image.
  std::string name;
  unsigned parallel = 4;  // layers at a time
  bool unpack = true;     // false: blobs only
};

struct LoadedImage {
  std::vector<std::string> names;  // Reference::text(), given to it now; may be none
  oci::Descriptor target;          // an index or a manifest, as the names point to it
  oci::Descriptor manifest;        // of the platform that was chosen
  oci::Digest config;
};

// `file` is a regular file or a pipe, borrowed, read from where it stands. From a regular file
// layers are unpacked in parallel, straight from where they lie; a pipe is read once, from front to
// end, blobs first into the store. `what` is for messages. `progress` may be null.
[[nodiscard]] Result<std::vector<LoadedImage>> load_archive(Store& store, FdRef file,
                                                            const std::string& what,
                                                            const LoadOptions& options,
                                                            ProgressListener* progress,
                                                            const std::stop_token& stop);

// A folder with oci-layout, index.json and blobs/. No link is followed out of it.
[[nodiscard]] Result<std::vector<LoadedImage>> load_layout(Store& store, const sys::DirFd& layout,
                                                           const std::string& what,
                                                           const LoadOptions& options,
                                                           ProgressListener* progress,
                                                           const std::stop_token& stop);

}  // namespace nacre::images
