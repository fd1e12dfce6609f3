#include "engine/api/engine.h"

#include "engine/schedule/engine_impl.h"

namespace sotto {

Result<std::unique_ptr<Engine>> createEngine(const EngineOptions& options, EventSink sink) {
    return EngineImpl::create(options, std::move(sink), {});
}

std::string stopReasonName(StopReason reason) {
    switch (reason) {
        case StopReason::EndOfText: return "endOfText";
        case StopReason::StopString: return "stopString";
        case StopReason::MaxTokens: return "maxTokens";
        case StopReason::ContextFull: return "contextFull";
        case StopReason::Cancelled: return "cancelled";
    }
    return "endOfText";
}

}  // namespace sotto
