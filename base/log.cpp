#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace sotto {
namespace {

spdlog::level::level_enum spdlogLevel(LogLevel level) {
    switch (level) {
        case LogLevel::Debug: return spdlog::level::debug;
        case LogLevel::Info: return spdlog::level::info;
        case LogLevel::Warning: return spdlog::level::warn;
        case LogLevel::Error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

// spdlog's own registry keeps the logger; stdout is left to the programs' results.
std::shared_ptr<spdlog::logger> programLogger() {
    static const std::shared_ptr<spdlog::logger> logger = [] {
        auto created = std::make_shared<spdlog::logger>(
            "sotto", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        created->set_level(spdlog::level::warn);
        created->set_pattern("%H:%M:%S %l %v");
        return created;
    }();
    return logger;
}

}  // namespace

void logMessage(LogLevel level, std::string_view text) {
    programLogger()->log(spdlogLevel(level), text);
}

void setLogLevel(LogLevel lowest) { programLogger()->set_level(spdlogLevel(lowest)); }

}  // namespace sotto
