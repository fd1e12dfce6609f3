// What tests of an engine ask, and what it tells, as short words.
#pragma once

#include <string>
#include <vector>

#include "engine/api/engine_event.h"
#include "engine/api/engine_options.h"

namespace sotto::test {

using Words = std::vector<std::string>;

inline LoadOptions load(const char* path) {
    LoadOptions options;
    options.path = path;
    return options;
}

inline GenerationRequest ask(const char* text, std::int64_t maxTokens = -1,
                             std::int32_t nAnswers = 1) {
    GenerationRequest request;
    request.prompt = TextPrompt{text};
    request.maxTokens = maxTokens;
    request.nAnswers = nAnswers;
    return request;
}

inline std::string nameOf(const EngineEvent& event) {
    if (std::holds_alternative<LoadProgress>(event)) return "progress";
    if (std::holds_alternative<ModelLoaded>(event))
        return "loaded " + std::get<ModelLoaded>(event).info.path.filename().string();
    if (const auto* failed = std::get_if<LoadFailed>(&event))
        return "failed " + std::string(errorCodeName(failed->error.code));
    if (std::holds_alternative<ModelUnloaded>(event)) return "unloaded";
    if (std::holds_alternative<PromptProgress>(event)) return "read";
    if (const auto* piece = std::get_if<AnswerText>(&event)) return piece->text;
    if (const auto* end = std::get_if<GenerationFinished>(&event))
        return stopReasonName(end->reason);
    return std::string(errorCodeName(std::get<GenerationFailed>(event).error.code));
}

inline std::string demoModel() { return SOTTO_SOURCE_DIR "/resources/demo_model/sotto-demo.gguf"; }

}  // namespace sotto::test
