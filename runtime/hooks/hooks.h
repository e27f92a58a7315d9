// Hooks that run in the runtime's namespaces: prestart, createRuntime, poststart, poststop.
// (createContainer and startContainer run inside the container: runtime/init.)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"

namespace nacre::hooks {

struct HookContext {
  std::string_view kind;   // "createRuntime": for the error text
  std::string state_json;  // given to each hook on standard input
  std::string directory;   // working directory; "/" when it does not exist (any more)
};

// Runs them in order and stops at the first that fails:
//   error running createRuntime hook #0: exit status 1, stdout: ..., stderr: ...
// args and env are passed exactly as given, nothing is inherited; no descriptor but 0, 1 and 2. A
// hook that outlives its timeout is killed (spec: config.md, POSIX-platform Hooks). Waits by pidfd;
// the caller must not have SIGCHLD ignored.
Result<void> run_hooks(const HookContext& context, const std::vector<oci::Hook>& hooks);

// For poststop: a hook that fails does not keep the others from running (spec: runtime.md,
// lifecycle step 13). The failures, in order.
std::vector<Error> run_every_hook(const HookContext& context, const std::vector<oci::Hook>& hooks);

}  // namespace nacre::hooks
