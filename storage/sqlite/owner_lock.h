// OwnerLock: tells whether this process is the only Sotto that has a database open.
//
// An advisory lock on "<database>.lock" which the system releases when the process dies, however
// that happens. The sole owner may repair what a dead process left; all others may not, because the
// answers in state Writing could be theirs. POSIX in owner_lock_posix.cpp, Windows beside it.
#pragma once

#include <cstdint>
#include <filesystem>

namespace sotto::storage {

class OwnerLock {
public:
    // Never fails: where the file system has no locks, the caller counts as the sole owner.
    // Waits while another process holds the lock exclusively (it is repairing).
    static OwnerLock take(const std::filesystem::path& databasePath);

    OwnerLock() = default;  // holds nothing: sole owner of a database in memory
    OwnerLock(OwnerLock&& other) noexcept;
    OwnerLock& operator=(OwnerLock&& other) noexcept;
    OwnerLock(const OwnerLock&) = delete;
    OwnerLock& operator=(const OwnerLock&) = delete;
    ~OwnerLock();

    bool isSole() const { return m_isSole; }
    // Lets others in; call when repairs are done. The shared lock stays until destruction.
    void share();

private:
    std::intptr_t m_file = -1;  // descriptor or handle; -1: none
    bool m_isSole = true;
};

}  // namespace sotto::storage
