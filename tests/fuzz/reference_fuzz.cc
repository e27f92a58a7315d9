// Any text as the name of an image: no crash, one line of error text, and what was read has a full
// and a short form that mean the same again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "images/reference/reference.h"

namespace {

using namespace nacre;
using images::Reference;
using images::Repository;

void demand(bool holds) {
  if (!holds) std::abort();
}

// One sentence, short enough to read, that can stand in one line of a log.
void check_message(const Error& error) {
  constexpr std::size_t kLongest = 1024;
  demand(error.code() == ErrorCode::kInvalidArgument);
  demand(!error.message().empty() && error.message().size() < kLongest);
  for (const char c : error.message()) demand(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

// What becomes part of addresses and file names.
bool is_harmless(std::string_view path) {
  return !path.starts_with('/') && !path.ends_with('/') &&
         path.find("..") == std::string_view::npos && path.find("//") == std::string_view::npos &&
         path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-/") ==
             std::string_view::npos;
}

void check_repository(std::string_view text) {
  const auto repository = Repository::parse(text);
  if (!repository) {
    check_message(repository.error());
    return;
  }
  constexpr std::size_t kLongest = 255;
  demand(is_harmless(repository->path()) && repository->text().size() <= kLongest);
  demand(Repository::parse(repository->text()) == *repository);
  demand(Repository::parse(repository->familiar()) == *repository);
  demand(repository->familiar().size() <= repository->text().size());
}

void check_reference(std::string_view text) {
  const auto reference = Reference::parse(text);
  if (!reference) {
    check_message(reference.error());
    return;
  }
  demand(is_harmless(reference->path()));
  demand(!reference->object().empty());
  demand(Reference::parse(reference->text()) == *reference);
  demand(Reference::parse(reference->familiar()) == *reference);
  const auto other = reference->with_tag("other");
  demand(other && other->digest().empty() && other->object() == "other");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  check_repository(text);
  check_reference(text);
  return 0;
}
