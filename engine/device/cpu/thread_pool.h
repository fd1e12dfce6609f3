// ThreadPool: persistent workers that share the chunks of one job at a time with its caller.
//
// Place: the CPU kernel set owns one; parallelFor() is called several times per layer, so meeting
// costs must stay near a microsecond: workers spin briefly for the next job and then sleep.
// Chunks are claimed one by one (a thread that the system stopped delays only its own chunk); which
// thread runs a chunk must not influence the chunk's result. Threads: one caller at a time; chunk
// functions must not call back into the pool.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

namespace sotto {

class ThreadPool {
public:
    // nThreads counts the caller; 0 means CpuInfo::defaultThreads(). Starts nThreads - 1 workers.
    explicit ThreadPool(int nThreads);
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;
    ~ThreadPool();

    // The caller included; what the constructor aims at.
    static int wantedThreads(int nThreads);
    int nThreads() const { return static_cast<int>(m_workers.size()) + 1; }

    // Calls chunk(chunkIndex, threadIndex) once for each chunkIndex in [0, nChunks), threadIndex in
    // [0, nThreads()), and returns when all are done. Allocates nothing. nChunks < 2^24.
    // What a chunk throws is rethrown here when no thread uses the job any more: of several the
    // first; chunks that nobody has begun by then are left out.
    template <typename Chunk>
    void parallelFor(std::int64_t nChunks, Chunk&& chunk) {
        using Function = std::remove_reference_t<Chunk>;
        run(nChunks, const_cast<std::remove_const_t<Function>*>(&chunk),
            [](void* function, std::int64_t chunkIndex, int threadIndex) {
                (*static_cast<Function*>(function))(chunkIndex, threadIndex);
            });
    }

private:
    using Invoke = void (*)(void* function, std::int64_t chunkIndex, int threadIndex);

    void run(std::int64_t nChunks, void* function, Invoke invoke);
    bool runOneChunk(int threadIndex);
    void keepFailure();
    bool hasOpenChunk() const;
    void workerLoop(int threadIndex);
    bool waitForWork();

    std::vector<std::thread> m_workers;

    // The job: written by the caller before the ticket is published, read only by a thread that has
    // claimed one of its chunks (so it cannot be replaced meanwhile).
    void* m_function = nullptr;
    Invoke m_invoke = nullptr;
    std::atomic<bool> m_hasFailed{false};  // then the chunks left are not called
    std::exception_ptr m_failure;  // of whoever set m_hasFailed; the caller's once all are done

    // Number of chunks << 32 | next chunk to claim. One word, so that a claim is one exchange.
    alignas(64) std::atomic<std::uint64_t> m_ticket{0};
    alignas(64) std::atomic<std::int64_t> m_nDone{0};
    alignas(64) std::atomic<std::uint32_t> m_wakeCount{0};
    std::atomic<int> m_nSleeping{0};
    std::atomic<bool> m_isStopping{false};
};

}  // namespace sotto
