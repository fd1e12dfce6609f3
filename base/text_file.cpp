#include "base/text_file.h"

#include <fstream>
#include <span>
#include <system_error>

namespace sotto {

std::optional<std::string> readTextFile(const std::filesystem::path& path,
                                        std::uintmax_t maxBytes) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error) || error) return std::nullopt;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error || size > maxBytes) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    std::string text(static_cast<std::size_t>(size), '\0');
    if (!file.read(text.data(), static_cast<std::streamsize>(size))) return std::nullopt;
    return text;
}

Status writeTextFile(const std::filesystem::path& path, std::string_view text,
                     const AtomicFileOptions& options) {
    SOTTO_ASSIGN(AtomicFile file, AtomicFile::create(path, options));
    SOTTO_TRY(file.append(std::as_bytes(std::span(text.data(), text.size()))));
    return file.commit();
}

}  // namespace sotto
