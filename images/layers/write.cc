// Walks the upper directory and writes what it changes. Each directory is three decisions, taken
// from overlay's marks on it and handed down:
//   origin    where the layers below have what is merged with it (a rename moves it)
//   merged    that content has to be written too, because it is not where the reader will look
//   below     what becomes of that which the layers below have at this very path
// Order: a directory's own entry, its whiteouts, its files, then its directories; each by name.
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/text.h"
#include "images/layers/directory_cache.h"
#include "images/layers/entry_writer.h"
#include "images/layers/layers.h"
#include "images/layers/lowers.h"
#include "images/layers/overlay_marks.h"
#include "images/layers/path.h"
#include "sys/file.h"
#include "sys/io.h"

namespace nacre::images {
namespace {

using namespace layers;  // NOLINT(google-build-using-namespace)

enum class Below : std::uint8_t {
  kMerged,   // seen, but for the upper directory's own whiteouts
  kHidden,   // not to be seen: all of it needs whiteouts
  kNothing,  // there is nothing, and a whiteout would be seen as a file that cannot be opened
};

struct Job {
  std::string path;
  bool in_upper = true;
  std::optional<std::string> origin;         // none: nothing is merged
  std::optional<std::string> parent_origin;  // what a relative redirect starts from
  bool merged = false;
  Below below = Below::kMerged;
};

struct Item {
  std::size_t source = 0;  // index of the directory it was found in
  struct statx seen{};
  bool whiteout = false;
};
using Items = std::map<std::string, Item>;
using Sources = std::vector<LayerDirectory>;

bool is_directory(const Item& item) { return !item.whiteout && S_ISDIR(item.seen.stx_mode); }
bool is_socket(const Item& item) { return S_ISSOCK(item.seen.stx_mode); }

class UpperWriter {
 public:
  UpperWriter(const sys::DirFd& upper, const std::vector<sys::DirFd>& lowers, Sink& sink,
              const DiffOptions& options)
      : upper_(upper),
        form_(options.whiteouts),
        whole_tree_(options.whole_tree),
        lowers_(lowers, form_),
        out_(sink, options) {}

  Result<std::uint64_t> run() {
    if (whole_tree_)
      mount_ = NACRE_TRY_CTX(sys::fstatx(upper_, STATX_MNT_ID), "look at \".\"").stx_mnt_id;
    jobs_.push_back({.path = "",
                     .origin = "",
                     .parent_origin = "",
                     .below = whole_tree_ ? Below::kNothing : Below::kMerged});
    while (!jobs_.empty()) {
      const Job job = std::move(jobs_.back());
      jobs_.pop_back();
      NACRE_TRY_CTX(directory(job),
                    text::join("write ", text::quote(job.path.empty() ? "." : job.path)));
    }
    NACRE_TRY(out_.finish());
    return out_.bytes();
  }

 private:
  Result<void> directory(Job job) {
    Sources sources;
    if (job.in_upper) {
      auto fd = NACRE_TRY(open_below(upper_, job.path, O_RDONLY));
      const DirectoryMarks marks = NACRE_TRY(read_directory_marks(fd, form_));
      NACRE_TRY(follow_marks(marks, job));
      sources.push_back({0, std::move(fd), marks.file_whiteouts});
    }
    if (job.merged && job.origin) {
      for (LayerDirectory& lower : NACRE_TRY(lowers_.directories(*job.origin)))
        sources.push_back(std::move(lower));
    }
    if (sources.empty()) return fail(internal_error("the layers below have changed meanwhile"));
    const Items items = NACRE_TRY(list(sources));
    NACRE_TRY(out_.directory(job.path, sources.front().fd));
    const Below below = NACRE_TRY(hide(job, items));
    NACRE_TRY(files(job, sources, items));
    push_directories(job, items, below);
    return {};
  }

  // What overlay noted on the directory when it was made or renamed.
  [[nodiscard]] Result<void> follow_marks(const DirectoryMarks& marks, Job& job) const {
    if (marks.opaque) {
      job.origin.reset();
      job.merged = false;
      hide_below(job);
    } else if (!marks.redirect.empty()) {
      if (lowers_.empty())
        return fail(failed_precondition("it was renamed, and the layers below are not known"));
      if (marks.redirect.starts_with('/')) {
        job.origin = marks.redirect.substr(1);
      } else if (job.parent_origin) {
        job.origin = join_path(*job.parent_origin, marks.redirect);
      } else {
        return fail(internal_error("it was renamed within a directory that has nothing below it"));
      }
      job.merged = true;
      hide_below(job);
    }
    return {};
  }

  static void hide_below(Job& job) {
    if (job.below == Below::kMerged) job.below = Below::kHidden;
  }

  // The first source that has a name decides.
  [[nodiscard]] Result<Items> list(const Sources& sources) const {
    Items items;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const LayerDirectory& source = sources[i];
      for (std::string& name : NACRE_TRY_CTX(sys::list_directory(source.fd), "list it")) {
        if (items.contains(name)) continue;
        Item item{.source = i};
        item.seen = NACRE_TRY_CTX(sys::statx(source.fd, name.c_str(), AT_SYMLINK_NOFOLLOW, kMask),
                                  text::join("look at ", text::quote(name)));
        if (is_mounted(item)) continue;
        item.whiteout = is_device_whiteout(item.seen);
        if (!item.whiteout && source.file_whiteouts)
          item.whiteout = NACRE_TRY(is_file_whiteout(source.fd, name, item.seen, form_));
        items.emplace(std::move(name), item);
      }
    }
    return items;
  }

  // Kernels before 5.8 do not tell: there what is mounted fails when it is to be opened.
  [[nodiscard]] bool is_mounted(const Item& item) const {
    return whole_tree_ && (item.seen.stx_mask & STATX_MNT_ID) != 0 &&
           item.seen.stx_mnt_id != mount_;
  }

  // What can be seen at this path without the upper layer.
  [[nodiscard]] Result<std::set<std::string>> names_below(const std::string& path) const {
    std::set<std::string> names;
    const Sources below = NACRE_TRY(lowers_.directories(path));
    for (const auto& [name, item] : NACRE_TRY(list(below))) {
      if (!item.whiteout) names.insert(name);
    }
    return names;
  }

  // Writes the whiteouts; what that means for the directories within. Overlay marks a directory as
  // hiding already when it is made in a merged one, just to be quick: so it is the layers below
  // that say whether there is anything to hide.
  Result<Below> hide(const Job& job, const Items& items) {
    if (job.below == Below::kNothing) return Below::kNothing;
    if (job.below == Below::kMerged) {
      for (const auto& [name, item] : items) {
        if (item.whiteout || NACRE_TRY(socket_covers(job, name, item)))
          NACRE_TRY(out_.whiteout(job.path, name));
      }
      return Below::kMerged;
    }
    if (lowers_.empty()) {
      NACRE_TRY(out_.opaque(job.path));
      return Below::kNothing;
    }
    const Sources below = NACRE_TRY(lowers_.directories(job.path));
    for (const auto& [name, item] : NACRE_TRY(list(below))) {
      if (item.whiteout) continue;
      const auto ours = items.find(name);
      if (ours == items.end() || ours->second.whiteout || is_socket(ours->second))
        NACRE_TRY(out_.whiteout(job.path, name));
    }
    return below.empty() ? Below::kNothing : Below::kHidden;
  }

  // A socket is not written, but what it stands before must not come back.
  [[nodiscard]] Result<bool> socket_covers(const Job& job, const std::string& name,
                                           const Item& item) const {
    if (!is_socket(item) || !job.origin) return false;
    return NACRE_TRY(names_below(*job.origin)).contains(name);
  }

  Result<void> files(const Job& job, const Sources& sources, const Items& items) {
    for (const auto& [name, item] : items) {
      if (item.whiteout) continue;
      const std::string path = join_path(job.path, name);
      if (name.starts_with(kWhiteoutPrefix)) {
        return fail(failed_precondition(text::join("the name ", text::quote(path),
                                                   " cannot be in a layer: what begins with ",
                                                   kWhiteoutPrefix, " marks deletions there")));
      }
      if (is_directory(item) || is_socket(item)) continue;
      NACRE_TRY_CTX(file(job, sources[item.source], name, item), text::quote(path));
    }
    return {};
  }

  Result<void> file(const Job& job, const LayerDirectory& source, const std::string& name,
                    const Item& item) {
    const std::string path = join_path(job.path, name);
    if (NACRE_TRY(out_.hard_link(path, item.seen))) return {};
    if (!S_ISREG(item.seen.stx_mode)) return out_.special(path, source.fd, name, item.seen);
    const auto fd = NACRE_TRY_CTX(
        sys::openat(source.fd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK), "open it");
    const struct statx opened = NACRE_TRY_CTX(sys::fstatx(fd), "look at it");
    if (!S_ISREG(opened.stx_mode) || opened.stx_ino != item.seen.stx_ino) {
      return fail(Error(ErrorCode::kUnavailable, "it was replaced while the layer was written"));
    }
    const FileMarks marks = NACRE_TRY(read_file_marks(fd, form_));
    if (!marks.metacopy) return out_.file(path, fd, fd);
    const UniqueFd data = NACRE_TRY(data_of(job, name, item, marks));
    return out_.file(path, fd, data);
  }

  [[nodiscard]] Result<UniqueFd> data_of(const Job& job, const std::string& name, const Item& item,
                                         const FileMarks& marks) const {
    // A redirect found in a lower layer is followed by the lookup itself.
    const bool moved = item.source == 0 && job.in_upper && !marks.redirect.empty();
    UniqueFd data;
    if (moved && marks.redirect.starts_with('/')) {
      data = NACRE_TRY(lowers_.data(std::string_view(marks.redirect).substr(1)));
    } else if (job.origin) {
      data = NACRE_TRY(lowers_.data(join_path(*job.origin, moved ? marks.redirect : name)));
    }
    if (data) return data;
    return fail(failed_precondition(
        "only its metadata was changed, and no layer below has the file it belongs to"));
  }

  void push_directories(const Job& job, const Items& items, Below below) {
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
      const auto& [name, found] = *item;
      if (!is_directory(found)) continue;
      Job child{.path = join_path(job.path, name),
                .in_upper = job.in_upper && found.source == 0,
                .parent_origin = job.origin,
                .merged = job.merged,
                .below = below};
      if (job.origin) child.origin = join_path(*job.origin, name);
      jobs_.push_back(std::move(child));
    }
  }

  static constexpr unsigned kMask = STATX_BASIC_STATS | STATX_MNT_ID;

  const sys::DirFd& upper_;
  WhiteoutForm form_;
  bool whole_tree_;
  std::uint64_t mount_ = 0;
  Lowers lowers_;
  EntryWriter out_;
  std::vector<Job> jobs_;
};

}  // namespace

Result<std::uint64_t> write_layer(const sys::DirFd& upper, const std::vector<sys::DirFd>& lowers,
                                  Sink& tar, const DiffOptions& options) {
  return UpperWriter(upper, lowers, tar, options).run();
}

}  // namespace nacre::images
