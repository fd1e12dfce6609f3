#include "app/bridge/token_coalescer.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace sotto::app {
namespace {

// The answer that an event is of; 0: of the model.
RequestId requestOf(const BridgeEvent& event) {
    return std::visit(
        [](const auto& value) -> RequestId {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, ModelNews>)
                return 0;
            else
                return value.request;
        },
        event);
}

// The answer's newest event; null: there is none. Answers that are written side by side take turns,
// and between two of them there is no order that anybody could see.
BridgeEvent* lastOf(std::vector<BridgeEvent>& events, RequestId request) {
    const auto found =
        std::find_if(events.rbegin(), events.rend(), [request](const BridgeEvent& event) {
            return requestOf(event) == request || requestOf(event) == 0;
        });
    return found == events.rend() || requestOf(*found) != request ? nullptr : &*found;
}

TextRun* lastRun(std::vector<BridgeEvent>& events, RequestId request) {
    return std::get_if<TextRun>(lastOf(events, request));
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
        events.erase(events.begin() + (lastOf(events, piece.request) - events.data()));
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
                if (auto* last = std::get_if<PromptProgress>(lastOf(m_events, value.request)))
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
