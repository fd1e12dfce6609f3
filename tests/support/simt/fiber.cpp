#include "tests/support/simt/fiber.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace simt {

using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

namespace {

// Frames of kernels are small on a device; here locals live on the stack, and the sanitizers widen
// every frame several times over.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kStackBytes = 512 * 1024;
#else
constexpr std::size_t kStackBytes = 128 * 1024;
#endif

}  // namespace

Fiber::Fiber() : m_allocator(kStackBytes) {
#if defined(__SANITIZE_THREAD__)
    m_tsanFiber = __tsan_get_current_fiber();
#endif
}

Fiber::Fiber(void (*body)(void*), void* argument)
    : m_body(body), m_argument(argument), m_allocator(kStackBytes) {
    m_stack = m_allocator.allocate();
    m_stackBottom = static_cast<const char*>(m_stack.sp) - m_stack.size;
    m_stackBytes = m_stack.size;
    m_context = make_fcontext(m_stack.sp, m_stack.size, &Fiber::start);
#if defined(__SANITIZE_THREAD__)
    m_tsanFiber = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
    if (m_body == nullptr) return;
#if defined(__SANITIZE_THREAD__)
    __tsan_destroy_fiber(m_tsanFiber);
#endif
    m_allocator.deallocate(m_stack);
}

void Fiber::restart() {
#if defined(__SANITIZE_ADDRESS__)
    // What the abandoned frames had poisoned; the page at the bottom is the guard.
    constexpr std::size_t kGuardBytes = 4096;
    __asan_unpoison_memory_region(static_cast<const char*>(m_stackBottom) + kGuardBytes,
                                  m_stackBytes - kGuardBytes);
#endif
    m_fakeStack = nullptr;
    m_context = make_fcontext(m_stack.sp, m_stack.size, &Fiber::start);
}

// Runs on the stack of the fiber that was switched to.
void Fiber::arrivedFrom(Fiber& previous, void* previousContext) {
    previous.m_context = previousContext;
#if defined(__SANITIZE_ADDRESS__)
    const void* bottom = nullptr;
    std::size_t bytes = 0;
    __sanitizer_finish_switch_fiber(m_fakeStack, &bottom, &bytes);
    if (previous.m_body == nullptr) {  // an OS thread's own stack is known from here on
        previous.m_stackBottom = bottom;
        previous.m_stackBytes = bytes;
    }
#endif
}

namespace {

struct Switch {
    Fiber* from;
    Fiber* to;
};

}  // namespace

void Fiber::start(transfer_t transfer) {
    const Switch move = *static_cast<Switch*>(transfer.data);
    move.to->arrivedFrom(*move.from, transfer.fctx);
    move.to->m_body(move.to->m_argument);
}

void Fiber::switchTo(Fiber& next) {
    Switch move{this, &next};
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&m_fakeStack, next.m_stackBottom, next.m_stackBytes);
#endif
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(next.m_tsanFiber, 0);
#endif
    const transfer_t transfer = jump_fcontext(next.m_context, &move);
    const Switch back = *static_cast<Switch*>(transfer.data);
    arrivedFrom(*back.from, transfer.fctx);
}

}  // namespace simt
