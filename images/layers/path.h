// Names in a layer's archive: what they are and whether they may be. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nacre::images::layers {

inline constexpr std::string_view kWhiteoutPrefix = ".wh.";
inline constexpr std::string_view kOpaqueMarker = ".wh..wh..opq";

using Parts = std::vector<std::string_view>;

// The components of an archive's path, relative to the layer's root; none: the root itself. Leading
// slashes are stripped, "." and "//" dropped, ".." taken back by the text alone, as Docker does: no
// symlink is asked, because none is ever followed. A path that leaves the root is refused, and so
// is one of more than `depth` components (kResourceExhausted). The views point into `raw`.
[[nodiscard]] Result<Parts> split_path(std::string_view raw, std::uint64_t depth);

enum class Meaning : std::uint8_t {
  kEntry,     // something that is there
  kWhiteout,  // `hidden` of the layers below is not to be seen
  kOpaque,    // nothing of the layers below is to be seen in this directory
  kForeign,   // the private files of aufs, in layers made with it: nothing to do
};
struct Name {
  Meaning meaning = Meaning::kEntry;
  std::string_view hidden;
};
// What a path says. Refused: a bare ".wh.", a whiteout of "." or "..", of a name that is itself one
// of a whiteout, and a whiteout's name as a directory of something (image-spec, layer.md: no file
// can have such a name).
[[nodiscard]] Result<Name> read_name(const Parts& parts);

[[nodiscard]] std::string join_parts(const Parts& parts);
// `directory` "": the root.
[[nodiscard]] std::string join_path(std::string_view directory, std::string_view name);

}  // namespace nacre::images::layers
