#include "engine/schedule/engine_loop.h"

#include <algorithm>
#include <iterator>

#include "base/guarded.h"

namespace sotto {
namespace {

// Of a model that has not answered yet: most answers are shorter, and several chats fit into one
// context.
std::int64_t usualAnswer(std::int64_t contextTokens) {
    return std::min<std::int64_t>(512, contextTokens / 4);
}

Error cancelledBeforeStart() { return {ErrorCode::Cancelled, "Loading was cancelled."}; }

}  // namespace

EngineLoop::EngineLoop(EngineOptions options, EngineShared& shared, EventSink sink, TurnHook hook,
                       std::optional<RowCost> fixedRowCost)
    : m_options(std::move(options)),
      m_shared(shared),
      m_sink(std::move(sink)),
      m_hook(std::move(hook)),
      m_fixedRowCost(fixedRowCost) {}

EngineLoop::~EngineLoop() = default;

void EngineLoop::run() {
    bool isOpen = true;
    while (isOpen) {
        // Where a failed allocation during a step ends: the requests in work fail with a sentence,
        // the program stays. Commands answer for their own failures (handle).
        const Status done = guarded([&]() -> Status {
            isOpen = takeCommands();
            turn();
            return {};
        });
        if (!done) failAll(done.error());
    }
    cancelAll();
    flushPrefixes();
    dropModel();
}

// Waits where there is nothing to be done meanwhile; not for ever where something waits for the
// store, so that it can be cancelled, or for the store to take more.
std::optional<Command> EngineLoop::nextCommand() {
    constexpr auto kLookingTime = std::chrono::milliseconds(20);
    if (!m_isIdle || !m_running.empty()) return m_shared.commands.tryPop();
    const bool isUnwritten = m_transfer && m_transfer->hasUnwritten();
    if (m_waiting.empty() && !isUnwritten) return m_shared.commands.pop();
    return m_shared.commands.popUntil(Clock::now() + kLookingTime);
}

// False when the queue was closed and nothing is left to do.
bool EngineLoop::takeCommands() {
    std::optional<Command> command = nextCommand();
    while (command) {
        std::visit([this](auto& known) { handle(known); }, *command);
        command = m_shared.commands.tryPop();
    }
    return !m_shared.commands.isClosed() || !m_running.empty() || !m_waiting.empty();
}

void EngineLoop::handle(LoadCommand& command) {
    cancelAll();
    const auto isCancelled = [&] { return m_shared.loads.isCancelled(command.number); };
    m_shared.loads.begin(command.number);
    // What is loaded stays until the other one is known to be readable and to fit.
    auto prepared = guarded([&]() -> Result<PreparedModel> {
        if (!isCancelled()) measureOnce();
        if (isCancelled()) return fail(cancelledBeforeStart());
        SOTTO_ASSIGN(PreparedModel model, prepareModel({.engine = m_options,
                                                        .model = command.options,
                                                        .replaced = m_model.get()}));
        if (isCancelled()) return fail(cancelledBeforeStart());
        return model;
    });
    if (!prepared) {
        publish(true);
        m_sink(LoadFailed{std::move(prepared.error())});
        return;
    }
    ModelLoaded event;
    // A model is loaded whole or not at all, and what follows tells of it without a new allocation.
    Status loaded = guarded([&]() -> Status {
        flushPrefixes();
        if (m_model != nullptr) giveUpModel();
        SOTTO_ASSIGN(m_model, loadModel(std::move(*prepared), [&](double fraction) {
                         m_sink(LoadProgress{fraction});
                         return !isCancelled();
                     }));
        m_executor = std::make_unique<StepExecutor>(*m_model);
        if (m_model->draft) m_drafter = std::make_unique<ModelDrafter>(*m_model->draft);
        m_executor->watchLayers([this](std::int64_t nLayers) { noteLayer(nLayers); });
        reserveStep();
        if (m_options.isKeepingPrefixes && PrefixCache::isUsable(m_model->cache->groups()))
            openPrefixes();
        m_scheduler.emplace(SchedulerOptions{.prefillChunk = command.options.prefillChunk,
                                             .piece = m_executor->promptPiece(),
                                             .exactRows = m_executor->exactRows(),
                                             .maxRows = m_model->limits().maxTokens,
                                             .isMixing = m_options.isMixingSteps});
        m_cost = {};
        m_rowCost = {};
        m_answerLengths = AnswerLengths(usualAnswer(m_model->contextTokens()));
        m_fileCheckedAt = {};
        describeDevice();
        event.info = m_model->info;
        return {};
    });
    if (!loaded) {
        dropModel();
        publish(true);
        m_sink(LoadFailed{std::move(loaded.error())});
        return;
    }
    m_shared.prompts.set(m_model->prompts);
    publish(true);
    m_sink(std::move(event));
}

void EngineLoop::handle(UnloadCommand&) {
    cancelAll();
    flushPrefixes();
    giveUpModel();
}

void EngineLoop::handle(SubmittedRequest& command) {
    const RequestId first = command.id, end = command.id + command.controls.size();
    if (std::ranges::all_of(command.controls,
                            [](const auto& one) { return one->isCancelled.load(); })) {
        for (RequestId id = first; id < end; ++id) {
            m_shared.controls.remove(id);
            m_sink(GenerationFinished{id, StopReason::Cancelled, "", {}});
        }
        return;
    }
    auto requests = guarded([&]() -> Result<std::vector<std::unique_ptr<Request>>> {
        if (m_model == nullptr)
            return fail(ErrorCode::InvalidArgument, "No model is loaded; choose one first.");
        // So that nothing fails once they are made.
        m_waiting.reserve(m_waiting.size() + command.controls.size());
        return startRequests(std::move(command), *m_model);
    });
    if (!requests) {
        for (RequestId id = first; id < end; ++id) failRequest(id, requests.error());
        return;
    }
    for (const auto& request : *requests)
        request->isToBeRestored = m_transfer.has_value() && !request->isWarming;
    // All of them before one is told its end, so that a sink that throws leaves none without.
    const auto nBefore = std::ssize(m_waiting);
    const bool isIdle = m_waiting.empty() && m_running.empty();
    std::ranges::move(*requests, std::back_inserter(m_waiting));
    for (auto request = m_waiting.begin() + nBefore; request != m_waiting.end(); ++request) {
        const bool isWorthReading = (*request)->isWarming && isIdle && isWorthWarming(**request);
        if ((*request)->maxTokens != 0 || isWorthReading) continue;
        finish(**request, StopReason::MaxTokens);
        request->reset();
    }
    std::erase(m_waiting, nullptr);
}

void EngineLoop::turn() {
    finishCancelled(m_waiting);
    finishCancelled(m_running);
    restorePrefixes();
    admit();
    m_isIdle = m_running.empty();
    if (!m_running.empty()) step();
    if (m_running.empty()) drainSteps();
    writeBehind();
    if (m_model != nullptr) {
        publish(false);
        checkState();
    }
}

void EngineLoop::finishCancelled(RequestList& requests) {
    for (std::unique_ptr<Request>& request : requests) {
        if (!request->control->isCancelled) continue;
        tell(request->id, request->answer.finish());
        finish(*request, StopReason::Cancelled);
        request.reset();
    }
    std::erase(requests, nullptr);
}

void EngineLoop::tell(RequestId id, std::vector<TextSegment> texts) {
    for (TextSegment& text : texts) {
        if (text.isTurningBack)
            m_sink(AnswerWasThinking{id});
        else
            m_sink(AnswerText{id, text.kind, std::move(text.text)});
    }
}

void EngineLoop::finish(Request& request, StopReason reason) {
    GenerationFinished finished;
    finished.request = request.id;
    finished.reason = reason;
    finished.stopString = request.answer.stopString();
    finished.stats = requestStats(request, m_snapshot.readBandwidthGbS);
    finished.tokens = answerTokens(request, m_model->prompts->tokenizer());
    noteLength(request, reason);
    keepPrefix(request, std::ssize(request.tokens));
    m_shared.controls.remove(request.id);
    request.isEnded = true;  // told exactly once, also when something throws from here on
    m_sink(std::move(finished));
}

// Told once, and nothing is thrown from here: failures come where memory ends or the sink throws,
// and may come again.
void EngineLoop::failRequest(RequestId id, const Error& error) {
    m_shared.controls.remove(id);
    const Status told = guarded([&]() -> Status {
        auto copy = guarded([&]() -> Result<Error> { return error; });
        m_sink(GenerationFailed{id, std::move(copy ? *copy : copy.error())});
        return {};
    });
    static_cast<void>(told);  // the sink's own; it is in the log
}

void EngineLoop::failAll(const Error& error) {
    drainSteps();
    for (RequestList* requests : {&m_running, &m_waiting}) {
        for (const auto& request : *requests)
            if (request != nullptr && !request->isEnded) failRequest(request->id, error);
        requests->clear();
    }
}

void EngineLoop::cancelAll() {
    drainSteps();
    for (RequestList* requests : {&m_running, &m_waiting}) {
        for (const auto& request : *requests) {
            if (request == nullptr || request->isEnded) continue;
            const Status told = guarded([&]() -> Status {
                tell(request->id, request->answer.finish());
                finish(*request, StopReason::Cancelled);
                return {};
            });
            if (!told && !request->isEnded) failRequest(request->id, told.error());
        }
        requests->clear();
    }
}

// For another one that is about to be read, or because its file is lost or its device failed: that
// keeps failing until all that was made on it is gone, and a load starts afresh.
void EngineLoop::giveUpModel() {
    dropModel();
    publish(true);
    m_sink(ModelUnloaded{});
}

void EngineLoop::dropModel() {
    drainSteps();
    m_shared.prompts.set(nullptr);
    m_scheduler.reset();
    m_transfer.reset();
    m_prefixes.reset();
    m_wasFree.clear();
    m_executor.reset();
    m_drafter.reset();
    m_telemetry.reset();
    // The next model's figures are its own.
    m_snapshot.device = {};
    m_snapshot.bytesPerStep = 0;
    m_snapshot.rowsPerStep = 0;
    m_snapshot.preemptions = 0;
    m_meter = {};
    m_stepEnd = {};
    m_model.reset();
}

}  // namespace sotto
