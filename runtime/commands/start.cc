#include <sys/socket.h>

#include "base/text.h"
#include "runtime/commands/commands.h"
#include "runtime/commands/containers.h"
#include "runtime/commands/creation.h"
#include "runtime/commands/notify.h"
#include "runtime/init/init_plan.h"
#include "runtime/setup/failure.h"
#include "runtime/setup/unix_socket.h"
#include "runtime/state/status.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace nacre::commands {
namespace {

Result<void> check_startable(const Container& container) {
  switch (NACRE_TRY(state::current_status(container.dir, container.record))) {
    case oci::Status::kCreated:
      return {};
    case oci::Status::kStopped:
      return fail(failed_precondition("cannot start a container that has stopped"));
    case oci::Status::kRunning:
      return fail(failed_precondition("cannot start an already running container"));
    case oci::Status::kPaused:
      return fail(failed_precondition("cannot start a paused container"));
    case oci::Status::kCreating:
      break;
  }
  return fail(failed_precondition("cannot start a container that is still being created"));
}

// Init exits after its report; the caller's next question must find it stopped.
void wait_for_end(const state::Record& record) {
  const auto init = state::open_init(record);
  if (!init) return;
  pollfd ended{init->get(), POLLIN, 0};
  constexpr int kPatience = 10000;  // milliseconds
  static_cast<void>(sys::poll(&ended, 1, kPatience));
}

// Init answers with the close of the connection at exec, or with what failed.
Result<void> tell_init(const Container& container) {
  const UniqueFd connection = NACRE_TRY_CTX(
      setup::connect_socket_at(container.dir.dir(), state::kStartSocket, SOCK_SEQPACKET),
      "cannot start an already running container");
  // Gone before init can have started anything else: from here on the container counts as running.
  NACRE_TRY_CTX(sys::unlinkat(container.dir.dir(), state::kStartSocket), "remove the start socket");
  init::InitReport report;
  for (;;) {
    const auto got = sys::receive_with_fd(connection, &report, sizeof report);
    if (!got && (got.error().value == EINTR || got.error().value == ECONNRESET)) continue;
    if (!got) {
      return fail(Error::from_errno(got.error(), "read the report of the init process"));
    }
    if (got->size == 0) return {};
    if (got->size != sizeof report || report.kind != init::ReportKind::kFailed) {
      return fail(internal_error("the init process sent an unknown record"));
    }
    wait_for_end(container.record);
    return fail(setup::start_failure(report, container.record));
  }
}

}  // namespace

Result<int> run_start(const GlobalOptions& options, const Arguments& arguments) {
  const Container container = NACRE_TRY(load_container(options, arguments.positionals().front()));
  const auto lock = NACRE_TRY(container.dir.lock());
  NACRE_TRY(check_startable(container));
  auto notify = NACRE_TRY(NotifyProxy::open(container.dir, container.record));
  NACRE_TRY(tell_init(container));
  NACRE_TRY(run_poststart(options, container.dir, container.record));
  if (!notify) return 0;
  const auto init = state::open_init(container.record);
  if (init) NACRE_TRY(notify->wait(*init));
  return 0;
}

}  // namespace nacre::commands
