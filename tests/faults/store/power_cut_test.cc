// The power fails while images come, become durable and go.
#include <map>
#include <set>
#include <sstream>

#include "tests/faults/store/power_cut.h"

namespace nacre::images::test {
namespace {

#ifdef NACRE_FAULTS_EVERY_STEP
constexpr int kInstants = 100;
#else
constexpr int kInstants = 20;
#endif
constexpr int kFiles = 20;
constexpr int kBytes = 5000;

// What the worker has said so far.
struct Acknowledged {
  std::map<std::string, std::string> pulled;  // image -> its shared layer
  std::set<std::string> durable;              // images whose own layer was synced
  std::set<std::string> removing;             // may be there or not

  explicit Acknowledged(const Lines& lines) {
    for (const std::string& line : lines) take(line);
  }
  void take(const std::string& line) {
    std::istringstream words(line);
    std::string verb, name, shared;
    words >> verb >> name >> shared;
    if (verb == "pulled") {
      pulled[name] = shared;
      removing.erase(name);
    } else if (verb == "removing") {
      removing.insert(name);
      durable.erase(name);
    } else if (verb == "durable") {
      for (const auto& [image, layer] : pulled) durable.insert(image);
    } else if (verb == "removed") {
      pulled.erase(name);
    }
  }
};

class StorePowerCutTest : public PowerCutTest {
 protected:
  void survive(const Disk& disk) {
    nacre::test::Command loop = worker(root_on_disk(), {"loop", "x"});
    loop.env("NACRE_WORKER_FILES", std::to_string(kFiles));
    loop.env("NACRE_WORKER_BYTES", std::to_string(kBytes));
    cut_power(disk, std::move(loop), kInstants,
              [](const std::string& root, const Lines& before, const Lines& after) {
                look_at(root, Acknowledged(before), Acknowledged(after));
              });
  }
  static void look_at(const std::string& root, const Acknowledged& before,
                      const Acknowledged& after) {
    const auto store = open(root);
    ASSERT_NE(store, nullptr);
    expect_undamaged(*store);
    for (const auto& [name, shared] : before.pulled) {
      if (after.removing.contains(name) || before.removing.contains(name)) continue;
      // A later pull of the same name may have got through.
      const SampleImage then = image_of(name, {shared, name}, kFiles, kBytes);
      const auto record = store->find_image(name);
      ASSERT_TRUE(record && *record) << name << " is gone";
      if ((*record)->target.digest == then.manifest_descriptor.digest) expect_whole(*store, then);
      if (before.durable.contains(name)) {
        const auto layer = store->find_layer(then.layers[1].diff_id);
        ASSERT_TRUE(layer && *layer);
        EXPECT_EQ((*layer)->state, LayerState::kDurable);
      }
      EXPECT_OK(put_sample(*store, then));
      expect_whole(*store, then);
    }
    expect_sound(*store, root);
  }
};

TEST_F(StorePowerCutTest, Ext4) { survive(kExt4); }
TEST_F(StorePowerCutTest, Ext4ThatPromisesLess) { survive(kExt4ThatPromisesLess); }
TEST_F(StorePowerCutTest, Xfs) { survive(kXfs); }

}  // namespace
}  // namespace nacre::images::test
