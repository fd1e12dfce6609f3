// MemoryPrefixStore: a prefix store that keeps what it is given in memory, written at once and read
// on a thread of its own; readings can be held back, and what is kept can be spoiled.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "engine/api/prefix_store.h"

namespace sotto::test {

class MemoryPrefixStore final : public PrefixStore {
public:
    MemoryPrefixStore() : m_thread([this] { run(); }) {}
    ~MemoryPrefixStore() override {
        {
            const std::lock_guard lock(m_mutex);
            m_isClosing = true;
        }
        m_changed.notify_all();
        m_thread.join();
    }

    HashKey key() const override { return {std::byte{7}}; }
    std::size_t find(std::span<const ChainDigest> chain) const override {
        const std::lock_guard lock(m_mutex);
        std::size_t count = 0;
        while (count < chain.size() && m_blocks.contains(chain[count])) ++count;
        return count;
    }
    bool isKnown(const ChainDigest& chain) const override { return find({&chain, 1}) == 1; }
    double readRate() const override { return rate; }
    Taking taking(std::size_t, Pace) const override { return isTaking; }
    void write(std::uint64_t owner, PrefixBlock block) override {
        const std::lock_guard lock(m_mutex);
        m_owners[owner] = block.chain;
        m_blocks.emplace(block.chain, std::move(block));
    }
    void own(std::uint64_t owner, std::span<const ChainDigest> chain) override {
        const std::lock_guard lock(m_mutex);
        if (!chain.empty()) m_owned.emplace_back(owner, chain.size());
        m_changed.notify_all();
    }
    void read(std::vector<ChainDigest> chain, BlockMemory, BlockSink sink) override {
        const std::lock_guard lock(m_mutex);
        m_reads.emplace_back(std::move(chain), std::move(sink));
        m_changed.notify_all();
    }

    // Owner and blocks of each time that a whole request was written.
    std::vector<std::pair<std::uint64_t, std::size_t>> owned() const {
        const std::lock_guard lock(m_mutex);
        return m_owned;
    }
    bool waitForOwned(std::size_t count) {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::minutes(1),
                                  [&] { return m_owned.size() >= count; });
    }
    std::size_t nBlocks() const {
        const std::lock_guard lock(m_mutex);
        return m_blocks.size();
    }
    std::size_t nReads() const {
        const std::lock_guard lock(m_mutex);
        return m_nReads + m_reads.size();
    }
    void holdReads(bool isHolding) {
        const std::lock_guard lock(m_mutex);
        m_isHolding = isHolding;
        m_changed.notify_all();
    }
    // `change` is done to every block that is kept.
    template <typename Change>
    void spoil(Change change) {
        const std::lock_guard lock(m_mutex);
        for (auto& [chain, block] : m_blocks) change(block);
    }

    double rate = 0;
    Taking isTaking = Taking::Now;

private:
    void run() {
        std::unique_lock lock(m_mutex);
        while (true) {
            m_changed.wait(lock,
                           [this] { return m_isClosing || (!m_reads.empty() && !m_isHolding); });
            if (m_isClosing) return;
            auto [chain, sink] = std::move(m_reads.front());
            m_reads.pop_front();
            ++m_nReads;
            std::vector<PrefixBlock> blocks;
            for (const ChainDigest& one : chain) {
                const auto found = m_blocks.find(one);
                if (found == m_blocks.end() || found->second.bytes.empty()) break;
                blocks.push_back(found->second);
            }
            lock.unlock();
            sink(std::move(blocks));
            lock.lock();
        }
    }

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::map<ChainDigest, PrefixBlock> m_blocks;
    std::map<std::uint64_t, ChainDigest> m_owners;
    std::vector<std::pair<std::uint64_t, std::size_t>> m_owned;
    std::deque<std::pair<std::vector<ChainDigest>, BlockSink>> m_reads;
    std::size_t m_nReads = 0;
    bool m_isHolding = false, m_isClosing = false;
    std::thread m_thread;
};

}  // namespace sotto::test
