// FakeEngine: an Engine that loads at once and answers from a script, for tests of the window
// without a model.
//
// Owns one thread, from which all events come, as from the real engine's. With a driven script
// nothing happens by itself: the test writes, ends and fails each answer, so that no test waits for
// a pace.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
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
    std::function<void(EngineSnapshot& snapshot)> measure;  // changes what a snapshot tells
    // Answers come from write(), finish() and failAnswer() alone.
    bool isDriven = false;
    // A load stays at its first progress until endLoad(), cancelLoad() or the next load.
    bool isLoadDriven = false;
};

class FakeEngine : public Engine {
public:
    FakeEngine(EventSink sink, FakeScript script = {});
    ~FakeEngine() override;

    void load(const LoadOptions& options) override;
    void cancelLoad() override;
    void unload() override;
    RequestId submit(GenerationRequest request) override;
    void cancel(RequestId request) override;
    Result<std::int64_t> countTokens(const Prompt& prompt) const override;
    EngineSnapshot snapshot() const override;

    // Counts from now on; what is under way keeps what it began with. Any thread.
    void change(const std::function<void(FakeScript& script)>& change);

    // Of the newest request that is open; nothing happens when there is none. Any thread.
    void progress(double share);
    void write(const std::string& text, TextKind kind = TextKind::Answer);
    void finish(StopReason reason = StopReason::EndOfText, const RequestStats& stats = {});
    void failAnswer(const Error& error);
    void endLoad();

    // The requests so far, oldest first. Any thread.
    std::vector<GenerationRequest> requests() const;
    // The options of the loads so far, oldest first. Any thread.
    std::vector<LoadOptions> loads() const;

private:
    void post(std::function<void()> work);
    void run();
    void generate(RequestId id, const GenerationRequest& request, int nth);
    void endLoadNow(const LoadOptions& options, const FakeScript& script);
    void dropLoad();
    void end(RequestId id, const EngineEvent& event);
    bool isCancelled(RequestId id) const;
    FakeScript script() const;

    EventSink m_sink;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    FakeScript m_script;                        // guarded by m_mutex
    std::deque<std::function<void()>> m_work;   // guarded by m_mutex
    std::vector<GenerationRequest> m_requests;  // guarded by m_mutex
    std::vector<LoadOptions> m_loads;           // guarded by m_mutex
    std::set<RequestId> m_cancelled;            // guarded by m_mutex
    bool m_isClosing = false;                   // guarded by m_mutex
    std::atomic<bool> m_isLoaded = false;
    std::vector<RequestId> m_open;             // driven answers; of the engine's thread
    std::optional<LoadOptions> m_pendingLoad;  // driven; of the engine's thread
    std::thread m_thread;
};

}  // namespace sotto
