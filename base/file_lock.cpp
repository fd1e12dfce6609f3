#include "base/file_lock.h"

#include <algorithm>
#include <fstream>
#include <utility>

namespace sotto {

std::string FileLock::lastHolder(const std::filesystem::path& path) {
    std::string holder;
    std::ifstream(path) >> holder;
    const bool isNumber = std::all_of(holder.begin(), holder.end(),
                                      [](char digit) { return digit >= '0' && digit <= '9'; });
    return isNumber ? holder : std::string();
}

FileLock::FileLock(FileLock&& other) noexcept : m_handle(std::exchange(other.m_handle, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(m_handle, other.m_handle);
    return *this;
}

}  // namespace sotto
