// Log lines of all parts go to one sink that the program chooses at start; by default to stderr
// through spdlog.
//
// A thin front, so that spdlog's headers cost one translation unit. Thread-safe.
#pragma once

#include <string_view>

namespace sotto {

enum class LogLevel { Debug, Info, Warning, Error };

void logMessage(LogLevel level, std::string_view text);
void setLogLevel(LogLevel lowest);

}  // namespace sotto
