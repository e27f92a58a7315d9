// The protocol of docker-credential-X: the program's `get` with the server's name on its standard
// input, a JSON object on its standard output.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "images/registry/credentials.h"

namespace nacre::images::registry {

// What `get` printed. Nothing when the helper says that it has no such credentials.
struct HelperAnswer {
  int exit_status = 0;
  std::string output;
};
[[nodiscard]] Result<std::optional<Credential>> read_helper_answer(const HelperAnswer& answer,
                                                                   const std::string& helper);

// Runs docker-credential-<helper>, found in `environment.path`, without a shell; ended after half a
// minute. not_found when there is no such program.
[[nodiscard]] Result<std::optional<Credential>> ask_helper(const Environment& environment,
                                                           const std::string& helper,
                                                           const std::string& key);

}  // namespace nacre::images::registry
