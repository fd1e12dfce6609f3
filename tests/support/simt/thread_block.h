// ThreadBlock: one block of a kernel at a time, a fiber per CUDA thread.
//
// A thread runs until it meets a barrier or a warp collective, then hands over directly to the next
// thread that is ready. When none is ready and some still wait, the block diverged; or, before a
// programmatic kernel's turn, it is parked at gridDependencyWait(). Owned by the kernel that it is
// lent to (block_runner.h), used under the emulator's lock; fibers stay for later blocks.
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

// What a launch leaves to static shared memory where it has dynamic too: the card's 48 KiB, and
// what it has at most, hold both.
inline constexpr std::size_t kStaticBesideDynamic = 8 * 1024;

// A launch that has passed its checks.
struct KernelRun {
    const void* kernel = nullptr;
    dim3 grid;
    dim3 block;
    std::size_t sharedBytes = 0;
    bool isProgrammatic = false;
    std::source_location where;  // of the launch
    std::function<void()> thread;

    std::size_t nBlocks() const { return std::size_t{grid.x} * grid.y * grid.z; }
};

class ThreadBlock {
public:
    ThreadBlock() = default;
    ~ThreadBlock() { endKernel(); }
    ThreadBlock(const ThreadBlock&) = delete;
    ThreadBlock& operator=(const ThreadBlock&) = delete;

    // For the blocks of this kernel from now on; both outlive them. random: the order in which
    // threads take turns; null: ascending.
    void beginKernel(const KernelRun& kernel, std::mt19937_64* random);
    // Gives up what still runs, and the block's memory.
    void endKernel();

    // A block of the kernel from its start: to its end, or only as far as its threads come before
    // they wait for the kernel in front. Returns the report when the kernel is wrong.
    std::optional<std::string> run(std::size_t blockIndex);
    std::optional<std::string> runToWait(std::size_t blockIndex);
    // The rest of a block that was parked.
    std::optional<std::string> resume();

    // Of the static shared variables that the kernel's blocks have come across.
    std::size_t staticSharedBytes() const;

    // Whether the block has let the next kernel in.
    bool hasTriggered() const { return m_hasTriggered; }

    // Called by the running thread, see simt/block.h.
    unsigned blockBarrier(bool vote, const std::source_location& where);
    void warpCollective(std::uint32_t mask, WarpFunction function, void* payload,
                        const std::source_location& where);
    void* sharedVariable(const void* key, std::size_t bytes);
    [[noreturn]] void fail(std::string problem);
    void dependencyWait();
    void dependencyLaunch() { m_hasTriggered = true; }
    // See simt/async_copies.h.
    void startAsyncCopy(void* shared, const void* global, std::size_t bytes);
    void commitAsyncCopies() { m_current->copyGroups.push_back(m_current->copies.size()); }
    void awaitAsyncCopies(int nPending);

private:
    enum class Wait : std::uint8_t { None, Block, Warp, Dependency, Ended };
    struct Warp;
    struct AsyncCopy {
        void* shared;
        const void* global;
        std::size_t bytes;
        std::vector<std::byte> early;  // what was there before the kernel in front ran, if parked
    };
    struct Lane {
        explicit Lane(ThreadBlock& block);

        Thread thread;
        ThreadBlock& owner;
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
    // A static shared variable; its memory serves one block of the kernel after the other.
    struct SharedVariable {
        const void* key;
        std::size_t bytes;
        std::byte* memory;
        bool isOfThisBlock;
    };

    static void laneBody(void* lane);
    void prepare(std::size_t blockIndex);
    std::optional<std::string> continueThreads();
    void giveUp();
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

    std::vector<std::unique_ptr<Lane>> m_lanes;
    std::vector<Warp> m_warps;
    std::vector<SharedVariable> m_shared;
    std::vector<Lane*> m_ready;  // taken from the back
    std::vector<Lane*> m_released;
    std::unique_ptr<Fiber> m_main;
    Lane* m_current = nullptr;
    Block m_block;
    const KernelRun* m_kernel = nullptr;
    std::mt19937_64* m_random = nullptr;
    unsigned m_nThreads = 0;
    unsigned m_nAlive = 0;
    unsigned m_nAtBarrier = 0;
    unsigned m_nVotes = 0;
    unsigned m_lastVotes = 0;
    unsigned m_nParked = 0;  // threads in gridDependencyWait()
    std::source_location m_barrierWhere;
    bool m_isParking = false;
    bool m_hasWaited = false;
    bool m_hasTriggered = false;
    std::optional<std::string> m_report;
};

}  // namespace simt
