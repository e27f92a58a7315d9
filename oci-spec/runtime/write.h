// From values to config.json: the inverse of parse.h, parse_spec(to_json(spec)) == spec.
//
// Keys that have the value of an empty struct are left out, as Go's omitempty does. Strings that
// are not valid UTF-8 cannot stand in JSON: their bad bytes become U+FFFD.
#pragma once

#include <string>

#include "oci-spec/runtime/spec.h"

namespace nacre::oci {

// Indented with tabs, as `spec` writes config.json; no newline at the end.
[[nodiscard]] std::string to_json(const Spec& spec);

// Compact, on one line.
[[nodiscard]] std::string to_json(const Process& process);
[[nodiscard]] std::string to_json(const Resources& resources);

}  // namespace nacre::oci
