// Where the shared data folder lies (third-party files that are not committed): SOTTO_SHARED, or
// ../shared beside the repository.
#pragma once

#include <QtTest/QtTest>

#include <cstdlib>
#include <filesystem>

namespace sotto::test {

inline std::filesystem::path sharedFolder() {
    if (const char* const chosen = std::getenv("SOTTO_SHARED"); chosen != nullptr && *chosen != 0)
        return chosen;
    return std::filesystem::path(SOTTO_SOURCE_DIR).parent_path() / "shared";
}

}  // namespace sotto::test

// Skips the running test function, visibly, unless the shared folder has this file or folder.
#define SOTTO_NEEDS_SHARED(relativePath)                                                   \
    do {                                                                                   \
        const auto sottoNeeded = ::sotto::test::sharedFolder() / (relativePath);           \
        if (!std::filesystem::exists(sottoNeeded))                                         \
            QSKIP(qPrintable(QStringLiteral("needs the shared data %1 (set SOTTO_SHARED)") \
                                 .arg(QString::fromStdString(sottoNeeded.string()))));     \
    } while (false)
