// EngineBridge: the engine as the window sees it: commands through, events as Qt signals at most 30
// times a second.
//
// Life: create it, give sink() to createEngine(), attach() the engine; destroy the engine before
// the bridge. Signals are emitted on the GUI thread; the sink may be called from the engine's
// thread only.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include "app/bridge/token_coalescer.h"
#include "engine/api/engine.h"

namespace sotto::app {

class EngineBridge : public QObject {
    Q_OBJECT

public:
    explicit EngineBridge(QObject* parent = nullptr);

    EventSink sink();
    void attach(Engine* engine) { m_engine = engine; }
    Engine* engine() const { return m_engine; }  // null when none could be created

signals:
    void loadProgressed(double fraction);
    void modelLoaded(const sotto::ModelInfo& info);
    void loadFailed(const sotto::Error& error);
    void modelUnloaded();
    void promptProgressed(const sotto::PromptProgress& progress);
    void textArrived(const sotto::app::TextRun& run);
    void generationFinished(const sotto::GenerationFinished& finish);
    void generationFailed(const sotto::GenerationFailed& failure);

private:
    void wake();
    void deliver();

    Engine* m_engine = nullptr;
    TokenCoalescer m_coalescer;
    QTimer m_timer;
    QElapsedTimer m_sinceDelivery;
};

}  // namespace sotto::app
