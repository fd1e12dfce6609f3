// FakeEngine: an Engine that loads at once and answers from a script, for tests of the window
// without a model.
//
// Tells in the order of the real one (engine/schedule/engine_loop.cpp, checked by
// tests/app/core/engine_hub_test.cpp and engine_twins_test.cpp on both): commands are taken in
// their order between two tokens; a load or an unload ends what is in work as Cancelled, a load
// drops the model when it is known to go well so far, and gives way to a newer one; a cancelled
// request that has not begun ends without a token; the end of the engine ends everything. All
// answers that are in work grow side by side; of several to one question the first reads the
// prompt, and the others begin behind its first token. Owns one thread, from which all events come,
// as from the real engine's.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <variant>
#include <vector>

#include "engine/api/engine.h"

namespace sotto {

// One scripted token: its text and whether it belongs to the thinking.
struct FakeToken {
    std::string text;
    TextKind kind = TextKind::Answer;
    bool isTurningBack = false;  // the answer before it was thinking
    std::int32_t id = 1;
    float probability = 1;
};

struct FakeScript {
    // The answer to a request; by default the words of "This is answer N.". N counts the answers
    // from 1, and so do the ids: those to one question follow each other.
    std::function<std::vector<FakeToken>(const GenerationRequest& request, int nth)> answer;
    std::chrono::milliseconds tokenDelay{0};
    // A load that fails with its error before it begins: what is loaded stays.
    std::function<std::optional<Error>(const LoadOptions& options)> refusal;
    // Set: loading fails with it.
    std::optional<Error> loadError;
    // What becomes of one load, in place of loadError; also when it was cancelled meanwhile.
    std::function<std::optional<Error>(const LoadOptions& options)> endOfLoad;
    // Set: every generation fails with it before its first token.
    std::optional<Error> generationError;
    std::int64_t contextTokens = 4096;
    std::uint64_t vocabulary = 7;  // its fingerprint, told with the ids of ended answers
    DeviceStats device;            // of a card that the model lies on; by default none
    std::function<void(ModelInfo& info)> describe;  // changes what a load tells of the model
    double readBandwidthGbS = 30;
    std::function<void(EngineSnapshot& snapshot)> measure;  // changes what a snapshot tells
    // Answers come from write(), finish() and failAnswer() alone.
    bool isDriven = false;
    // So many answers are written side by side, the others wait; not of driven ones.
    std::size_t maxRunning = 64;
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
    Result<PromptDescription> describePrompt(const ChatPrompt& chat) const override;
    Result<std::int64_t> countTextTokens(std::string_view text) const override;
    EngineSnapshot snapshot() const override;

    // Counts from now on; what is under way keeps what it began with. Any thread.
    void change(const std::function<void(FakeScript& script)>& change);

    // Of the newest answer that is open, or the one with this id; nothing happens when there is
    // none. Any thread.
    void progress(double share, RequestId id = 0);
    void write(const std::string& text, TextKind kind = TextKind::Answer, RequestId id = 0);
    void writeToken(const FakeToken& token, RequestId id = 0);
    void finish(StopReason reason = StopReason::EndOfText, const RequestStats& stats = {},
                RequestId id = 0);
    void failAnswer(const Error& error, RequestId id = 0);
    // All open answers end with the error, and the model is gone. Any thread.
    void failDevice(const Error& error);
    // Of the loads that were asked for so far. Any thread.
    void endLoad();

    // The requests so far, oldest first. Any thread.
    std::vector<GenerationRequest> requests() const;
    // Those that were only to be read so far: they end at once, are not among requests(), and their
    // ids are none of those that answers count. Any thread.
    std::vector<GenerationRequest> warmings() const;
    // The options of the loads so far, oldest first. Any thread.
    std::vector<LoadOptions> loads() const;

private:
    struct Load {
        LoadOptions options;
        int number = 0;  // counts from 1
    };
    struct Unload {};
    using Drive = std::function<void(FakeEngine&)>;
    struct Question {
        RequestId first = 0;  // of the ids of its answers
        GenerationRequest request;
        std::uint64_t nAnswers = 1;
    };
    struct Answer {
        RequestId id = 0;
        RequestId first = 0;  // of the answers to its question
        std::int64_t maxTokens = -1;
        std::uint64_t seed = 0;
        std::vector<FakeToken> tokens;
        std::size_t nTold = 0;
        bool isDriven = false;
        bool isBegun = false;
        bool isEnded = false;
    };
    using Command = std::variant<Load, Unload, Question, Drive>;

    void post(Command command);
    void run();
    std::optional<Command> nextCommand();
    void handle(Load& load);
    void handle(Unload& unload);
    void handle(Question& question);
    void handle(Drive& drive) { drive(*this); }
    void failAll(const Question& question, const Error& error);
    void turn();
    bool isOver(Answer& answer);
    bool mayBegin(const Answer& answer) const;
    void tellToken(RequestId id, const FakeToken& token);
    void tellEnd(const Answer& answer, StopReason reason);
    std::vector<Answer>::iterator openAnswer(RequestId id);
    bool isStanding() const;
    FakeScript script() const;
    void cancelAll();
    void cancelSubmitted();
    bool isLoadCancelled(int number);
    bool isCancelled(RequestId id) const;

    EventSink m_sink;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    FakeScript m_script;                        // guarded by m_mutex
    std::deque<Command> m_commands;             // guarded by m_mutex
    std::vector<GenerationRequest> m_requests;  // guarded by m_mutex
    std::vector<GenerationRequest> m_warmings;  // guarded by m_mutex
    std::vector<LoadOptions> m_loads;           // guarded by m_mutex
    std::set<RequestId> m_cancelled;            // guarded by m_mutex
    int m_nLoadsCancelled = 0;                  // guarded by m_mutex; up to this number
    int m_nLoadsEnded = 0;                      // guarded by m_mutex; up to this number
    bool m_isClosing = false;                   // guarded by m_mutex
    RequestId m_lastId = 0;                     // guarded by m_mutex
    std::vector<Answer> m_running;              // of the engine's thread
    std::atomic<bool> m_isLoaded = false;
    std::atomic<bool> m_isGenerating = false;
    std::thread m_thread;
};

}  // namespace sotto
