#include "app/bridge/engine_bridge.h"

#include <algorithm>
#include <type_traits>

namespace sotto::app {
namespace {

// 30 deliveries a second: streamed text is drawn no faster (UI.md section 3).
constexpr int kFrameMs = 33;

}  // namespace

EngineBridge::EngineBridge(QObject* parent) : QObject(parent) {
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &EngineBridge::deliver);
    m_sinceDelivery.start();
}

EventSink EngineBridge::sink() {
    return [this](const EngineEvent& event) {
        if (m_coalescer.push(event))
            QMetaObject::invokeMethod(this, &EngineBridge::wake, Qt::QueuedConnection);
    };
}

void EngineBridge::wake() {
    if (m_timer.isActive()) return;
    const auto elapsed = static_cast<int>(std::min<qint64>(m_sinceDelivery.elapsed(), kFrameMs));
    m_timer.start(kFrameMs - elapsed);
}

void EngineBridge::deliver() {
    m_sinceDelivery.restart();
    for (const BridgeEvent& event : m_coalescer.take()) {
        std::visit(
            [this](const auto& value) {
                using Event = std::decay_t<decltype(value)>;
                if constexpr (std::is_same_v<Event, LoadProgress>)
                    emit loadProgressed(value.fraction);
                if constexpr (std::is_same_v<Event, ModelLoaded>) emit modelLoaded(value.info);
                if constexpr (std::is_same_v<Event, LoadFailed>) emit loadFailed(value.error);
                if constexpr (std::is_same_v<Event, ModelUnloaded>) emit modelUnloaded();
                if constexpr (std::is_same_v<Event, PromptProgress>) emit promptProgressed(value);
                if constexpr (std::is_same_v<Event, TextRun>) emit textArrived(value);
                if constexpr (std::is_same_v<Event, GenerationFinished>)
                    emit generationFinished(value);
                if constexpr (std::is_same_v<Event, GenerationFailed>) emit generationFailed(value);
            },
            event);
    }
}

}  // namespace sotto::app
