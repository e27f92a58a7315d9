// The part of an image's name that says which registry has it. Internal to images/reference.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nacre::images {

inline constexpr std::string_view kDefaultHost = "docker.io";
inline constexpr std::string_view kDefaultNamespace = "library";

// Whether the first of several parts is a host: it has a dot or a colon, or is "localhost".
// Everything else is the name of a user or a team at the default registry.
[[nodiscard]] bool looks_like_host(std::string_view first_part);

// The host in its one spelling: lower case, docker.io for index.docker.io. The error is a reason
// without a subject: `the port of "example.com:0" must be ...`.
[[nodiscard]] Result<std::string> parse_host(std::string_view text);

}  // namespace nacre::images
