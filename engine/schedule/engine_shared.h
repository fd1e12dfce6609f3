// What the callers' side of the engine and the engine thread share: the command queue, the cancel
// flags, the prompt encoder and the snapshot. Every member is safe to use from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <variant>

#include "base/queue.h"
#include "engine/schedule/prefix_transfer.h"
#include "engine/schedule/prompt_encoder.h"
#include "engine/schedule/request.h"
#include "engine/schedule/telemetry.h"

namespace sotto {

struct LoadCommand {
    LoadOptions options;
    std::uint64_t number = 0;  // counts loads; see LoadCancel
};
struct UnloadCommand {};
using Command = std::variant<LoadCommand, UnloadCommand, SubmittedRequest, RestoredBlocks>;

// Loads up to a number are cancelled: reaches one that is running as well as one still queued, and
// not the one asked for afterwards. Any thread.
class LoadCancel {
public:
    std::uint64_t nextLoad() {
        const std::lock_guard lock(m_mutex);
        return ++m_last;
    }
    void cancelAll() {
        const std::lock_guard lock(m_mutex);
        m_cancelled = m_last;
        if (m_running <= m_cancelled) m_isStopping = true;
    }
    bool isCancelled(std::uint64_t number) const {
        const std::lock_guard lock(m_mutex);
        return number <= m_cancelled;
    }

    // The engine begins with a load: from then on stopFlag() says what isCancelled() says of it,
    // for those who know nothing of numbers.
    void begin(std::uint64_t number) {
        const std::lock_guard lock(m_mutex);
        m_running = number;
        m_isStopping = number <= m_cancelled;
    }
    const std::atomic<bool>& stopFlag() const { return m_isStopping; }

private:
    mutable std::mutex m_mutex;
    std::uint64_t m_last = 0;
    std::uint64_t m_running = 0;
    std::uint64_t m_cancelled = 0;
    std::atomic<bool> m_isStopping{false};
};

// Cancel flags of the requests that are not finished.
class ControlRegistry {
public:
    std::shared_ptr<RequestControl> add(RequestId id, bool isWarming) {
        auto control = std::make_shared<RequestControl>();
        control->isWarming = isWarming;
        const std::lock_guard lock(m_mutex);
        m_controls.emplace(id, control);
        return control;
    }
    void remove(RequestId id) {
        const std::lock_guard lock(m_mutex);
        m_controls.erase(id);
    }
    void cancel(RequestId id) {
        const std::lock_guard lock(m_mutex);
        const auto found = m_controls.find(id);
        if (found != m_controls.end()) found->second->isCancelled = true;
    }
    void cancelAll() {
        const std::lock_guard lock(m_mutex);
        for (auto& [id, control] : m_controls) control->isCancelled = true;
    }
    // Those that give way to every other request.
    void cancelWarming() {
        const std::lock_guard lock(m_mutex);
        for (auto& [id, control] : m_controls)
            if (control->isWarming) control->isCancelled = true;
    }

private:
    std::mutex m_mutex;
    // Guarded by m_mutex.
    std::unordered_map<RequestId, std::shared_ptr<RequestControl>> m_controls;
};

// The encoder of the loaded model; null: none.
class PromptSlot {
public:
    void set(std::shared_ptr<const PromptEncoder> prompts) {
        const std::lock_guard lock(m_mutex);
        m_prompts.swap(prompts);
    }
    std::shared_ptr<const PromptEncoder> get() const {
        const std::lock_guard lock(m_mutex);
        return m_prompts;
    }

private:
    mutable std::mutex m_mutex;
    std::shared_ptr<const PromptEncoder> m_prompts;  // guarded by m_mutex
};

struct EngineShared {
    // Far more than people or jobs queue; a caller that outruns it waits.
    Queue<Command> commands{4096};
    LoadCancel loads;
    ControlRegistry controls;
    PromptSlot prompts;
    SnapshotCell snapshot;
    std::atomic<RequestId> lastRequest{0};
};

}  // namespace sotto
