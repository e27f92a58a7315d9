// create --plan-only: what would be done, as JSON, and nothing done.
#pragma once

#include "base/result.h"
#include "runtime/commands/creation.h"

namespace nacre::commands {

[[nodiscard]] Result<int> print_plan(const CreateRequest& request);

}  // namespace nacre::commands
