#include "app/core/product_memory_file.h"

#include <fstream>
#include <string_view>

#include "base/log.h"
#include "base/text_file.h"

namespace sotto::app {
namespace {

constexpr std::string_view kHeader = "sotto " SOTTO_VERSION " products";
// A machine has a few cards, a card a few dozen shapes.
constexpr std::size_t kMostLines = 10'000;

}  // namespace

std::filesystem::path productMemoryPath(const std::filesystem::path& cacheFolder) {
    return cacheFolder.empty() ? cacheFolder : cacheFolder / "sotto-products.txt";
}

std::optional<bool> ProductMemoryFile::isLibraryFaster(const std::string& key) {
    read();
    const auto found = m_known.find(key);
    return found == m_known.end() ? std::nullopt : std::optional(found->second);
}

void ProductMemoryFile::keep(const std::string& key, bool isLibraryFaster) {
    read();
    m_known[key] = isLibraryFaster;
    if (m_path.empty()) return;
    if (const Status written = write(); !written)
        logMessage(LogLevel::Info, "What was measured is not kept: " + written.error().message);
}

void ProductMemoryFile::read() {
    if (std::exchange(m_isRead, true) || m_path.empty()) return;
    std::ifstream file(m_path);
    std::string line;
    if (!std::getline(file, line) || line != kHeader) return;
    // "library<tab>key" or "own<tab>key"; anything else says nothing.
    while (m_known.size() < kMostLines && std::getline(file, line)) {
        const std::size_t tab = line.find('\t');
        if (tab == std::string::npos) continue;
        const std::string_view way(line.data(), tab);
        if (way == "library" || way == "own") m_known[line.substr(tab + 1)] = way == "library";
    }
}

Status ProductMemoryFile::write() const {
    std::error_code ignored;  // the file says it better
    std::filesystem::create_directories(m_path.parent_path(), ignored);
    std::string text(kHeader);
    text += '\n';
    for (const auto& [key, isLibrary] : m_known)
        text += (isLibrary ? "library\t" : "own\t") + key + '\n';
    return writeTextFile(m_path, text);
}

}  // namespace sotto::app
