// EngineImpl: the engine of engine/api/engine.h: a queue in front of a thread that runs EngineLoop.
//
// Any thread calls its methods. Destroying it cancels everything and joins the thread.
#pragma once

#include <thread>

#include "engine/api/engine.h"
#include "engine/schedule/engine_loop.h"
#include "engine/schedule/engine_shared.h"

namespace sotto {

class EngineImpl : public Engine {
public:
    // `hook` is for tests (see TurnHook). Errors: those of createEngine().
    static Result<std::unique_ptr<Engine>> create(const EngineOptions& options, EventSink sink,
                                                  TurnHook hook,
                                                  std::optional<RowCost> fixedRowCost = {});
    ~EngineImpl() override;

    void load(const LoadOptions& options) override;
    void cancelLoad() override;
    void unload() override;
    RequestId submit(GenerationRequest request) override;
    void cancel(RequestId request) override;
    Result<std::int64_t> countTokens(const Prompt& prompt) const override;
    Result<PromptDescription> describePrompt(const ChatPrompt& chat) const override;
    Result<std::int64_t> countTextTokens(std::string_view text) const override;
    EngineSnapshot snapshot() const override;

private:
    EngineImpl(const EngineOptions& options, EventSink sink, TurnHook hook,
               std::optional<RowCost> fixedRowCost);

    EngineShared m_shared;
    EngineLoop m_loop;
    std::thread m_thread;
};

}  // namespace sotto
