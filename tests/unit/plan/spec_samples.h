// Small specs for tests of the planner.
#pragma once

#include <string>
#include <vector>

#include "oci-spec/runtime/spec.h"
#include "runtime/plan/make_plan.h"

namespace nacre::plan {

// All namespaces but user and time, /proc, a tmpfs on /dev; runs "/bin/true" as root.
oci::Spec small_spec();
// The same in a new user namespace with one range.
oci::Spec user_namespace_spec();
oci::Mount mount_of(std::string type, std::string source, std::string destination,
                    std::vector<std::string> options);

HostFacts root_host();
LaunchOptions launch_options();

// The operations of one kind, in order.
std::vector<PlannedOp> ops_of(const Plan& plan, init::OpKind kind);
// Where the first operation of that kind stands; the number of operations when there is none.
std::size_t position_of(const Plan& plan, init::OpKind kind);

}  // namespace nacre::plan
