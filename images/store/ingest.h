// Bytes on their way to being a blob.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "images/store/blob.h"
#include "images/store/core.h"
#include "images/store/file_lock.h"
#include "images/stream/hasher.h"
#include "oci-spec/image/descriptor.h"

namespace nacre::images {

class FileIngest final : public Ingest {
 public:
  // Nothing when the blob is recorded; then it is kept by the lease. Waits for another writer of
  // the same digest.
  [[nodiscard]] static Result<std::unique_ptr<FileIngest>> open(Core& core, const Lease& lease,
                                                                const oci::Descriptor& expected);
  ~FileIngest() override;

  [[nodiscard]] std::uint64_t offset() const override { return written_; }
  [[nodiscard]] Result<void> write(Bytes bytes) override;
  [[nodiscard]] Result<void> finish() override { return {}; }
  [[nodiscard]] Result<void> restart() override;
  [[nodiscard]] Result<void> commit(const Lease& lease) override;
  [[nodiscard]] const oci::Digest& digest() const override { return digest_; }

 private:
  FileIngest(Core& core, const oci::Descriptor& expected, std::string name, FileLock lock);
  [[nodiscard]] Result<void> open_file();
  [[nodiscard]] Result<void> take_back_unrecorded();
  [[nodiscard]] Result<void> hash_what_is_there();
  [[nodiscard]] Result<void> check_room();
  [[nodiscard]] Result<void> check_digest();
  [[nodiscard]] Result<void> sync_file();
  [[nodiscard]] Result<void> move_into_place();

  Core& core_;
  oci::Digest expected_;
  std::uint64_t expected_size_;
  std::string name_;  // in ingest/
  FileLock lock_;
  UniqueFd file_;
  Hasher hasher_;
  std::uint64_t written_ = 0;
  std::uint64_t looked_at_ = 0;  // bytes written when room was last looked at
  oci::Digest digest_;
  bool whole_ = false;  // found complete and right, digest_ known
};

}  // namespace nacre::images
