#include "images/registry/push.h"

#include <atomic>

#include "base/text.h"
#include "images/registry/manifests.h"
#include "images/registry/pages.h"
#include "images/registry/push_plan.h"
#include "images/registry/upload.h"
#include "images/stream/file.h"
#include "images/stream/workers.h"
#include "sys/file.h"

namespace nacre::images::registry {
namespace {

// A blob's bytes from somewhere on, with the descriptor that they are read from.
class BlobSource final : public Source {
 public:
  BlobSource(UniqueFd file, std::string name)
      : file_(std::move(file)), source_(file_, std::move(name)) {}
  [[nodiscard]] Result<std::size_t> read(Buffer into) override { return source_.read(into); }

 private:
  UniqueFd file_;
  FileSource source_;
};

Result<std::unique_ptr<Source>> open_blob(Store& store, const oci::Digest& digest,
                                          std::uint64_t offset) {
  UniqueFd file = NACRE_TRY(store.open_blob(digest));
  const std::string name = "blob " + digest.text();
  static_cast<void>(
      NACRE_TRY_CTX(sys::lseek(file, static_cast<off_t>(offset), SEEK_SET), "seek in " + name));
  return std::make_unique<BlobSource>(std::move(file), name);
}

Step to_step(Uploaded uploaded) {
  switch (uploaded) {
    case Uploaded::kWasThere:
      return Step::kWasThere;
    case Uploaded::kMounted:
      return Step::kMounted;
    case Uploaded::kSent:
      break;
  }
  return Step::kDone;
}

class Push {
 public:
  Push(Session& host, Store& store, const PushOptions& options, ProgressListener* progress)
      : host_(host), store_(store), options_(options), progress_(progress) {}

  Result<std::uint64_t> send_blobs(const std::vector<oci::Descriptor>& blobs,
                                   const std::stop_token& stop) {
    if (progress_ != nullptr) progress_->blobs(blobs);
    std::atomic<std::uint64_t> sent = 0;
    const auto work = [&](std::size_t i, const std::stop_token& job_stop) -> Result<void> {
      if (NACRE_TRY(send_blob(blobs[i], job_stop)) == Uploaded::kSent) ++sent;
      return {};
    };
    NACRE_TRY(run_jobs(blobs.size(), options_.parallel, stop, work));
    return sent.load();
  }

  Result<void> send_documents(const std::vector<PushDocument>& documents, const Reference& to,
                              const std::stop_token& stop) {
    for (const PushDocument& one : documents) {
      const bool last = &one == &documents.back();
      const std::string& object =
          last && !to.tag().empty() ? to.tag() : one.descriptor.digest.text();
      const PutOutcome outcome =
          NACRE_TRY(put_manifest(host_, object, one.descriptor, one.bytes, {}, stop));
      if (one.subject && !outcome.subject_handled)
        NACRE_TRY(add_referrer(host_, *one.subject, one.as_referrer, stop));
    }
    return {};
  }

 private:
  Result<Uploaded> send_blob(const oci::Descriptor& blob, const std::stop_token& stop) {
    tell(blob, Step::kWaiting, 0);
    const UploadOptions options{
        .mount_from = options_.mount_from,
        .chunk_bytes = options_.chunk_bytes,
        .progress = [&](std::uint64_t done) { tell(blob, Step::kTransfer, done); }};
    const BlobReader reader = [&](std::uint64_t offset) {
      return open_blob(store_, blob.digest, offset);
    };
    const Uploaded outcome = NACRE_TRY(upload_blob(host_, blob, reader, options, stop));
    tell(blob, to_step(outcome), blob.size);
    return outcome;
  }

  void tell(const oci::Descriptor& blob, Step step, std::uint64_t done) const {
    if (progress_ != nullptr) progress_->blob({blob.digest, step, done, blob.size});
  }

  Session& host_;
  Store& store_;
  const PushOptions& options_;
  ProgressListener* progress_;
};

// A name with a digest promises that digest.
Result<void> check_promise(const Reference& to, const oci::Descriptor& target) {
  if (to.digest().empty() || to.digest() == target.digest) return {};
  return fail(invalid_argument(
      text::join("push to ", to.familiar(), ": the image is ", target.digest.text())));
}

// Nobody may collect what is on its way. Documents are found by this as well as blobs.
Result<void> keep_all(Store& store, const Lease& lease, const PushPlan& plan) {
  for (const oci::Descriptor& blob : plan.blobs) {
    if (NACRE_TRY(store.ingest(lease, blob)) != nullptr)
      return fail(not_found(text::join("blob ", blob.digest.text(), " is not in the store")));
  }
  return {};
}

}  // namespace

Result<Pushed> push(Client& client, Store& store, const oci::Descriptor& image, const Reference& to,
                    const PushOptions& options, ProgressListener* progress,
                    const std::stop_token& stop) {
  const Lease lease = NACRE_TRY(store.lease());
  const PushPlan plan = NACRE_TRY(plan_push(store, image, options.platform));
  const oci::Descriptor& target = plan.documents.back().descriptor;
  NACRE_TRY(check_promise(to, target));
  NACRE_TRY(keep_all(store, lease, plan));
  if (progress != nullptr) progress->resolved(target);

  // The first one that may be pushed to, and only that: half an image at each of two is none.
  const Hosts hosts = NACRE_TRY(client.hosts(to.host(), to.path(), Need::kPush, false));
  Push work(*hosts.front(), store, options, progress);
  const std::uint64_t sent = NACRE_TRY(work.send_blobs(plan.blobs, stop));
  NACRE_TRY(work.send_documents(plan.documents, to, stop));
  return Pushed{target, sent};
}

}  // namespace nacre::images::registry
