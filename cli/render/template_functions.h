// The functions that templates may call. Pure. Internal to the template.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/render/value.h"

namespace nacre::cli {

[[nodiscard]] bool is_template_function(std::string_view name);
// invalid_argument: `NAME: ...`.
[[nodiscard]] Result<Value> call_template_function(std::string_view name,
                                                   const std::vector<Value>& arguments);

}  // namespace nacre::cli
