#include "base/text.h"
#include "oci-spec/runtime/enums.h"
#include "runtime/commands/commands.h"
#include "runtime/commands/containers.h"
#include "runtime/commands/output.h"
#include "runtime/commands/owner.h"
#include "runtime/state/status.h"
#include "sys/io.h"

namespace nacre::commands {
namespace {

using ContainerStates = std::vector<oci::ContainerState>;

// Adds nothing for a container that is being made or was deleted while we looked.
Result<void> add_container(const state::StateStore& store, std::string_view id,
                           const Owners& owners, ContainerStates& all) {
  const auto dir = store.find(id);
  if (!dir && dir.error().code() == ErrorCode::kNotFound) return {};
  if (!dir) return fail(dir.error());
  const auto record = dir->load();
  if (!record && record.error().code() == ErrorCode::kNotFound) return {};
  if (!record) return fail(record.error());
  const oci::Status now = NACRE_TRY(state::current_status(*dir, *record));
  oci::ContainerState container = describe(*record, now);
  const auto status = NACRE_TRY_CTX(sys::fstatx(dir->dir(), STATX_UID), dir->path());
  container.owner = owners.name_of(status.stx_uid);
  all.push_back(std::move(container));
  return {};
}

// One container that cannot be read must not hide the others: it is warned about.
Result<ContainerStates> look_at_all(const GlobalOptions& options) {
  const auto store = state::StateStore::open(options.root, false);
  const bool no_container_yet =
      !store && store.error().code() == ErrorCode::kNotFound && !options.root_given;
  if (no_container_yet) return ContainerStates{};
  if (!store) return fail(store.error());
  const Owners owners = Owners::read();
  ContainerStates all;
  for (const std::string& id : NACRE_TRY(store->ids())) {
    const auto added = add_container(*store, id, owners, all);
    if (!added) options.logger->warn(added.error().message());
  }
  return all;
}

std::string table_of(const ContainerStates& all) {
  std::vector<std::vector<std::string>> rows = {
      {"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
  for (const oci::ContainerState& container : all) {
    const oci::State& state = container.state;
    rows.push_back({state.id, std::to_string(state.pid), std::string(oci::to_text(state.status)),
                    state.bundle, container.created, container.owner});
  }
  return align_columns(rows);
}

std::string ids_of(const ContainerStates& all) {
  std::string lines;
  for (const oci::ContainerState& container : all) text::append(lines, container.state.id, '\n');
  return lines;
}

}  // namespace

Result<int> run_list(const GlobalOptions& options, const Arguments& arguments) {
  const ListFormat format = NACRE_TRY(parse_list_format(arguments.value("format")));
  const auto all = NACRE_TRY(look_at_all(options));
  if (arguments.has("quiet")) {
    NACRE_TRY(print(ids_of(all)));
  } else if (format == ListFormat::kJson) {
    NACRE_TRY(print(oci::to_json(all) + '\n'));
  } else {
    NACRE_TRY(print(table_of(all)));
  }
  return 0;
}

}  // namespace nacre::commands
