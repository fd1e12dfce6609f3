// EventLog: records the events of an engine and lets a test wait for one of them. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/api/engine_event.h"

namespace sotto {

class EventLog {
public:
    EventSink sink() {
        return [this](const EngineEvent& event) {
            {
                const std::lock_guard lock(m_mutex);
                m_events.push_back(event);
            }
            m_changed.notify_all();
            if (m_observer) m_observer(event);
        };
    }
    // Called on the engine thread with every event; set before the engine is used.
    void observe(std::function<void(const EngineEvent&)> observer) {
        m_observer = std::move(observer);
    }

    // False after a minute: a hang, not a slow machine.
    bool waitFor(const std::function<bool(const EngineEvent&)>& predicate, int count = 1) {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::minutes(1), [&] {
            int found = 0;
            for (const EngineEvent& event : m_events) found += predicate(event) ? 1 : 0;
            return found >= count;
        });
    }
    template <typename Event>
    bool waitForAny(int count = 1) {
        return waitFor(
            [](const EngineEvent& event) { return std::holds_alternative<Event>(event); }, count);
    }
    bool waitForEnd(RequestId request) {
        return waitFor([request](const EngineEvent& event) { return isEndOf(event, request); });
    }

    static bool isEndOf(const EngineEvent& event, RequestId request) {
        if (const auto* finished = std::get_if<GenerationFinished>(&event))
            return finished->request == request;
        if (const auto* failed = std::get_if<GenerationFailed>(&event))
            return failed->request == request;
        return false;
    }

    std::vector<EngineEvent> events() const {
        const std::lock_guard lock(m_mutex);
        return m_events;
    }
    template <typename Event>
    std::vector<Event> all() const {
        std::vector<Event> found;
        for (const EngineEvent& event : events())
            if (const auto* known = std::get_if<Event>(&event)) found.push_back(*known);
        return found;
    }
    std::vector<std::int32_t> tokens(RequestId request) const {
        std::vector<std::int32_t> ids;
        for (const TokenSampled& sampled : all<TokenSampled>())
            if (sampled.request == request) ids.push_back(sampled.token);
        return ids;
    }
    std::string text(RequestId request, TextKind kind = TextKind::Answer) const {
        std::string whole;
        for (const AnswerText& text : all<AnswerText>())
            if (text.request == request && text.kind == kind) whole += text.text;
        return whole;
    }
    // The one final event of a request must be there (waitForEnd).
    GenerationFinished finished(RequestId request) const {
        for (const GenerationFinished& event : all<GenerationFinished>())
            if (event.request == request) return event;
        return {};
    }
    Error error(RequestId request) const {
        for (const GenerationFailed& event : all<GenerationFailed>())
            if (event.request == request) return event.error;
        return {};
    }

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<EngineEvent> m_events;  // guarded by m_mutex
    std::function<void(const EngineEvent&)> m_observer;
};

}  // namespace sotto
