// FakeEngine: an Engine that loads at once and answers from a script, for tests of the window
// without a model.
//
// Owns one thread, from which all events come, as from the real engine's.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "engine/api/engine.h"

namespace sotto {

// One scripted token: its text and whether it belongs to the thinking.
struct FakeToken {
    std::string text;
    TextKind kind = TextKind::Answer;
};

struct FakeScript {
    // The answer to a request; by default the words of "This is answer N.", N counting from 1.
    std::function<std::vector<FakeToken>(const GenerationRequest& request, int nth)> answer;
    std::chrono::milliseconds tokenDelay{0};
    // Set: loading fails with it.
    std::optional<Error> loadError;
    // Set: every generation fails with it before its first token.
    std::optional<Error> generationError;
    std::int64_t contextTokens = 4096;
    DeviceStats device;  // of a card that the model lies on; by default none
    std::function<void(ModelInfo& info)> describe;  // changes what a load tells of the model
    double readBandwidthGbS = 30;
};

class FakeEngine : public Engine {
public:
    FakeEngine(EventSink sink, FakeScript script = {});
    ~FakeEngine() override;

    void load(const LoadOptions& options) override;
    void cancelLoad() override {}
    void unload() override;
    RequestId submit(GenerationRequest request) override;
    void cancel(RequestId request) override;
    Result<std::int64_t> countTokens(const Prompt& prompt) const override;
    EngineSnapshot snapshot() const override;

    // The requests so far, oldest first. Any thread.
    std::vector<GenerationRequest> requests() const;
    // The options of the loads so far, oldest first. Any thread.
    std::vector<LoadOptions> loads() const;

private:
    void post(std::function<void()> work);
    void run();
    void generate(RequestId id, const GenerationRequest& request, int nth);
    bool isCancelled(RequestId id) const;

    EventSink m_sink;
    FakeScript m_script;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::function<void()>> m_work;   // guarded by m_mutex
    std::vector<GenerationRequest> m_requests;  // guarded by m_mutex
    std::vector<LoadOptions> m_loads;           // guarded by m_mutex
    std::set<RequestId> m_cancelled;            // guarded by m_mutex
    bool m_isClosing = false;                   // guarded by m_mutex
    std::atomic<bool> m_isLoaded = false;
    std::thread m_thread;
};

}  // namespace sotto
