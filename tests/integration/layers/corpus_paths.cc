#include "tests/integration/layers/corpus.h"

namespace nacre::test::layers {
namespace {

std::string repeated(const std::string& what, int times) {
  std::string out;
  while (times-- > 0) out += what;
  return out;
}

constexpr const char* kLeaves = "leaves the layer";
constexpr const char* kRoot = "root of a layer can only be a directory";

}  // namespace

std::vector<Case> path_cases() {
  const std::string long_name(255, 'n');
  return {
      {"empty_archive", {}, ""},
      {"plain", {dir("a"), file("a/b", "x")}, "d 0755 a\nf 0644 a/b \"x\"\n"},
      {"up_and_out", {file("../escape", "x")}, "", kLeaves},
      {"down_up_and_out", {file("a/../../escape", "x")}, "", kLeaves},
      {"far_up", {file("a/b/../../../../../../etc/passwd", "x")}, "", kLeaves},
      {"the_parent_itself", {dir("..")}, "", kLeaves},
      {"the_parent_of_a_directory", {dir("a/../..", 0777)}, "", kLeaves},
      {"symlink_up_and_out", {symlink("../l", "x")}, "", kLeaves},
      {"device_up_and_out", {character("../null", 1, 3)}, "", kLeaves},
      {"fifo_up_and_out", {fifo("../p")}, "", kLeaves},
      {"absolute", {file("/etc/x", "1")}, "d 0755 etc\nf 0644 etc/x \"1\"\n"},
      {"absolute_outside", {file("@OUT@/canary", "evil")}, kAny},
      {"absolute_then_up", {file("/../x", "1")}, "", kLeaves},
      {"many_slashes", {file("///a////b", "1")}, "d 0755 a\nf 0644 a/b \"1\"\n"},
      {"dots", {file("./a/./b", "1")}, "d 0755 a\nf 0644 a/b \"1\"\n"},
      {"up_within", {file("a/../b", "1")}, "f 0644 b \"1\"\n"},
      {"up_within_to_the_root", {dir("a/..", 0711)}, ""},
      {"root_entry", {dir("./", 0711)}, ""},
      {"root_entry_slash", {dir("/", 0711)}, ""},
      {"root_entry_dot", {dir(".", 0711)}, ""},
      {"root_as_symlink", {symlink(".", "@OUT@")}, "", kRoot},
      {"root_as_symlink_slash_dot", {symlink("/.", "@OUT@"), file("canary", "evil")}, "", kRoot},
      {"root_as_symlink_up", {symlink("a/..", "@OUT@")}, "", kRoot},
      {"root_as_file", {file("./.", "x")}, "", kRoot},
      {"root_as_hard_link", {file("a"), link(".", "a")}, "", kRoot},
      {"root_as_fifo", {fifo("/.")}, "", kRoot},
      {"root_as_device", {character("/.", 1, 3)}, "", kRoot},
      {"longest_name", {file(long_name, "1")}, "f 0644 " + long_name + " \"1\"\n"},
      {"name_too_long", {file(long_name + "n", "1")}, "", "255"},
      {"many_levels", {file(repeated("d/", 500) + "f", "1")}, kAny},
      {"path_too_long", {file(repeated(long_name + '/', 17) + "f", "1")}, "", "4096"},
      {"not_utf8", {file("a\xff\xfe", "1")}, "f 0644 a\xff\xfe \"1\"\n"},
      {"newline_and_blank", {file("a\nb c\\d", "1")}, "f 0644 a\nb c\\d \"1\"\n"},
      {"trailing_slash_directory", {dir("a/", 0700)}, "d 0700 a\n"},
      {"implied_parents",
       {file("a/b/c/d", "1")},
       "d 0755 a\nd 0755 a/b\nd 0755 a/b/c\nf 0644 a/b/c/d \"1\"\n"},
      {"parent_entry_comes_later",
       {file("a/b", "1"), dir("a", 0700)},
       "d 0700 a\nf 0644 a/b \"1\"\n"},
      {"closed_parent", {dir("a", 0), file("a/b", "1")}, "d 0000 a\nf 0644 a/b \"1\"\n"},
      {"a_file_with_a_name_of_two_dots_more", {file("...", "1")}, "f 0644 ... \"1\"\n"},
  };
}

}  // namespace nacre::test::layers
