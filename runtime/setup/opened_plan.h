// A plan with every file open that the parent can open: from here on no host path is looked up
// again.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/plan/flatten.h"
#include "runtime/plan/plan.h"
#include "sys/fds.h"

namespace nacre::setup {

// The descriptors that come from elsewhere; a closed one means the plan has no use for it.
struct Endpoints {
  UniqueFd start_socket;
  UniqueFd console_socket;
  UniqueFd seccomp_socket;
  UniqueFd container;  // exec: pidfd of init
};

class OpenedPlan final : public plan::SlotNumbers {
 public:
  // Opens everything that `plan` lists and fills in what only the files themselves tell (the root's
  // identity). Errors name the field: `rootfs "/x": no such file or directory`. Takes the
  // endpoints.
  static Result<OpenedPlan> open(plan::Plan& plan, Endpoints endpoints);

  [[nodiscard]] int number(plan::Slot slot) const override;
  // Every descriptor that init is to inherit.
  [[nodiscard]] std::vector<int> inherited() const;

  [[nodiscard]] FdRef hook_state() const { return hook_state_; }
  [[nodiscard]] FdRef start_hook_state() const { return start_hook_state_; }
  [[nodiscard]] FdRef hook_output() const { return hook_output_; }
  [[nodiscard]] FdRef seccomp_message() const { return seccomp_message_; }

 private:
  std::vector<UniqueFd> openings_;
  std::vector<UniqueFd> reserved_;  // numbers kept free for what init opens itself
  Endpoints endpoints_;
  UniqueFd procfs_;
  UniqueFd hook_state_;
  UniqueFd start_hook_state_;
  UniqueFd hook_output_;
  UniqueFd seccomp_message_;
};

}  // namespace nacre::setup
