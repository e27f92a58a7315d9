// A kernel error number as a value. Trivially copyable, so it may cross the fork line.
#pragma once

#include <cerrno>

namespace nacre {

struct Errno {
  int value = 0;  // positive, as in <errno.h>
  constexpr bool operator==(const Errno&) const = default;
};

// The words callers match: Go's spelling, lower case ("no such file or directory").
// The pointer is to static storage. "errno 999" style numbers are given for unknown values.
const char* errno_text(Errno error);

}  // namespace nacre
