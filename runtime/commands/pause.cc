#include "base/text.h"
#include "runtime/commands/commands.h"
#include "runtime/commands/containers.h"
#include "runtime/state/container_cgroup.h"
#include "runtime/state/status.h"

namespace nacre::commands {
namespace {

Result<state::ContainerCgroup> cgroup_of(const state::Record& record, std::string_view verb) {
  auto own = NACRE_TRY(state::open_cgroup(record));
  if (!own) {
    return fail(failed_precondition(
        text::join("cannot ", verb, " container ", text::quote(record.id), ": it has no cgroup")));
  }
  return *std::move(own);
}

}  // namespace

Result<int> run_pause(const GlobalOptions& options, const Arguments& arguments) {
  const Container container = NACRE_TRY(load_container(options, arguments.positionals()[0]));
  switch (NACRE_TRY(state::current_status(container.dir, container.record))) {
    case oci::Status::kCreated:
    case oci::Status::kRunning:
      break;
    case oci::Status::kPaused:
      return fail(failed_precondition("container paused already"));
    case oci::Status::kCreating:
    case oci::Status::kStopped:
      return fail(failed_precondition("container not running"));
  }
  const state::ContainerCgroup own = NACRE_TRY(cgroup_of(container.record, "pause"));
  NACRE_TRY(own.cgroup.freeze());
  return 0;
}

Result<int> run_resume(const GlobalOptions& options, const Arguments& arguments) {
  const Container container = NACRE_TRY(load_container(options, arguments.positionals()[0]));
  const oci::Status status = NACRE_TRY(state::current_status(container.dir, container.record));
  if (status != oci::Status::kPaused) return fail(failed_precondition("container not paused"));
  const state::ContainerCgroup own = NACRE_TRY(cgroup_of(container.record, "resume"));
  NACRE_TRY(own.cgroup.thaw());
  return 0;
}

}  // namespace nacre::commands
