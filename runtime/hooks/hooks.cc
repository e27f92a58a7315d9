#include "runtime/hooks/hooks.h"

#include "base/text.h"
#include "runtime/hooks/child.h"
#include "runtime/hooks/signals.h"

namespace nacre::hooks {
namespace {

constexpr std::size_t kOutputInMessage = 4096;

ChildRequest request_for(const HookContext& context, const oci::Hook& hook) {
  ChildRequest request;
  request.path = hook.path;
  // No args at all: argv[0] must exist nevertheless (execve(2)).
  request.args = hook.args.empty() ? std::vector{hook.path} : hook.args;
  request.env = hook.env;
  request.directory = context.directory;
  request.input = context.state_json;
  request.output_limit = kOutputInMessage;
  if (hook.timeout)
    request.timeout_ms = *hook.timeout > 2000000 ? 2000000000 : *hook.timeout * 1000;
  return request;
}

Result<void> run_hook(const HookContext& context, const oci::Hook& hook) {
  const ChildResult result = NACRE_TRY(run_child(request_for(context, hook)));
  if (result.timed_out) {
    return fail(Error(ErrorCode::kUnavailable, text::join("hook ran past specified timeout of ",
                                                          hook.timeout.value_or(0), ".0s")));
  }
  if (result.exit_status == 0) return {};
  const std::string how = result.signal != 0 ? text::join("signal: ", signal_name(result.signal))
                                             : text::join("exit status ", result.exit_status);
  return fail(failed_precondition(text::join(how, ", stdout: ", text::trim(result.output),
                                             ", stderr: ", text::trim(result.errors))));
}

Result<void> run_numbered(const HookContext& context, const oci::Hook& hook, std::size_t number) {
  NACRE_TRY_CTX(run_hook(context, hook),
                text::join("error running ", context.kind, " hook #", number));
  return {};
}

}  // namespace

Result<void> run_hooks(const HookContext& context, const std::vector<oci::Hook>& hooks) {
  for (std::size_t number = 0; number < hooks.size(); ++number) {
    NACRE_TRY(run_numbered(context, hooks[number], number));
  }
  return {};
}

std::vector<Error> run_every_hook(const HookContext& context, const std::vector<oci::Hook>& hooks) {
  std::vector<Error> failures;
  for (std::size_t number = 0; number < hooks.size(); ++number) {
    auto done = run_numbered(context, hooks[number], number);
    if (!done) failures.push_back(std::move(done).error());
  }
  return failures;
}

}  // namespace nacre::hooks
