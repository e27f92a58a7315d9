// What is taken away when an image is removed. Pure: decides on values; ImageService acts.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "images/service/resolve.h"

namespace nacre::images {

struct RemovePlan {
  std::vector<std::string> names;     // records that go, as the store has them
  std::vector<std::string> untagged;  // those of them that are names
  bool deletes = false;               // nothing names the image any more
};

struct RemoveOptions {
  bool force = false;
  bool collect =
      true;  // false: only the names go, what they stood for waits for another collection
};

// `records`: every name in the store that stands for the image, nameless ones too. `in_use`: the
// snapshots that stand on it. An image given by its ID goes with all its names if they are of one
// repository; failed_precondition otherwise, and when something in use would lose its last name,
// unless forced.
[[nodiscard]] Result<RemovePlan> plan_removal(const Resolved& what, std::string_view as_given,
                                              const std::vector<std::string>& records,
                                              const std::vector<std::string>& in_use, bool force);

}  // namespace nacre::images
