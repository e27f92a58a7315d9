// Archives for tests, written by hand: what tar::Writer would refuse or never write is what is
// needed here. And trees on disk as text, to compare with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::test::layers {

struct Member {
  char type = '0';  // of the tar header
  std::string path;
  std::string target;
  std::string content;
  std::uint32_t mode = 0644;
  std::uint64_t uid = 0, gid = 0;
  std::uint64_t major = 0, minor = 0;
  std::map<std::string, std::string> pax;  // written as they are
};

Member file(std::string path, std::string content = "", std::uint32_t mode = 0644);
Member dir(std::string path, std::uint32_t mode = 0755);
Member symlink(std::string path, std::string target);
Member link(std::string path, std::string target);
Member fifo(std::string path, std::uint32_t mode = 0644);
Member character(std::string path, std::uint64_t major, std::uint64_t minor);
Member block(std::string path, std::uint64_t major, std::uint64_t minor);
Member owned(Member member, std::uint64_t uid, std::uint64_t gid);
Member timed(Member member, std::string mtime);  // as pax says it: seconds.fraction
Member attributed(Member member, const std::string& name, const std::string& value);
// GNU sparse format 1.0: `runs` of offset and bytes in a file of `size`.
Member sparse(std::string path, std::uint64_t size,
              const std::vector<std::pair<std::uint64_t, std::string>>& runs);

// Every "@OUT@" in paths and targets becomes `outside`.
std::string archive(std::vector<Member> members, const std::string& outside = "");

// One line per entry, sorted by path: "KIND MODE PATH" and what it holds:
//   d 0755 a      o 0755 a (opaque)      f 0644 a/b "text"      f 0644 a/c = a/b (hard link)
//   l a/l -> target      c 0644 1:3 a/n      b ...      p 0644 a/p      w a/x (whiteout)
std::string describe(const std::filesystem::path& root);
// The same with owner, time to the nanosecond, and extended attributes of each entry.
std::string describe_fully(const std::filesystem::path& root);

}  // namespace nacre::test::layers
