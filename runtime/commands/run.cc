#include <sys/prctl.h>

#include <optional>

#include "runtime/commands/commands.h"
#include "runtime/commands/creation.h"
#include "runtime/commands/teardown.h"
#include "runtime/setup/foreground.h"
#include "sys/process.h"

namespace nacre::commands {
namespace {

Result<int> run_in_foreground(const GlobalOptions& options, Created& created,
                              const setup::SignalRelay& relay, bool keep) {
  const int status =
      NACRE_TRY(setup::wait_in_foreground(relay, created.init.process, std::move(created.terminal),
                                          created.notify ? &*created.notify : nullptr));
  if (keep) return status;
  const auto lock = NACRE_TRY(created.dir.lock());
  NACRE_TRY(tear_down(created.dir, created.record, *options.logger));
  return status;
}

}  // namespace

Result<int> run_run(const GlobalOptions& options, const Arguments& arguments) {
  CreateRequest request = NACRE_TRY(read_create_request(arguments));
  request.start_now = true;
  request.detach = arguments.has("detach");
  std::optional<setup::SignalRelay> relay;
  if (!request.detach) {
    relay.emplace(NACRE_TRY(setup::SignalRelay::create()));
    if (!arguments.has("no-subreaper")) {
      static_cast<void>(
          NACRE_TRY_CTX(sys::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "become a subreaper"));
    }
  }
  auto created = NACRE_TRY_CTX(create_container(options, request), "runc run failed");
  NACRE_TRY(run_poststart(options, created.dir, created.record));
  if (!request.detach) {
    return run_in_foreground(options, created, *relay, arguments.has("keep"));
  }
  if (created.notify) NACRE_TRY(created.notify->wait(created.init.process));
  return 0;
}

}  // namespace nacre::commands
