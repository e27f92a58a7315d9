#include "runtime/commands/commands.h"
#include "runtime/commands/creation.h"
#include "runtime/commands/plan_only.h"

namespace nacre::commands {

Result<int> run_create(const GlobalOptions& options, const Arguments& arguments) {
  const CreateRequest request = NACRE_TRY(read_create_request(arguments));
  if (arguments.has("plan-only")) return print_plan(request);
  NACRE_TRY_CTX(create_container(options, request), "runc create failed");
  return 0;
}

}  // namespace nacre::commands
