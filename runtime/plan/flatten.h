// A Plan with real descriptor numbers, as the block of bytes that init reads.
#pragma once

#include <string>

#include "runtime/plan/plan.h"

namespace nacre::plan {

// The descriptor number of each slot in the process that will run init; -1 for Slot::Kind::kNone.
class SlotNumbers {
 public:
  [[nodiscard]] virtual int number(Slot slot) const = 0;

 protected:
  ~SlotNumbers() = default;
};

// Pure. The result starts with an init::InitPlan and is position-independent.
[[nodiscard]] std::string flatten(const Plan& plan, const SlotNumbers& numbers, int report_fd);

}  // namespace nacre::plan
