#include "images/layers/path.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nacre::images::layers {
namespace {

// aufs kept its hard links, orphans and settings in the root of a layer under these names.
constexpr std::array<std::string_view, 3> kAufsNames = {".wh..wh.aufs", ".wh..wh.orph",
                                                        ".wh..wh.plnk"};

bool is_whiteout_name(std::string_view name) { return name.starts_with(kWhiteoutPrefix); }

Error bad_whiteout(std::string_view name, std::string_view why) {
  return invalid_argument(text::join("the whiteout ", text::quote(name), " ", why));
}

}  // namespace

Result<Parts> split_path(std::string_view raw, std::uint64_t depth) {
  if (raw.find('\0') != std::string_view::npos)
    return fail(invalid_argument("the path holds a NUL"));
  Parts parts;
  for (const std::string_view part : text::split(raw, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return fail(invalid_argument("the path leaves the layer"));
    } else {
      parts.pop_back();
    }
  }
  if (parts.size() > depth) {
    return fail(Error(ErrorCode::kResourceExhausted,
                      text::join("the path is deeper than the budget of ", depth, " components")));
  }
  return parts;
}

Result<Name> read_name(const Parts& parts) {
  if (parts.empty()) return Name{};
  if (std::ranges::find(kAufsNames, parts.front()) != kAufsNames.end())
    return Name{Meaning::kForeign, {}};
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (is_whiteout_name(parts[i])) return fail(bad_whiteout(parts[i], "cannot be a directory"));
  }
  const std::string_view last = parts.back();
  if (!is_whiteout_name(last)) return Name{};
  if (last == kOpaqueMarker) return Name{Meaning::kOpaque, {}};
  const std::string_view hidden = last.substr(kWhiteoutPrefix.size());
  if (hidden.empty()) return fail(bad_whiteout(last, "names nothing"));
  if (hidden == "." || hidden == "..") return fail(bad_whiteout(last, "names no entry"));
  if (is_whiteout_name(hidden)) return fail(bad_whiteout(last, "names another whiteout"));
  return Name{Meaning::kWhiteout, hidden};
}

std::string join_parts(const Parts& parts) {
  std::string path;
  for (const std::string_view part : parts) text::append(path, path.empty() ? "" : "/", part);
  return path;
}

std::string join_path(std::string_view directory, std::string_view name) {
  return directory.empty() ? std::string(name) : text::join(directory, '/', name);
}

}  // namespace nacre::images::layers
