// Pieces of image documents for the tests of this folder.
#pragma once

#include <string>
#include <string_view>

#include "oci-spec/image/descriptor.h"
#include "tests/support/result_matchers.h"

namespace nacre::test {

// "sha256:" and 64 times this digit.
std::string digest_text(char digit);
oci::Digest digest(char digit);

// {"mediaType":...,"digest":...,"size":...} and, if not empty, further members.
std::string descriptor(std::string_view media_type, char digit, std::string_view more = {});

// An image's manifest with two layers; `more` are further members.
std::string manifest(std::string_view more = {});
// An index with one entry for linux/amd64.
std::string index(std::string_view more = {});

}  // namespace nacre::test
