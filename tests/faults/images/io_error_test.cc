// Each system call of a pull, of unpacking, of the commit of a snapshot fails once: an error with
// its sentence, nothing acknowledged, nothing wrong left behind, and the next try succeeds.
#include <sys/syscall.h>

#include <cstring>

#include "images/store/connection.h"
#include "tests/faults/images/fixture.h"
#include "tests/faults/tracer.h"

namespace nacre::images::test {
namespace {

using nacre::test::Command;
using nacre::test::Interference;
using nacre::test::Outcome;
using nacre::test::Traced;
using nacre::test::TracedCall;

// What says that something is wrong with the disk.
const std::vector<long> kWrites = {SYS_write,     SYS_pwrite64,  SYS_writev,   SYS_ftruncate,
                                   SYS_renameat,  SYS_renameat2, SYS_mkdirat,  SYS_linkat,
                                   SYS_symlinkat, SYS_fsetxattr, SYS_utimensat};
const std::vector<long> kSyncs = {SYS_fsync, SYS_fdatasync, SYS_syncfs};
const std::vector<long> kReads = {SYS_read, SYS_pread64, SYS_getdents64};

// SQLite copies its log back whenever it likes, and what fails there is tried again by the next
// one; it does not look at what becomes of syncing the folder; the reserve is made when there is
// room.
bool may_be_overcome(const TracedCall& call) {
  return call.target.ends_with("/db.sqlite") || call.target.ends_with("/db.sqlite-shm") ||
         call.target.ends_with("/reserve") ||
         (call.number == SYS_fdatasync && call.target.ends_with("/root"));
}
bool is_write_of_records(const TracedCall& call) {
  return call.number == SYS_pwrite64 && call.target.ends_with("/db.sqlite-wal");
}

class IoErrorTest : public ImagesFaultTest {
 protected:
  void SetUp() override {
    ImagesFaultTest::SetUp();
    if (IsSkipped()) return;
#ifndef __x86_64__
    GTEST_SKIP() << "how to have a system call fail is only known on x86-64";
#endif
    kept_ = put_up("kept", {"base", "kept"});
    new_ = put_up("new", {"base", "new1", "new2"});
    const Outcome outcome = pull(root(), "kept").run();
    ASSERT_TRUE(outcome.ok()) << describe(outcome);
  }

  // Nothing half done; the error says what and where.
  void expect_told(const Traced& traced) {
    if (!traced.reached) {
      EXPECT_EQ(traced.exit_code, 0) << traced.err;
      return;
    }
    const TracedCall& call = traced.calls.back();
    if (traced.exit_code == 0) {
      // Only the end of a lease has no one to tell: it is over nevertheless.
      if (is_write_of_records(call)) {
        EXPECT_EQ(leases(), 1) << "nobody has noticed";
      } else {
        EXPECT_TRUE(may_be_overcome(call)) << "nobody has noticed";
      }
      return;
    }
    EXPECT_EQ(traced.exit_code, 2) << traced.err;
    const std::size_t colon = traced.err.find(": ");
    ASSERT_NE(colon, std::string::npos) << traced.err;
    EXPECT_GT(traced.err.size(), colon + 10) << traced.err;
  }
  // Records of leases, before a collection.
  [[nodiscard]] std::int64_t leases() const {
    auto records = Connection::open(root() + "/db.sqlite");
    EXPECT_OK(records);
    if (!records) return -1;
    auto row = (*records)->query("SELECT count(*) FROM leases");
    EXPECT_TRUE(row && row->step()) << "no number of leases";
    return row ? row->integer(0) : -1;
  }
  // What could not be synced is not gone on with: a second sync would tell that all is well.
  void expect_unsynced_is_gone(const Traced& traced) {
    if (!traced.reached || traced.calls.back().number != SYS_fsync) return;
    const std::string& file = traced.calls.back().target;
    if (!file.starts_with(root() + "/ingest/")) return;
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    EXPECT_TRUE(error || size == 0) << file << " has " << size << " bytes";
  }
  void fail_pulls(const std::vector<long>& calls, int error, int samples) {
    forget_new();
    const Traced whole = nacre::test::trace(pull(root(), "new"), calls);
    ASSERT_EQ(whole.exit_code, 0) << whole.err;
    const int total = static_cast<int>(whole.calls.size());
    ASSERT_GT(total, 3);
    int refused = 0;
    int overcome = 0;
    for (const int step : nacre::test::sampled_steps(total, samples)) {
      forget_new();
      const Interference refusal{.kind = Interference::Kind::kFail, .at = step, .error = error};
      const Traced traced = nacre::test::trace(pull(root(), "new"), calls, refusal);
      SCOPED_TRACE(std::string(std::strerror(error)) + " from call " + std::to_string(step) +
                   " of " + std::to_string(total) + ", " +
                   (traced.calls.empty() ? "" : traced.calls.back().text()) + ": " + traced.err);
      if (traced.reached) ++(traced.exit_code == 0 ? overcome : refused);
      expect_told(traced);
      if (error == ENOSPC || error == EDQUOT) expect_exhausted(traced);
      expect_unsynced_is_gone(traced);
      look(traced);
      expect_the_next_pull_goes_on(root(), "new", new_);
      if (HasFailure()) return;  // the rest would only repeat it
    }
    std::printf("refused %d times, overcome %d times\n", refused, overcome);
    EXPECT_GT(refused, 0);
  }
  static void expect_exhausted(const Traced& traced) {
    if (!traced.reached || traced.exit_code == 0) return;
    EXPECT_THAT(traced.err, testing::StartsWith("resource_exhausted: "));
  }
  void look(const Traced& traced) {
    const auto store = open(root());
    ASSERT_NE(store, nullptr);
    expect_undamaged(*store);
    expect_pulled(*store, root(), "kept", kept_);
    const auto record = store->find_image(name("app:new"));
    ASSERT_OK(record);
    EXPECT_EQ(record->has_value(), traced.exit_code == 0) << "acknowledged and not there, or there";
    expect_pulled_or_absent(*store, root(), "new", new_);
  }
};

TEST_F(IoErrorTest, WritesOfAPull) { fail_pulls(kWrites, EIO, 30); }
TEST_F(IoErrorTest, WritesOfAPullFindNoRoom) { fail_pulls(kWrites, ENOSPC, 30); }
TEST_F(IoErrorTest, WritesOfAPullFindNoQuota) { fail_pulls(kWrites, EDQUOT, 10); }
TEST_F(IoErrorTest, SyncsOfAPull) { fail_pulls(kSyncs, EIO, 20); }
TEST_F(IoErrorTest, ReadsOfAPull) { fail_pulls(kReads, EIO, 20); }

}  // namespace
}  // namespace nacre::images::test
