// ModelNotice: what is to be said below the list of models: why none is loaded, or what is not as
// one would expect. What a row of the list says of its own model is left out.
//
// Borrows the controller. GUI thread only.
#pragma once

#include <QObject>
#include <QPointer>
#include <QQmlEngine>

#include "app/models/model_controller.h"

namespace sotto::app {

class ModelNotice : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::ModelController* models MEMBER m_models WRITE setModels NOTIFY changed)
    Q_PROPERTY(QString text READ text NOTIFY changed)  // empty: nothing

public:
    using QObject::QObject;

    void setModels(ModelController* models);
    QString text() const;

signals:
    void changed();

private:
    QPointer<ModelController> m_models;
};

}  // namespace sotto::app
