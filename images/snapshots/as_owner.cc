#include "images/snapshots/as_owner.h"

#include "base/try.h"
#include "sys/credentials.h"
#include "sys/process.h"

namespace nacre::images {
namespace {

constexpr std::uint32_t kAsk = ~0U;

struct Job {
  const OwnerIds& owner;
  OwnerCall call;
  const void* argument;
};

// The capabilities over files go away with root's file-system id.
sys::Outcome<void> become(const OwnerIds& owner) {
  sys::setfsgid(owner.gid);
  sys::setfsuid(owner.uid);
  if (sys::setfsgid(kAsk) != owner.gid || sys::setfsuid(kAsk) != owner.uid) {
    return std::unexpected(Errno{EPERM});
  }
  sys::CapabilitySets sets = NACRE_TRY(sys::capget());
  sets.effective = sets.permitted;
  return sys::capset(sets);
}

// Between clone and exit: only system calls.
void run(void* argument) {
  const Job& job = *static_cast<const Job*>(argument);
  auto done = become(job.owner);
  if (done) done = job.call(job.argument);
  sys::exit_now(done ? 0 : done.error().value);
}

}  // namespace

sys::Outcome<void> call_as_owner(const OwnerIds& owner, OwnerCall call, const void* argument) {
  Job job{owner, call, argument};
  sys::SpawnStack stack;
  int pidfd = -1;
  // No exit signal: who waits for children in general, on another thread, does not get this one.
  static_cast<void>(NACRE_TRY(sys::clone3_spawn({.pidfd_out = &pidfd}, false, stack, run, &job)));
  const sys::PidFd process(pidfd);
  auto ended = sys::waitid(P_PIDFD, process.get(), WEXITED | __WALL);
  while (!ended && ended.error().value == EINTR) {
    ended = sys::waitid(P_PIDFD, process.get(), WEXITED | __WALL);
  }
  if (!ended) return std::unexpected(ended.error());
  if (ended->si_code != CLD_EXITED) return std::unexpected(Errno{EINTR});  // killed
  // An error number fits into the eight bits of an exit status.
  if (ended->si_status == 0) return {};
  return std::unexpected(Errno{ended->si_status});
}

}  // namespace nacre::images
