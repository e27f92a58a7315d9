// Which runtime is under test. The suites run against nacre-runtime, and against runc and crun to
// prove the cases themselves.
#pragma once

#include <string>

namespace nacre::test {

enum class RuntimeKind { kNacre, kRunc, kCrun };

// Absolute path: $NACRE_RUNTIME, else $RUNTIME (a bare name is looked up in $PATH), else the one
// of this build.
const std::string& runtime_path();
std::string runtime_name();
RuntimeKind runtime_kind();
inline bool is_peer() { return runtime_kind() != RuntimeKind::kNacre; }

}  // namespace nacre::test

// Where a peer has no such feature or differs on purpose. Never for nacre-runtime.
#define NACRE_PEER_DIFFERS(kind, reason)                                 \
  if (::nacre::test::runtime_kind() == ::nacre::test::RuntimeKind::kind) \
  GTEST_SKIP() << "peer difference, " << ::nacre::test::runtime_name() << ": " << (reason)
