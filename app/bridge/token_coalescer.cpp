#include "app/bridge/token_coalescer.h"

#include <type_traits>
#include <utility>

namespace sotto::app {
namespace {

// The request's run at the end of `events`; null: something else is there.
TextRun* lastRun(std::vector<BridgeEvent>& events, RequestId request) {
    auto* run = events.empty() ? nullptr : std::get_if<TextRun>(&events.back());
    return run == nullptr || run->request != request ? nullptr : run;
}

void add(std::vector<BridgeEvent>& events, const TokenSampled& token) {
    TextRun* run = lastRun(events, token.request);
    if (run != nullptr && run->text.empty())
        ++run->nTokens;
    else
        events.emplace_back(TextRun{token.request, TextKind::Answer, {}, 1});
}

void add(std::vector<BridgeEvent>& events, const AnswerText& piece) {
    int nTokens = 0;
    TextRun* run = lastRun(events, piece.request);
    if (run != nullptr && run->text.empty()) {
        nTokens = run->nTokens;
        events.pop_back();
        run = lastRun(events, piece.request);
    }
    if (run == nullptr || run->kind != piece.kind) {
        events.emplace_back(TextRun{piece.request, piece.kind, piece.text, nTokens});
        return;
    }
    run->text += piece.text;
    run->nTokens += nTokens;
}

}  // namespace

bool TokenCoalescer::push(const EngineEvent& event) {
    const std::lock_guard lock(m_mutex);
    const bool wasEmpty = m_events.empty();
    std::visit(
        [this](const auto& value) {
            using Event = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Event, TokenSampled> ||
                          std::is_same_v<Event, AnswerText>) {
                add(m_events, value);
            } else if constexpr (std::is_same_v<Event, PromptProgress>) {
                // Only the newest progress matters.
                auto* last =
                    m_events.empty() ? nullptr : std::get_if<PromptProgress>(&m_events.back());
                if (last != nullptr && last->request == value.request)
                    *last = value;
                else
                    m_events.emplace_back(value);
            } else if constexpr (std::is_same_v<Event, AnswerWasThinking> ||
                                 std::is_same_v<Event, GenerationFinished> ||
                                 std::is_same_v<Event, GenerationFailed>) {
                m_events.emplace_back(value);
            }
        },
        event);
    return wasEmpty && !m_events.empty();
}

bool TokenCoalescer::push(ModelHandle handle, const ModelEvent& event) {
    const std::lock_guard lock(m_mutex);
    const bool wasEmpty = m_events.empty();
    auto* last = wasEmpty ? nullptr : std::get_if<ModelNews>(&m_events.back());
    const bool isNewerProgress = last != nullptr && last->handle == handle &&
                                 std::holds_alternative<LoadProgress>(last->event) &&
                                 std::holds_alternative<LoadProgress>(event);
    if (isNewerProgress)
        last->event = event;
    else
        m_events.emplace_back(ModelNews{handle, event});
    return wasEmpty;
}

std::vector<BridgeEvent> TokenCoalescer::take() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_events, {});
}

}  // namespace sotto::app
