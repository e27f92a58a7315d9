// A bundle on disk, read and checked.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::commands {

struct Bundle {
  std::string path;  // absolute
  oci::Spec spec;    // validated, with a process
};

// `path` empty: the working directory. `config`: another file than <bundle>/config.json, or empty.
// Errors name the file, then the field.
[[nodiscard]] Result<Bundle> load_bundle(std::string_view path, std::string_view config);

// `path` as seen from the working directory of the moment it was given.
[[nodiscard]] Result<std::string> absolute_path(std::string_view path);

}  // namespace nacre::commands
