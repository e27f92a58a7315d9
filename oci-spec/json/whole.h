// A whole document: bytes to a value and back. For codec files; T needs a Codec.
#pragma once

#include "oci-spec/json/codec.h"

namespace nacre::json {

// `name` begins the paths in messages, or is empty.
template <class T>
Result<T> parse_document(std::string_view bytes, std::string_view name, const Limits& limits = {}) {
  const Document document = NACRE_TRY(Document::parse(bytes, limits));
  T out;
  NACRE_TRY(Codec<T>::read(Cursor(document, name), out));
  return out;
}

template <class T>
std::string write_document(const T& value, std::string_view indent) {
  Writer out(indent);
  Codec<T>::write(out, value);
  return std::move(out).take();
}

}  // namespace nacre::json
