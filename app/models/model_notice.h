// ModelNotice: what is to be said below the list of models: why none is loaded, or what is not as
// one would expect. What the model's own row says of it is left out while that row is shown.
//
// Borrows the controller and the rows that are shown. GUI thread only.
#pragma once

#include <QObject>
#include <QPointer>
#include <QQmlEngine>

#include "app/models/model_controller.h"
#include "app/models/model_search.h"

namespace sotto::app {

class ModelNotice : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::ModelController* models MEMBER m_models WRITE setModels NOTIFY changed)
    Q_PROPERTY(sotto::app::ModelSearch* shown MEMBER m_shown WRITE setShown NOTIFY changed)
    Q_PROPERTY(QString text READ text NOTIFY changed)  // empty: nothing

public:
    using QObject::QObject;

    void setModels(ModelController* models);
    void setShown(ModelSearch* shown);
    QString text() const;

signals:
    void changed();

private:
    QPointer<ModelController> m_models;
    QPointer<ModelSearch> m_shown;
};

}  // namespace sotto::app
