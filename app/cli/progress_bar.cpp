#include "app/cli/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "app/cli/platform.h"

namespace sotto::cli {

namespace {

constexpr std::chrono::milliseconds kRedrawInterval{100};
constexpr int kBarWidth = 24;  // columns; the whole line stays below 80

std::string durationText(double seconds) {
    const auto whole = static_cast<std::int64_t>(seconds + 0.5);
    if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

ProgressBar::ProgressBar(std::string label, std::string unit)
    : m_label(std::move(label)),
      m_unit(std::move(unit)),
      m_isShown(isStderrTerminal()),
      m_start(std::chrono::steady_clock::now()) {}

void ProgressBar::update(std::int64_t done, std::int64_t total) {
    if (!m_isShown || total <= 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (m_isDrawn && now - m_lastDrawn < kRedrawInterval && done < total) return;
    m_lastDrawn = now;
    m_isDrawn = true;
    const double fraction =
        std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
    const int nFilled = static_cast<int>(fraction * kBarWidth);
    const double seconds = std::chrono::duration<double>(now - m_start).count();
    std::string line = fmt::format("\r\x1b[K{} [{:#<{}}{:.<{}}] {:3.0f} %", m_label, "", nFilled,
                                   "", kBarWidth - nFilled, fraction * 100);
    if (!m_unit.empty() && seconds > 0) {
        line += fmt::format("  {:.1f} {}/s", static_cast<double>(done) / seconds, m_unit);
    }
    // Too early to tell before a second has passed.
    if (fraction > 0 && seconds > 1) {
        line += "  ETA " + durationText(seconds / fraction - seconds);
    }
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
}

void ProgressBar::finish() {
    if (!m_isDrawn) return;
    m_isDrawn = false;
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
}

ProgressSink progressSink(ProgressBar& bar) {
    return [&bar](std::int64_t done, std::int64_t total) {
        bar.update(done, total);
        return !isInterrupted();
    };
}

}  // namespace sotto::cli
