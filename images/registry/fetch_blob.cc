#include "images/registry/fetch_blob.h"

#include <algorithm>

#include "base/text.h"
#include "images/registry/reply.h"
#include "images/stream/memory.h"
#include "oci-spec/image/media_types.h"

namespace nacre::images::registry {
namespace {

// How a transfer ended.
enum class End : std::uint8_t {
  kWhole,    // as many bytes as there should be
  kBroken,   // in the middle: go on there
  kRestart,  // the server cannot go on there: begin again
  kRefused,  // this host will not give it
  kLocal,    // the store failed
};
// Below this nobody waits for the end: a host may keep a connection alive with a byte now and then.
constexpr Milliseconds kPatience{120'000};
constexpr std::uint64_t kLeastBytes = std::uint64_t{16} << 10U;  // in that time

struct Outcome {
  End end = End::kWhole;
  Error error{ErrorCode::kInternal, {}};
};

Outcome refused(Error error) {
  if (error.code() == ErrorCode::kUnavailable) return {End::kBroken, std::move(error)};
  return {End::kRefused, std::move(error)};
}

// What is known of the body before it comes.
struct BodyPlan {
  std::uint64_t skip = 0;  // bytes that are there already and come again
};

// Time that was spent waiting for the host: what the disk or an unpacker takes is not its fault.
class Pace {
 public:
  bool is_too_slow(Milliseconds waited, std::size_t bytes) {
    waited_ += waited;
    bytes_ += bytes;
    if (waited_ < kPatience) return false;
    const bool slow = bytes_ < kLeastBytes;
    waited_ = Milliseconds{0};
    bytes_ = 0;
    return slow;
  }

 private:
  Milliseconds waited_{0};
  std::uint64_t bytes_ = 0;
};

class Transfer {
 public:
  Transfer(Session& host, const oci::Descriptor& blob, const BlobTarget& target)
      : host_(host), blob_(blob), target_(target) {}

  // Everything from one place: the host's own, or another address that the descriptor names.
  Outcome from(const std::optional<Url>& url, bool ranged, const std::stop_token& stop) {
    Call call{.path = "/blobs/" + blob_.digest.text(), .location = url};
    where_ =
        text::join("blob ", blob_.digest.short_hex(), " from ", url ? url->shown() : host_.name());
    const std::uint64_t offset = target_.ingest.offset();
    if (offset > 0 && ranged) call.headers.set("Range", text::join("bytes=", offset, "-"));
    auto response = host_.send(call, stop);
    if (!response) {
      // The session has tried again where that made sense.
      return {End::kRefused, std::move(response).error().with_context(where_)};
    }
    BodyPlan plan;
    if (auto problem = look_at(**response, offset, plan)) return *std::move(problem);
    return copy(**response, plan);
  }

 private:
  // Decides from the head of the answer; sets what is to be skipped.
  std::optional<Outcome> look_at(Response& response, std::uint64_t offset, BodyPlan& plan) const {
    const unsigned status = response.status();
    if (status == 416 && offset > 0)
      return Outcome{End::kRestart, wrong("cannot go on in the middle")};
    if (status == 206 && offset > 0) {
      const auto range = parse_content_range(response.headers().find("Content-Range").value_or(""));
      const bool right = range && range->first == offset && range->last == blob_.size - 1 &&
                         range->total.value_or(blob_.size) == blob_.size;
      if (!right)
        return Outcome{End::kRestart, wrong("answers with another range than the one asked for")};
    } else {
      const auto ok = expect_status(response, {200}, where_);
      if (!ok) return refused(ok.error());
      plan.skip = offset;  // a server that knows no ranges begins at the beginning
    }
    const std::uint64_t coming = blob_.size - offset + plan.skip;
    const std::uint64_t announced = response.content_length().value_or(coming);
    if (announced != coming) {
      return refused(wrong(text::join("announces ", announced, " bytes instead of ", coming)));
    }
    return std::nullopt;
  }

  Outcome copy(Response& response, BodyPlan plan) const {
    std::vector<std::byte> buffer(kChunk);
    Pace pace;
    while (target_.ingest.offset() < blob_.size) {
      const std::uint64_t left = blob_.size - target_.ingest.offset() + plan.skip;
      const std::size_t most = std::min<std::uint64_t>(left, buffer.size());
      const Milliseconds before = host_.clock().now();
      const auto got = response.read(Buffer(buffer).first(most));
      if (!got) return broken(got.error());
      if (pace.is_too_slow(host_.clock().now() - before, *got))
        return refused(wrong("is slower than 16 KiB in two minutes"));
      if (*got == 0) return {End::kBroken, wrong(text::join("ends ", left, " bytes too early"))};
      const std::size_t skipped = std::min<std::uint64_t>(plan.skip, *got);
      plan.skip -= skipped;
      if (auto problem = keep(Bytes(buffer).subspan(skipped, *got - skipped)))
        return *std::move(problem);
    }
    return expect_end(response, buffer);
  }

  [[nodiscard]] std::optional<Outcome> keep(Bytes bytes) const {
    if (bytes.empty()) return std::nullopt;
    auto written = target_.ingest.write(bytes);
    if (!written) return Outcome{End::kLocal, std::move(written).error()};
    if (target_.tap != nullptr) target_.tap->pass(bytes);
    if (target_.progress) target_.progress(target_.ingest.offset());
    return std::nullopt;
  }

  // Reading to the end also frees the connection for the next exchange. What goes wrong there is
  // the server's business: every byte is here, and the digest will tell.
  Outcome expect_end(Response& response, std::vector<std::byte>& buffer) const {
    const auto more = response.read(buffer);
    if (more && *more > 0)
      return refused(wrong(text::join("sends more than ", blob_.size, " bytes")));
    return {};
  }

  [[nodiscard]] Outcome broken(const Error& error) const {
    Error told = Error(error).with_context(where_);
    return {error.code() == ErrorCode::kUnavailable ? End::kBroken : End::kRefused,
            std::move(told)};
  }
  [[nodiscard]] Error wrong(std::string_view why) const {
    return {ErrorCode::kFailedPrecondition, text::join(where_, ": ", why)};
  }

  Session& host_;
  const oci::Descriptor& blob_;
  const BlobTarget& target_;
  std::string where_;
};

Result<void> start_over(const BlobTarget& target) {
  NACRE_TRY(target.ingest.restart());
  if (target.tap != nullptr) target.tap->void_all();
  if (target.progress) target.progress(0);
  return {};
}

// The blob from one place, through all its interruptions.
class HostFetch {
 public:
  HostFetch(Session& host, const oci::Descriptor& blob, const BlobTarget& target)
      : host_(host), blob_(blob), target_(target) {}

  Outcome run(const std::optional<Url>& url, const std::stop_token& stop) {
    Retry retry(host_.retry_policy(), static_cast<std::uint32_t>(host_.clock().now().count()));
    bool ranged = true;
    std::uint64_t begun_at = target_.ingest.offset();  // what stands before is somebody else's
    for (;;) {
      const std::uint64_t before = target_.ingest.offset();
      Outcome outcome = before == blob_.size
                            ? Outcome{}
                            : Transfer(host_, blob_, target_).from(url, ranged, stop);
      if (outcome.end == End::kWhole) {
        outcome = commit();
        if (outcome.end != End::kRestart || begun_at == 0) return as_refusal(std::move(outcome));
        // The part that was there before may be the wrong one: once more, all of it from here.
        begun_at = 0;
      } else if (outcome.end == End::kRestart) {
        ranged = false;
        begun_at = 0;
      } else if (outcome.end != End::kBroken) {
        return outcome;
      }
      if (outcome.end == End::kRestart) {
        auto cleared = start_over(target_);
        if (!cleared) return {End::kLocal, std::move(cleared).error()};
        continue;
      }
      if (target_.ingest.offset() > before) retry.progressed();
      const auto wait = retry.next(std::nullopt);
      if (!wait) return {End::kRefused, std::move(outcome.error)};
      if (!host_.clock().wait(*wait, stop))
        return {End::kRefused, Error(ErrorCode::kCancelled, host_.name() + ": cancelled")};
    }
  }

 private:
  // kRestart: the bytes are wrong.
  [[nodiscard]] Outcome commit() const {
    auto done = target_.commit();
    if (done) return {};
    if (done.error().code() != ErrorCode::kFailedPrecondition)
      return {End::kLocal, std::move(done).error()};
    return {End::kRestart, std::move(done).error().with_context("from " + host_.name())};
  }
  // Nothing of wrong bytes may be left for the next host to go on behind.
  [[nodiscard]] Outcome as_refusal(Outcome outcome) const {
    if (outcome.end != End::kRestart) return outcome;
    auto cleared = start_over(target_);
    if (!cleared) return {End::kLocal, std::move(cleared).error()};
    outcome.end = End::kRefused;
    return outcome;
  }

  Session& host_;
  const oci::Descriptor& blob_;
  const BlobTarget& target_;
};

// The content that a descriptor carries itself is put to the same test as fetched bytes.
bool use_embedded(const oci::Descriptor& blob, const BlobTarget& target) {
  if (blob.data.empty() || target.ingest.offset() != 0) return false;
  const Bytes bytes = as_bytes(blob.data);
  if (target.ingest.write(bytes) && target.commit()) {
    if (target.tap != nullptr) target.tap->pass(bytes);
    return true;
  }
  return false;
}

// Layers that may not be redistributed stand elsewhere; everything else only at the registry.
std::vector<std::optional<Url>> places(const oci::Descriptor& blob) {
  std::vector<std::optional<Url>> out;
  const auto kind = oci::layer_kind(blob.media_type);
  if (kind && kind->foreign) {
    for (const std::string& text : blob.urls) {
      auto url = parse_url(text);
      if (url && url->tls) out.emplace_back(*std::move(url));
    }
  }
  out.emplace_back(std::nullopt);
  return out;
}

Error with_troubles(Error error, const Troubles& troubles) {
  if (troubles.empty()) return error;
  return {error.code(),
          text::join(error.message(), " (before that: ", text::join_with(troubles, "; "), ")")};
}

}  // namespace

bool next_may_help(const Error& error) { return error.code() != ErrorCode::kCancelled; }

Result<void> fetch_blob(std::span<const std::unique_ptr<Session>> hosts,
                        const oci::Descriptor& blob, const BlobTarget& target, Troubles& troubles,
                        const std::stop_token& stop) {
  if (use_embedded(blob, target)) return {};
  if (!blob.data.empty()) NACRE_TRY(start_over(target));
  Troubles here;
  std::optional<Error> last;
  for (const auto& host : hosts) {
    for (const auto& place : places(blob)) {
      Outcome outcome = HostFetch(*host, blob, target).run(place, stop);
      if (outcome.end == End::kWhole) return {};
      if (outcome.end == End::kLocal || !next_may_help(outcome.error))
        return fail(std::move(outcome.error));
      if (last) here.push_back(last->message());
      troubles.push_back(outcome.error.message());
      last = std::move(outcome.error);
    }
  }
  if (!last)
    return fail(
        failed_precondition(text::join("blob ", blob.digest.text(), ": no host may be asked")));
  return fail(with_troubles(*std::move(last), here));
}

}  // namespace nacre::images::registry
