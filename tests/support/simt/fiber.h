// Fiber: a stack and a point to continue from. Switching goes directly from one fiber to the next.
//
// Built on Boost.Context's assembly, with the address and thread sanitizers told about every
// switch. All fibers of a run belong to one OS thread.
#pragma once

#include <cstddef>

#include <boost/context/detail/fcontext.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>

namespace simt {

class Fiber {
public:
    // The context of the calling OS thread itself.
    Fiber();
    // A new one that runs `body(argument)` when first switched to; body must not return.
    Fiber(void (*body)(void*), void* argument);
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    // Leaves the running fiber, which must be *this, for `next`; returns when something switches
    // back.
    void switchTo(Fiber& next);

    // Forgets what the fiber was doing: it starts anew at its body. Destructors on its stack do not
    // run.
    void restart();

private:
    static void start(boost::context::detail::transfer_t transfer);
    void arrivedFrom(Fiber& previous, void* previousContext);

    void (*m_body)(void*) = nullptr;
    void* m_argument = nullptr;
    void* m_context = nullptr;
    boost::context::stack_context m_stack;
    boost::context::protected_fixedsize_stack m_allocator;
    // For the sanitizers.
    const void* m_stackBottom = nullptr;
    std::size_t m_stackBytes = 0;
    void* m_fakeStack = nullptr;
    void* m_tsanFiber = nullptr;
};

}  // namespace simt
