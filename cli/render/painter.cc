#include "cli/render/painter.h"

#include <chrono>

#include "base/text.h"
#include "cli/render/terminal.h"
#include "cli/render/text.h"
#include "sys/io.h"

namespace nacre::cli {
namespace {

constexpr std::chrono::milliseconds kFrame{100};

std::uint64_t milliseconds_now() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

// Progress is a courtesy: a terminal that is gone does not end the work.
void put(FdRef out, std::string_view text) { static_cast<void>(sys::write_all(out, text)); }

}  // namespace

Show choose_show(FdRef out, bool quiet) {
  if (quiet) return Show::kNothing;
  return is_terminal(out) ? Show::kBars : Show::kLines;
}

Painter::Painter(FdRef out, Show show) : out_(out), show_(show) {
  if (show_ == Show::kBars) thread_ = std::thread([this] { run(); });
}

Painter::~Painter() {
  {
    const std::lock_guard held(lock_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Painter::run() {
  std::unique_lock held(lock_);
  while (!ending_) {
    paint(false);
    changed_.wait_for(held, kFrame, [this] { return ending_; });
  }
  paint(true);
}

void Painter::set(const std::string& name, const BarState& state) {
  if (show_ == Show::kNothing) return;
  const std::lock_guard held(lock_);
  bars_.set(name, state, milliseconds_now());
  if (show_ != Show::kLines) return;
  for (const std::string& line : bars_.take_finished(1000)) put(out_, line + "\n");
}

void Painter::note(const std::string& line) {
  const std::lock_guard held(lock_);
  if (show_ != Show::kBars) return put(out_, printable(line) + "\n");
  text::append(notes_, printable(line), '\n');
}

// Back to the first line and everything below it away. A terminal that became narrower has broken
// the lines that stand there, so that they take more rows than they were.
std::string Painter::erase(std::size_t columns) const {
  std::size_t rows = 0;
  for (const std::size_t width : painted_) rows += width == 0 ? 1 : (width + columns - 1) / columns;
  if (rows == 0) return {};
  return text::join("\x1b[", rows, "A\r\x1b[J");
}

void Painter::paint(bool last) {
  const TerminalSize size = terminal_size(out_);
  // The last column stays free: some terminals break the line as soon as it is written.
  const std::size_t width = size.columns > 1 ? size.columns - 1 : 1;
  const std::size_t rows = size.rows > 2 ? size.rows - 2 : 1;
  std::string out = erase(size.columns) + notes_;
  notes_.clear();
  for (const std::string& line : bars_.take_finished(width)) text::append(out, line, '\n');
  painted_.clear();
  if (!last) {
    for (const std::string& line : bars_.lines(width, rows, milliseconds_now())) {
      text::append(out, line, '\n');
      painted_.push_back(display_width(line));
    }
  }
  if (!out.empty()) put(out_, out);
}

}  // namespace nacre::cli
