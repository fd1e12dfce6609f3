// The chat templates of real models, which are not part of the repository.
#pragma once

#include <QtGlobal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace sotto::test {

// Where they lie; the folder may be missing.
inline std::filesystem::path templateFolder() {
    const QByteArray shared = qgetenv("SOTTO_SHARED");
    const std::filesystem::path root = shared.isEmpty()
                                           ? std::filesystem::path(SOTTO_SOURCE_DIR) / "../shared"
                                           : std::filesystem::path(shared.toStdString());
    return root / "data/templates";
}

inline std::string readFile(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace sotto::test
