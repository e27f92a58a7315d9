// Where an archive goes: standard output, or a file that appears under its name when it is whole.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "images/stream/file.h"
#include "sys/fds.h"

namespace nacre::cli {

class OutputFile {
 public:
  // "" is standard output, which may not be a terminal. What is there and is no regular file (a
  // device, a pipe) is written to as it is.
  [[nodiscard]] static Result<OutputFile> open(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  // A file that was not kept is gone.
  ~OutputFile();

  [[nodiscard]] images::Sink& sink() { return *sink_; }
  // Gives the file its name, over what had it before.
  [[nodiscard]] Result<void> keep();

 private:
  OutputFile() = default;
  [[nodiscard]] static Result<OutputFile> over(const std::string& path);

  UniqueFd file_;
  std::string path_, temporary_;  // empty: nothing to be renamed
  std::unique_ptr<images::FileSink> sink_;
};

}  // namespace nacre::cli
