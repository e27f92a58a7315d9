// From the bytes of config.json, process.json or a resources file to values.
//
// Pure: no files, no kernel. Strict where Go's decoder is: a wrong JSON type, a number that is not
// whole or out of range, a missing mandatory key. Stricter: keys are compared with their case,
// nothing may follow the document, text must be valid UTF-8, no string of ours may contain NUL.
// Lenient by the spec: unknown keys are ignored, null is as if absent, of a key given twice the
// last one counts. Limits: json::Limits (16 MiB, 64 levels, about a million values).
//
// Errors are invalid_argument, one sentence that names the place by its JSON path:
//   config.json: process.user.uid: expected an unsigned 32-bit number, got a string
// What the values mean is not looked at here: that is validate.h.
#pragma once

#include <string_view>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::oci {

// Messages begin with "config.json: ".
[[nodiscard]] Result<Spec> parse_spec(std::string_view bytes);

// A process object by itself, as for `exec --process`. Paths in messages begin with "process".
[[nodiscard]] Result<Process> parse_process(std::string_view bytes);

// A linux.resources object by itself, as for `update --resources`. Paths begin with "resources".
[[nodiscard]] Result<Resources> parse_resources(std::string_view bytes);

}  // namespace nacre::oci
