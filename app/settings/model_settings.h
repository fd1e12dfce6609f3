// ModelSettings: the middle layer of the settings: what a person set for one model file, kept in
// the model's row. Shown and edited is the layer of the model in use; the others are known for the
// next load.
//
// The app's layer must outlive it. Written after a pause. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <map>
#include <vector>

#include "app/bridge/late_writes.h"
#include "app/settings/layered_settings.h"
#include "app/settings/sampling_model.h"
#include "storage/api/model_record.h"

namespace sotto::app {

class ModelSettings : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by SettingsController")
    Q_PROPERTY(bool hasModel READ hasModel NOTIFY modelChanged)
    Q_PROPERTY(sotto::app::LayeredSettings* layer READ layer CONSTANT)
    Q_PROPERTY(sotto::app::SamplingModel* sampling READ sampling CONSTANT)

public:
    // `stored`: the rows of all models as they were read at start.
    ModelSettings(StorageBridge& storage, LayeredSettings& app,
                  const std::vector<storage::ModelRecord>& stored, QObject* parent = nullptr);

    // The model in use; empty: none, then this layer sets nothing and takes nothing.
    void follow(const QString& path);

    void saveNow() { m_writes.flush(); }

    bool hasModel() const { return !m_path.isEmpty(); }
    LayeredSettings* layer() { return &m_layer; }
    SamplingModel* sampling() { return &m_sampling; }
    // What counts for a model, whether it is in use or not.
    EffectiveSettings effectiveFor(const QString& path) const;
    // The models that have settings of their own.
    const std::map<QString, SettingsLayer>& layers() const { return m_layers; }

    // How one is loaded, whether it is in use or not.
    LoadSettings loadSettings(const QString& path) const;
    void setLoadSettings(const QString& path, const LoadSettings& load);

signals:
    void modelChanged();
    void loadChanged();  // of any model, by setLoadSettings()

private:
    void store();
    void write(const QString& path, const std::string& json, const QString& text);

    LayeredSettings& m_app;
    std::map<QString, SettingsLayer> m_layers;  // by path
    QString m_path;
    LayeredSettings m_layer;
    SamplingModel m_sampling;
    UnwrittenText m_prompt;  // of the model in use
    LateWrites m_writes;
};

}  // namespace sotto::app
