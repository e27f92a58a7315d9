// Two oracles for the filters under test: libseccomp driven as runc drives it, and a plain reading
// of the profile.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oci-spec/runtime/spec.h"

namespace nacre::test {

struct LibseccompFilter {
  int error = 0;  // what a rule was refused with (EEXIST: contradiction); then there is no filter
  std::vector<sock_filter> filter;
};

// `native` is the SCMP_ARCH_* token that counts as native; a foreign byte order is put right.
LibseccompFilter libseccomp_filter(const oci::Seccomp& spec, std::uint32_t native,
                                   unsigned optimize = 1);

// SCMP_ARCH_* of OCI's word; 0 when libseccomp has none.
std::uint32_t arch_token(const std::string& oci_word);

// The verdict word of an action of the spec.
std::uint32_t action_word(const std::string& action, std::optional<std::uint32_t> errno_ret);

// What the profile says about one call when no rules of different verdicts speak about it: the
// verdict of whichever rule holds, else the default action. Says nothing about numbers the profile
// cannot know.
std::uint32_t plain_verdict(const oci::Seccomp& spec, std::uint32_t token, bool is_64bit,
                            const seccomp_data& data);

}  // namespace nacre::test
