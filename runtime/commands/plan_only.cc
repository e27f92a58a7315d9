#include "runtime/commands/plan_only.h"

#include "runtime/commands/bundle.h"
#include "runtime/commands/output.h"
#include "runtime/plan/make_plan.h"
#include "runtime/plan/plan_json.h"
#include "runtime/setup/host_facts.h"
#include "runtime/setup/seccomp_program.h"

namespace nacre::commands {

Result<int> print_plan(const CreateRequest& request) {
  const Bundle bundle = NACRE_TRY(load_bundle(request.bundle, request.config));
  const auto seccomp = NACRE_TRY(setup::compile_seccomp(bundle.spec.linux_.seccomp));
  const auto host = NACRE_TRY(setup::gather_host_facts(*bundle.spec.process));
  const plan::LaunchOptions launch{.id = request.id,
                                   .bundle = bundle.path,
                                   .notify_directory = {},
                                   .wait_for_start = !request.start_now,
                                   .no_pivot = request.no_pivot,
                                   .no_new_keyring = request.no_new_keyring,
                                   .preserve_fds = request.preserve_fds};
  const plan::Plan plan = NACRE_TRY(plan::make_plan(bundle.spec, host, launch, seccomp));
  NACRE_TRY(print(plan::to_json(plan) + "\n"));
  return 0;
}

}  // namespace nacre::commands
