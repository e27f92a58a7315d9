// image-spec 1.1, image-layout.md: the names of files in a layout, and the file that says it is
// one.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "oci-spec/image/annotations.h"
#include "oci-spec/image/digest.h"

namespace nacre::oci {

inline constexpr std::string_view kLayoutFile = "oci-layout";
inline constexpr std::string_view kLayoutIndexFile = "index.json";
inline constexpr std::string_view kLayoutBlobsFolder = "blobs";
inline constexpr std::string_view kLayoutVersion = "1.0.0";

// "blobs/sha256/<hex>"
[[nodiscard]] std::string layout_path(const Digest& digest);

// The content of oci-layout. Messages begin with "oci-layout: ". kUnsupported for a version that is
// not 1.0.0: it would be a layout that we do not know.
[[nodiscard]] Result<void> check_layout(std::string_view bytes);
[[nodiscard]] std::string layout_json();

}  // namespace nacre::oci
