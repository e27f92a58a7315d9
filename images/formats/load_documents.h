// The documents of a layout, each read once and checked against its descriptor.
#pragma once

#include <map>
#include <set>
#include <string>

#include "images/formats/load_plan.h"

namespace nacre::images {

class LayoutDocuments {
 public:
  explicit LayoutDocuments(const PlanContext& context) : context_(context) {}

  // The bytes that the descriptor promises: from the layout, the descriptor itself or the store.
  // Nothing: they are nowhere. They stay valid as long as this.
  [[nodiscard]] Result<const std::string*> find(const oci::Descriptor& descriptor,
                                                std::size_t limit);
  // The same, parsed; not there is invalid_argument.
  [[nodiscard]] Result<oci::ImageDocument> parsed(const oci::Descriptor& descriptor);
  [[nodiscard]] Result<oci::ImageConfig> config(const oci::Descriptor& descriptor);

 private:
  [[nodiscard]] Result<std::optional<std::string>> look_up(const oci::Descriptor& descriptor,
                                                           std::size_t limit);

  const PlanContext& context_;
  std::map<oci::Digest, std::string> read_;
  std::uint64_t bytes_ = 0;
};

}  // namespace nacre::images
