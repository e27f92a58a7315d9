// The names under which images are recorded, and those that are kept without one.
//
// A record of the store needs a name. An image without one ("dangling": imported without a name, or
// one whose name now stands for another image) is recorded under a name that no reference can be,
// because a reference's text begins with a host.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "images/store/store.h"

namespace nacre::images {

// "unnamed@sha256:..."
[[nodiscard]] std::string nameless_record(const oci::Digest& target);
[[nodiscard]] bool is_nameless(std::string_view record_name);

// Remembers what the names stand for. A lease keeps that, so that settle() finds it.
class NamesBefore {
 public:
  [[nodiscard]] static Result<NamesBefore> remember(Store& store);
  // What lost its last name since then gets a nameless record; what got one loses that record.
  [[nodiscard]] Result<void> settle(Store& store) const;

 private:
  NamesBefore(Lease lease, std::vector<ImageRecord> records)
      : lease_(std::move(lease)), records_(std::move(records)) {}

  Lease lease_;
  std::vector<ImageRecord> records_;
};

}  // namespace nacre::images
