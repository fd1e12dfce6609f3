#include "app/models/model_notice.h"

namespace sotto::app {

void ModelNotice::setModels(ModelController* models) {
    if (models == m_models) return;
    if (m_models != nullptr) {
        m_models->disconnect(this);
        m_models->list()->disconnect(this);
    }
    m_models = models;
    if (m_models != nullptr) {
        connect(m_models, &ModelController::stateChanged, this, &ModelNotice::changed);
        const ModelListModel* list = m_models->list();
        connect(list, &QAbstractItemModel::dataChanged, this, &ModelNotice::changed);
        connect(list, &QAbstractItemModel::rowsInserted, this, &ModelNotice::changed);
        connect(list, &QAbstractItemModel::rowsRemoved, this, &ModelNotice::changed);
        connect(list, &QAbstractItemModel::modelReset, this, &ModelNotice::changed);
    }
    emit changed();
}

QString ModelNotice::text() const {
    if (m_models == nullptr) return {};
    const bool hasFailed = m_models->state() == ModelController::Failed;
    QString text = hasFailed ? m_models->errorText() : m_models->notice();
    for (const ModelEntry& entry : m_models->list()->entries())
        if (!entry.problem.isEmpty()) text.remove(entry.problem);
    text = text.trimmed();
    return hasFailed && text.isEmpty() ? tr("“%1” could not be loaded.").arg(m_models->name())
                                       : text;
}

}  // namespace sotto::app
