#include "engine/device/cpu/thread_pool.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/cpu_features.h"
#include "base/log.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sotto {
namespace {

// About 50-100 microseconds of pauses: longer than the gaps between the jobs of one step, far
// shorter than the gap between two answers.
constexpr int kSpinsBeforeSleep = 2000;
// The caller waits for chunks already under way; after this many pauses it offers its core to
// whoever the system stopped in the middle of one.
constexpr int kSpinsBeforeYield = 1000;

void pauseBriefly() {
#if defined(__x86_64__)
    _mm_pause();
#else
    std::this_thread::yield();
#endif
}

constexpr std::uint64_t kNextMask = 0xffffffffu;

}  // namespace

int ThreadPool::wantedThreads(int nThreads) {
    return std::max(1, nThreads > 0 ? nThreads : cpuInfo().defaultThreads());
}

ThreadPool::ThreadPool(int nThreads) {
    const int nWanted = wantedThreads(nThreads);
    m_workers.reserve(static_cast<std::size_t>(nWanted - 1));
    try {
        for (int threadIndex = 1; threadIndex < nWanted; ++threadIndex)
            m_workers.emplace_back([this, threadIndex] { workerLoop(threadIndex); });
    } catch (const std::system_error& refused) {
        // A limit on threads makes answers slower, not impossible.
        logMessage(LogLevel::Warning, std::string("The system refuses another thread: ") +
                                          refused.what() + "; working with " +
                                          std::to_string(m_workers.size() + 1) + ".");
    }
}

ThreadPool::~ThreadPool() {
    m_isStopping.store(true);
    m_wakeCount.fetch_add(1);
    m_wakeCount.notify_all();
    for (std::thread& worker : m_workers) worker.join();
}

void ThreadPool::run(std::int64_t nChunks, void* function, Invoke invoke) {
    if (nChunks <= 0) return;
    if (m_workers.empty() || nChunks == 1) {
        for (std::int64_t chunkIndex = 0; chunkIndex < nChunks; ++chunkIndex)
            invoke(function, chunkIndex, 0);
        return;
    }
    SOTTO_DCHECK(nChunks < (std::int64_t{1} << 24));
    m_function = function;
    m_invoke = invoke;
    m_hasFailed.store(false, std::memory_order_relaxed);
    m_nDone.store(0, std::memory_order_relaxed);
    // Sequentially consistent against waitForWork(): either the worker sees this job before it
    // sleeps, or we see that it sleeps and wake it.
    m_ticket.store(static_cast<std::uint64_t>(nChunks) << 32);
    if (m_nSleeping.load() > 0) {
        m_wakeCount.fetch_add(1);
        m_wakeCount.notify_all();
    }
    while (runOneChunk(0)) {
    }
    int nSpins = 0;
    while (m_nDone.load(std::memory_order_acquire) != nChunks) {
        if (++nSpins < kSpinsBeforeYield)
            pauseBriefly();
        else
            std::this_thread::yield();
    }
    if (m_failure) std::rethrow_exception(std::exchange(m_failure, nullptr));
}

bool ThreadPool::hasOpenChunk() const {
    const std::uint64_t ticket = m_ticket.load();
    return (ticket & kNextMask) < (ticket >> 32);
}

bool ThreadPool::runOneChunk(int threadIndex) {
    std::uint64_t ticket = m_ticket.load(std::memory_order_acquire);
    do {
        if ((ticket & kNextMask) >= (ticket >> 32)) return false;
    } while (!m_ticket.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel,
                                             std::memory_order_acquire));
    // The function lies in the frame of run()'s caller, which must stay until every chunk is
    // counted: no exception may leave here, on no thread.
    if (!m_hasFailed.load(std::memory_order_relaxed)) {
        try {
            m_invoke(m_function, static_cast<std::int64_t>(ticket & kNextMask), threadIndex);
        } catch (...) {
            keepFailure();
        }
    }
    m_nDone.fetch_add(1, std::memory_order_release);
    return true;
}

void ThreadPool::keepFailure() {
    if (!m_hasFailed.exchange(true, std::memory_order_relaxed))
        m_failure = std::current_exception();
}

void ThreadPool::workerLoop(int threadIndex) {
    while (waitForWork()) {
        while (runOneChunk(threadIndex)) {
        }
    }
}

// Returns false when the pool ends.
bool ThreadPool::waitForWork() {
    for (int nSpins = 0; nSpins < kSpinsBeforeSleep; ++nSpins) {
        if (hasOpenChunk()) return true;
        if (m_isStopping.load(std::memory_order_relaxed)) return false;
        pauseBriefly();
    }
    const std::uint32_t wakeCount = m_wakeCount.load();
    m_nSleeping.fetch_add(1);
    if (!hasOpenChunk() && !m_isStopping.load()) m_wakeCount.wait(wakeCount);
    m_nSleeping.fetch_sub(1);
    return !m_isStopping.load();
}

}  // namespace sotto
