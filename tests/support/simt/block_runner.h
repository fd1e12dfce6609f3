// BlockRunner: runs one thread block after the other, a fiber per CUDA thread.
//
// A thread runs until it meets a barrier or a warp collective, then hands over directly to the next
// thread that is ready. When none is ready and some still wait, the block diverged. Used under the
// emulator's lock by one OS thread at a time; fibers stay for later blocks and launches.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <source_location>
#include <string>
#include <vector>

#include "simt/block.h"
#include "tests/support/simt/fiber.h"

namespace simt {

struct KernelRun {
    dim3 grid;
    dim3 block;
    std::size_t sharedBytes = 0;
    bool isProgrammatic = false;
    std::source_location where;  // of the launch
    const std::function<void()>* thread = nullptr;
    std::uint64_t orderSeed = 0;
};

class BlockRunner {
public:
    BlockRunner();
    ~BlockRunner();

    // Runs all blocks. Returns the report when the kernel is wrong; the rest of it is then given
    // up.
    std::optional<std::string> run(const KernelRun& kernel);

    // Called by the running thread, see simt/block.h.
    unsigned blockBarrier(bool vote, const std::source_location& where);
    void warpCollective(std::uint32_t mask, WarpFunction function, void* payload,
                        const std::source_location& where);
    [[noreturn]] void fail(std::string problem);
    void noteDependencyWait() { m_hasWaitedForDependency = true; }
    // See simt/async_copies.h.
    void startAsyncCopy(void* shared, const void* global, std::size_t bytes);
    void commitAsyncCopies() { m_current->copyGroups.push_back(m_current->copies.size()); }
    void awaitAsyncCopies(int nPending);

private:
    enum class Wait : std::uint8_t { None, Block, Warp, Ended };
    struct Warp;
    struct AsyncCopy {
        void* shared;
        const void* global;
        std::size_t bytes;
    };
    struct Lane {
        explicit Lane(BlockRunner& owner);

        Thread thread;
        BlockRunner& runner;
        Warp* warp = nullptr;
        Wait wait = Wait::None;
        const std::source_location* where = nullptr;  // of the wait
        std::uint32_t mask = 0;                       // of the warp collective waited for
        std::vector<AsyncCopy> copies;                // not yet carried out
        std::vector<std::size_t> copyGroups;          // where each committed group ends in `copies`
        Fiber fiber;
    };
    // A collective that some of its lanes have reached.
    struct Meeting {
        std::uint32_t mask = 0;
        std::uint32_t arrived = 0;  // 0: none is pending
        WarpFunction function = nullptr;
        std::source_location where;
    };
    struct Warp {
        unsigned firstThread = 0;
        std::uint32_t alive = 0;  // lanes that have not ended
        int nPending = 0;         // meetings that some lanes have reached
        std::array<void*, kWarpLanes> payloads{};
        // By the lowest lane of the mask: masks that are pending together have no lane in common.
        std::array<Meeting, kWarpLanes> meetings;
    };

    static void laneBody(void* lane);
    bool runBlock(const KernelRun& kernel, std::size_t blockIndex);
    void prepareBlock(const KernelRun& kernel, std::size_t blockIndex);
    void endThread(Lane& lane);
    void completeBlockBarrier();
    void completeMeeting(Warp& warp, Meeting& meeting);
    void release(std::vector<Lane*>& lanes);
    void waitIn(Lane& lane, Wait wait, const std::source_location& where);
    Lane* takeReady();
    void handOver(Lane& from);
    [[noreturn]] void failAtOtherBarrier(const std::source_location& where);
    [[noreturn]] void failAtOtherCollective(const Meeting& meeting, std::uint32_t mask,
                                            const std::source_location& where);
    std::string divergenceText() const;
    std::string placeText() const;
    void shuffle(std::vector<Lane*>& lanes);

    std::vector<std::unique_ptr<Lane>> m_lanes;
    std::vector<Warp> m_warps;
    std::vector<Lane*> m_ready;  // taken from the back
    std::vector<Lane*> m_released;
    std::unique_ptr<Fiber> m_main;
    Lane* m_current = nullptr;
    Block m_block;
    const KernelRun* m_kernel = nullptr;
    std::mt19937_64 m_random;
    unsigned m_nThreads = 0;
    unsigned m_nAlive = 0;
    unsigned m_nAtBarrier = 0;
    unsigned m_nVotes = 0;
    unsigned m_lastVotes = 0;
    std::source_location m_barrierWhere;
    bool m_hasWaitedForDependency = false;
    std::optional<std::string> m_report;
};

// The process's runner; null until the first launch of the emulator's lock holder.
BlockRunner& blockRunner();

}  // namespace simt
