#include "images/formats/save.h"

#include "base/text.h"
#include "images/formats/save_plan.h"
#include "images/stream/memory.h"
#include "images/tar/writer.h"
#include "oci-spec/image/layout.h"

namespace nacre::images {
namespace {

constexpr std::uint32_t kFileMode = 0444;
constexpr std::uint32_t kFolderMode = 0755;

class TarMember final : public Sink {
 public:
  explicit TarMember(tar::Writer& tar) : tar_(tar) {}
  [[nodiscard]] Result<void> write(Bytes bytes) override { return tar_.write(bytes); }
  [[nodiscard]] Result<void> finish() override { return {}; }

 private:
  tar::Writer& tar_;
};

// The lists first, then the documents: who reads a pipe knows early what is coming.
class ArchiveWriter {
 public:
  explicit ArchiveWriter(Sink& sink) : tar_(sink) {}

  Result<void> file(std::string name, std::string_view content) {
    NACRE_TRY(header(std::move(name), content.size()));
    return tar_.write(as_bytes(content));
  }
  Result<void> folder(std::string name) {
    return tar_.add({.type = tar::Type::kDirectory, .path = std::move(name), .mode = kFolderMode});
  }
  Result<void> header(std::string name, std::uint64_t size) {
    return tar_.add(
        {.type = tar::Type::kFile, .path = std::move(name), .mode = kFileMode, .size = size});
  }
  Result<void> finish() { return tar_.finish(); }
  tar::Writer& tar() { return tar_; }

 private:
  tar::Writer tar_;
};

Result<void> write_folders(const SavePlan& plan, ArchiveWriter& out) {
  std::set<std::string> algorithms;
  for (const auto& document : plan.documents)
    algorithms.emplace(document.descriptor.digest.algorithm());
  for (const auto& blob : plan.blobs) algorithms.emplace(blob.digest.algorithm());
  NACRE_TRY(out.folder(text::join(oci::kLayoutBlobsFolder, "/")));
  for (const std::string& algorithm : algorithms)
    NACRE_TRY(out.folder(text::join(oci::kLayoutBlobsFolder, "/", algorithm, "/")));
  return {};
}

}  // namespace

Result<void> save_archive(Store& store, const std::vector<SaveImage>& images, Sink& tar,
                          const SaveOptions& options, ProgressListener* progress,
                          const std::stop_token& stop) {
  const Lease lease = NACRE_TRY(store.lease());
  const SavePlan plan = NACRE_TRY_CTX(plan_save(store, lease, images, options, progress), "save");
  if (progress != nullptr) {
    for (const SaveImage& image : images) progress->resolved(image.target);
    progress->blobs(plan.blobs);
  }
  ArchiveWriter out(tar);
  NACRE_TRY(out.file(std::string(oci::kLayoutFile), oci::layout_json()));
  NACRE_TRY(out.file(std::string(oci::kLayoutIndexFile), index_json(plan.entries)));
  if (!plan.docker.empty())
    NACRE_TRY(out.file(std::string(oci::kDockerArchiveFile), oci::to_json(plan.docker)));
  NACRE_TRY(write_folders(plan, out));
  for (const SavedDocument& document : plan.documents)
    NACRE_TRY(out.file(oci::layout_path(document.descriptor.digest), document.bytes));
  for (const oci::Descriptor& blob : plan.blobs) {
    NACRE_TRY(out.header(oci::layout_path(blob.digest), blob.size));
    TarMember member(out.tar());
    NACRE_TRY_CTX(copy_blob(store, blob, member, progress, stop), "save");
  }
  return out.finish();
}

}  // namespace nacre::images
