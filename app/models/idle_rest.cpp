#include "app/models/idle_rest.h"

#include "app/bridge/engine_bridge.h"
#include "app/models/model_controller.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {

IdleRest::IdleRest(Parts parts, QObject* parent) : QObject(parent), m_parts(parts) {
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &IdleRest::rest);
    connect(&m_parts.models, &ModelController::stateChanged, this, &IdleRest::begin);
    connect(&m_parts.settings, &SettingsController::idleMinutesChanged, this, &IdleRest::begin);
    connect(&m_parts.engine, &EngineBridge::submitted, this, &IdleRest::begin);
    connect(&m_parts.engine, &EngineBridge::generationFinished, this, &IdleRest::begin);
    connect(&m_parts.engine, &EngineBridge::generationFailed, this, &IdleRest::begin);
}

void IdleRest::begin() {
    const int minutes = m_parts.settings.idleMinutes();
    if (minutes <= 0 || m_parts.models.state() != ModelController::Loaded) return m_timer.stop();
    m_timer.start(minutes * m_parts.minute);
}

void IdleRest::rest() {
    const Engine* engine = m_parts.engine.engine();
    // A long answer, or one of another user of the engine: it counts from now.
    if (engine != nullptr && engine->snapshot().isGenerating) return begin();
    m_parts.models.rest();
}

}  // namespace sotto::app
