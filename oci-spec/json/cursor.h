// A value of a document together with the way that led to it, so that an error can name its place.
//
// A cursor points to its parent cursor: make them on the stack while going down, never keep one.
#pragma once

#include <string>
#include <string_view>

#include "oci-spec/json/document.h"

namespace nacre::json {

class Cursor {
 public:
  // The root of a document. `name` begins every path ("process"), or is empty.
  Cursor(const Document& document, std::string_view name) : document_(&document), key_(name) {}

  [[nodiscard]] Kind kind() const { return value().kind; }
  [[nodiscard]] bool is_null() const { return kind() == Kind::kNull; }
  [[nodiscard]] std::uint64_t number() const { return value().number; }
  // The string, or the source of a kOtherNumber.
  [[nodiscard]] std::string_view text() const { return document_->text(value()); }

  // Children of an array or object, in document order:
  //   for (auto i = at.first_child(); i != at.end_of_children(); i = at.next_child(i))
  [[nodiscard]] std::uint32_t first_child() const { return index_ + 1; }
  [[nodiscard]] std::uint32_t end_of_children() const { return value().next; }
  [[nodiscard]] std::uint32_t next_child(std::uint32_t child) const {
    return document_->at(child).next;
  }
  [[nodiscard]] std::string_view key_of(std::uint32_t child) const {
    return document_->key(document_->at(child));
  }
  [[nodiscard]] Cursor member(std::uint32_t child) const {
    return {*document_, child, this, key_of(child), 0};
  }
  [[nodiscard]] Cursor element(std::uint32_t child, std::size_t position) const {
    return {*document_, child, this, {}, position};
  }

  // linux.namespaces[2].type
  [[nodiscard]] std::string path() const;
  [[nodiscard]] std::string path_of(std::string_view missing_member) const;

  // invalid_argument: `<path>: <reason>`
  [[nodiscard]] Error error(std::string_view reason) const;
  // `<path>: expected <wanted>, got a string` (numbers and booleans are shown themselves)
  [[nodiscard]] Error unexpected(std::string_view wanted) const;
  [[nodiscard]] Result<void> expect(Kind wanted) const;

 private:
  Cursor(const Document& document, std::uint32_t index, const Cursor* parent, std::string_view key,
         std::size_t position)
      : document_(&document), index_(index), parent_(parent), key_(key), position_(position) {}

  [[nodiscard]] const Document::Value& value() const { return document_->at(index_); }

  const Document* document_;
  std::uint32_t index_ = 0;
  const Cursor* parent_ = nullptr;
  std::string_view key_;
  std::size_t position_ = 0;
};

}  // namespace nacre::json
