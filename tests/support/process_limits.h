// Making the system refuse things, for tests of disk-full and permission errors.
//
// POSIX in process_limits_posix.cpp; the Windows twin cannot and says so through isActive().
#pragma once

#include <cstdint>
#include <memory>

namespace sotto::test {

// While it lives, no file of this process may grow past `bytes`: writes fail with EFBIG.
class FileSizeLimit {
public:
    explicit FileSizeLimit(std::uint64_t bytes);
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit();
    bool isActive() const { return m_state != nullptr; }

private:
    struct State;
    std::unique_ptr<State> m_state;
};

// While it lives, root acts as "nobody", so that permissions count; for others it changes nothing.
class UnprivilegedScope {
public:
    UnprivilegedScope();
    UnprivilegedScope(const UnprivilegedScope&) = delete;
    UnprivilegedScope& operator=(const UnprivilegedScope&) = delete;
    ~UnprivilegedScope();
    bool isActive() const { return m_isActive; }

private:
    bool m_isActive = false;
    bool m_wasRoot = false;
};

}  // namespace sotto::test
