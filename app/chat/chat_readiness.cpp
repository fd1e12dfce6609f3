#include "app/chat/chat_readiness.h"

#include "app/bridge/engine_bridge.h"
#include "app/chat/ask_flow.h"
#include "app/chat/chat_list_model.h"
#include "app/chat/chat_session.h"
#include "app/models/model_controller.h"

namespace sotto::app {

ChatReadiness::ChatReadiness(const Parts& parts, QObject* parent)
    : QObject(parent), m_parts(parts) {
    connect(&m_parts.chats, &ChatListModel::binChanged, this, &ChatReadiness::changed);
    connect(&m_parts.models, &ModelController::stateChanged, this, &ChatReadiness::changed);
    connect(&m_parts.flow, &AskFlow::stageChanged, this, &ChatReadiness::changed);
    connect(&m_parts.session, &ChatSession::loadingChanged, this, &ChatReadiness::changed);
    connect(&m_parts.session, &ChatSession::pathChanged, this, &ChatReadiness::changed);
}

bool ChatReadiness::isBusy() const {
    return m_parts.flow.stage(m_parts.session.chatId()) != AskFlow::Stage::Idle;
}

bool ChatReadiness::isReadOnly() const { return m_parts.chats.isInBin(m_parts.session.chatId()); }

bool ChatReadiness::canSend() const {
    return m_parts.session.loading() == ChatSession::Loading::Done && !isBusy() &&
           blockedReason().isEmpty();
}

bool ChatReadiness::canContinue() const {
    const ChatSession& session = m_parts.session;
    if (session.count() == 0 || !canSend()) return false;
    const Message& last = session.at(session.count() - 1);
    return last.role == MessageListModel::Assistant && !last.text.isEmpty() && !last.isDamaged;
}

bool ChatReadiness::canRegenerate() const { return m_parts.session.count() > 0 && canSend(); }

bool ChatReadiness::isCompared() const { return m_parts.models.isCompared(); }

QString ChatReadiness::blockedReason() const {
    if (m_parts.engine.engine() == nullptr) return tr("The engine could not be started.");
    switch (m_parts.models.state()) {
        case ModelController::NoModel: return tr("Choose a model to begin.");
        case ModelController::Failed:
            return tr("The model could not be loaded. Choose another one.");
        case ModelController::Loading:
        case ModelController::Resting:
        case ModelController::Loaded: break;
    }
    if (isCompared())
        return tr(
            "A comparison is running and has the engine. Your words stay here until it ends.");
    if (isReadOnly()) return tr("This chat is in the bin. Restore it to go on.");
    if (m_parts.session.loading() == ChatSession::Loading::Failed)
        return tr("This chat could not be read. Open it again.");
    return {};
}

}  // namespace sotto::app
