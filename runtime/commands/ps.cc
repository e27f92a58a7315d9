#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "runtime/commands/commands.h"
#include "runtime/commands/containers.h"
#include "runtime/commands/output.h"
#include "runtime/commands/process_table.h"
#include "runtime/hooks/child.h"
#include "runtime/state/container_cgroup.h"
#include "runtime/state/status.h"
#include "sys/file.h"

namespace nacre::commands {
namespace {

constexpr std::size_t kLargestTable = std::size_t{64} << 20U;

// Of the host's pid namespace. Without a cgroup only init is known.
Result<std::vector<int>> processes_of(const state::Record& record) {
  const auto own = NACRE_TRY(state::open_cgroup(record));
  if (own) return own->cgroup.processes();
  if (record.cgroup_path.empty() && state::open_init(record)) return std::vector{record.pid};
  return std::vector<int>{};
}

std::string json_of(const std::vector<int>& pids) {
  std::string out = "[";
  for (const int pid : pids) text::append(out, out.size() > 1 ? "," : "", pid);
  return out + "]\n";
}

Result<std::string> find_ps() {
  const char* given = std::getenv("PATH");
  const std::string_view path = given != nullptr && *given != '\0' ? given : "/usr/bin:/bin";
  for (const std::string_view directory : text::split(path, ':')) {
    std::string candidate = text::join(directory, "/ps");
    if (directory.starts_with('/') &&
        sys::faccessat2(sys::kCwd, candidate.c_str(), X_OK, AT_EACCESS)) {
      return candidate;
    }
  }
  return fail(not_found("exec: \"ps\": executable file not found in $PATH"));
}

Result<std::string> host_table(const std::vector<std::string>& positionals) {
  hooks::ChildRequest request;
  request.path = NACRE_TRY(find_ps());
  request.args = {"ps"};
  request.args.insert(request.args.end(), positionals.begin() + 1, positionals.end());
  if (request.args.size() == 1) request.args.emplace_back("-ef");
  for (char** entry = ::environ; *entry != nullptr; ++entry) request.env.emplace_back(*entry);
  request.directory = "/";
  request.output_limit = kLargestTable;
  hooks::ChildResult result = NACRE_TRY(hooks::run_child(request));
  if (result.exit_status != 0) {
    return fail(failed_precondition(
        text::join("ps: exit status ", result.exit_status, ": ", text::trim(result.errors))));
  }
  return std::move(result.output);
}

}  // namespace

Result<int> run_ps(const GlobalOptions& options, const Arguments& arguments) {
  const ListFormat format = NACRE_TRY(parse_list_format(arguments.value("format")));
  const Container container = NACRE_TRY(load_container(options, arguments.positionals()[0]));
  const auto pids = NACRE_TRY(processes_of(container.record));
  if (format == ListFormat::kJson) {
    NACRE_TRY(print(json_of(pids)));
  } else {
    const std::string table = NACRE_TRY(host_table(arguments.positionals()));
    const std::string lines = NACRE_TRY(filter_process_table(table, pids));
    NACRE_TRY(print(lines));
  }
  return 0;
}

}  // namespace nacre::commands
