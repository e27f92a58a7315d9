// A JSON object as a table: one row for each key, used for reading and for writing.
//
//   template <>
//   struct Codec<oci::Root> : Object<oci::Root> {
//     static constexpr auto kFields = table<oci::Root>({
//         field<&oci::Root::path>("path", kRequired),
//         field<&oci::Root::readonly>("readonly"),
//     });
//   };
//
// Keys that are not in the table are ignored, as the runtime-spec wants ("Extensibility"). A key
// whose value is null counts as absent: Go programs write null for nil slices and pointers. Of a
// key that is given twice the last one counts. Keys are compared exactly, case included.
#pragma once

#include <array>
#include <span>

#include "oci-spec/json/codec.h"

namespace nacre::json {

enum class Presence : std::uint8_t {
  kOptional,  // may be absent; written unless it has the value of an empty struct
  kRequired,  // must be there; always written
  kAlways,    // may be absent; always written
};
inline constexpr Presence kRequired = Presence::kRequired;
inline constexpr Presence kAlways = Presence::kAlways;

// What the table must know of a member's type, without the type.
struct ValueOps {
  Result<void> (*read)(const Cursor& at, void* value);
  void (*write)(Writer& out, const void* value);
  bool (*is_default)(const void* value);
};

struct Field {
  std::string_view key;
  Presence presence = Presence::kOptional;
  void* (*value_in)(void* owner) = nullptr;
  const ValueOps* ops = nullptr;
};

Result<void> read_fields(const Cursor& at, void* owner, std::span<const Field> fields);
// The members only, so that a caller may stand between begin_object and end_object.
void write_fields(Writer& out, const void* owner, std::span<const Field> fields);

namespace detail {

template <class T>
struct MemberTraits;
template <class O, class V>
struct MemberTraits<V O::*> {
  using Owner = O;
  using Value = V;
};

template <class T>
bool is_default(const T& value) {
  return value == T{};
}

// A codec may say itself when its value need not be written.
template <class C, class T>
constexpr ValueOps kOps = {
    [](const Cursor& at, void* value) { return C::read(at, *static_cast<T*>(value)); },
    [](Writer& out, const void* value) { C::write(out, *static_cast<const T*>(value)); },
    [](const void* value) {
      if constexpr (requires { C::is_default(*static_cast<const T*>(value)); }) {
        return C::is_default(*static_cast<const T*>(value));
      } else {
        return detail::is_default(*static_cast<const T*>(value));
      }
    },
};

}  // namespace detail

// A row that knows its owner, so that table<> can refuse a row of another struct.
template <class Owner>
struct FieldOf {
  Field field;
};

template <auto kMember, class C = Codec<typename detail::MemberTraits<decltype(kMember)>::Value>>
consteval auto field(std::string_view key, Presence presence = Presence::kOptional) {
  using Traits = detail::MemberTraits<decltype(kMember)>;
  using Owner = typename Traits::Owner;
  return FieldOf<Owner>{
      {key, presence, [](void* owner) -> void* { return &(static_cast<Owner*>(owner)->*kMember); },
       &detail::kOps<C, typename Traits::Value>}};
}

// A key of the object whose value stands in a part of the struct: field_in<&Image::platform,
// &Platform::os>("os").
template <auto kPart, auto kMember,
          class C = Codec<typename detail::MemberTraits<decltype(kMember)>::Value>>
consteval auto field_in(std::string_view key, Presence presence = Presence::kOptional) {
  using Owner = typename detail::MemberTraits<decltype(kPart)>::Owner;
  using Value = typename detail::MemberTraits<decltype(kMember)>::Value;
  return FieldOf<Owner>{
      {key, presence,
       [](void* owner) -> void* { return &((static_cast<Owner*>(owner)->*kPart).*kMember); },
       &detail::kOps<C, Value>}};
}

// A key whose codec needs the whole struct.
template <class Owner, class C>
consteval FieldOf<Owner> field_of_whole(std::string_view key) {
  return {{key, Presence::kOptional, [](void* owner) { return owner; }, &detail::kOps<C, Owner>}};
}

inline constexpr std::size_t kMostFields = 32;

template <class Owner, std::size_t kCount>
consteval std::array<Field, kCount> table(const FieldOf<Owner> (&rows)[kCount]) {
  static_assert(kCount <= kMostFields);
  std::array<Field, kCount> fields{};
  for (std::size_t i = 0; i < kCount; ++i) fields[i] = rows[i].field;
  return fields;
}

// Base of a Codec whose table stands in it, as kFields.
template <class T>
struct Object {
  static Result<void> read(const Cursor& at, T& out) {
    return read_fields(at, &out, Codec<T>::kFields);
  }
  static void write(Writer& out, const T& value) {
    out.begin_object();
    write_fields(out, &value, Codec<T>::kFields);
    out.end_object();
  }
};

// Base of a Codec that several files use: the one that has the table defines fields().
template <class T>
struct SharedObject {
  static std::span<const Field> fields();
  static Result<void> read(const Cursor& at, T& out) { return read_fields(at, &out, fields()); }
  static void write(Writer& out, const T& value) {
    out.begin_object();
    write_fields(out, &value, fields());
    out.end_object();
  }
};

}  // namespace nacre::json
