#include "base/text.h"
#include "runtime/plan/builder.h"

namespace nacre::plan {
namespace {

void plan_hook(Builder& b, std::string_view kind, std::size_t index, const oci::Hook& hook,
               Slot::Kind state) {
  PlannedOp& op =
      b.add(OpKind::kHook, Stage::kHooks, text::join("error running ", kind, " hook #", index));
  op.text = hook.path;
  op.list = hook.args.empty() ? std::vector<std::string>{hook.path} : hook.args;
  op.list2 = hook.env;
  if (hook.timeout) op.value = static_cast<std::uint64_t>(*hook.timeout) * 1000;
  op.slot = {state};
  op.slot2 = {Slot::Kind::kHookOutput};
  b.plan.init_hooks = true;
}

}  // namespace

// prestart and createRuntime run in the runtime's namespaces, by the parent, while init waits: the
// namespaces exist then and the root has not changed yet. createContainer hooks, and the message to
// a seccomp agent, need what the parent knows (the pid), so they wait too.
void plan_create_hooks(Builder& b, const oci::Spec& spec, const SeccompProgram& seccomp) {
  const oci::Hooks& hooks = spec.hooks;
  b.plan.parent_hooks = !hooks.prestart.empty() || !hooks.create_runtime.empty();
  if (b.plan.parent_hooks || !hooks.create_container.empty() || !hooks.start_container.empty() ||
      seccomp.needs_listener) {
    b.add(OpKind::kRendezvous, Stage::kHooks, "wait for the hooks");
  }
  for (std::size_t i = 0; i < hooks.create_container.size(); ++i) {
    plan_hook(b, "createContainer", i, hooks.create_container[i], Slot::Kind::kHookState);
  }
}

void plan_start_hooks(Builder& b, const oci::Spec& spec) {
  for (std::size_t i = 0; i < spec.hooks.start_container.size(); ++i) {
    plan_hook(b, "startContainer", i, spec.hooks.start_container[i], Slot::Kind::kStartHookState);
  }
}

}  // namespace nacre::plan
