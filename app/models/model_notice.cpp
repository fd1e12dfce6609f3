#include "app/models/model_notice.h"

namespace sotto::app {

void ModelNotice::setModels(ModelController* models) {
    if (models == m_models) return;
    if (m_models != nullptr) m_models->disconnect(this);
    m_models = models;
    if (m_models != nullptr)
        connect(m_models, &ModelController::stateChanged, this, &ModelNotice::changed);
    emit changed();
}

void ModelNotice::setShown(ModelSearch* shown) {
    if (shown == m_shown) return;
    if (m_shown != nullptr) m_shown->disconnect(this);
    m_shown = shown;
    if (m_shown != nullptr) {
        connect(m_shown, &QAbstractItemModel::dataChanged, this, &ModelNotice::changed);
        connect(m_shown, &QAbstractItemModel::rowsInserted, this, &ModelNotice::changed);
        connect(m_shown, &QAbstractItemModel::rowsRemoved, this, &ModelNotice::changed);
        connect(m_shown, &QAbstractItemModel::modelReset, this, &ModelNotice::changed);
    }
    emit changed();
}

QString ModelNotice::text() const {
    if (m_models == nullptr) return {};
    const bool hasFailed = m_models->state() == ModelController::Failed;
    QString text = hasFailed ? m_models->errorText() : m_models->notice();
    const QString path = m_models->failedPath();
    const QString said = m_shown == nullptr ? QString() : m_shown->problemOf(path);
    if (!said.isEmpty()) text.remove(said);
    text = text.trimmed();
    return hasFailed && text.isEmpty() ? tr("“%1” could not be loaded.").arg(m_models->name())
                                       : text;
}

}  // namespace sotto::app
