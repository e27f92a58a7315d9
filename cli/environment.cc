#include "cli/environment.h"

#include <limits.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"

namespace nacre::cli {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

Environment Environment::current() {
  char folder[PATH_MAX];
  const char* here = ::getcwd(folder, sizeof folder);
  return {.data_root = variable("NACRE_DATA_ROOT"),
          .home = variable("HOME"),
          .xdg_data_home = variable("XDG_DATA_HOME"),
          .working_directory = here == nullptr ? "" : here,
          .root = ::geteuid() == 0};
}

Result<GlobalOptions> make_options(const Arguments& arguments, const Environment& environment) {
  GlobalOptions out;
  out.debug = arguments.has("debug");
  std::string root(arguments.value("data-root"));
  if (arguments.has("data-root") && root.empty())
    return fail(invalid_argument("--data-root may not be empty"));
  if (root.empty()) root = environment.data_root;
  if (root.empty() && environment.root) root = "/var/lib/nacre";
  // A relative $XDG_DATA_HOME is to be ignored, says the specification.
  if (root.empty() && environment.xdg_data_home.starts_with('/'))
    root = environment.xdg_data_home + "/nacre";
  if (root.empty() && !environment.home.empty()) root = environment.home + "/.local/share/nacre";
  if (root.empty())
    return fail(failed_precondition(
        "no place for images is known: give --data-root DIR, or set NACRE_DATA_ROOT or HOME"));
  if (!root.starts_with('/')) {
    if (environment.working_directory.empty())
      return fail(
          failed_precondition("the working directory is gone: --data-root must be absolute"));
    root = text::join(environment.working_directory, '/', root);
  }
  out.data_root = std::move(root);
  return out;
}

}  // namespace nacre::cli
