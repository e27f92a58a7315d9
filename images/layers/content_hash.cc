#include "images/layers/content_hash.h"

#include <isa-l/crc64.h>

#include <array>

namespace nacre::images::layers {
namespace {

constexpr std::uint64_t kPolynomial = 0xc96c5795d7870f42;  // reflected: bit 63 is x^0
constexpr std::uint64_t kOne = std::uint64_t{1} << 63U;

constexpr std::uint64_t times_x(std::uint64_t a) {
  return (a & 1U) != 0 ? (a >> 1U) ^ kPolynomial : a >> 1U;
}

// a(x) * b(x) modulo the polynomial.
constexpr std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  for (std::uint64_t bit = kOne; bit != 0; bit >>= 1U) {
    if ((b & bit) != 0) product ^= a;
    a = times_x(a);
  }
  return product;
}

// At place n: x^(8 * 2^n), which is what 2^n zero bytes multiply a CRC by.
constexpr std::array<std::uint64_t, 64> make_powers() {
  std::array<std::uint64_t, 64> powers{};
  std::uint64_t power = kOne;
  for (int i = 0; i < 8; ++i) power = times_x(power);
  for (std::uint64_t& slot : powers) {
    slot = power;
    power = multiply(power, power);
  }
  return powers;
}
constexpr std::array<std::uint64_t, 64> kPowers = make_powers();

}  // namespace

void ContentHash::update(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  value_ =
      crc64_ecma_refl(value_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

void ContentHash::update_zeros(std::uint64_t count) {
  // The register is kept inverted between calls, zeros act on what is in it.
  std::uint64_t reg = ~value_;
  for (std::size_t bit = 0; count != 0; ++bit, count >>= 1U) {
    if ((count & 1U) != 0) reg = multiply(reg, kPowers[bit]);
  }
  value_ = ~reg;
}

}  // namespace nacre::images::layers
