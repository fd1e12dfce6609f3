// Runs kernels block by block, and the first of a programmatic one ahead of its turn.
//
// On a card (sm_90 and later) the blocks of a programmatic launch may begin while the kernels in
// front still run, and wait for them in gridDependencyWait(). Here they begin before those do and
// are parked at the wait: what a block writes before it is there when the kernel in front reads,
// and what a block reads before it is what was there before that kernel. The first and the last
// block are parked (with a seed: of the random order), the others begin in their turn, so that a
// launch ahead takes the stacks of two blocks. Used under the emulator's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/support/simt/thread_block.h"

namespace simt {

// Blocks with their fibers, lent to one kernel after the other.
using BlockPool = std::vector<std::unique_ptr<ThreadBlock>>;

// A kernel on its way. Destroyed early, it is given up.
class BegunKernel {
public:
    // orderSeed: see setThreadOrderSeed().
    BegunKernel(std::shared_ptr<const KernelRun> kernel, std::shared_ptr<BlockPool> pool,
                std::uint64_t orderSeed);
    ~BegunKernel();
    BegunKernel(const BegunKernel&) = delete;
    BegunKernel& operator=(const BegunKernel&) = delete;

    // Return the report when the kernel is wrong; the rest of it is then given up.
    std::optional<std::string> runToWait();
    std::optional<std::string> runToEnd();

    // Of the block that had most, once it has run.
    std::size_t staticSharedBytes() const { return m_staticSharedBytes; }

    // Whether its parked blocks let the next kernel in before they waited.
    bool hasTriggered() const;

private:
    struct Parked {
        std::size_t blockIndex;
        std::unique_ptr<ThreadBlock> block;
    };

    std::unique_ptr<ThreadBlock> borrow();
    void giveBack(std::unique_ptr<ThreadBlock> block);

    std::shared_ptr<const KernelRun> m_kernel;
    std::shared_ptr<BlockPool> m_pool;
    std::vector<std::size_t> m_order;  // of the blocks
    std::uint64_t m_orderSeed;
    std::mt19937_64 m_random;
    std::vector<Parked> m_parked;
    std::size_t m_staticSharedBytes = 0;
};

}  // namespace simt
