#include "images/store/ingest.h"

#include "base/text.h"
#include "images/store/clock.h"
#include "images/store/holds.h"
#include "images/store/records.h"
#include "images/stream/file.h"
#include "images/stream/memory.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/sync.h"

namespace nacre::images {
namespace {

// How much is written between two looks at the room that is left; the same stretch is handed to the
// disk then, so that commit() has less to wait for.
constexpr std::uint64_t kStretch = std::uint64_t{4} << 20U;
constexpr std::uint32_t kWhole = 0444;
constexpr std::uint32_t kGrowing = 0600;

Result<bool> keep_if_recorded(Core& core, const Lease& lease, const oci::Digest& digest) {
  return core.write(Durability::kProcess, [&](Transaction& records) -> Result<bool> {
    if (!NACRE_TRY(records::find_blob(records, digest))) return false;
    NACRE_TRY(keep(records, lease, kBlobKind, digest.text()));
    return true;
  });
}

}  // namespace

FileIngest::FileIngest(Core& core, const oci::Descriptor& expected, std::string name, FileLock lock)
    : core_(core),
      expected_(expected.digest),
      expected_size_(expected.size),
      name_(std::move(name)),
      lock_(std::move(lock)),
      hasher_(expected.digest) {}

// Under a name of its own nobody will ever look for what is there.
FileIngest::~FileIngest() {
  if (expected_.empty() && file_) {
    static_cast<void>(sys::unlinkat(core_.layout.ingest, name_.c_str()));
  }
}

Result<std::unique_ptr<FileIngest>> FileIngest::open(Core& core, const Lease& lease,
                                                     const oci::Descriptor& expected) {
  if (expected.digest.empty()) {
    std::string name = "new-" + NACRE_TRY(random_name());
    FileLock lock = NACRE_TRY(FileLock::acquire(core.layout.locks, "blob-" + name));
    std::unique_ptr<FileIngest> ingest(
        new FileIngest(core, expected, std::move(name), std::move(lock)));
    NACRE_TRY(ingest->open_file());
    return ingest;
  }
  if (NACRE_TRY(keep_if_recorded(core, lease, expected.digest))) return nullptr;
  FileLock lock = NACRE_TRY(FileLock::acquire(core.layout.locks, blob_lock(expected.digest)));
  // Whoever held it before may have brought it.
  if (NACRE_TRY(keep_if_recorded(core, lease, expected.digest))) return nullptr;
  std::unique_ptr<FileIngest> ingest(
      new FileIngest(core, expected, ingest_name(expected.digest), std::move(lock)));
  NACRE_TRY(ingest->take_back_unrecorded());
  NACRE_TRY(ingest->open_file());
  NACRE_TRY(ingest->hash_what_is_there());
  return ingest;
}

Result<void> FileIngest::open_file() {
  file_ = NACRE_TRY_CTX(
      sys::openat(core_.layout.ingest, name_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, kGrowing),
      text::join("open ingest/", name_));
  return {};
}

// A process that died between the rename and the record left a whole blob that nobody knows of.
Result<void> FileIngest::take_back_unrecorded() {
  const sys::DirFd& blobs = core_.layout.blobs(expected_);
  const std::string hex(expected_.hex());
  const auto moved = sys::renameat(blobs, hex.c_str(), core_.layout.ingest, name_.c_str());
  if (!moved && moved.error().value != ENOENT) {
    return fail(Error::from_errno(moved.error(),
                                  text::join("take back the unrecorded blob ", expected_.text())));
  }
  // It may also have died just before the rename.
  const auto opened = sys::fchmodat(core_.layout.ingest, name_.c_str(), kGrowing);
  if (opened || opened.error().value == ENOENT) return {};
  return fail(Error::from_errno(opened.error(), text::join("make ingest/", name_, " writable")));
}

Result<void> FileIngest::hash_what_is_there() {
  FileSource source(file_, "ingest/" + name_);
  NullSink nowhere;
  HashingSink sink(nowhere, hasher_);
  written_ = NACRE_TRY(copy(source, sink));
  if (expected_size_ == 0 || written_ < expected_size_) return {};
  // All of it, or what a power cut made of it: good for commit() or good for nothing.
  digest_ = NACRE_TRY(hasher_.finish());
  if (written_ > expected_size_ || digest_ != expected_) return restart();
  whole_ = true;
  return {};
}

Result<void> FileIngest::check_room() {
  if (written_ - looked_at_ < kStretch && looked_at_ != 0) return {};
  if (written_ > looked_at_) {
    // An advice; what does not take it (tmpfs) loses nothing.
    static_cast<void>(sys::start_writeback(file_, static_cast<off_t>(looked_at_),
                                           static_cast<off_t>(written_ - looked_at_)));
  }
  looked_at_ = written_;
  const auto space = NACRE_TRY_CTX(sys::fstatfs(file_), text::join("statfs ingest/", name_));
  const std::uint64_t left =
      static_cast<std::uint64_t>(space.f_bavail) * static_cast<std::uint64_t>(space.f_bsize);
  if (left >= core_.options.budget.free_bytes) return {};
  return fail({ErrorCode::kResourceExhausted,
               text::join("write blob ", expected_.empty() ? name_ : expected_.text(), ": ", left,
                          " bytes are left on the disk, and ", core_.options.budget.free_bytes,
                          " have to stay free")});
}

Result<void> FileIngest::write(Bytes bytes) {
  if (expected_size_ != 0 && written_ + bytes.size() > expected_size_) {
    return fail(failed_precondition(text::join("blob ", expected_.text(), " is longer than the ",
                                               expected_size_, " bytes it should have")));
  }
  NACRE_TRY(check_room());
  FileSink sink(file_, "ingest/" + name_);
  NACRE_TRY(sink.write(bytes));
  hasher_.update(bytes);
  written_ += bytes.size();
  return {};
}

Result<void> FileIngest::restart() {
  NACRE_TRY_CTX(sys::ftruncate(file_, 0), text::join("truncate ingest/", name_));
  static_cast<void>(
      NACRE_TRY_CTX(sys::lseek(file_, 0, SEEK_SET), text::join("rewind ingest/", name_)));
  hasher_ = Hasher(expected_);
  digest_ = {};
  whole_ = false;
  written_ = 0;
  looked_at_ = 0;
  return {};
}

Result<void> FileIngest::check_digest() {
  if (!whole_) digest_ = NACRE_TRY(hasher_.finish());
  const bool size_fits = expected_size_ == 0 || written_ == expected_size_;
  if (size_fits && (expected_.empty() || digest_ == expected_)) return {};
  const std::string should = text::join(
      expected_.empty() ? "anything" : expected_.text(), " of ",
      expected_size_ == 0 ? std::string("any number of") : std::to_string(expected_size_),
      " bytes");
  Error mismatch = failed_precondition(text::join("what was received is ", digest_.text(), " of ",
                                                  written_, " bytes, and should be ", should));
  NACRE_TRY(restart());
  return fail(std::move(mismatch));
}

// Of a failure the kernel tells once, and a later sync would succeed without what was lost: nobody
// may go on with what is there.
Result<void> FileIngest::sync_file() {
  const auto synced = sys::fsync(file_);
  if (synced) return {};
  Error error = Error::from_errno(synced.error(), text::join("sync ingest/", name_));
  NACRE_TRY(restart());
  return fail(std::move(error));
}

// Whole and on the disk before it has its name.
Result<void> FileIngest::move_into_place() {
  const sys::DirFd& blobs = core_.layout.blobs(digest_);
  const std::string hex(digest_.hex());
  NACRE_TRY_CTX(sys::fchmod(file_, kWhole), text::join("make ingest/", name_, " read-only"));
  NACRE_TRY(sync_file());
  NACRE_TRY_CTX(sys::renameat(core_.layout.ingest, name_.c_str(), blobs, hex.c_str()),
                text::join("give blob ", digest_.text(), " its name"));
  NACRE_TRY_CTX(sys::fsync(blobs), "sync the folder of the blobs");
  return {};
}

Result<void> FileIngest::commit(const Lease& lease) {
  NACRE_TRY(check_digest());
  // One that did not know its digest has to keep the collector from the name as well.
  std::optional<FileLock> named;
  if (expected_.empty()) {
    named = NACRE_TRY(FileLock::acquire(core_.layout.locks, blob_lock(digest_)));
  }
  NACRE_TRY(move_into_place());
  file_.reset();
  return core_.write(Durability::kPowerCut, [&](Transaction& records) -> Result<void> {
    NACRE_TRY(records::put_blob(records, {digest_, written_, seconds_now()}));
    return keep(records, lease, kBlobKind, digest_.text());
  });
}

}  // namespace nacre::images
