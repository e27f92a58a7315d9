// A plan as text for people and golden tests.
#pragma once

#include <string>
#include <string_view>

#include "runtime/plan/plan.h"

namespace nacre::plan {

// Indented JSON, keys in a fixed order; fields that say nothing are left out.
[[nodiscard]] std::string to_json(const Plan& plan);

// "newFs", "attach" ...: OpKind in the words of to_json.
[[nodiscard]] std::string_view to_text(init::OpKind kind);
[[nodiscard]] std::string_view to_text(init::Stage stage);

}  // namespace nacre::plan
