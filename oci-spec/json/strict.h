// Objects that nobody may read in two ways.
//
// Where a digest says what a document is, everybody who reads it has to see the same in it. Readers
// differ in what they make of a key that is given twice, and of "Layers" beside "layers": Go's
// decoder takes both for the same field. Such keys are errors here, at the cost of refusing
// documents that fields.h would take.
#pragma once

#include "oci-spec/json/fields.h"

namespace nacre::json {

// Refuses a key given twice, and one that is a field's but for the case of its letters.
Result<void> check_keys(const Cursor& at, std::span<const Field> fields);

// Base of a Codec like SharedObject, with check_keys().
template <class T>
struct StrictObject {
  static std::span<const Field> fields();
  static Result<void> read(const Cursor& at, T& out) {
    NACRE_TRY(at.expect(Kind::kObject));
    NACRE_TRY(check_keys(at, fields()));
    return read_fields(at, &out, fields());
  }
  static void write(Writer& out, const T& value) {
    out.begin_object();
    write_fields(out, &value, fields());
    out.end_object();
  }
};

// Refuses an array of more than `most` elements, before any is read; anything but an array too.
Result<void> check_count(const Cursor& at, std::size_t most);

// A list of at most kMost elements.
template <class T, std::size_t kMost>
struct AtMost : Codec<std::vector<T>> {
  static Result<void> read(const Cursor& at, std::vector<T>& out) {
    NACRE_TRY(check_count(at, kMost));
    return Codec<std::vector<T>>::read(at, out);
  }
};

}  // namespace nacre::json
