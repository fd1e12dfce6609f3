#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/process_limits.h"

namespace sotto::test {

struct FileSizeLimit::State {
    rlimit limit{};
    void (*handler)(int) = SIG_DFL;
};

FileSizeLimit::FileSizeLimit(std::uint64_t bytes) : m_state(std::make_unique<State>()) {
    ::getrlimit(RLIMIT_FSIZE, &m_state->limit);
    // The signal that comes before EFBIG would end the process.
    m_state->handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit lowered{static_cast<rlim_t>(bytes), m_state->limit.rlim_max};
    if (::setrlimit(RLIMIT_FSIZE, &lowered) != 0) m_state.reset();
}

FileSizeLimit::~FileSizeLimit() {
    if (m_state == nullptr) return;
    ::setrlimit(RLIMIT_FSIZE, &m_state->limit);
    std::signal(SIGXFSZ, m_state->handler);
}

UnprivilegedScope::UnprivilegedScope() {
    constexpr uid_t kNobody = 65534;
    m_wasRoot = ::geteuid() == 0;
    m_isActive = !m_wasRoot || ::seteuid(kNobody) == 0;
}

UnprivilegedScope::~UnprivilegedScope() {
    // Nothing to do about a failure: the tests that follow would report it.
    if (m_wasRoot && ::seteuid(0) != 0) m_isActive = false;
}

}  // namespace sotto::test
