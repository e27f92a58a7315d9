#include "images/formats/layout_folder.h"

#include "base/text.h"
#include "images/formats/file_part.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

struct Opened {
  UniqueFd file;
  std::uint64_t size = 0;
};

class FolderMembers final : public Members {
 public:
  explicit FolderMembers(const sys::DirFd& folder) : folder_(folder) {}

  Result<std::optional<std::uint64_t>> size_of(std::string_view path) override {
    const auto opened = NACRE_TRY(open_file(path));
    if (!opened) return std::nullopt;
    return opened->size;
  }

  Result<std::unique_ptr<Source>> open(std::string_view path) override {
    auto opened = NACRE_TRY(open_file(path));
    if (!opened) return fail(invalid_argument(text::join("there is no file ", text::quote(path))));
    return std::make_unique<OwnedFilePart>(std::move(opened->file), opened->size,
                                           text::join("file ", text::quote(path)));
  }

 private:
  Result<std::optional<Opened>> open_file(std::string_view path) {
    const std::string name = NACRE_TRY(member_name(path));
    // Not blocked by a FIFO, and no device is opened for more than a look.
    auto file = sys::openat2_scoped(folder_, name.c_str(),
                                    {.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY,
                                     .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS});
    if (!file && file.error().value == ENOENT) return std::nullopt;
    if (!file && (file.error().value == EXDEV || file.error().value == ELOOP)) {
      return fail(invalid_argument(
          text::join("file ", text::quote(path), " is a link that leads out of the folder")));
    }
    if (!file) return fail(Error::from_errno(file.error(), text::join("open ", text::quote(path))));
    const struct statx seen =
        NACRE_TRY_CTX(sys::fstatx(*file), text::join("look at ", text::quote(path)));
    if (!S_ISREG(seen.stx_mode))
      return fail(invalid_argument(text::join(text::quote(path), " is not a regular file")));
    return Opened{*std::move(file), seen.stx_size};
  }

  const sys::DirFd& folder_;
};

}  // namespace

std::unique_ptr<Members> folder_members(const sys::DirFd& folder) {
  return std::make_unique<FolderMembers>(folder);
}

}  // namespace nacre::images
