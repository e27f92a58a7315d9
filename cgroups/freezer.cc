#include "cgroups/freezer.h"

#include "base/scope_exit.h"
#include "base/text.h"
#include "cgroups/control_events.h"
#include "sys/io.h"

namespace nacre::cgroups {
namespace {

constexpr const char* kFreezeFile = "cgroup.freeze";
constexpr const char* kEventsFile = "cgroup.events";

Result<bool> wait_frozen(FdRef cgroup, bool frozen, int bound_ms) {
  const auto events =
      NACRE_TRY_CTX(ControlEvents::open(cgroup, kEventsFile), text::join("open ", kEventsFile));
  return NACRE_TRY_CTX(events.wait_for("frozen", frozen ? 1 : 0, bound_ms),
                       text::join("read ", kEventsFile));
}

Error took_too_long(std::string_view what, int bound_ms) {
  return {ErrorCode::kUnavailable,
          text::join("the cgroup did not ", what, " within ", bound_ms, " ms")};
}

}  // namespace

sys::Outcome<void> request_thaw(FdRef cgroup) {
  return sys::write_control(cgroup, kFreezeFile, "0");
}

Result<void> freeze(FdRef cgroup, int bound_ms) {
  NACRE_TRY_CTX(sys::write_control(cgroup, kFreezeFile, "1"),
                text::join("write 1 to ", kFreezeFile));
  // Half frozen is the worst of both.
  ScopeExit undo([&] { static_cast<void>(request_thaw(cgroup)); });
  if (!NACRE_TRY(wait_frozen(cgroup, true, bound_ms)))
    return fail(took_too_long("freeze", bound_ms));
  undo.dismiss();
  return {};
}

Result<void> thaw(FdRef cgroup, int bound_ms) {
  NACRE_TRY_CTX(request_thaw(cgroup), text::join("write 0 to ", kFreezeFile));
  if (!NACRE_TRY(wait_frozen(cgroup, false, bound_ms)))
    return fail(took_too_long("thaw", bound_ms));
  return {};
}

Result<bool> is_frozen(FdRef cgroup) {
  const auto events =
      NACRE_TRY_CTX(ControlEvents::open(cgroup, kEventsFile), text::join("open ", kEventsFile));
  const std::string text = NACRE_TRY_CTX(events.read(), text::join("read ", kEventsFile));
  return value_of(text, "frozen") == 1;
}

}  // namespace nacre::cgroups
