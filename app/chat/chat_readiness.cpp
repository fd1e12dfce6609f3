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

bool ChatReadiness::isCompared() const { return block() == Block::Compared; }

ChatReadiness::Block ChatReadiness::block() const {
    if (m_parts.engine.engine() == nullptr) return Block::NoEngine;
    const ModelController::State state = m_parts.models.state();
    if (state == ModelController::NoModel) return Block::NoModel;
    if (state == ModelController::Failed) return Block::NotLoaded;
    if (m_parts.models.isCompared()) return Block::Compared;
    if (isReadOnly()) return Block::InBin;
    if (m_parts.session.loading() == ChatSession::Loading::Failed) return Block::Unread;
    return Block::None;
}

QString ChatReadiness::blockedReason() const {
    switch (block()) {
        case Block::NoEngine: return tr("The engine could not be started.");
        case Block::NoModel: return tr("Choose a model to begin.");
        case Block::NotLoaded: return tr("The model could not be loaded. Choose another one.");
        case Block::Compared:
            return tr(
                "A comparison is running and has the engine. Your words stay here until it ends.");
        case Block::InBin: return tr("This chat is in the bin. Restore it to go on.");
        case Block::Unread: return tr("This chat could not be read. Open it again.");
        case Block::None: break;
    }
    return {};
}

}  // namespace sotto::app
