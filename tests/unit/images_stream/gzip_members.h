// gzip members made by hand, byte by byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nacre::images {

inline std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

inline std::string little_endian(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i, value >>= 8U) out += static_cast<char>(value & 0xFFU);
  return out;
}

// A header with any of the optional fields.
inline std::string gzip_header(unsigned flags = 0) {
  std::string header = {'\x1F', '\x8B', 8, static_cast<char>(flags), 1, 2, 3, 4, 2, 3};
  if ((flags & 4U) != 0) header += little_endian(5, 2) + "extra";
  if ((flags & 8U) != 0) header += std::string("layer.tar") + '\0';
  if ((flags & 16U) != 0) header += std::string("a comment") + '\0';
  if ((flags & 2U) != 0) header += little_endian(crc32(header) & 0xFFFFU, 2);
  return header;
}

// One stored block (RFC 1951, 3.2.4): nothing is left to a compressor.
inline std::string stored_block(std::string_view data, bool last = true) {
  const auto size = static_cast<std::uint32_t>(data.size());
  return std::string(1, last ? '\1' : '\0') + little_endian(size, 2) + little_endian(~size, 2) +
         std::string(data);
}

inline std::string gzip_trailer(std::string_view data) {
  return little_endian(crc32(data), 4) + little_endian(static_cast<std::uint32_t>(data.size()), 4);
}

inline std::string gzip_member(std::string_view data, unsigned flags = 0) {
  return gzip_header(flags) + stored_block(data) + gzip_trailer(data);
}

}  // namespace nacre::images
