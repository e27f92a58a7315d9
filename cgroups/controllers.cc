#include "cgroups/controllers.h"

#include <algorithm>

#include "base/text.h"
#include "sys/io.h"

namespace nacre::cgroups {
namespace {

constexpr std::size_t kListLimit = 4096;

struct Need {
  std::string controller;
  const Setting* setting;  // null: only wanted
};

void add_need(std::vector<Need>& needs, std::string_view controller, const Setting* setting) {
  const auto same = [&](const Need& need) { return need.controller == controller; };
  if (std::ranges::none_of(needs, same)) needs.push_back({std::string(controller), setting});
}

std::vector<Need> distinct_needs(const std::vector<Setting>& settings,
                                 const std::vector<std::string>& wanted) {
  std::vector<Need> needs;
  for (const Setting& setting : settings) {
    if (setting.controller.empty() || setting.if_missing == Setting::IfMissing::kIgnore) continue;
    add_need(needs, setting.controller, &setting);
  }
  for (const std::string& controller : wanted) add_need(needs, controller, nullptr);
  return needs;
}

void drop_those_in(std::string_view list, std::vector<Need>& needs) {
  std::erase_if(needs, [&](const Need& need) { return has_word(list, need.controller); });
}

std::string_view hint_for(Errno error) {
  if (error.value != EBUSY) return "";
  return " (it has processes of its own, and a cgroup with processes cannot hand controllers to "
         "its children)";
}

Error cannot_enable(const Place& place, const std::string& ancestor, const Need& need,
                    Errno error) {
  const std::string file = text::join(place.mount_point, ancestor.empty() ? "" : "/", ancestor,
                                      "/cgroup.subtree_control");
  Error result =
      Error::from_errno(error, text::join("cannot set ", need.setting->field, ": enable the ",
                                          need.controller, " controller in ", file));
  if (hint_for(error).empty()) return result;
  return {result.code(), text::join(result.message(), hint_for(error))};
}

// All in one write; when that is refused one by one, to know which and to get the others.
Result<void> enable_in(const Place& place, const std::string& ancestor,
                       const std::vector<Need>& missing) {
  const std::string file =
      text::join(ancestor, ancestor.empty() ? "" : "/", "cgroup.subtree_control");
  const std::string present = NACRE_TRY_CTX(sys::read_file(place.root, file.c_str(), kListLimit),
                                            text::join("read ", place.mount_point, '/', file));
  std::string all;
  for (const Need& need : missing) {
    if (!has_word(present, need.controller)) {
      text::append(all, all.empty() ? "+" : " +", need.controller);
    }
  }
  if (all.empty() || sys::write_control(place.root, file.c_str(), all)) return {};
  for (const Need& need : missing) {
    if (has_word(present, need.controller)) continue;
    const auto done =
        sys::write_control(place.root, file.c_str(), text::join('+', need.controller));
    if (!done && need.setting != nullptr) {
      return fail(cannot_enable(place, ancestor, need, done.error()));
    }
  }
  return {};
}

// "", "a", "a/b" for "a/b/c".
std::vector<std::string> ancestors_of(std::string_view relative) {
  std::vector<std::string> ancestors;
  for (std::string at = parent_of(relative); !at.empty(); at = parent_of(at)) {
    ancestors.push_back(at);
  }
  ancestors.emplace_back();
  std::ranges::reverse(ancestors);
  return ancestors;
}

}  // namespace

bool has_word(std::string_view list, std::string_view word) {
  for (const std::string_view one : text::split(text::trim(list), ' ')) {
    if (one == word) return true;
  }
  return false;
}

std::string_view why_missing(std::string_view proc_cgroups, std::string_view controller) {
  const std::string_view name = controller == "io" ? "blkio" : controller;
  for (const std::string_view line : text::split(proc_cgroups, '\n')) {
    // "memory 4 20 1": name, id of the hierarchy (0: v2), number of cgroups, enabled
    const auto fields = text::split(line, '\t');
    if (fields.size() != 4 || fields[0] != name) continue;
    if (fields[3] == "0") return "it is disabled on the kernel's command line";
    if (fields[1] != "0") return "it is bound to cgroup v1";
    return "it is not delegated to this part of the hierarchy";
  }
  return "this kernel does not have it";
}

Error missing_controller(const Place& place, const Setting& setting) {
  const auto proc = sys::read_file(sys::kCwd, "/proc/cgroups", kListLimit);
  return unsupported(text::join(
      "cannot set ", setting.field, ": the ", setting.controller,
      " controller is not available in cgroup v2 at ", place.mount_point,
      proc ? text::join(" (", why_missing(*proc, setting.controller), ')') : std::string()));
}

Result<void> provide_controllers(const Place& place, FdRef leaf, const std::vector<Setting>& needs,
                                 const std::vector<std::string>& wanted) {
  std::vector<Need> missing = distinct_needs(needs, wanted);
  if (missing.empty()) return {};
  const auto context = [&] { return text::join("read cgroup.controllers of ", place.shown()); };
  drop_those_in(NACRE_TRY_CTX(sys::read_file(leaf, "cgroup.controllers", kListLimit), context()),
                missing);
  if (missing.empty()) return {};

  const std::string available =
      NACRE_TRY_CTX(sys::read_file(place.root, "cgroup.controllers", kListLimit), context());
  for (const Need& need : missing) {
    if (need.setting != nullptr && !has_word(available, need.controller)) {
      return fail(missing_controller(place, *need.setting));
    }
  }
  std::erase_if(missing, [&](const Need& need) { return !has_word(available, need.controller); });
  for (const std::string& ancestor : ancestors_of(place.relative())) {
    NACRE_TRY(enable_in(place, ancestor, missing));
  }
  return {};
}

}  // namespace nacre::cgroups
