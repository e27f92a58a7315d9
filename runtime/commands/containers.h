// From the command line to a container on disk.
#pragma once

#include <string_view>

#include "base/result.h"
#include "oci-spec/runtime/state.h"
#include "runtime/commandline/command.h"
#include "runtime/state/store.h"

namespace nacre::commands {

// The store that the options name, made if it is missing: for create and run.
Result<state::StateStore> make_store(const commandline::GlobalOptions& options);

// kNotFound "container does not exist" also when there is no store at all.
Result<state::ContainerDir> find_container(const commandline::GlobalOptions& options,
                                           std::string_view id);

struct Container {
  state::ContainerDir dir;
  state::Record record;
};
Result<Container> load_container(const commandline::GlobalOptions& options, std::string_view id);

// What `state` and `list` print of it. The pid of a stopped container is 0.
oci::ContainerState describe(const state::Record& record, oci::Status status);

}  // namespace nacre::commands
