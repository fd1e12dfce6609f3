#include "app/bridge/token_coalescer.h"

#include <type_traits>
#include <utility>

namespace sotto::app {
namespace {

// Appends the token to the run at the end of `events` when it continues it.
bool continuesRun(std::vector<BridgeEvent>& events, const TokenText& token) {
    if (events.empty()) return false;
    auto* run = std::get_if<TextRun>(&events.back());
    if (run == nullptr || run->request != token.request || run->kind != token.kind) return false;
    run->text += token.text;
    ++run->nTokens;
    return true;
}

}  // namespace

bool TokenCoalescer::push(const EngineEvent& event) {
    const std::lock_guard lock(m_mutex);
    const bool wasEmpty = m_events.empty();
    std::visit(
        [this](const auto& value) {
            using Event = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Event, TokenText>) {
                if (!continuesRun(m_events, value))
                    m_events.push_back(TextRun{value.request, value.kind, value.text, 1});
            } else if constexpr (std::is_same_v<Event, PromptProgress>) {
                // Only the newest progress matters.
                auto* last =
                    m_events.empty() ? nullptr : std::get_if<PromptProgress>(&m_events.back());
                if (last != nullptr && last->request == value.request)
                    *last = value;
                else
                    m_events.push_back(value);
            } else if constexpr (std::is_same_v<Event, GenerationFinished> ||
                                 std::is_same_v<Event, GenerationFailed>) {
                m_events.push_back(value);
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
        m_events.push_back(ModelNews{handle, event});
    return wasEmpty;
}

std::vector<BridgeEvent> TokenCoalescer::take() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_events, {});
}

}  // namespace sotto::app
