#include "images/registry/pull_layers.h"

#include <atomic>
#include <optional>
#include <set>
#include <system_error>
#include <thread>

#include "base/text.h"
#include "images/stream/pipe.h"
#include "images/stream/workers.h"

namespace nacre::images::registry {
namespace {

struct LayerJob {
  oci::Descriptor blob;
  oci::Digest diff_id;
};

// Each blob once, whatever the manifest says. (The same blob with two diffIDs cannot be right: the
// second job finds the blob and fails on its diffID.)
std::vector<LayerJob> make_jobs(const ImageDocuments& image) {
  std::vector<LayerJob> out;
  std::set<std::pair<oci::Digest, oci::Digest>> seen;
  for (std::size_t i = 0; i < image.manifest.layers.size(); ++i) {
    const oci::Descriptor& blob = image.manifest.layers[i];
    const oci::Digest& diff_id = image.config.rootfs.diff_ids[i];
    if (seen.insert({blob.digest, diff_id}).second) out.push_back({blob, diff_id});
  }
  return out;
}

// Unpacks a layer on a thread of its own while its blob arrives. The end of the stream is held back
// until the blob has turned out to be right, so that nothing is recorded of a wrong one.
class StreamedUnpack final : public BlobTap {
 public:
  StreamedUnpack(Store& store, const Lease& lease, const LayerJob& job)
      : store_(store), lease_(lease), job_(job) {}
  StreamedUnpack(const StreamedUnpack&) = delete;
  StreamedUnpack& operator=(const StreamedUnpack&) = delete;
  ~StreamedUnpack() override { void_all(); }

  // False when no thread can be had: then it is unpacked afterwards.
  bool start() {
    Pipe pipe = make_pipe();
    try {
      thread_ = std::thread([this, source = std::move(pipe.source)]() mutable {
        result_ = store_.unpack_stream(lease_, job_.blob, job_.diff_id, *source);
        source.reset();  // whoever still writes is told that nobody reads
      });
    } catch (const std::system_error&) {
      return false;
    }
    sink_ = std::move(pipe.sink);
    return true;
  }

  // The reader may leave early: the layer is there already, or is not a layer. The download goes
  // on.
  void pass(Bytes bytes) override {
    if (sink_ && !sink_->write(bytes)) sink_.reset();
  }
  void void_all() override {
    if (sink_) sink_->fail(Error(ErrorCode::kCancelled, "the blob has to be fetched again"));
    sink_.reset();
    if (thread_.joinable()) thread_.join();
    result_.reset();
  }
  // The blob is right. Nothing when this did not see all of it.
  std::optional<Result<LayerInfo>> finish() {
    // A reader that has left says in its result why.
    if (sink_) static_cast<void>(sink_->finish());
    sink_.reset();
    if (thread_.joinable()) thread_.join();
    return std::move(result_);
  }

 private:
  Store& store_;
  const Lease& lease_;
  const LayerJob& job_;
  std::unique_ptr<PipeSink> sink_;
  std::thread thread_;
  std::optional<Result<LayerInfo>> result_;
};

class LayerFetch {
 public:
  LayerFetch(const PullContext& context, const LayerJob& job) : context_(context), job_(job) {}

  // True when something had to be fetched.
  Result<bool> run(const std::stop_token& stop) {
    tell(Step::kWaiting, 0);
    if (NACRE_TRY(is_usable())) {
      NACRE_TRY(unpack_from_store());  // finds it, and lets the lease keep it
      tell(Step::kWasThere, job_.blob.size);
      return false;
    }
    const auto ingest = NACRE_TRY(context_.store.ingest(context_.lease, job_.blob));
    if (ingest == nullptr) {
      if (context_.options.unpack) NACRE_TRY(unpack_from_store());
      tell(Step::kWasThere, job_.blob.size);
      return false;
    }
    NACRE_TRY(download(*ingest, stop));
    tell(Step::kDone, job_.blob.size);
    return true;
  }

 private:
  // Nothing of the blob is needed: the layer survives a power cut, or can be made again.
  [[nodiscard]] Result<bool> is_usable() const {
    if (!context_.options.unpack) return false;
    const auto layer = NACRE_TRY(context_.store.find_layer(job_.diff_id));
    if (!layer || layer->state == LayerState::kStaged) return false;
    if (layer->state == LayerState::kDurable) return true;
    return !layer->blob.empty() && NACRE_TRY(context_.store.find_blob(layer->blob)).has_value();
  }

  Result<void> unpack_from_store() {
    const auto told = [this](std::uint64_t done) { tell(Step::kUnpacking, done); };
    static_cast<void>(
        NACRE_TRY(context_.store.unpack(context_.lease, job_.blob, job_.diff_id, told)));
    return {};
  }

  Result<void> download(Ingest& ingest, const std::stop_token& stop) {
    StreamedUnpack unpacking(context_.store, context_.lease, job_);
    // What an earlier pull has left cannot be seen any more as it arrives.
    const bool streamed = context_.options.unpack && ingest.offset() == 0 && unpacking.start();
    Troubles troubles;
    const BlobTarget target{
        .ingest = ingest,
        .commit = [&] { return ingest.commit(context_.lease); },
        .tap = streamed ? &unpacking : nullptr,
        .progress = [this](std::uint64_t done) { tell(Step::kTransfer, done); }};
    tell(Step::kTransfer, ingest.offset());
    auto fetched = fetch_blob(context_.hosts, job_.blob, target, troubles, stop);
    if (!fetched) return fetched;
    for (const std::string& trouble : troubles) context_.warn(trouble);
    if (!context_.options.unpack) return {};
    tell(Step::kUnpacking, job_.blob.size);
    auto unpacked = unpacking.finish();
    if (!unpacked) return unpack_from_store();
    if (!*unpacked) return fail(std::move(*unpacked).error());
    return {};
  }

  void tell(Step step, std::uint64_t done) const {
    if (context_.progress != nullptr)
      context_.progress->blob({job_.blob.digest, step, done, job_.blob.size});
  }

  const PullContext& context_;
  const LayerJob& job_;
};

}  // namespace

Result<bool> fetch_layers(const PullContext& context, const ImageDocuments& image,
                          const std::stop_token& stop) {
  const auto jobs = make_jobs(image);
  if (context.progress != nullptr) {
    std::vector<oci::Descriptor> list;
    list.reserve(jobs.size());
    for (const LayerJob& job : jobs) list.push_back(job.blob);
    context.progress->blobs(list);
  }
  std::atomic<bool> fetched = false;
  const auto work = [&](std::size_t i, const std::stop_token& job_stop) -> Result<void> {
    if (NACRE_TRY(LayerFetch(context, jobs[i]).run(job_stop))) fetched = true;
    return {};
  };
  NACRE_TRY(run_jobs(jobs.size(), context.options.parallel, stop, work));
  return fetched.load();
}

}  // namespace nacre::images::registry
