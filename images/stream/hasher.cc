#include "images/stream/hasher.h"

#include <openssl/evp.h>

#include <array>

namespace nacre::images {
namespace {

const EVP_MD* implementation(Hasher::Algorithm algorithm) {
  return algorithm == Hasher::Algorithm::kSha512 ? EVP_sha512() : EVP_sha256();
}

Hasher::Algorithm algorithm_of(const oci::Digest& digest) {
  return digest.algorithm() == "sha512" ? Hasher::Algorithm::kSha512 : Hasher::Algorithm::kSha256;
}

}  // namespace

void Hasher::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Hasher::Hasher(Algorithm algorithm) : algorithm_(algorithm), context_(EVP_MD_CTX_new()) { start(); }

Hasher::Hasher(const oci::Digest& expected) : Hasher(algorithm_of(expected)) {}

void Hasher::start() {
  failed_ = context_ == nullptr ||
            EVP_DigestInit_ex(context_.get(), implementation(algorithm_), nullptr) != 1;
}

void Hasher::update(Bytes bytes) {
  if (failed_ || bytes.empty()) return;
  failed_ = EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1;
}

Result<oci::Digest> Hasher::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw;
  unsigned size = 0;
  if (failed_ || EVP_DigestFinal_ex(context_.get(), raw.data(), &size) != 1) {
    return fail(internal_error("the cryptographic library refuses to compute a digest"));
  }
  start();
  const std::string_view text(reinterpret_cast<const char*>(raw.data()), size);
  return algorithm_ == Algorithm::kSha512 ? oci::Digest::sha512(text) : oci::Digest::sha256(text);
}

}  // namespace nacre::images
