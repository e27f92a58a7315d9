// libstdc++'s own handler prints the name of the exception, and brings a demangler of 50 KB for it.
// What the runtime throws never leaves a codec; what could get here is a failed allocation.
#include <cstdlib>

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)

namespace __gnu_cxx {

// Defined here, libstdc++'s is not linked.
void __verbose_terminate_handler() { std::abort(); }

}  // namespace __gnu_cxx

// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
