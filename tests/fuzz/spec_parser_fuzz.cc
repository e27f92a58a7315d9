// config.json, process.json and resources files from anyone: parse, validate, write, parse again.
//
// Whatever the bytes: no crash, one line of error text, and what was read comes back as it was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "oci-spec/runtime/parse.h"
#include "oci-spec/runtime/validate.h"
#include "oci-spec/runtime/write.h"

namespace {

using namespace nacre;

void demand(bool holds) {
  if (!holds) std::abort();
}

// One sentence, short enough to read, that can stand in one line of a log.
void check_message(const Error& error) {
  constexpr std::size_t kLongest = 2048;
  demand(error.code() == ErrorCode::kInvalidArgument);
  demand(!error.message().empty() && error.message().size() < kLongest);
  for (const char c : error.message()) demand(static_cast<unsigned char>(c) >= 0x20);
}

template <class T>
void check(Result<T> (*parse)(std::string_view), Result<void> (*validate)(const T&),
           std::string_view bytes) {
  const auto value = parse(bytes);
  if (!value) {
    check_message(value.error());
    return;
  }
  const auto again = parse(oci::to_json(*value));
  demand(again.has_value() && *again == *value);
  const auto valid = validate(*value);
  if (!valid) check_message(valid.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  check<oci::Spec>(oci::parse_spec, oci::validate, bytes);
  check<oci::Process>(oci::parse_process, oci::validate_process, bytes);
  check<oci::Resources>(oci::parse_resources, oci::validate_resources, bytes);
  return 0;
}
