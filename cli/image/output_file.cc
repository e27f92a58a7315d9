#include "cli/image/output_file.h"

#include "base/text.h"
#include "cli/render/terminal.h"
#include "images/store/clock.h"
#include "sys/file.h"

namespace nacre::cli {

OutputFile::OutputFile(OutputFile&& other) noexcept
    : file_(std::move(other.file_)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      sink_(std::move(other.sink_)) {}

OutputFile::~OutputFile() {
  // Nobody is left to be told that a half-written file could not be removed.
  if (!temporary_.empty()) static_cast<void>(sys::unlinkat(sys::kCwd, temporary_.c_str()));
}

// A new file beside it, so that the old one stays whole until the new one is.
Result<OutputFile> OutputFile::over(const std::string& path) {
  OutputFile out;
  out.path_ = path;
  const std::string random = NACRE_TRY(images::random_name());
  out.temporary_ = text::join(path, '.', random.substr(0, 8), ".part");
  auto opened = sys::openat(sys::kCwd, out.temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (!opened) {
    out.temporary_.clear();
    return fail(Error::from_errno(opened.error(), text::join("write ", text::quote(path))));
  }
  out.file_ = *std::move(opened);
  out.sink_ = std::make_unique<images::FileSink>(out.file_, path);
  return out;
}

Result<OutputFile> OutputFile::open(const std::string& path) {
  OutputFile out;
  if (path.empty() || path == "-") {
    if (is_terminal(kStandardOutput))
      return fail(invalid_argument(
          "an archive is nothing for a terminal\nhint: --output FILE, or redirect it"));
    out.sink_ = std::make_unique<images::FileSink>(kStandardOutput, "standard output");
    return out;
  }
  const auto there = sys::statx(sys::kCwd, path.c_str(), 0);
  if (!there || S_ISREG(there->stx_mode)) return over(path);
  out.file_ = NACRE_TRY_CTX(sys::openat(sys::kCwd, path.c_str(), O_WRONLY),
                            text::join("write ", text::quote(path)));
  out.sink_ = std::make_unique<images::FileSink>(out.file_, path);
  return out;
}

Result<void> OutputFile::keep() {
  NACRE_TRY(sink_->finish());
  if (temporary_.empty()) return {};
  NACRE_TRY_CTX(sys::renameat(sys::kCwd, temporary_.c_str(), sys::kCwd, path_.c_str()),
                text::join("write ", text::quote(path_)));
  temporary_.clear();
  return {};
}

}  // namespace nacre::cli
