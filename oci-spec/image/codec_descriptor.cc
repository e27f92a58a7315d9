#include "base/base64.h"
#include "base/text.h"
#include "oci-spec/image/codecs.h"
#include "oci-spec/image/media_types.h"
#include "oci-spec/json/path.h"

namespace nacre::json {
namespace {

// A number of bytes; int64 by the spec, so that sums and offsets are safe everywhere.
struct Size {
  static Result<void> read(const Cursor& at, std::uint64_t& out) {
    out = NACRE_TRY(read_unsigned(at, std::numeric_limits<std::int64_t>::max(),
                                  "a size in bytes (0 to 2^63 - 1)"));
    return {};
  }
  static void write(Writer& out, std::uint64_t value) { out.number(value); }
};

struct Base64 {
  static Result<void> read(const Cursor& at, std::string& out) {
    NACRE_TRY(at.expect(Kind::kString));
    auto raw = base64::decode(at.text());
    if (!raw) return fail(at.error("is not base64"));
    out = *std::move(raw);
    return {};
  }
  static void write(Writer& out, const std::string& value) { out.string(base64::encode(value)); }
};

// Becomes a request: nothing in it may end a line or a word of one.
struct Url {
  static Result<void> read(const Cursor& at, std::string& out) {
    NACRE_TRY(Codec<std::string>::read(at, out));
    for (const char c : out) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte <= 0x20 || byte == 0x7F)
        return fail(at.error("blanks and control characters may not stand in an address"));
    }
    if (out.empty()) return fail(at.error("an address may not be empty"));
    return {};
  }
};

struct Urls {
  static constexpr std::size_t kMost = 64;
  static Result<void> read(const Cursor& at, std::vector<std::string>& out) {
    NACRE_TRY(check_count(at, kMost));
    std::size_t position = 0;
    for (auto i = at.first_child(); i != at.end_of_children(); i = at.next_child(i))
      NACRE_TRY(Url::read(at.element(i, position++), out.emplace_back()));
    return {};
  }
  static void write(Writer& out, const std::vector<std::string>& values) {
    Codec<std::vector<std::string>>::write(out, values);
  }
};

}  // namespace

Result<void> Codec<oci::Digest>::read(const Cursor& at, oci::Digest& out) {
  NACRE_TRY(at.expect(Kind::kString));
  out = NACRE_TRY_CTX(oci::Digest::parse(at.text()), at.path());
  return {};
}

Result<void> MediaType::read(const Cursor& at, std::string& out) {
  NACRE_TRY(at.expect(Kind::kString));
  if (!oci::is_media_type(at.text()))
    return fail(at.error(text::join(excerpt(at.text()), " is not a media type")));
  out = at.text();
  return {};
}

Result<void> OptionalMediaType::read(const Cursor& at, std::string& out) {
  if (at.kind() == Kind::kString && at.text().empty()) return {};
  return MediaType::read(at, out);
}

template <>
std::span<const Field> StrictObject<oci::Platform>::fields() {
  static constexpr auto kFields = table<oci::Platform>({
      field<&oci::Platform::architecture>("architecture", kAlways),
      field<&oci::Platform::os>("os", kAlways),
      field<&oci::Platform::os_version>("os.version"),
      field<&oci::Platform::os_features>("os.features"),
      field<&oci::Platform::variant>("variant"),
  });
  return kFields;
}

template <>
std::span<const Field> StrictObject<oci::Descriptor>::fields() {
  static constexpr auto kFields = table<oci::Descriptor>({
      field<&oci::Descriptor::media_type, MediaType>("mediaType", kRequired),
      field<&oci::Descriptor::digest>("digest", kRequired),
      field<&oci::Descriptor::size, Size>("size", kRequired),
      field<&oci::Descriptor::urls, Urls>("urls"),
      field<&oci::Descriptor::annotations>("annotations"),
      field<&oci::Descriptor::data, Base64>("data"),
      field<&oci::Descriptor::platform>("platform"),
      field<&oci::Descriptor::artifact_type, OptionalMediaType>("artifactType"),
  });
  return kFields;
}

Result<void> Codec<oci::Descriptor>::read(const Cursor& at, oci::Descriptor& out) {
  NACRE_TRY(StrictObject<oci::Descriptor>::read(at, out));
  if (out.data.empty() || out.data.size() == out.size) return {};
  return fail(invalid_argument(
      text::join(at.path_of("data"), ": has ", out.data.size(), " bytes, not ", out.size)));
}

}  // namespace nacre::json
