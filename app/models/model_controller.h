// ModelController: which model is loaded, loading with progress and cancel, and the list of models
// that are there.
//
// GUI thread only; the engine's events arrive through EngineBridge.
#pragma once

#include <QAbstractListModel>
#include <QObject>
#include <QQmlEngine>
#include <QUrl>

#include "app/models/model_list_model.h"

namespace sotto::app {

class ModelController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
    Q_PROPERTY(double loadProgress READ loadProgress NOTIFY loadProgressChanged)  // 0..1
    Q_PROPERTY(QString name READ name NOTIFY stateChanged)  // of the loaded or loading model
    Q_PROPERTY(QString quantization READ quantization NOTIFY stateChanged)  // "Q4_K_M"
    Q_PROPERTY(QString path READ path NOTIFY stateChanged)
    Q_PROPERTY(
        qint64 memoryBytes READ memoryBytes NOTIFY stateChanged)  // weights + KV + scratch in use
    Q_PROPERTY(int contextTokens READ contextTokens NOTIFY stateChanged)
    Q_PROPERTY(bool isDemo READ isDemo NOTIFY stateChanged)  // the built-in toy
    Q_PROPERTY(QString notice READ notice NOTIFY
                   stateChanged)  // e.g. its chat template cannot be used; empty: none
    Q_PROPERTY(QString errorText READ errorText NOTIFY
                   stateChanged)  // Failed: sentence and remedy, translated
    Q_PROPERTY(sotto::app::ModelListModel* list READ list CONSTANT)
    Q_PROPERTY(QString deviceName READ deviceName CONSTANT)      // "AMD EPYC …"
    Q_PROPERTY(QString deviceDetail READ deviceDetail CONSTANT)  // "2 cores, avx512-vnni"
    Q_PROPERTY(qint64 memoryTotal READ memoryTotal CONSTANT)     // bytes of RAM
    Q_PROPERTY(
        double readBandwidth READ readBandwidth NOTIFY bandwidthChanged)  // GB/s, 0 until measured

public:
    enum State { NoModel, Loading, Loaded, Failed };
    Q_ENUM(State)

    Q_INVOKABLE void load(const QString& path);
    Q_INVOKABLE void loadDemo();
    Q_INVOKABLE void cancelLoad();
    Q_INVOKABLE void unload();
    Q_INVOKABLE void retry();
    Q_INVOKABLE void addFile(const QUrl& file);      // adds to the library and loads it
    Q_INVOKABLE void addFolder(const QUrl& folder);  // its GGUF files are listed in place
    Q_INVOKABLE void removeFolder(const QString& folder);
    Q_INVOKABLE void refresh();

signals:
    void stateChanged();
    void loadProgressChanged();
    void bandwidthChanged();
};

}  // namespace sotto::app
