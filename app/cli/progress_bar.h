// A progress bar on stderr with rate and time left. Shows nothing when stderr is no terminal.
//
// One thread. Redrawn at most ten times a second; removed by finish() or the destructor.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "engine/api/evaluate.h"

namespace sotto::cli {

class ProgressBar {
public:
    // `unit` follows the rate: "tokens". Empty: no rate, only percent (loading).
    ProgressBar(std::string label, std::string unit);
    ~ProgressBar() { finish(); }
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void update(std::int64_t done, std::int64_t total);
    void finish();

private:
    std::string m_label;
    std::string m_unit;
    bool m_isShown;
    bool m_isDrawn = false;
    std::chrono::steady_clock::time_point m_start;
    std::chrono::steady_clock::time_point m_lastDrawn;
};

// A sink for the engine's long calls: draws, and answers false once Ctrl-C was pressed.
ProgressSink progressSink(ProgressBar& bar);

}  // namespace sotto::cli
