// Keeps bars on the terminal up to date, in place; without a terminal, one line for each thing that
// is finished.
//
// Thread-safe. On a terminal a thread paints ten times a second, with the width that the terminal
// has at that moment; it ends with the object, which leaves finished lines and nothing else.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "cli/render/progress.h"

namespace nacre::cli {

enum class Show : std::uint8_t { kNothing, kLines, kBars };

class Painter {
 public:
  // `out` is borrowed. kBars is for a terminal.
  Painter(FdRef out, Show show);
  Painter(const Painter&) = delete;
  Painter& operator=(const Painter&) = delete;
  ~Painter();

  void set(const std::string& name, const BarState& state);
  // A line of its own above the bars; without a terminal just a line. Said whatever is shown.
  void note(const std::string& line);

 private:
  void run();
  void paint(bool last);  // with the lock held
  [[nodiscard]] std::string erase(std::size_t columns) const;

  const FdRef out_;
  const Show show_;
  std::mutex lock_;
  std::condition_variable changed_;
  Bars bars_;
  std::vector<std::size_t> painted_;  // the widths of the lines that stand there
  std::string notes_;
  bool ending_ = false;
  std::thread thread_;
};

// Bars on a terminal, lines elsewhere, nothing when `quiet`.
[[nodiscard]] Show choose_show(FdRef out, bool quiet);

}  // namespace nacre::cli
