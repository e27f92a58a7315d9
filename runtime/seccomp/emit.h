// Number lines as instructions: dispatch on the architecture, then a balanced search for the range
// of the number.
//
//       ld [arch]
//       jeq X86_64 ? : next architecture
//       ld [nr]
//       jge <middle range> ...     the search; a leaf is a return, or
//       ld [args[i]] ...           the rules of one call, tried in their order
#pragma once

#include <linux/filter.h>

#include <vector>

#include "runtime/seccomp/number_line.h"

namespace nacre::seccomp {

// May exceed BPF_MAXINSNS: the caller checks.
std::vector<sock_filter> emit(const std::vector<ArchLine>& lines, Verdict default_action);

}  // namespace nacre::seccomp
