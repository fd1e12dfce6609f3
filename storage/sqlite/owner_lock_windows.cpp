#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <utility>

#include "storage/sqlite/owner_lock.h"

namespace sotto::storage {
namespace {

bool lockFirstByte(HANDLE file, DWORD flags) {
    OVERLAPPED place{};
    return LockFileEx(file, flags, 0, 1, 0, &place) != 0;
}

}  // namespace

OwnerLock OwnerLock::take(const std::filesystem::path& databasePath) {
    OwnerLock lock;
    const std::wstring name = databasePath.wstring() + L".lock";
    const HANDLE file =
        CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                    nullptr, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE) return lock;
    lock.m_file = reinterpret_cast<std::intptr_t>(file);
    if (lockFirstByte(file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY)) return lock;
    lock.m_isSole = !lockFirstByte(file, 0);
    return lock;
}

void OwnerLock::share() {
    if (m_file == -1 || !m_isSole) return;
    const HANDLE file = reinterpret_cast<HANDLE>(m_file);
    // Windows cannot turn an exclusive lock into a shared one: take the second, drop the first.
    lockFirstByte(file, 0);
    OVERLAPPED place{};
    UnlockFileEx(file, 0, 1, 0, &place);
}

OwnerLock::OwnerLock(OwnerLock&& other) noexcept
    : m_file(std::exchange(other.m_file, -1)), m_isSole(other.m_isSole) {}

OwnerLock& OwnerLock::operator=(OwnerLock&& other) noexcept {
    std::swap(m_file, other.m_file);
    std::swap(m_isSole, other.m_isSole);
    return *this;
}

OwnerLock::~OwnerLock() {
    if (m_file != -1) CloseHandle(reinterpret_cast<HANDLE>(m_file));
}

}  // namespace sotto::storage
