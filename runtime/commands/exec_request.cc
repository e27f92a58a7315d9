#include "runtime/commands/exec_request.h"

#include <algorithm>

#include "base/text.h"
#include "oci-spec/runtime/parse.h"
#include "oci-spec/runtime/validate.h"
#include "runtime/commands/bundle.h"
#include "runtime/commands/flag_values.h"
#include "sys/io.h"

namespace nacre::commands {
namespace {

using commandline::Arguments;

constexpr std::size_t kMaxProcess = 16U << 20U;

Result<oci::Process> read_process_file(std::string_view path) {
  const std::string file(path);
  const std::string bytes = NACRE_TRY_CTX(sys::read_file(sys::kCwd, file.c_str(), kMaxProcess),
                                          text::join("open ", file));
  return NACRE_TRY_CTX(oci::parse_process(bytes), file);
}

// "UID" or "UID:GID", strictly: "1" must never be read as anything but 1 (CVE-2026-30892).
Result<void> apply_user(std::string_view user, oci::Process& process) {
  const std::size_t colon = user.find(':');
  const auto uid = text::parse_u32(user.substr(0, colon));
  if (!uid) {
    return fail(invalid_argument(text::join(
        "parsing ", text::quote(user), " as uid failed: a number from 0 to 4294967295 is wanted")));
  }
  process.user.uid = *uid;
  if (colon == std::string_view::npos) return {};
  const auto gid = text::parse_u32(user.substr(colon + 1));
  if (!gid) {
    return fail(invalid_argument(text::join(
        "parsing ", text::quote(user), " as gid failed: a number from 0 to 4294967295 is wanted")));
  }
  process.user.gid = *gid;
  return {};
}

// Bounding, effective and permitted; never inheritable (CVE-2022-29162), so ambient is not possible
// either.
void add_capability(std::string_view name, oci::Process& process) {
  if (!process.capabilities) process.capabilities.emplace();
  oci::Capabilities& sets = *process.capabilities;
  for (auto* set : {&sets.bounding, &sets.effective, &sets.permitted}) {
    if (std::ranges::find(*set, name) == set->end()) set->emplace_back(name);
  }
}

Result<void> apply_flags(const Arguments& arguments, oci::Process& process) {
  const auto& words = arguments.positionals();
  if (words.size() > 1) process.args.assign(words.begin() + 1, words.end());
  if (arguments.has("cwd")) process.cwd = arguments.value("cwd");
  if (arguments.has("apparmor")) process.apparmor_profile = arguments.value("apparmor");
  if (arguments.has("process-label")) process.selinux_label = arguments.value("process-label");
  if (arguments.has("no-new-privs")) process.no_new_privileges = true;
  for (const auto name : arguments.values("cap")) add_capability(name, process);
  for (const auto entry : arguments.values("env")) process.env.emplace_back(entry);
  process.terminal = arguments.has("tty");
  if (arguments.has("user")) NACRE_TRY(apply_user(arguments.value("user"), process));
  for (const auto text : arguments.values("additional-gids")) {
    const auto gid = text::parse_u32(text);
    if (!gid) {
      return fail(
          invalid_argument(text::join("parsing ", text::quote(text),
                                      " as gid failed: a number from 0 to 4294967295 is wanted")));
    }
    process.user.additional_gids.push_back(*gid);
  }
  return {};
}

}  // namespace

Result<ExecRequest> read_exec_request(const Arguments& arguments) {
  ExecRequest request;
  request.id = arguments.positionals().front();
  request.console_socket = NACRE_TRY(read_path(arguments, "console-socket"));
  request.pidfd_socket = NACRE_TRY(read_path(arguments, "pidfd-socket"));
  request.pid_file = NACRE_TRY(read_path(arguments, "pid-file"));
  request.sub_cgroup = arguments.value("cgroup");
  request.preserve_fds = NACRE_TRY(read_count(arguments, "preserve-fds"));
  request.detach = arguments.has("detach");
  request.ignore_paused = arguments.has("ignore-paused");
  return request;
}

Result<oci::Process> make_process(const Arguments& arguments, const state::Record& record) {
  oci::Process process;
  if (arguments.has("process")) {
    process = NACRE_TRY(read_process_file(arguments.value("process")));
    if (arguments.has("tty")) process.terminal = true;
  } else {
    if (arguments.positionals().size() < 2) {
      return fail(invalid_argument("process args cannot be empty"));
    }
    Bundle bundle = NACRE_TRY(load_bundle(record.bundle, {}));
    process = std::move(*bundle.spec.process);
    NACRE_TRY(apply_flags(arguments, process));
  }
  NACRE_TRY(oci::validate_process(process));
  return process;
}

}  // namespace nacre::commands
