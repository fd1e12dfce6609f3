// EngineBridge: the engine as the window sees it: its one model and its requests through the
// EngineHub, events as Qt signals at most 30 times a second, and less often where showing the text
// takes long.
//
// Borrows the hub, which must outlive it; destroying it lets the window's model go. Signals are
// emitted on the GUI thread, and only of the model asked for last: news of an older load end here.
// GUI thread only.
#pragma once

#include <QObject>
#include <QTimer>
#include <memory>

#include "app/bridge/delivery_pace.h"
#include "app/bridge/token_coalescer.h"
#include "app/core/engine_hub.h"

namespace sotto::app {

class EngineBridge : public QObject {
    Q_OBJECT

public:
    explicit EngineBridge(EngineHub& hub, QObject* parent = nullptr);
    // With a hub of its own, for an engine that only this window uses: create it, give sink() to
    // the engine, attach() it, detach it before it is destroyed.
    explicit EngineBridge(QObject* parent = nullptr);
    ~EngineBridge() override;

    EventSink sink() { return m_hub.sink(); }
    void attach(Engine* engine) { m_hub.attach(engine); }
    EngineHub& hub() { return m_hub; }
    // For what changes nothing; null when none could be created.
    const Engine* engine() const { return m_hub.engine(); }

    // The window's model in place of the one it holds. Another user of the engine gets its way only
    // while no answer is written here. Errors: EngineHub::acquire()'s; the model so far stays.
    Status load(const LoadOptions& options);
    void cancelLoad() { m_hub.cancelLoad(m_model); }
    void unload() { m_hub.release(m_model); }
    // It let another user of the engine have it, and has asked for none since.
    bool hasGivenWay() const;
    bool hasModel() const { return !m_model.isNone(); }  // loaded or loading

    // Answered by the signals below; of several answers the first one's id is given, and those of
    // the others follow it. Errors: EngineHub::submit()'s.
    Result<RequestId> submit(GenerationRequest request);
    void cancel(RequestId request) { m_hub.cancel(request); }
    // Of what a later request may begin with (GenerationRequest::isWarming). Nothing is told of it,
    // nobody is kept from the model by it, and the next submit() ends it.
    void warm(GenerationRequest request);

signals:
    void submitted(sotto::RequestId first, int nAnswers);  // before anything else of them
    void warmed();                                         // one was asked for
    void loadProgressed(double fraction);
    void modelLoaded(const sotto::ModelInfo& info);
    void loadFailed(const sotto::Error& error);
    void modelUnloaded();
    void promptProgressed(const sotto::PromptProgress& progress);
    void textArrived(const sotto::app::TextRun& run);
    void answerWasThinking(sotto::RequestId request);  // all of it so far
    void generationFinished(const sotto::GenerationFinished& finish);
    void generationFailed(const sotto::GenerationFailed& failure);

private:
    class Mailbox;
    EngineBridge(std::unique_ptr<EngineHub> own, EngineHub* hub, QObject* parent);
    void wake();
    void deliver();
    void deliver(const ModelNews& news);

    std::unique_ptr<EngineHub> m_ownHub;  // null: it is borrowed
    EngineHub& m_hub;
    std::shared_ptr<Mailbox>
        m_mailbox;  // shared with the hub's calls, which may outlast the bridge
    ModelHandle m_model;
    std::optional<Error> m_refusal;  // of the last load, which left none
    QTimer m_timer;
    DeliveryPace m_pace;
};

}  // namespace sotto::app
