// Beside GNU tar, libarchive's bsdtar and Python's tarfile: what each of them packs is read as it
// was on disk, and what we write is unpacked by each of them as it was.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "images/tar/writer.h"
#include "tests/unit/images_tar/archives.h"
#include "tests/unit/images_tar/random_entry.h"
#include "tests/unit/images_tar/trees.h"

namespace nacre::images::tar {
namespace {

namespace fs = std::filesystem;

class DifferentialTest : public testing::Test {
 protected:
  fs::path dir_;

  void SetUp() override {
    std::string name = fs::path(testing::TempDir()) / "nacre-tar-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    dir_ = name;
    fs::create_directory(tree());
  }
  void TearDown() override { fs::remove_all(dir_); }

  [[nodiscard]] fs::path tree() const { return dir_ / "tree"; }
  [[nodiscard]] fs::path archive() const { return dir_ / "archive"; }

  void add_file(const std::string& path, const std::string& content, mode_t mode = 0644) const {
    fs::create_directories((tree() / path).parent_path());
    std::ofstream(tree() / path, std::ios::binary) << content;
    ASSERT_EQ(::chmod((tree() / path).c_str(), mode), 0);
  }

  // Paths that v7 can hold.
  void make_small_tree() const {
    add_file("empty", "");
    add_file("dir/one", "1");
    add_file("dir/block", std::string(512, 'b'), 04755);
    add_file("dir/large", std::string(300'000, 'l'), 0600);
    fs::create_directory(tree() / "dir/no entries");
    ASSERT_EQ(::chmod((tree() / "dir/no entries").c_str(), 01777), 0);
    fs::create_symlink("dir/one", tree() / "symlink");
    fs::create_hard_link(tree() / "dir/one", tree() / "hard");
  }

  // And those that need more.
  void make_full_tree() const {
    make_small_tree();
    const std::string part(90, 'p');
    add_file(part + "/" + part + "/short", "x");
    add_file(part + "/" + part + "/" + std::string(200, 'n') + "/" + std::string(255, 'f'), "long");
    add_file("caf\xC3\xA9", "accent");
    fs::create_symlink(std::string(300, 't'), tree() / "long target");
    fs::create_hard_link(tree() / part / part / "short", tree() / "hard to long");
    ASSERT_EQ(::mkfifo((tree() / "fifo").c_str(), 0640), 0);
    make_sparse_file();
  }

  void make_sparse_file() const {
    std::ofstream out(tree() / "sparse", std::ios::binary);
    for (int i = 0; i < 40; ++i) {
      out.seekp(i * 131072 + 1000);
      out << std::string(5000, 's');
    }
    out.close();
    fs::resize_file(tree() / "sparse", 40 * 131072 + 777);
  }

  // Quarters of a second, which Python's floating point numbers hold; children before parents.
  void set_times(std::int64_t first) const {
    std::vector<fs::path> paths = {tree()};
    for (const auto& item : fs::recursive_directory_iterator(tree())) paths.push_back(item.path());
    std::sort(paths.rbegin(), paths.rend());
    for (const fs::path& path : paths) {
      const timespec time{first, (first % 4 + 4) % 4 * 250'000'000};
      const timespec both[] = {time, time};
      ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), both, AT_SYMLINK_NOFOLLOW), 0);
      ++first;
    }
  }

  void run(const std::string& command) const {
    const std::string log = dir_ / "log";
    const std::string whole = "cd " + dir_.string() + " && export LC_ALL=C.UTF-8 && { " + command +
                              "; } > log 2>&1 </dev/null";
    const int status = std::system(whole.c_str());
    std::ifstream in(log);
    EXPECT_EQ(status, 0) << command << "\n" << std::string(std::istreambuf_iterator<char>(in), {});
  }
  [[nodiscard]] std::string packed_by(const std::string& command) const {
    fs::remove(archive());
    run(command);
    std::ifstream in(archive(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::string python(const std::string& format) {
    return "python3 -c 'import tarfile\n"
           "with tarfile.open(\"archive\", \"w\", format=tarfile." +
           format + "_FORMAT) as t: t.add(\"tree\", \".\")'";
  }
};

TEST_F(DifferentialTest, OldFormatsOfEachAreReadAsOnDisk) {
  make_small_tree();
  set_times(1'600'000'000);
  const Tree expected = without_xattrs(whole_seconds(scan(tree())));
  for (const std::string& command :
       {std::string("tar --format=v7 -cf archive -C tree ."),
        std::string("tar --format=oldgnu -cf archive -C tree ."),
        std::string("tar --format=ustar -cf archive -C tree ."),
        std::string("bsdtar --format=ustar -cf archive -C tree ."), python("USTAR")})
    EXPECT_EQ(differences(expected, read_tree(packed_by(command))), "") << command;
}

TEST_F(DifferentialTest, GnuFormatsOfEachAreReadAsOnDisk) {
  make_full_tree();
  set_times(1'600'000'000);
  const Tree expected = whole_seconds(scan(tree()));
  for (const std::string& command :
       {std::string("tar --format=gnu -cf archive -C tree ."),
        std::string("tar --format=gnu -S -cf archive -C tree ."),
        std::string("tar --format=oldgnu -S -cf archive -C tree ."),
        std::string("tar --format=gnu -S --label=volume -cf archive -C tree ."),
        std::string("bsdtar --format=gnutar -cf archive -C tree ."), python("GNU")})
    EXPECT_EQ(differences(expected, read_tree(packed_by(command))), "") << command;
}

TEST_F(DifferentialTest, PaxOfEachIsReadAsOnDisk) {
  make_full_tree();
  set_times(1'600'000'000);
  const Tree expected = scan(tree());
  for (const std::string& command :
       {std::string("tar --format=posix -cf archive -C tree ."),
        std::string("tar --format=posix -S --sparse-version=0.0 -cf archive -C tree ."),
        std::string("tar --format=posix -S --sparse-version=0.1 -cf archive -C tree ."),
        std::string("tar --format=posix -S --sparse-version=1.0 -cf archive -C tree ."),
        std::string(
            "tar --format=posix --pax-option=comment=x,globexthdr.name=g -cf archive -C tree ."),
        std::string("bsdtar --format=pax -cf archive -C tree ."), python("PAX")})
    EXPECT_EQ(differences(expected, read_tree(packed_by(command))), "") << command;
}

// Not of bsdtar: of 1.5 seconds before 1970 it writes -2.5.
TEST_F(DifferentialTest, TimesBefore1970AreReadAsOnDisk) {
  make_small_tree();
  set_times(-100);
  const Tree expected = scan(tree());
  for (const std::string& command :
       {std::string("tar --format=posix -cf archive -C tree ."), python("PAX")})
    EXPECT_EQ(differences(expected, read_tree(packed_by(command))), "") << command;
  EXPECT_EQ(differences(whole_seconds(expected),
                        read_tree(packed_by("tar --format=gnu -cf archive -C tree ."))),
            "");
}

TEST_F(DifferentialTest, AttributesAreReadAsOnDisk) {
  make_small_tree();
  const std::string path = tree() / "dir/one";
  if (::setxattr(path.c_str(), "user.plain", "va\nl=ue", 7, 0) != 0)
    GTEST_SKIP() << "the file system of " << dir_ << " has no user.* attributes";
  ASSERT_EQ(::setxattr(path.c_str(), "user.empty", "", 0, 0), 0);
  ASSERT_EQ(::setxattr(path.c_str(), "user.a=b%c d", "\0\1\2", 3, 0), 0);
  ASSERT_EQ(::setxattr((tree() / "dir").c_str(), "user.dir", "d", 1, 0), 0);
  set_times(1'600'000'000);
  const Tree expected = scan(tree());
  for (const std::string& command :
       {std::string("tar --format=posix --xattrs -cf archive -C tree ."),
        std::string("bsdtar --format=pax --xattrs -cf archive -C tree .")})
    EXPECT_EQ(differences(expected, read_tree(packed_by(command))), "") << command;
}

TEST_F(DifferentialTest, WhatIsWrittenHereIsUnpackedByEach) {
  make_full_tree();
  const std::string path = tree() / "dir/one";
  const bool xattrs = ::setxattr(path.c_str(), "user.plain", "va\nl=ue", 7, 0) == 0 &&
                      ::setxattr(path.c_str(), "user.empty", "", 0, 0) == 0;
  set_times(-50);  // both sides of 1970
  const Tree expected = scan(tree());
  std::ofstream(archive(), std::ios::binary) << write_tree(tree());
  const auto unpacked_by = [&](const std::string& command) {
    fs::remove_all(dir_ / "out");
    fs::create_directory(dir_ / "out");
    run(command);
    return scan(dir_ / "out");
  };
  EXPECT_EQ(
      differences(expected, unpacked_by("tar -xpf archive -C out --xattrs --xattrs-include='*'")),
      "");
  // Python knows no attributes and leaves symlinks the time of their making.
  const auto as_python_does = [](Tree tree) {
    tree = without_xattrs(std::move(tree));
    for (auto& [name, node] : tree) node.mtime = node.type == 'l' ? Time{} : node.mtime;
    return tree;
  };
  EXPECT_EQ(differences(as_python_does(expected),
                        as_python_does(unpacked_by(
                            "python3 -c 'import tarfile\n"
                            "tarfile.open(\"archive\").extractall(\"out\", numeric_owner=True)'"))),
            "");
  // bsdtar reads times before 1970 as it writes them, and leaves the directory that it unpacks to.
  set_times(1'700'000'000);
  std::ofstream(archive(), std::ios::binary) << write_tree(tree());
  Tree later = scan(tree());
  Tree by_bsdtar = unpacked_by("bsdtar -xpf archive -C out --xattrs");
  later.erase(".");
  by_bsdtar.erase(".");
  EXPECT_EQ(differences(later, by_bsdtar), "");
  if (!xattrs) GTEST_SKIP() << "all but attributes: the file system of " << dir_ << " has none";
}

// Members as Python sees them, one line each, names in hexadecimal: any byte may be in them.
constexpr const char* kListing = R"(
import tarfile, os, sys
kinds = {b"0": 0, b"1": 1, b"2": 2, b"3": 3, b"4": 4, b"5": 5, b"6": 6}
for m in tarfile.open("archive", encoding="utf-8", errors="surrogateescape"):
    raw = lambda s: s.encode("utf-8", "surrogateescape").hex()
    print(kinds[m.type], m.mode, m.uid, m.gid, m.size, m.devmajor, m.devminor, "n" + raw(m.name),
          "l" + raw(m.linkname), "u" + raw(m.uname), "g" + raw(m.gname), round(m.mtime * 1000))
)";

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4U];
    out += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

std::string listing_line(const Entry& entry) {
  std::string path = entry.path;
  while (path.ends_with('/')) path.pop_back();
  const double milliseconds = static_cast<double>(entry.mtime.seconds) * 1000 +
                              std::round(static_cast<double>(entry.mtime.nanoseconds) / 1e6);
  std::ostringstream out;
  out << static_cast<int>(entry.type) << ' ' << entry.mode << ' ' << entry.uid << ' ' << entry.gid
      << ' ' << entry.size << ' ' << entry.device_major << ' ' << entry.device_minor << " n"
      << hex(path) << " l" << hex(entry.link_target) << " u" << hex(entry.uname) << " g"
      << hex(entry.gname) << ' ' << static_cast<std::int64_t>(milliseconds);
  return out.str();
}

TEST_F(DifferentialTest, RandomEntriesAreSeenByPythonAsTheyAre) {
  std::ofstream(dir_ / "list.py") << kListing;
  for (unsigned seed = 200; seed < 205; ++seed) {
    RandomEntries random(seed);
    MemorySink sink;
    Writer writer(sink);
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i) {
      const Entry entry = random.next();
      expected.push_back(listing_line(entry));
      ASSERT_TRUE(writer.add(entry));
      ASSERT_TRUE(writer.write(as_bytes(random.bytes(entry.size))));
    }
    ASSERT_TRUE(writer.finish());
    std::ofstream(archive(), std::ios::binary) << sink.text();
    run("python3 list.py > listing");
    std::ifstream in(dir_ / "listing");
    std::vector<std::string> seen;
    for (std::string line; std::getline(in, line);) seen.push_back(line);
    ASSERT_EQ(seen.size(), expected.size());
    for (std::size_t i = 0; i < seen.size(); ++i)
      EXPECT_EQ(seen[i], expected[i]) << seed << ' ' << i;
  }
}

}  // namespace
}  // namespace nacre::images::tar
