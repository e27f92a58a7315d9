// Walks the directory in the manifest's order and puts both beside each other: neither has to be
// held in memory.
#include <sys/sysmacros.h>

#include <optional>
#include <vector>

#include "base/text.h"
#include "images/layers/content_reader.h"
#include "images/layers/directory_cache.h"
#include "images/layers/disk_attributes.h"
#include "images/layers/layers.h"
#include "images/layers/manifest.h"
#include "sys/file.h"
#include "sys/io.h"

namespace nacre::images {
namespace {

using namespace layers;  // NOLINT(google-build-using-namespace)

constexpr std::uint32_t kModeBits = 07777;
constexpr std::size_t kOpenLevels = 64;

std::string_view kind_name(char kind) {
  switch (kind) {
    case 'f':
      return "a file";
    case 'd':
      return "a directory";
    case 'o':
      return "a directory that hides those below it";
    case 'l':
      return "a symlink";
    case 'c':
      return "a character device";
    case 'b':
      return "a block device";
    case 'p':
      return "a FIFO";
    case 'w':
      return "a whiteout";
    default:
      return "a socket";
  }
}

char kind_of(const struct statx& seen) {
  switch (seen.stx_mode & S_IFMT) {
    case S_IFREG:
      return 'f';
    case S_IFDIR:
      return 'd';
    case S_IFLNK:
      return 'l';
    case S_IFBLK:
      return 'b';
    case S_IFIFO:
      return 'p';
    case S_IFCHR:
      return seen.stx_rdev_major == 0 && seen.stx_rdev_minor == 0 ? 'w' : 'c';
    default:
      return 's';
  }
}

bool is_below(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

class Comparison {
 public:
  Comparison(ManifestReader& manifest, std::size_t limit) : manifest_(manifest), limit_(limit) {}

  Result<std::vector<std::string>> run(const sys::DirFd& layer) {
    root_ = NACRE_TRY_CTX(sys::openat<sys::DirFd>(layer, ".", O_RDONLY | O_DIRECTORY),
                          "open the layer's directory");
    expected_ = NACRE_TRY(manifest_.next());
    NACRE_TRY(visit(".", nullptr));
    while (!levels_.empty() && !full()) {
      if (levels_.back().next == levels_.back().names.size()) {
        levels_.pop_back();
        continue;
      }
      const Level& level = levels_.back();
      const std::string name = level.names[level.next];
      ++levels_.back().next;
      NACRE_TRY(visit(join_path(level.path, name), &name));
    }
    while (expected_ && !full()) NACRE_TRY(miss());
    return std::move(differences_);
  }

 private:
  struct Level {
    std::string path;  // "" is the root
    sys::DirFd fd;
    std::vector<std::string> names;
    std::size_t next = 0;
  };

  [[nodiscard]] bool full() const { return differences_.size() >= limit_; }

  template <class... Parts>
  void say(const std::string& path, const Parts&... parts) {
    if (!full()) differences_.push_back(text::join(text::quote(path), ' ', parts...));
  }

  // One sentence for a lost directory, not one for everything that was in it.
  Result<void> miss() {
    if (!expected_) return {};
    const std::string path = std::move(expected_->path);
    const bool below_lost = !lost_.empty() && is_below(path, lost_);
    if (!below_lost) {
      say(path, "is missing");
      lost_ = path;
    }
    expected_ = NACRE_TRY(manifest_.next());
    return {};
  }

  Result<void> visit(const std::string& path, const std::string* name) {
    while (expected_ && walks_before(expected_->path, path)) {
      if (full()) return {};
      NACRE_TRY(miss());
    }
    const bool known = expected_ && expected_->path == path;
    if (!known) {
      say(path, "is not in the manifest");
      return {};
    }
    const Record record = *std::move(expected_);
    expected_ = NACRE_TRY(manifest_.next());
    // What cannot be read is damage too: it goes into the answer, and the walk goes on.
    const auto done = compare(record, name);
    if (!done) say(path, "cannot be read: ", done.error().message());
    return {};
  }

  Result<void> compare(const Record& record, const std::string* name) {
    const bool top = name == nullptr;
    const FdRef parent = top ? FdRef(root_) : NACRE_TRY(directory_of(levels_.back()));
    const std::string own = top ? "" : *name;
    const struct statx seen = NACRE_TRY_CTX(
        sys::statx(parent, own.c_str(), AT_SYMLINK_NOFOLLOW | (top ? AT_EMPTY_PATH : 0)),
        "look at it");
    const char kind = kind_of(seen);
    const char expected = record.kind == 'o' ? 'd' : record.kind;
    if (kind != expected) {
      say(record.path, "is ", kind_name(kind), ", not ", kind_name(expected));
      lost_ = record.path;
      return {};
    }
    if (kind == 'w') return {};
    compare_inode(record, seen);
    if (kind == 'd') return enter(record);
    if (kind == 'f') return compare_file(record, parent, own);
    if (kind == 'l') NACRE_TRY(compare_target(record, parent, own));
    const Xattrs attributes = NACRE_TRY(read_attributes_at(parent, own));
    compare_attributes(record, attributes);
    return {};
  }

  Result<FdRef> directory_of(const Level& level) {
    if (level.fd) return FdRef(level.fd);
    spare_ = NACRE_TRY(open_below(root_, level.path, O_PATH));
    return FdRef(spare_);
  }

  void compare_inode(const Record& record, const struct statx& seen) {
    const std::uint32_t mode = seen.stx_mode & kModeBits;
    if (record.kind != 'l' && mode != record.mode)
      say(record.path, "has the mode ", text::octal(mode), ", not ", text::octal(record.mode));
    if (seen.stx_uid != record.uid || seen.stx_gid != record.gid) {
      say(record.path, "belongs to ", seen.stx_uid, ':', seen.stx_gid, ", not to ", record.uid, ':',
          record.gid);
    }
    const std::uint64_t device = gnu_dev_makedev(seen.stx_rdev_major, seen.stx_rdev_minor);
    if ((record.kind == 'c' || record.kind == 'b') && device != record.size) {
      say(record.path, "is the device ", seen.stx_rdev_major, ':', seen.stx_rdev_minor, ", not ",
          gnu_dev_major(record.size), ':', gnu_dev_minor(record.size));
    }
  }

  Result<void> enter(const Record& record) {
    const std::string path = record.path == "." ? "" : record.path;
    lost_ = record.path;  // until it has been listed
    auto fd = NACRE_TRY(open_below(root_, path, O_RDONLY));
    const Xattrs attributes = NACRE_TRY(read_attributes(fd));
    compare_attributes(record, attributes);
    NACRE_TRY(compare_opaque(record, fd));
    auto names = NACRE_TRY_CTX(sys::list_directory(fd), "list it");
    lost_.clear();
    // Every level's descriptor at once would be more than a process may have.
    if (levels_.size() >= kOpenLevels) fd = sys::DirFd();
    levels_.push_back({path, std::move(fd), std::move(names), 0});
    return {};
  }

  Result<void> compare_opaque(const Record& record, FdRef fd) {
    bool hides = false;
    for (const WhiteoutForm form : {WhiteoutForm::kTrusted, WhiteoutForm::kUser}) {
      const auto mark = NACRE_TRY(read_attribute(fd, overlay_name(form, "opaque")));
      hides = hides || mark == "y";
    }
    if (hides != (record.kind == 'o'))
      say(record.path, hides ? "hides" : "no longer hides", " the directories below it");
    return {};
  }

  Result<void> compare_file(const Record& record, FdRef parent, const std::string& name) {
    const auto fd =
        NACRE_TRY_CTX(sys::openat(parent, name.c_str(), O_RDONLY | O_NOFOLLOW), "open it");
    const Xattrs attributes = NACRE_TRY(read_attributes(fd));
    compare_attributes(record, attributes);
    const auto content = NACRE_TRY(hash_content(fd));
    if (content.size != record.size) {
      say(record.path, "has ", content.size, " bytes, not ", record.size);
    } else if (content.hash != record.content) {
      say(record.path, "has another content");
    }
    return {};
  }

  Result<void> compare_target(const Record& record, FdRef parent, const std::string& name) {
    const std::string target = NACRE_TRY(read_symlink(parent, name));
    ContentHash hash;
    hash.update(std::as_bytes(std::span(target)));
    if (target.size() != record.size || hash.value() != record.content)
      say(record.path, "points to ", text::quote(target), " now");
    return {};
  }

  void compare_attributes(const Record& record, const Xattrs& attributes) {
    if (fingerprint(attributes) != record.attributes)
      say(record.path, "has other extended attributes");
  }

  ManifestReader& manifest_;
  std::size_t limit_;
  sys::DirFd root_;
  sys::DirFd spare_;
  std::optional<Record> expected_;
  std::vector<Level> levels_;
  std::vector<std::string> differences_;
  std::string lost_;
};

}  // namespace

Result<std::vector<std::string>> compare_with_manifest(const sys::DirFd& layer, Source& manifest,
                                                       std::size_t limit) {
  ManifestReader reader(manifest);
  return Comparison(reader, limit).run(layer);
}

}  // namespace nacre::images
