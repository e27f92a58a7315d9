#include "runtime/commands/containers.h"

#include "base/text.h"
#include "runtime/state/status.h"

namespace nacre::commands {

using commandline::GlobalOptions;

Result<state::StateStore> make_store(const GlobalOptions& options) {
  return state::StateStore::open(options.root, true, options.root_mode);
}

Result<state::ContainerDir> find_container(const GlobalOptions& options, std::string_view id) {
  NACRE_TRY(state::check_id(id));
  const auto store = state::StateStore::open(options.root, false);
  if (!store && store.error().code() == ErrorCode::kNotFound) {
    return fail(not_found(text::join("container does not exist: ", text::quote(id))));
  }
  if (!store) return fail(store.error());
  return store->find(id);
}

Result<Container> load_container(const GlobalOptions& options, std::string_view id) {
  state::ContainerDir dir = NACRE_TRY(find_container(options, id));
  state::Record record = NACRE_TRY(dir.load());
  return Container{std::move(dir), std::move(record)};
}

oci::ContainerState describe(const state::Record& record, oci::Status status) {
  return {state::oci_state(record, status), record.rootfs, record.created, {}};
}

}  // namespace nacre::commands
