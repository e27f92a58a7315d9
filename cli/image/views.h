// Images as what templates and JSON show: the fields that Docker has, under Docker's names. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "cli/image/filters.h"
#include "cli/render/listing.h"
#include "images/service/image.h"

namespace nacre::cli {

struct ListView {
  bool whole_ids = false;  // --no-trunc
  std::int64_t now = 0;    // seconds since 1970
};

// A row for each name that the filters let through, and for each image without one.
[[nodiscard]] Listing list_view(const std::vector<images::ImageSummary>& images,
                                const Filters& filters, const ListView& how);
[[nodiscard]] Listing history_view(const std::vector<images::HistoryRow>& rows, const ListView& how,
                                   bool human);
// What `docker image inspect` shows, and ours under "Nacre".
[[nodiscard]] Value inspect_view(const images::ImageDetails& image);

}  // namespace nacre::cli
