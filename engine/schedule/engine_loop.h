// EngineLoop: the engine thread's life: commands in, steps, events out.
//
// Owns the loaded model, the requests and the scheduler; everything but EngineShared belongs to the
// thread that calls run(). One turn: take commands, end cancelled requests, admit, plan and start
// a step (or take the one that runs ahead), start the next where the device can, wait for the
// first, accept its tokens. The sink is called on this thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/api/engine_event.h"
#include "engine/api/engine_options.h"
#include "engine/device/device_telemetry.h"
#include "engine/kvcache/prefix_cache.h"
#include "engine/schedule/admission.h"
#include "engine/schedule/answer_lengths.h"
#include "engine/schedule/engine_invariants.h"
#include "engine/schedule/engine_shared.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/model_drafter.h"
#include "engine/schedule/request.h"
#include "engine/schedule/scheduler.h"
#include "engine/schedule/step_cost.h"
#include "engine/schedule/step_executor.h"
#include "engine/schedule/telemetry.h"

namespace sotto {

// For tests: looks at the state after every turn. What blocks held that are free by then is
// spoiled, so that whoever still reads it computes no usable numbers.
using TurnHook = std::function<void(const EngineState&)>;

class EngineLoop {
public:
    // `fixedRowCost`, for tests: what steps are taken to cost, instead of what they were measured
    // to.
    EngineLoop(EngineOptions options, EngineShared& shared, EventSink sink, TurnHook hook,
               std::optional<RowCost> fixedRowCost);
    ~EngineLoop();

    // Returns when the command queue is closed.
    void run();

private:
    using RequestList = std::vector<std::unique_ptr<Request>>;

    std::optional<Command> nextCommand();
    bool takeCommands();
    void handle(LoadCommand& command);
    void handle(UnloadCommand& command);
    void handle(SubmittedRequest& command);
    void handle(RestoredBlocks& command);
    void turn();

    void finishCancelled(RequestList& requests);
    std::int64_t expectedTokens(const Request& request) const;
    void noteLength(const Request& request, StopReason reason);
    const Request* donorOf(const Request& request) const;
    bool isReady(const Request& request) const;
    std::int64_t blocksWanted(const Request& request) const;
    AdmissionState admissionState() const;
    void admit();
    Status begin(Request& request);
    PrefixCache::Match shareablePrefix(const Request& request) const;
    bool isWorthWarming(const Request& request) const;
    std::int64_t takePrefix(Request& request);
    void notePrefix(Request& request, const StepSlice& slice);
    void keepPrefix(Request& request, std::int64_t nTokens);
    bool makeRoom(const StepPlan& plan);
    Status slideWindows();
    void openPrefixes();
    PrefixWish wishOf(const Request& request) const;
    void restorePrefixes();
    void writeBehind();
    void flushPrefixes();
    void proposeDrafts();
    bool dropDrafts();
    ModelDrafter* drafterFor(Request& request);
    bool isReadingAffordable(const Request& request) const;
    void noteRows(double seconds, std::int64_t nTokens, double guessing);
    const RowCost& rowCost() const { return m_fixedRowCost ? *m_fixedRowCost : m_rowCost; }
    static void settleDraft(Request& request, const StepSlice& slice, std::int64_t nRight);
    Status pauseOne();
    Status setAside(Request& request);
    std::uint64_t roomAside() const;
    Status planFittingStep();
    void planStep();
    void step();
    static RequestList::iterator findRequest(RequestList& requests, RequestId id);
    void reserveStep();
    bool startStep();
    CancelFlags cancelsOf(const StepPlan& plan);
    void runAhead();
    void finishStep();
    void noteLayer(std::int64_t nLayers);
    void tellProgress(Request& request, std::int64_t nProcessed);
    void drainSteps();
    std::int64_t acceptTokens();
    std::int64_t acceptSlice(std::unique_ptr<Request>& request, const StepSlice& slice,
                             std::size_t firstOutput);
    Result<SampledToken> sampleToken(Request& request, std::size_t outputIndex, std::size_t guess);
    std::uint64_t noteBytes(const StepPlan& plan);
    Status checkFile();
    void tell(RequestId id, std::vector<TextSegment> texts);
    void finish(Request& request, StopReason reason);
    void failRequest(RequestId id, const Error& error);
    void failAll(const Error& error);
    void cancelAll();
    void dropModel();
    void giveUpModel();
    void measureOnce();
    const BandwidthMeasurement& bandwidthOf(const LoadedPart& part) const;
    void describeDevice();
    void readDevice();
    void readAnswer(Clock::time_point now);
    void publish(bool isRefreshingMemory);
    void checkState();
    void spoilFreed();

    EngineOptions m_options;
    EngineShared& m_shared;
    EventSink m_sink;
    TurnHook m_hook;
    std::optional<RowCost> m_fixedRowCost;

    std::unique_ptr<LoadedModel> m_model;
    std::unique_ptr<StepExecutor> m_executor;  // of m_model
    std::unique_ptr<ModelDrafter> m_drafter;   // of its draft model; null: it has none
    std::optional<PrefixCache> m_prefixes;     // of m_model; none: nothing is kept
    std::optional<PrefixTransfer> m_transfer;  // of m_prefixes; none: in memory only
    RequestList m_waiting;  // in order of arrival; those that were paused among them
    RequestList m_running;  // in order of admission
    bool m_isIdle = true;   // nobody could be gone on with in the last turn
    std::optional<Scheduler> m_scheduler;
    AnswerLengths m_answerLengths{1};  // of m_model
    StepCost m_cost;                   // of the loaded model
    RowCost m_rowCost;                 // the same
    double m_guessingSeconds = 0;      // of the step under way, before it was started

    // A step that was started and not finished. Its requests may have gone meanwhile.
    struct StepUnderWay {
        bool isUnderWay = false;
        StepPlan plan;
        std::vector<RequestId> requests;  // by slice
        Clock::time_point start;
    };
    // Kept, so that a step allocates nothing.
    StepUnderWay m_step;
    StepUnderWay m_ahead;                // the step behind it
    std::vector<WaitingRequest> m_line;  // of m_waiting
    std::vector<SchedulableRequest> m_schedulable;
    std::vector<StepSource> m_sources;
    std::vector<const std::atomic<bool>*> m_cancels;

    Clock::time_point m_progressToldAt{};
    StepMeter m_meter;
    Clock::time_point m_stepEnd{};  // of the last step
    EngineSnapshot m_snapshot;
    Clock::time_point m_memoryReadAt{};
    Clock::time_point m_answerReadAt{};
    Clock::time_point m_fileCheckedAt{};
    std::vector<bool> m_wasFree;  // by block; for spoilFreed()
    bool m_isMeasured = false;
    BandwidthMeasurement m_processorBandwidth;
    BandwidthMeasurement m_cardBandwidth;  // zeros: no card, or not measured
    // Of the card that m_model, or its last part, lies on; null: none.
    std::unique_ptr<DeviceTelemetry> m_telemetry;
};

}  // namespace sotto
