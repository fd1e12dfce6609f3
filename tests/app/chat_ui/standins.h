// Stand-ins for Sotto.App, so that the chat page runs without engine and storage: the list models
// and painted items are the real ones, the controllers are QML files in standins/ with the same
// properties.
//
// Lists are filled through Conversation, ModelShelf and Sampling, which own the real models.
#pragma once

#include <QObject>
#include <QVariantMap>

#include "app/chat/message.h"
#include "app/models/model_list_model.h"
#include "app/settings/sampling_model.h"

class QQmlEngine;

namespace sotto::app::standin {

// Registers everything under "Sotto.App", loads fonts and icons. Once per program and engine.
void registerTypes();
void prepare(QQmlEngine& engine);

class Conversation : public QObject {
    Q_OBJECT
    Q_PROPERTY(sotto::app::MessageListModel* model READ model CONSTANT)

public:
    MessageListModel* model() { return &m_model; }

    // Keys are the roles of MessageListModel; what is absent keeps its default.
    Q_INVOKABLE void add(const QVariantMap& message);
    Q_INVOKABLE void set(int row, const QVariantMap& message);
    Q_INVOKABLE void clear() { m_model.reset({}); }
    Q_INVOKABLE void fill(int nMessages);  // a long chat with every kind of block
    Q_INVOKABLE QString textAt(int row) const;

private:
    MessageListModel m_model;
    qint64 m_lastId = 0;
};

class ModelShelf : public QObject {
    Q_OBJECT
    Q_PROPERTY(sotto::app::ModelListModel* model READ model CONSTANT)

public:
    ModelListModel* model() { return &m_model; }

    Q_INVOKABLE void setEntries(const QVariantList& entries);
    // GB/s of the processor and of the card.
    Q_INVOKABLE void setBandwidths(double processor, double card) {
        m_model.setBandwidths(processor, card);
    }
    Q_INVOKABLE void setLoaded(const QString& path) { m_model.setLoadedPath(path); }

private:
    ModelListModel m_model;
};

class Sampling : public QObject {
    Q_OBJECT
    Q_PROPERTY(sotto::app::SamplingModel* app READ app CONSTANT)
    Q_PROPERTY(sotto::app::SamplingModel* chat READ chat CONSTANT)

public:
    SamplingModel* app() { return &m_app; }
    SamplingModel* chat() { return &m_chat; }

private:
    SamplingModel m_app{SamplingModel::App};
    SamplingModel m_chat{SamplingModel::Chat, &m_app};
};

}  // namespace sotto::app::standin
