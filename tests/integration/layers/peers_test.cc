// Beside other programs: what they pack is unpacked the same here, and what is written here is
// unpacked the same there.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/integration/layers/layer_test.h"
#include "tests/support/world.h"

namespace nacre::test::layers {
namespace {

class Peers : public LayerTest {
 protected:
  void SetUp() override {
    LayerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    tree_ = new_directory("tree");
    run("cd '" + tree_.string() +
        "' && set -e && umask 022 && mkdir -p a/b/c 'with blank' && echo one >a/one && "
        "ln a/one a/b/again && ln -s ../one a/b/l && ln a/b/l a/b/l2 && mkfifo p && "
        "mknod n c 1 3 && mknod m b 7 2 && chmod 4755 a/one && chmod 1777 a/b/c && "
        "printf x | dd of=hole bs=1 seek=3000000 conv=notrunc status=none && "
        "head -c 700000 /dev/urandom >random && chown 1000:2000 random && chown -h 5:6 a/b/l && "
        "touch -d '1969-05-04 03:02:01.123456789Z' a/one && "
        "touch -h -d '2001-02-03 04:05:06.7Z' a/b/l && "
        "long=$(printf '%0200d' 0) && mkdir -p $long/$long && echo deep >$long/$long/file && "
        "ln $long/$long/file $long/link && ln -s $long/$long/$long deadlong && "
        "touch -d '2020-01-01 00:00:00.5Z' a/b a . && chmod 0711 .");
  }
  static void run(const std::string& command) {
    ASSERT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT(cert-env33-c)
  }
  std::string packed_by(const std::string& command) {
    const fs::path file = work() / "store" / "packed.tar";
    run("cd '" + tree_.string() + "' && " + command + " -cf '" + file.string() + "' .");
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // libarchive 3.6 writes and reads fractions of times before 1970 the wrong way round.
  void without_early_times() {
    run("touch -d '1971-01-01 00:00:00.5Z' '" + (tree_ / "a/one").string() + "'");
  }
  // Formats that keep seconds only are compared without the rest.
  static std::string without_fractions(const std::string& described) {
    std::string out;
    bool skipping = false;
    for (std::size_t i = 0; i < described.size(); ++i) {
      const bool digit = described[i] >= '0' && described[i] <= '9';
      if (described[i] == '.' && i > 0 && described[i - 1] >= '0' && described[i - 1] <= '9')
        skipping = true;
      else if (!digit)
        skipping = false;
      if (!skipping) out += described[i];
    }
    return out;
  }
  void check_packed_by(const std::string& command, bool fractions) {
    const auto applied = apply_bytes(packed_by(command), layer());
    ASSERT_TRUE(applied) << applied.error().message();
    EXPECT_EQ(differences(layer()), "");
    const std::string wanted = describe_fully(tree_);
    const std::string seen = describe_fully(layer());
    if (fractions) {
      EXPECT_EQ(seen, wanted);
    } else {
      EXPECT_EQ(without_fractions(seen), without_fractions(wanted));
    }
    run("cmp '" + (tree_ / "random").string() + "' '" + (layer() / "random").string() + "'");
    run("cmp '" + (tree_ / "hole").string() + "' '" + (layer() / "hole").string() + "'");
  }
  void check_unpacked_by(const std::string& command) {
    const fs::path file = work() / "store" / "written.tar";
    const fs::path where = new_directory("there");
    std::ofstream(file, std::ios::binary) << write(tree_);
    run("cd '" + where.string() + "' && " + command + " -xpf '" + file.string() + "'");
    // bsdtar does not set the time of the directory that it stands in.
    run("touch -r '" + tree_.string() + "' '" + where.string() + "'");
    EXPECT_EQ(describe_fully(where), describe_fully(tree_));
    run("cmp '" + (tree_ / "random").string() + "' '" + (where / "random").string() + "'");
  }

  fs::path tree_;
};

TEST_F(Peers, BsdtarPax) {
  NACRE_REQUIRE_PROGRAM("bsdtar");
  without_early_times();
  check_packed_by("bsdtar --format pax", true);
}
TEST_F(Peers, BsdtarGnutar) {
  NACRE_REQUIRE_PROGRAM("bsdtar");
  without_early_times();
  check_packed_by("bsdtar --format gnutar", false);
}
TEST_F(Peers, TarGnu) { check_packed_by("tar --format gnu", false); }
TEST_F(Peers, TarGnuSparse) { check_packed_by("tar --format gnu --sparse", false); }
TEST_F(Peers, TarPax) { check_packed_by("tar --format posix --xattrs", true); }
TEST_F(Peers, TarPaxSparse) {
  for (const char* version : {"0.0", "0.1", "1.0"}) {
    SCOPED_TRACE(version);
    fs::remove_all(layer());
    fs::create_directory(layer());
    check_packed_by(std::string("tar --format posix --sparse --sparse-version=") + version, true);
  }
}
TEST_F(Peers, BsdtarUnpacksWhatIsWritten) {
  NACRE_REQUIRE_PROGRAM("bsdtar");
  without_early_times();
  check_unpacked_by("bsdtar --numeric-owner");
}
TEST_F(Peers, TarUnpacksWhatIsWritten) { check_unpacked_by("tar --numeric-owner --xattrs"); }

}  // namespace
}  // namespace nacre::test::layers
