#include "images/layers/entry_writer.h"

#include "base/text.h"
#include "images/layers/content_reader.h"
#include "images/layers/disk_attributes.h"
#include "images/layers/path.h"
#include "sys/file.h"

namespace nacre::images::layers {
namespace {

constexpr std::uint32_t kModeBits = 07777;
constexpr std::size_t kBufferSize = std::size_t{256} << 10U;
constexpr std::uint64_t kSmall = std::uint64_t{4} << 20U;  // read whole before it is written
constexpr int kAttempts = 5;
constexpr std::size_t kLongestName = 255;   // NAME_MAX
constexpr std::size_t kLongestPath = 4095;  // PATH_MAX without the NUL: no reader takes more

bool same_time(const struct statx_timestamp& a, const struct statx_timestamp& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}
bool unchanged(const struct statx& a, const struct statx& b) {
  return a.stx_size == b.stx_size && same_time(a.stx_mtime, b.stx_mtime) &&
         same_time(a.stx_ctime, b.stx_ctime);
}

tar::Type type_of(const struct statx& seen) {
  switch (seen.stx_mode & S_IFMT) {
    case S_IFDIR:
      return tar::Type::kDirectory;
    case S_IFLNK:
      return tar::Type::kSymlink;
    case S_IFCHR:
      return tar::Type::kCharDevice;
    case S_IFBLK:
      return tar::Type::kBlockDevice;
    case S_IFIFO:
      return tar::Type::kFifo;
    default:
      return tar::Type::kFile;
  }
}

Error changed() {
  return Error(ErrorCode::kUnavailable,
               "it changes while it is being read: stop or pause whoever writes it");
}

class TarSink final : public Sink {
 public:
  explicit TarSink(tar::Writer& tar) : tar_(tar) {}
  [[nodiscard]] Result<void> write(Bytes bytes) override { return tar_.write(bytes); }
  [[nodiscard]] Result<void> finish() override { return {}; }

 private:
  tar::Writer& tar_;
};

// Small files only.
class StringSink final : public Sink {
 public:
  explicit StringSink(std::string& text) : text_(text) {}
  [[nodiscard]] Result<void> write(Bytes bytes) override {
    text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  [[nodiscard]] Result<void> finish() override { return {}; }

 private:
  std::string& text_;
};

}  // namespace

EntryWriter::EntryWriter(Sink& sink, const DiffOptions& options)
    : tar_(sink),
      ids_{options.uids, options.gids, Direction::kToArchive},
      clamp_mtime_(options.clamp_mtime),
      buffer_(kBufferSize) {}

Result<tar::Entry> EntryWriter::describe(const std::string& path, const struct statx& seen,
                                         const Xattrs& attributes) const {
  if (path.size() > kLongestPath)
    return fail(invalid_argument(text::join("the path is longer than ", kLongestPath, " bytes")));
  tar::Entry entry;
  entry.type = type_of(seen);
  entry.path = path;
  entry.mode = seen.stx_mode & kModeBits;
  entry.uid = NACRE_TRY(ids_.uid(seen.stx_uid));
  entry.gid = NACRE_TRY(ids_.gid(seen.stx_gid));
  entry.mtime = {seen.stx_mtime.tv_sec, seen.stx_mtime.tv_nsec};
  if (clamp_mtime_ >= 0 && entry.mtime.seconds >= clamp_mtime_) entry.mtime = {clamp_mtime_, 0};
  for (const auto& [name, value] : attributes) {
    if (!fits(name, carrier_of(entry.type))) continue;
    entry.xattrs[name] = NACRE_TRY(translate_value(name, value, ids_));
  }
  return entry;
}

Result<void> EntryWriter::directory(const std::string& path, FdRef fd) {
  const struct statx seen = NACRE_TRY_CTX(sys::fstatx(fd), "look at it");
  const Xattrs attributes = NACRE_TRY(read_attributes(fd));
  return tar_.add(NACRE_TRY(describe(path.empty() ? "./" : path + '/', seen, attributes)));
}

Result<void> EntryWriter::file(const std::string& path, FdRef file, FdRef data) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const struct statx before = NACRE_TRY_CTX(sys::fstatx(file), "look at it");
    if (before.stx_size > kSmall) return large_file(path, file, data, before);
    if (NACRE_TRY(small_file(path, file, data, before))) return {};
  }
  return fail(changed());
}

// False: it changed meanwhile, and nothing has been written.
Result<bool> EntryWriter::small_file(const std::string& path, FdRef file, FdRef data,
                                     const struct statx& before) {
  const Xattrs attributes = NACRE_TRY(read_attributes(file));
  std::string content;
  StringSink sink(content);
  const auto copied = copy_content(data, before.stx_size, buffer_, sink);
  if (!copied && copied.error().code() != ErrorCode::kUnavailable) return fail(copied.error());
  const struct statx after = NACRE_TRY_CTX(sys::fstatx(file), "look at it");
  if (!copied || !unchanged(before, after)) return false;
  tar::Entry entry = NACRE_TRY(describe(path, before, attributes));
  entry.size = content.size();
  NACRE_TRY(tar_.add(entry));
  NACRE_TRY(tar_.write(std::as_bytes(std::span(content))));
  bytes_ += content.size();
  return true;
}

Result<void> EntryWriter::large_file(const std::string& path, FdRef file, FdRef data,
                                     const struct statx& before) {
  const Xattrs attributes = NACRE_TRY(read_attributes(file));
  tar::Entry entry = NACRE_TRY(describe(path, before, attributes));
  entry.size = before.stx_size;
  NACRE_TRY(tar_.add(entry));
  TarSink sink(tar_);
  NACRE_TRY(copy_content(data, entry.size, buffer_, sink));
  const struct statx after = NACRE_TRY_CTX(sys::fstatx(file), "look at it");
  if (!unchanged(before, after)) return fail(changed());
  bytes_ += entry.size;
  return {};
}

Result<void> EntryWriter::special(const std::string& path, FdRef directory, const std::string& name,
                                  const struct statx& seen) {
  const Xattrs attributes = NACRE_TRY(read_attributes_at(directory, name));
  tar::Entry entry = NACRE_TRY(describe(path, seen, attributes));
  entry.device_major = seen.stx_rdev_major;
  entry.device_minor = seen.stx_rdev_minor;
  if (entry.type == tar::Type::kSymlink) {
    entry.link_target = NACRE_TRY(read_symlink(directory, name));
    entry.mode = 0777;  // what every tar writes; the kernel keeps none
  }
  return tar_.add(entry);
}

Result<bool> EntryWriter::hard_link(const std::string& path, const struct statx& seen) {
  if (seen.stx_nlink < 2) return false;
  const auto [first, is_first] =
      links_.try_emplace({seen.stx_dev_major, seen.stx_dev_minor, seen.stx_ino}, path);
  if (is_first) return false;
  tar::Entry entry = NACRE_TRY(describe(path, seen, {}));
  entry.type = tar::Type::kHardLink;
  entry.link_target = first->second;
  NACRE_TRY(tar_.add(entry));
  return true;
}

Result<void> EntryWriter::whiteout(const std::string& directory, const std::string& name) {
  if (name.size() > kLongestName - kWhiteoutPrefix.size()) {
    return fail(failed_precondition(text::join(
        "the deletion of ", text::quote(name), " cannot be in a layer: the name has ", name.size(),
        " bytes, and with the prefix ", kWhiteoutPrefix, " no file could have it")));
  }
  tar::Entry entry;
  entry.path = join_path(directory, text::join(kWhiteoutPrefix, name));
  return tar_.add(entry);
}

Result<void> EntryWriter::opaque(const std::string& directory) {
  tar::Entry entry;
  entry.path = join_path(directory, kOpaqueMarker);
  return tar_.add(entry);
}

}  // namespace nacre::images::layers
