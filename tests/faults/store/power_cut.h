// Power cuts, without a device that could lose power.
//
//   store ── ext4 or XFS in a file ── loop ── the file, on XFS in a file, in memory
//
// The inner file system's backing file holds what it has handed down so far and nothing of what
// still is in memory. A reflink of it (FICLONE takes the file's lock, so it is one instant) is what
// a disk would hold after a power cut there. It is mounted, its layers are said to be of another
// run of the machine, as they would be, and then everything acknowledged before has to be there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/faults/store/fixture.h"

namespace nacre::images::test {

struct Disk {
  const char* type;
  std::vector<std::string> mkfs;
  const char* options;
};
inline const Disk kExt4{"ext4", {"mkfs.ext4", "-q"}, ""};
inline const Disk kExt4ThatPromisesLess{
    "ext4", {"mkfs.ext4", "-q"}, "data=writeback,noauto_da_alloc"};
inline const Disk kXfs{"xfs", {"mkfs.xfs", "-q"}, "nouuid"};

using Lines = std::vector<std::string>;

class PowerCutTest : public StoreFaultTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Where the data root is before the power fails.
  [[nodiscard]] std::string root_on_disk() const { return work_ / "inner/root"; }

  // Starts `loop`, which works on root_on_disk() for ever and says what it has done, a line each;
  // cuts the power at so many instants and looks each time at what is there then. `before` is what
  // had been said before the instant, `after` what was said when it was over.
  using Look =
      std::function<void(const std::string& root, const Lines& before, const Lines& after)>;
  void cut_power(const Disk& disk, nacre::test::Command loop, int instants, const Look& look);

 private:
  void make_disk(const std::filesystem::path& file, const std::string& size,
                 std::vector<std::string> mkfs);
  void mount(const std::filesystem::path& file, const std::filesystem::path& at,
             const std::string& type, const std::string& options);
  void unmount();
  void look_at_cut(const Disk& disk, const Lines& before, const Lines& after, const Look& look);

  std::vector<std::filesystem::path> mounted_;
};

}  // namespace nacre::images::test
