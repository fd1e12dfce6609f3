#include "tests/support/simt/block_runner.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace simt {

BegunKernel::BegunKernel(std::shared_ptr<const KernelRun> kernel, std::shared_ptr<BlockPool> pool,
                         std::uint64_t orderSeed)
    : m_kernel(std::move(kernel)),
      m_pool(std::move(pool)),
      m_order(m_kernel->nBlocks()),
      m_orderSeed(orderSeed),
      m_random(orderSeed) {
    std::iota(m_order.begin(), m_order.end(), std::size_t{0});
    if (m_orderSeed != 0) std::shuffle(m_order.begin(), m_order.end(), m_random);
}

BegunKernel::~BegunKernel() {
    for (Parked& parked : m_parked) giveBack(std::move(parked.block));
}

std::unique_ptr<ThreadBlock> BegunKernel::borrow() {
    std::unique_ptr<ThreadBlock> block;
    if (m_pool->empty()) {
        block = std::make_unique<ThreadBlock>();
    } else {
        block = std::move(m_pool->back());
        m_pool->pop_back();
    }
    block->beginKernel(*m_kernel, m_orderSeed != 0 ? &m_random : nullptr);
    return block;
}

void BegunKernel::giveBack(std::unique_ptr<ThreadBlock> block) {
    if (block == nullptr) return;
    m_staticSharedBytes = std::max(m_staticSharedBytes, block->staticSharedBytes());
    block->endKernel();
    m_pool->push_back(std::move(block));
}

std::optional<std::string> BegunKernel::runToWait() {
    for (const std::size_t blockIndex : {m_order.front(), m_order.back()}) {
        if (!m_parked.empty() && m_parked.front().blockIndex == blockIndex) break;
        m_parked.push_back({blockIndex, borrow()});
        std::optional<std::string> report = m_parked.back().block->runToWait(blockIndex);
        if (report) return report;
    }
    return std::nullopt;
}

bool BegunKernel::hasTriggered() const {
    return std::all_of(m_parked.begin(), m_parked.end(),
                       [](const Parked& parked) { return parked.block->hasTriggered(); });
}

std::optional<std::string> BegunKernel::runToEnd() {
    std::optional<std::string> report;
    std::unique_ptr<ThreadBlock> inTurn = borrow();
    for (const std::size_t blockIndex : m_order) {
        const auto parked = std::find_if(m_parked.begin(), m_parked.end(), [&](const Parked& one) {
            return one.blockIndex == blockIndex;
        });
        report = parked == m_parked.end() ? inTurn->run(blockIndex) : parked->block->resume();
        if (report) break;
    }
    giveBack(std::move(inTurn));
    for (const Parked& parked : m_parked)
        m_staticSharedBytes = std::max(m_staticSharedBytes, parked.block->staticSharedBytes());
    return report;
}

}  // namespace simt
