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
            } else if constexpr (std::is_same_v<Event, LoadProgress> ||
                                 std::is_same_v<Event, PromptProgress>) {
                // Only the newest progress matters.
                if (!m_events.empty() && std::holds_alternative<Event>(m_events.back()))
                    m_events.back() = value;
                else
                    m_events.push_back(value);
            } else {
                m_events.push_back(value);
            }
        },
        event);
    return wasEmpty;
}

std::vector<BridgeEvent> TokenCoalescer::take() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_events, {});
}

}  // namespace sotto::app
