#include "runtime/commands/commands.h"
#include "runtime/commands/containers.h"
#include "runtime/commands/output.h"
#include "runtime/state/status.h"

namespace nacre::commands {

Result<int> run_state(const GlobalOptions& options, const Arguments& arguments) {
  const Container container = NACRE_TRY(load_container(options, arguments.positionals()[0]));
  const oci::Status status = NACRE_TRY(state::current_status(container.dir, container.record));
  NACRE_TRY(print(oci::to_json(describe(container.record, status)) + '\n'));
  return 0;
}

}  // namespace nacre::commands
