#include "runtime/plan/paths.h"

#include "base/text.h"

namespace nacre::plan {

std::string clean_path(std::string_view path) {
  std::string out;
  for (const std::string_view part : text::split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      const std::size_t last = out.rfind('/');
      out.resize(last == std::string::npos ? 0 : last);
      continue;
    }
    text::append(out, '/', part);
  }
  return out.empty() ? "/" : out;
}

}  // namespace nacre::plan
