// The sentence for a record of init: the parent still holds the plan, so it knows what operation 17
// was about.
#pragma once

#include "base/error.h"
#include "runtime/plan/plan.h"
#include "runtime/setup/opened_plan.h"
#include "runtime/state/record.h"

namespace nacre::setup {

[[nodiscard]] Error failure(const plan::Plan& plan, const init::InitReport& report,
                            const OpenedPlan& opened);

// The same for `start`, which has no plan but the steps that the record keeps.
[[nodiscard]] Error start_failure(const init::InitReport& report, const state::Record& record);

}  // namespace nacre::setup
