// --filter of `image ls` and `image prune`. Parsing and choosing; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/service/image.h"

namespace nacre::cli {

struct Filters {
  std::optional<bool> dangling;
  std::vector<std::string> references;        // patterns; any of them
  std::vector<std::string> labels;            // "key" or "key=value"; all of them
  std::vector<std::string> no_labels;         // none of them (label!=)
  std::optional<std::int64_t> before, since;  // created earlier, later; seconds since 1970
  std::optional<std::int64_t> until;          // created earlier
};

// `now`: seconds since 1970. `images` is what before= and since= name one of. invalid_argument for
// what is no filter, or none of the names in `allowed` ("dangling label until ...").
[[nodiscard]] Result<Filters> parse_filters(const std::vector<std::string_view>& texts,
                                            std::string_view allowed,
                                            const std::vector<images::ImageSummary>& images,
                                            std::int64_t now);

// Everything but `references`, which are about names.
[[nodiscard]] bool matches(const Filters& filters, const images::ImageSummary& image);
// Whether a name (Reference::text()) is asked for; always without `references`. Patterns are those
// of a shell, on the short name with and without its tag.
[[nodiscard]] bool matches_name(const Filters& filters, const std::string& name);

}  // namespace nacre::cli
