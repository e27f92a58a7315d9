#include "base/scope_exit.h"
#include "base/text.h"
#include "images/formats/index_file.h"
#include "images/formats/layout_folder.h"
#include "images/formats/save.h"
#include "images/formats/save_plan.h"
#include "images/stream/file.h"
#include "images/stream/memory.h"
#include "oci-spec/image/layout.h"
#include "sys/file.h"
#include "sys/io.h"

namespace nacre::images {
namespace {

constexpr const char* kUnfinished = ".nacre-unfinished";

class LayoutWriter {
 public:
  LayoutWriter(Store& store, const sys::DirFd& folder, ProgressListener* progress,
               const std::stop_token& stop)
      : store_(store), folder_(folder), progress_(progress), stop_(stop) {}

  Result<void> run(const SavePlan& plan) {
    const oci::Index there = NACRE_TRY(read_index());
    for (const SavedDocument& document : plan.documents) {
      NACRE_TRY(blob(document.descriptor,
                     [&](Sink& file) { return file.write(as_bytes(document.bytes)); }));
    }
    for (const oci::Descriptor& one : plan.blobs) {
      NACRE_TRY(
          blob(one, [&](Sink& file) { return copy_blob(store_, one, file, progress_, stop_); }));
    }
    NACRE_TRY(file(folder_, std::string(oci::kLayoutFile), write_text(oci::layout_json())));
    return file(folder_, std::string(oci::kLayoutIndexFile),
                write_text(oci::to_json(merged_index(there, plan.entries))));
  }

 private:
  using Write = std::function<Result<void>(Sink&)>;

  static Write write_text(std::string text) {
    return [text = std::move(text)](Sink& file) { return file.write(as_bytes(text)); };
  }

  // Of a layout; an empty folder has none, and anything else is not to be written into.
  Result<oci::Index> read_index() {
    const auto members = folder_members(folder_);
    const auto layout = NACRE_TRY(read_member(*members, oci::kLayoutFile, oci::kMostDocumentBytes));
    if (!layout) {
      const auto names = NACRE_TRY_CTX(sys::list_directory(folder_), "list the folder");
      for (const std::string& name : names) {
        if (name == kUnfinished || name == oci::kLayoutBlobsFolder) continue;
        return fail(failed_precondition(
            text::join("the folder is no OCI layout and not empty: there is ", text::quote(name))));
      }
      return oci::Index{.media_type = std::string(oci::media::kIndex)};
    }
    NACRE_TRY(oci::check_layout(*layout));
    const auto index =
        NACRE_TRY(read_member(*members, oci::kLayoutIndexFile, oci::kMostDocumentBytes));
    if (!index) return oci::Index{.media_type = std::string(oci::media::kIndex)};
    return NACRE_TRY_CTX(oci::parse_index(*index, oci::media::kIndex), oci::kLayoutIndexFile);
  }

  // One that is there and has the right size is taken for right, as every program does that shares
  // a layout.
  Result<void> blob(const oci::Descriptor& descriptor, const Write& write) {
    if (stop_.stop_requested()) return fail(Error(ErrorCode::kCancelled, "cancelled"));
    const auto members = folder_members(folder_);
    const auto size = NACRE_TRY(members->size_of(oci::layout_path(descriptor.digest)));
    if (size && *size == descriptor.size) {
      if (progress_ != nullptr)
        progress_->blob({descriptor.digest, Step::kWasThere, descriptor.size, descriptor.size});
      return {};
    }
    const sys::DirFd blobs = NACRE_TRY(folder(folder_, std::string(oci::kLayoutBlobsFolder)));
    const sys::DirFd place = NACRE_TRY(folder(blobs, std::string(descriptor.digest.algorithm())));
    return file(place, std::string(descriptor.digest.hex()), write);
  }

  // Not through a link: who else writes there must not lead us elsewhere.
  static Result<sys::DirFd> folder(const sys::DirFd& parent, const std::string& name) {
    const auto made = sys::mkdirat(parent, name.c_str(), 0755);
    if (!made && made.error().value != EEXIST)
      return fail(Error::from_errno(made.error(), text::join("make folder ", text::quote(name))));
    if (made) NACRE_TRY_CTX(sys::fsync(parent), "sync a folder");
    return NACRE_TRY_CTX(
        sys::openat<sys::DirFd>(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
        text::join("open folder ", text::quote(name)));
  }

  // Whole and on the disk before it has its name.
  static Result<void> file(const sys::DirFd& place, const std::string& name, const Write& write) {
    const auto cleared = sys::unlinkat(place, kUnfinished);
    if (!cleared && cleared.error().value != ENOENT)
      return fail(Error::from_errno(cleared.error(), "remove what an earlier save has left"));
    const UniqueFd fd = NACRE_TRY_CTX(
        sys::openat(place, kUnfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644),
        text::join("make ", text::quote(name)));
    ScopeExit undo([&] { static_cast<void>(sys::unlinkat(place, kUnfinished)); });
    FileSink sink(fd, name);
    NACRE_TRY(write(sink));
    NACRE_TRY_CTX(sys::fsync(fd), text::join("sync ", text::quote(name)));
    NACRE_TRY_CTX(sys::renameat(place, kUnfinished, place, name.c_str()),
                  text::join("give ", text::quote(name), " its name"));
    undo.dismiss();
    NACRE_TRY_CTX(sys::fsync(place), "sync a folder");
    return {};
  }

  Store& store_;
  const sys::DirFd& folder_;
  ProgressListener* progress_;
  const std::stop_token& stop_;
};

}  // namespace

Result<void> save_layout(Store& store, const std::vector<SaveImage>& images,
                         const sys::DirFd& layout, const SaveOptions& options,
                         ProgressListener* progress, const std::stop_token& stop) {
  const Lease lease = NACRE_TRY(store.lease());
  const SavePlan plan = NACRE_TRY_CTX(plan_save(store, lease, images, options, progress), "save");
  if (progress != nullptr) {
    for (const SaveImage& image : images) progress->resolved(image.target);
    progress->blobs(plan.blobs);
  }
  // An O_PATH descriptor can neither be listed nor synced.
  const sys::DirFd folder = NACRE_TRY_CTX(
      sys::openat<sys::DirFd>(layout, ".", O_RDONLY | O_DIRECTORY), "save: open the folder");
  // Two at a time would each lose the other's images from index.json.
  NACRE_TRY_CTX(sys::flock(folder, LOCK_EX), "save: wait for another writer of the folder");
  NACRE_TRY_CTX(LayoutWriter(store, folder, progress, stop).run(plan), "save");
  return {};
}

}  // namespace nacre::images
