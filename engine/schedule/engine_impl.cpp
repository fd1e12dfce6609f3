#include "engine/schedule/engine_impl.h"

#include <system_error>

#include "base/guarded.h"
#include "engine/schedule/kernel_choice.h"

namespace sotto {

Result<std::unique_ptr<Engine>> EngineImpl::create(const EngineOptions& options, EventSink sink,
                                                   TurnHook hook,
                                                   std::optional<RowCost> fixedRowCost) {
    SOTTO_TRY(checkDevice(options));
    std::unique_ptr<EngineImpl> engine(
        new EngineImpl(options, std::move(sink), std::move(hook), fixedRowCost));
    try {
        engine->m_thread = std::thread([loop = &engine->m_loop] { loop->run(); });
    } catch (const std::system_error&) {
        return fail(ErrorCode::OutOfMemory, "The system refuses to start another thread.");
    }
    return engine;
}

EngineImpl::EngineImpl(const EngineOptions& options, EventSink sink, TurnHook hook,
                       std::optional<RowCost> fixedRowCost)
    : m_loop(options, m_shared, std::move(sink), std::move(hook), fixedRowCost) {}

EngineImpl::~EngineImpl() {
    m_shared.loads.cancelAll();
    m_shared.controls.cancelAll();
    m_shared.commands.close();
    if (m_thread.joinable()) m_thread.join();
}

void EngineImpl::load(const LoadOptions& options) {
    // The model asked for last is the one that is wanted: an older load gives way.
    m_shared.loads.cancelAll();
    m_shared.controls.cancelAll();
    m_shared.commands.push(LoadCommand{options, m_shared.loads.nextLoad()});
}

void EngineImpl::cancelLoad() { m_shared.loads.cancelAll(); }

void EngineImpl::unload() {
    m_shared.loads.cancelAll();
    m_shared.controls.cancelAll();
    m_shared.commands.push(UnloadCommand{});
}

RequestId EngineImpl::submit(GenerationRequest request) {
    SubmittedRequest submitted;
    // A number that is refused still has the one id that it fails under.
    const bool isSome = request.nAnswers >= 1 && request.nAnswers <= kMaxAnswers;
    const auto nAnswers = static_cast<std::uint64_t>(isSome ? request.nAnswers : 1);
    submitted.id = m_shared.lastRequest.fetch_add(nAnswers) + 1;
    const bool isWarming = request.isWarming;
    // What it was reading ends between two layers, not behind its chunk.
    if (!isWarming) m_shared.controls.cancelWarming();
    submitted.request = std::move(request);
    for (std::uint64_t answer = 0; answer < nAnswers; ++answer)
        submitted.controls.push_back(m_shared.controls.add(submitted.id + answer, isWarming));
    submitted.submitted = Clock::now();
    const RequestId id = submitted.id;
    m_shared.commands.push(std::move(submitted));
    return id;
}

void EngineImpl::cancel(RequestId request) { m_shared.controls.cancel(request); }

Result<std::int64_t> EngineImpl::countTokens(const Prompt& prompt) const {
    const auto prompts = m_shared.prompts.get();
    if (prompts == nullptr)
        return fail(ErrorCode::InvalidArgument, "No model is loaded; choose one first.");
    return guarded([&]() -> Result<std::int64_t> {
        SOTTO_ASSIGN(const EncodedPrompt encoded, prompts->encode(prompt));
        return static_cast<std::int64_t>(encoded.tokens.size());
    });
}

Result<PromptDescription> EngineImpl::describePrompt(const ChatPrompt& chat) const {
    const auto prompts = m_shared.prompts.get();
    if (prompts == nullptr)
        return fail(ErrorCode::InvalidArgument, "No model is loaded; choose one first.");
    return guarded([&] { return prompts->describe(chat); });
}

Result<std::int64_t> EngineImpl::countTextTokens(std::string_view text) const {
    const auto prompts = m_shared.prompts.get();
    if (prompts == nullptr)
        return fail(ErrorCode::InvalidArgument, "No model is loaded; choose one first.");
    return guarded([&] { return prompts->countText(text); });
}

EngineSnapshot EngineImpl::snapshot() const { return m_shared.snapshot.load(); }

}  // namespace sotto
