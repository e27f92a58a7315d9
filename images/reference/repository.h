// Where an image is kept: a registry and a path there, without saying which of its images is meant.
//
//   debian                  docker.io/library/debian
//   team/app                docker.io/team/app
//   localhost:5000/app      localhost:5000/app
//
// The first of several parts is a host if it has a dot or a colon or is "localhost". Values are
// copied freely; thread-safe while nobody assigns to them.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nacre::images {

class Repository {
 public:
  // As people write it, in short or in full; a tag or a digest is an error. invalid_argument, one
  // sentence that says what is wrong with the name. The grammar is Docker's and the
  // distribution-spec's; host and path together have at most 255 characters.
  [[nodiscard]] static Result<Repository> parse(std::string_view text);

  [[nodiscard]] const std::string& host() const { return host_; }  // "localhost:5000", lower case
  [[nodiscard]] const std::string& path() const { return path_; }  // "library/debian"
  [[nodiscard]] std::string text() const;                          // "docker.io/library/debian"
  // The shortest name that means the same: parse(familiar()) gives this repository.
  [[nodiscard]] std::string familiar() const;

  friend bool operator==(const Repository&, const Repository&) = default;
  friend auto operator<=>(const Repository&, const Repository&) = default;

 private:
  friend class Reference;
  Repository(std::string host, std::string path) : host_(std::move(host)), path_(std::move(path)) {}
  // The same with an error that is a reason without a subject.
  static Result<Repository> read(std::string_view text);

  std::string host_;
  std::string path_;
};

}  // namespace nacre::images
