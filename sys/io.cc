#include "sys/io.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace nacre::sys {

Outcome<std::string> read_all(FdRef fd, std::size_t limit) {
  std::string content;
  std::array<char, 16384> chunk;
  for (;;) {
    const auto got = read(fd, chunk.data(), chunk.size());
    if (!got) {
      if (got.error().value == EINTR) continue;
      return std::unexpected(got.error());
    }
    if (*got == 0) return content;
    if (content.size() + *got > limit) return std::unexpected(Errno{EFBIG});
    content.append(chunk.data(), *got);
  }
}

Outcome<std::string> read_file(FdRef dir, const char* path, std::size_t limit) {
  const auto fd = openat(dir, path, O_RDONLY);
  if (!fd) return std::unexpected(fd.error());
  return read_all(*fd, limit);
}

Outcome<void> write_all(FdRef fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = write(fd, bytes.data(), bytes.size());
    if (!put) {
      if (put.error().value == EINTR) continue;
      return std::unexpected(put.error());
    }
    bytes.remove_prefix(*put);
  }
  return {};
}

Outcome<void> write_control(FdRef dir, const char* path, std::string_view value) {
  const auto fd = openat(dir, path, O_WRONLY);
  if (!fd) return std::unexpected(fd.error());
  const auto put = write(*fd, value.data(), value.size());
  if (!put) return std::unexpected(put.error());
  if (*put != value.size()) return std::unexpected(Errno{EIO});
  return {};
}

Outcome<void> replace_file(FdRef dir, const std::string& name, std::string_view bytes,
                           std::uint32_t mode) {
  const std::string temporary = text::join('.', name, ".new");
  const auto stale = unlinkat(dir, temporary.c_str());  // left by a killed predecessor
  if (!stale && stale.error().value != ENOENT) return stale;
  const auto fd = openat(dir, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  if (!fd) return std::unexpected(fd.error());
  auto done = write_all(*fd, bytes);
  if (done) done = renameat(dir, temporary.c_str(), dir, name.c_str());
  if (!done) static_cast<void>(unlinkat(dir, temporary.c_str()));
  return done;
}

namespace {

// Calls `visit(name, type)` for every entry but "." and "..".
template <class Visit>
Outcome<void> for_each_entry(FdRef dir, Visit visit) {
  struct Entry {  // linux_dirent64, up to the name
    std::uint64_t inode;
    std::int64_t offset;
    std::uint16_t length;
    std::uint8_t type;
  };
  constexpr std::size_t kNameOffset = 19;
  const auto own = openat(dir, ".", O_RDONLY | O_DIRECTORY);
  if (!own) return std::unexpected(own.error());
  alignas(Entry) std::array<char, 32768> chunk;
  for (;;) {
    const auto got = getdents64(*own, chunk.data(), chunk.size());
    if (!got) return std::unexpected(got.error());
    if (*got == 0) return {};
    for (std::size_t at = 0; at < *got;) {
      Entry entry;
      __builtin_memcpy(&entry, chunk.data() + at, kNameOffset);
      const std::string_view name(chunk.data() + at + kNameOffset);
      if (name != "." && name != "..") visit(name, entry.type);
      at += entry.length;
    }
  }
}

}  // namespace

Outcome<std::vector<std::string>> list_directory(FdRef dir) {
  std::vector<std::string> names;
  const auto done =
      for_each_entry(dir, [&](std::string_view name, std::uint8_t) { names.emplace_back(name); });
  if (!done) return std::unexpected(done.error());
  std::ranges::sort(names);
  return names;
}

Outcome<std::vector<std::string>> list_subdirectories(FdRef dir) {
  constexpr std::uint8_t kDirectory = 4;  // DT_DIR
  std::vector<std::string> names;
  const auto done = for_each_entry(dir, [&](std::string_view name, std::uint8_t type) {
    if (type == kDirectory) names.emplace_back(name);
  });
  if (!done) return std::unexpected(done.error());
  std::ranges::sort(names);
  return names;
}

}  // namespace nacre::sys
