// A collection does not get slower with what it throws away, and while that is deleted everybody
// else goes on.
#include <sys/syscall.h>

#include <sstream>

#include "tests/faults/images/fixture.h"
#include "tests/faults/tracer.h"

namespace nacre::images::test {
namespace {

using nacre::test::Interference;
using nacre::test::Outcome;
using nacre::test::Traced;

constexpr int kFiles = 50'000;

// Whatever touches a file, whether it changes it or not.
std::vector<long> file_calls() {
  std::vector<long> calls = nacre::test::changing_calls();
  calls.insert(calls.end(), {SYS_getdents64, SYS_statx, SYS_read, SYS_pread64, SYS_fstatfs});
  return calls;
}

class CollectTest : public ImagesFaultTest {
 protected:
  // A layer of so many empty files that nothing refers to.
  void unpack_garbage(int files) {
    const Outcome made = images_worker(root(), {"entries", std::to_string(files)}).run();
    ASSERT_TRUE(made.ok()) << describe(made);
    std::istringstream words(made.out);
    std::vector<std::string> arguments = {"unpack"};
    for (std::string word; words >> word;) arguments.push_back(word);
    const Outcome unpacked = images_worker(root(), arguments).run();
    ASSERT_TRUE(unpacked.ok()) << describe(unpacked);
  }
  int calls_of_a_collection(int files) {
    unpack_garbage(files);
    const Traced traced = nacre::test::trace(images_worker(root(), {"collect"}), file_calls());
    EXPECT_EQ(traced.exit_code, 0) << traced.err;
    const auto store = open(root());
    EXPECT_TRUE(store && store->layers() && store->layers()->empty()) << "it is to be gone";
    EXPECT_OK(store->empty_trash({}));
    return static_cast<int>(traced.calls.size());
  }
};

TEST_F(CollectTest, CostsTheSameForManyFiles) {
  ASSERT_NE(open(root()), nullptr);
  const int few = calls_of_a_collection(50);
  const int many = calls_of_a_collection(kFiles);
  std::printf("%d calls for a layer of 50 files, %d for one of %d\n", few, many, kFiles);
  // The log of the records may be copied back in one of the two.
  EXPECT_LE(many, few + 40);
}

// Whoever empties the trash is stopped in the middle of it and stays so: nobody waits.
TEST_F(CollectTest, NobodyWaitsForTheTrash) {
  const PublishedImage image = put_up("new", {"base", "new"});
  unpack_garbage(kFiles);
  ASSERT_TRUE(images_worker(root(), {"collect"}).run().ok());
  bool looked = false;
  const Interference hold{.kind = Interference::Kind::kHold, .at = 1000, .action = [&] {
                            looked = true;
                            const Outcome pulled = pull(root(), "new").run();
                            EXPECT_TRUE(pulled.ok()) << describe(pulled);
                            const auto store = open(root());
                            ASSERT_NE(store, nullptr);
                            expect_pulled(*store, root(), "new", image);
                            EXPECT_OK(put_sample(*store, image_of("other", {"other"})));
                            EXPECT_OK(store->make_durable());
                            EXPECT_OK(store->remove_image("other"));
                            EXPECT_OK(store->collect());
                            expect_undamaged(*store);
                          }};
  const Traced traced = nacre::test::trace(images_worker(root(), {"trash"}), {SYS_unlinkat}, hold);
  EXPECT_TRUE(traced.reached && looked);
  EXPECT_EQ(traced.exit_code, 0) << traced.err;
  const auto store = open(root());
  ASSERT_NE(store, nullptr);
  expect_pulled(*store, root(), "new", image);
  expect_sound(*store, root());
  EXPECT_TRUE(std::filesystem::is_empty(root() + "/trash"));
}

}  // namespace
}  // namespace nacre::images::test
