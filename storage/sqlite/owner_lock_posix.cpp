#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "storage/sqlite/owner_lock.h"

namespace sotto::storage {

OwnerLock OwnerLock::take(const std::filesystem::path& databasePath) {
    OwnerLock lock;
    const std::string name = databasePath.string() + ".lock";
    // Not inherited by programs that this one starts: they would keep it locked.
    const int file = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return lock;
    // Also where an older program made it with more rights.
    static_cast<void>(fchmod(file, 0600));
    lock.m_file = file;
    if (flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
    lock.m_isSole = flock(file, LOCK_SH) != 0;
    return lock;
}

void OwnerLock::share() {
    if (m_file >= 0) flock(static_cast<int>(m_file), LOCK_SH);
}

OwnerLock::OwnerLock(OwnerLock&& other) noexcept
    : m_file(std::exchange(other.m_file, -1)), m_isSole(other.m_isSole) {}

OwnerLock& OwnerLock::operator=(OwnerLock&& other) noexcept {
    std::swap(m_file, other.m_file);
    std::swap(m_isSole, other.m_isSole);
    return *this;
}

OwnerLock::~OwnerLock() {
    if (m_file >= 0) close(static_cast<int>(m_file));
}

}  // namespace sotto::storage
