#include "images/tar/pax.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "images/tar/pax_values.h"

namespace nacre::images::tar {
namespace {

struct Record {
  std::string_view key;
  std::string_view value;
};

// Takes the first record off `rest`.
Result<Record> take_record(std::string_view& rest) {
  constexpr std::size_t kLengthDigits = 20;
  const std::size_t blank = rest.substr(0, kLengthDigits + 1).find(' ');
  if (blank == std::string_view::npos)
    return fail(invalid_argument("a record does not start with its length and a blank"));
  const std::uint64_t length = NACRE_TRY_CTX(parse_decimal(rest.substr(0, blank)), "length");
  if (length > rest.size() || length < blank + 2)
    return fail(invalid_argument(text::join("a record's length is ", length, ", but ", rest.size(),
                                            " bytes are left of the header")));
  const std::string_view record = rest.substr(0, length);
  if (record.back() != '\n')
    return fail(invalid_argument("a record does not end with a newline where its length says"));
  const std::string_view body = record.substr(blank + 1, length - blank - 2);
  const std::size_t equals = body.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return fail(invalid_argument("a record has no key and equals sign"));
  rest.remove_prefix(length);
  return Record{body.substr(0, equals), body.substr(equals + 1)};
}

// What a key does with its value. Empty values never get here, except for attributes.
struct Setter {
  std::string_view key;
  Result<void> (*set)(Pax& pax, std::string_view value);
  void (*reset)(Pax& pax);
};

template <auto Member>
constexpr Setter text_field(std::string_view key) {
  return {key,
          [](Pax& pax, std::string_view value) -> Result<void> {
            if (value.contains('\0')) return fail(invalid_argument("the value contains a NUL"));
            pax.*Member = std::string(value);
            return {};
          },
          [](Pax& pax) { (pax.*Member).reset(); }};
}

template <auto Member>
constexpr Setter count_field(std::string_view key) {
  return {key,
          [](Pax& pax, std::string_view value) -> Result<void> {
            pax.*Member = NACRE_TRY(parse_decimal(value));
            return {};
          },
          [](Pax& pax) { (pax.*Member).reset(); }};
}

template <auto Member>
constexpr Setter sparse_count(std::string_view key) {
  return {key,
          [](Pax& pax, std::string_view value) -> Result<void> {
            pax.sparse.*Member = NACRE_TRY(parse_decimal(value));
            return {};
          },
          [](Pax& pax) { (pax.sparse.*Member).reset(); }};
}

constexpr Setter kFields[] = {
    text_field<&Pax::path>("path"),
    text_field<&Pax::link>("linkpath"),
    count_field<&Pax::size>("size"),
    count_field<&Pax::uid>("uid"),
    count_field<&Pax::gid>("gid"),
    text_field<&Pax::uname>("uname"),
    text_field<&Pax::gname>("gname"),
    {"mtime",
     [](Pax& pax, std::string_view value) -> Result<void> {
       pax.mtime = NACRE_TRY(parse_time(value));
       return {};
     },
     [](Pax& pax) { pax.mtime.reset(); }},
};

constexpr std::string_view kSparse = "GNU.sparse.";
constexpr Setter kSparseFields[] = {
    sparse_count<&PaxSparse::major>("major"),
    sparse_count<&PaxSparse::minor>("minor"),
    sparse_count<&PaxSparse::size>("size"),
    sparse_count<&PaxSparse::realsize>("realsize"),
    sparse_count<&PaxSparse::blocks>("numblocks"),
    {"name",
     [](Pax& pax, std::string_view value) -> Result<void> {
       if (value.contains('\0')) return fail(invalid_argument("the value contains a NUL"));
       pax.sparse.name = std::string(value);
       return {};
     },
     [](Pax& pax) { pax.sparse.name.reset(); }},
};

template <std::size_t N>
Result<bool> set_from(const Setter (&fields)[N], Pax& pax, const Record& record) {
  const auto* const found = std::ranges::find(fields, record.key, &Setter::key);
  if (found == std::end(fields)) return false;
  if (record.value.empty()) {
    found->reset(pax);
  } else {
    NACRE_TRY(found->set(pax, record.value));
  }
  return true;
}

// Version 0.0: pairs of records, the only keys whose repetition means something.
Result<bool> set_run(Pax& pax, const Record& record, std::size_t max_extents) {
  PaxSparse& sparse = pax.sparse;
  if (record.key == "offset") {
    if (sparse.open_offset) return fail(invalid_argument("an offset follows an offset"));
    sparse.open_offset = NACRE_TRY(parse_decimal(record.value));
    return true;
  }
  if (record.key != "numbytes") return false;
  if (!sparse.open_offset) return fail(invalid_argument("there is no offset before it"));
  if (sparse.extents.size() >= max_extents)
    return fail(Error(ErrorCode::kResourceExhausted,
                      text::join("the sparse map has more than ", max_extents, " runs")));
  sparse.extents.push_back({*sparse.open_offset, NACRE_TRY(parse_decimal(record.value))});
  sparse.open_offset.reset();
  return true;
}

Result<void> set_sparse(Pax& pax, Record record, std::size_t max_extents) {
  record.key.remove_prefix(kSparse.size());
  pax.sparse.used = true;
  if (NACRE_TRY(set_from(kSparseFields, pax, record))) return {};
  if (record.key == "map") {
    pax.sparse.extents = NACRE_TRY(parse_map(record.value, max_extents));
    return {};
  }
  if (NACRE_TRY(set_run(pax, record, max_extents))) return {};
  // Whatever it means, it says where the file's bytes are.
  return fail(unsupported("this part of GNU's sparse format is not known"));
}

constexpr std::string_view kSchily = "SCHILY.xattr.";
constexpr std::string_view kLibarchive = "LIBARCHIVE.xattr.";

// Both kinds by the name as it is written. libarchive writes each attribute in both, with the same
// escapes, which in a SCHILY name nobody else would read: there its own record counts.
class Attributes {
 public:
  Result<bool> take(const Record& record) {
    if (record.key.starts_with(kSchily)) return take_schily(record);
    if (record.key.starts_with(kLibarchive)) return take_libarchive(record);
    return false;
  }

  [[nodiscard]] std::map<std::string, std::string> merged() && {
    std::map<std::string, std::string> all;
    for (auto& [written, value] : schily_) {
      if (!libarchive_.contains(written))
        all.insert_or_assign(decode_schily_name(written), std::move(value));
    }
    for (auto& [written, attribute] : libarchive_)
      all.insert_or_assign(std::move(attribute.first), std::move(attribute.second));
    return all;
  }

 private:
  Result<bool> take_schily(const Record& record) {
    const std::string_view written = record.key.substr(kSchily.size());
    if (written.empty()) return fail(invalid_argument("the attribute has no name"));
    schily_.insert_or_assign(std::string(written), std::string(record.value));
    return true;
  }

  Result<bool> take_libarchive(const Record& record) {
    const std::string_view written = record.key.substr(kLibarchive.size());
    auto name = decode_percent(written);
    if (!name) return fail(invalid_argument("the attribute's name has a broken escape"));
    if (name->empty()) return fail(invalid_argument("the attribute has no name"));
    auto value = decode_loose_base64(record.value);
    if (!value) return fail(invalid_argument("the attribute's value is not base64"));
    libarchive_.insert_or_assign(std::string(written),
                                 std::pair(*std::move(name), *std::move(value)));
    return true;
  }

  std::map<std::string, std::string> schily_;
  std::map<std::string, std::pair<std::string, std::string>> libarchive_;
};

Result<void> set(Pax& pax, Attributes& attributes, const Record& record, std::size_t max_extents) {
  if (record.key.contains('\0')) return fail(invalid_argument("the key contains a NUL"));
  if (NACRE_TRY(attributes.take(record))) return {};
  if (record.key.starts_with(kSparse)) return set_sparse(pax, record, max_extents);
  if (record.key == "SCHILY.realsize")
    return fail(unsupported("sparse files in star's own form are not supported"));
  static_cast<void>(NACRE_TRY(set_from(kFields, pax, record)));  // what is not known is ignored
  return {};
}

}  // namespace

Result<Pax> parse_pax(std::string_view records, std::size_t max_extents) {
  Pax pax;
  Attributes attributes;
  std::string_view rest = records;
  while (!rest.empty()) {
    const std::size_t at = records.size() - rest.size();
    const Record record =
        NACRE_TRY_CTX(take_record(rest), text::join("extended header, byte ", at));
    NACRE_TRY_CTX(
        set(pax, attributes, record, max_extents),
        text::join("extended header, byte ", at, ", ", text::quote(record.key.substr(0, 80))));
  }
  pax.xattrs = std::move(attributes).merged();
  return pax;
}

}  // namespace nacre::images::tar
